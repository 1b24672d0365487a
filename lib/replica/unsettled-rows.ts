/**
 * Characters of changes that stay text besides the last change of each row, until somebody reads the row: as a rule nobody
 * does. More must not pile up. So many are some ten thousand new ports of switches, and take a few megabytes.
 */
const MOST = 1024 * 1024;

/** The same of one row. It is settled all at once, and the event loop must not stand still for long: so many take some 10 ms. */
const MOST_OF_ROW = 128 * 1024;

/** Which rows of a table have changes that are text yet (see `StoredRow.modifiedByText`), so that these do not pile up. */
export class UnsettledRows {
  /** By slot, the one that has waited longest first: how long the text besides the last change is or has been. */
  readonly #lengths = new Map<number, number>();
  /** How long in all. */
  #total = 0;
  readonly #settle: (slot: number) => void;

  /** `settle` takes in the changes of the row in a slot, if it is there still. */
  constructor(settle: (slot: number) => void) {
    this.#settle = settle;
  }

  /** A row changes whose last change is text yet, of this length: rows are settled where there is too much such text. */
  add(slot: number, length: number): void {
    const ofRow = (this.#lengths.get(slot) ?? 0) + length;
    this.#lengths.set(slot, ofRow);
    this.#total += length;
    if (ofRow > MOST_OF_ROW) this.#take(slot, ofRow);
    if (this.#total <= MOST) return;
    for (const [oldest, lengths] of this.#lengths) {
      this.#take(oldest, lengths);
      if (this.#total <= MOST) return;
    }
  }

  #take(slot: number, length: number): void {
    this.#lengths.delete(slot);
    this.#total -= length;
    this.#settle(slot);
  }
}
