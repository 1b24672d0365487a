import { randomUuid } from "../ovsdb/index.ts";

/**
 * The uuids that one call of `transact` chooses for the rows it inserts: the n-th row of a table gets the same one in each
 * run of the function. So a run whose reply was lost and a later one exclude each other: ovsdb-server refuses the second
 * row with a uuid.
 */
export class RowUuids {
  readonly #drawn = new Map<string, string[]>();
  readonly #all = new Set<string>();

  /** The uuid of the row number `index` (from 0) that is inserted into `table`. */
  nth(table: string, index: number): string {
    const drawn = this.#drawn.get(table) ?? [];
    this.#drawn.set(table, drawn);
    const known = drawn[index];
    if (known !== undefined) return known;
    const uuid = randomUuid();
    drawn[index] = uuid;
    this.#all.add(uuid);
    return uuid;
  }

  /** Whether this call chose the uuid: nobody else can know it. */
  has(uuid: string): boolean {
    return this.#all.has(uuid);
  }
}
