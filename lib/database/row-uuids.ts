import { randomUuid } from "../ovsdb/index.ts";

/**
 * The uuids that one call of `transact` chooses for the rows it inserts: the n-th row of a table gets the same one in each
 * run of the function. So a run whose reply was lost and a later one exclude each other: ovsdb-server refuses the second
 * row with a uuid.
 */
export class RowUuids {
  readonly #drawn = new Map<string, Drawn>();
  /** All of them, made when first asked for: only failures ask. */
  #all: Set<string> | undefined;

  /** The function runs: from now on `next` begins with the first rows again. */
  beginRun(): void {
    for (const drawn of this.#drawn.values()) drawn.given = 0;
  }

  /** The uuid of the next row that is inserted into `table`. */
  next(table: string): string {
    let drawn = this.#drawn.get(table);
    if (drawn === undefined) {
      drawn = { uuids: [], given: 0 };
      this.#drawn.set(table, drawn);
    }
    const index = drawn.given;
    drawn.given += 1;
    const known = drawn.uuids[index];
    if (known !== undefined) return known;
    const uuid = randomUuid();
    drawn.uuids.push(uuid);
    this.#all = undefined;
    return uuid;
  }

  /** Whether this call chose the uuid: nobody else can know it. */
  has(uuid: string): boolean {
    this.#all ??= new Set([...this.#drawn.values()].flatMap(({ uuids }) => uuids));
    return this.#all.has(uuid);
  }
}

/** Those of one table. */
interface Drawn {
  readonly uuids: string[];
  /** How many of them this run has got. */
  given: number;
}
