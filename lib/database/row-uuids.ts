import { randomUuid } from "../ovsdb/index.ts";

/**
 * The uuids that one call of `transact` chooses for the rows it inserts: the n-th row of a table gets the same one in each
 * run of the function. So a run whose reply was lost and a later one exclude each other: ovsdb-server refuses the second
 * row with a uuid.
 */
export class RowUuids {
  readonly #drawn = new Map<string, string[]>();
  /** All of them, made when first asked for: only failures ask. */
  #all: Set<string> | undefined;

  /** The uuid of the row number `index` (from 0) that is inserted into `table`. */
  nth(table: string, index: number): string {
    let drawn = this.#drawn.get(table);
    if (drawn === undefined) {
      drawn = [];
      this.#drawn.set(table, drawn);
    }
    const known = drawn[index];
    if (known !== undefined) return known;
    const uuid = randomUuid();
    drawn[index] = uuid;
    this.#all = undefined;
    return uuid;
  }

  /** Whether this call chose the uuid: nobody else can know it. */
  has(uuid: string): boolean {
    this.#all ??= new Set([...this.#drawn.values()].flat());
    return this.#all.has(uuid);
  }
}
