import { UsageError } from "../jsonrpc/index.ts";
import type { Placement } from "./placement.ts";
import type { SettledRows } from "./settled-rows.ts";

/** The rows of a plan, in the order in which they are wanted, and those that they may refer to besides. */
export class DesiredRows {
  /** Without those that are settled. */
  readonly all: Placement[] = [];
  readonly settled: SettledRows;
  readonly #byKey = new Map<string, Placement>();
  readonly #settledByKey: ReadonlyMap<string, Placement>;

  constructor(settled: SettledRows) {
    this.settled = settled;
    this.#settledByKey = settled.byKey;
  }

  add(placement: Placement): void {
    this.all.push(placement);
    this.#byKey.set(placement.row.key, placement);
  }

  /** The row with this key, settled ones too. */
  get(key: string): Placement | undefined {
    return this.#byKey.get(key) ?? this.#settledByKey.get(key);
  }

  /** The same. Throws UsageError when there is none. */
  known(key: string): Placement {
    const found = this.#byKey.get(key) ?? this.#settledByKey.get(key);
    if (found === undefined) throw new UsageError(`there is no desired row ${key}`);
    return found;
  }
}
