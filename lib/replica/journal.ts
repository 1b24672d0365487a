import type { CatchUp } from "./catch-up.ts";
import type { RowChange } from "./row-change.ts";

/** One row that changed. It holds no version of the row: those would keep the messages alive in which they came. */
export interface JournalEntry {
  readonly uuid: string;
  /** What came into and went out of the set column that is followed; undefined where the set has to be read again. */
  readonly elements: { readonly added: readonly string[]; readonly removed: readonly string[] } | undefined;
  /** Whether the row was there before, is still there, and has changed in nothing but that set. */
  readonly inSetOnly: boolean;
}

/** Entries that are kept. Whoever comes later than that looks at everything, as on the first time. */
const LIMIT = 4096;

/**
 * Which rows of one table changed, in order: for those who keep something that they made from many rows, and want to bring
 * it up to date at the cost of what changed. Kept from the first time that somebody asks for it.
 */
export class Journal {
  /** The set column of references that is followed, too. */
  readonly column: string | undefined;
  readonly #catchUp: CatchUp;
  #entries: JournalEntry[] = [];
  /** How many entries were forgotten. */
  #forgotten = 0;

  constructor(column: string | undefined, catchUp: CatchUp) {
    this.column = column;
    this.#catchUp = catchUp;
  }

  /** Where the next entry will be. */
  get end(): number {
    this.#catchUp();
    return this.#forgotten + this.#entries.length;
  }

  /** The entries from a position on; undefined when some of them are forgotten. */
  since(position: number): readonly JournalEntry[] | undefined {
    this.#catchUp();
    return position < this.#forgotten ? undefined : this.#entries.slice(position - this.#forgotten);
  }

  note(change: RowChange): void {
    const elements = this.column === undefined ? undefined : change.toggled(this.column);
    const { columns } = change;
    const inSetOnly = columns.length === 1 && columns[0] === this.column;
    this.#entries.push({ uuid: change.uuid, elements, inSetOnly });
    // By halves: to take the first one out each time would move all others.
    if (this.#entries.length < LIMIT) return;
    this.#entries = this.#entries.slice(LIMIT / 2);
    this.#forgotten += LIMIT / 2;
  }
}
