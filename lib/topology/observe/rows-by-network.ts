import type { AnyRow, ReadView } from "../../database/index.ts";
import { grouped } from "../naming/grouped.ts";
import { networkOf, text } from "./observe.ts";

/**
 * Rows of one table by network: for those who ask for every network there is. One pass over the table takes less than the
 * look-ups for each network do.
 */
export class RowsByNetwork {
  readonly #marked: ReadonlyMap<string, readonly AnyRow[]>;
  /** Rows that name no network, by their own names. */
  readonly #unmarked: ReadonlyMap<string, readonly AnyRow[]>;

  constructor(view: ReadView, table: string) {
    const marked = grouped([...view.rows(table)], networkOf);
    this.#unmarked = grouped(marked.get("") ?? [], (row) => text(row, "name"));
    marked.delete("");
    this.#marked = marked;
  }

  /** The networks that rows name. */
  get networks(): Iterable<string> {
    return this.#marked.keys();
  }

  /** As `rowsOfNetwork`: rows that name the network, and rows of the given names that name none. */
  of(network: string, names: readonly string[]): readonly AnyRow[] {
    const marked = this.#marked.get(network) ?? [];
    if (this.#unmarked.size === 0) return marked;
    const missing = new Set(names);
    for (const row of marked) missing.delete(text(row, "name"));
    return [...marked, ...[...missing].flatMap((name) => this.#unmarked.get(name) ?? [])];
  }
}
