import { type MemberTexts, type ProtocolError, TextBlock } from "../jsonrpc/index.ts";
import { StoredRow } from "./stored-row.ts";
import { TextKeys } from "./text-keys.ts";

/** Rows that came as text in the same bytes; nothing is made for each of them until it is asked for. */
class Piece {
  readonly block: TextBlock;
  /** The slot of the first. */
  readonly first: number;

  constructor(block: TextBlock, first: number) {
    this.block = block;
    this.first = first;
  }
}

/**
 * The rows of one table, newest versions. Each has a slot, a number that it keeps as long as it is there: what indexes
 * know it by.
 */
export class RowStore {
  readonly #slots: (StoredRow | Piece | undefined)[] = [];
  /** The slots of rows that were loaded come first. They are not used again. */
  #loaded = 0;
  readonly #loadedUuids = new TextKeys();
  readonly #otherUuids = new Map<string, number>();
  /** Slots of other rows that have gone. */
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * Takes in rows of a snapshot before any others. Their keys are the uuids. Returns the slot of the first; the others have
   * those that follow. Throws `ProtocolError`, and gives the uuid to `refused`, for a row that is there already.
   */
  load(texts: MemberTexts, refused: (uuid: string) => ProtocolError): number {
    const piece = new Piece(new TextBlock(texts), this.#loaded);
    const { bytes, places } = texts;
    const { first, block } = piece;
    for (let index = 0; index < block.count; index++) {
      const key = places[3 * index] ?? 0;
      if (!this.#loadedUuids.add(bytes, key, bytes.indexOf(0x22, key), first + index)) {
        throw refused(block.key(index));
      }
      this.#slots.push(piece);
      this.#loaded += 1;
      this.#size += 1;
    }
    return first;
  }

  has(uuid: string): boolean {
    return this.#slotOf(uuid) !== -1;
  }

  get(uuid: string): StoredRow | undefined {
    const slot = this.#slotOf(uuid);
    return slot === -1 ? undefined : this.at(slot);
  }

  /** The row in a slot. */
  at(slot: number): StoredRow | undefined {
    const held = this.#slots[slot];
    if (!(held instanceof Piece)) return held;
    const index = slot - held.first;
    const row = StoredRow.fromWire(held.block.key(index), held.block.text(index));
    row.slot = slot;
    this.#slots[slot] = row;
    return row;
  }

  /** Puts a row, or another version of it, in its slot. */
  set(row: StoredRow): void {
    let slot = this.#slotOf(row.uuid);
    if (slot === -1) {
      slot = this.#free.pop() ?? this.#slots.length;
      this.#otherUuids.set(row.uuid, slot);
      this.#size += 1;
    }
    row.slot = slot;
    this.#slots[slot] = row;
  }

  delete(uuid: string): void {
    const slot = this.#slotOf(uuid);
    if (slot === -1) return;
    this.#slots[slot] = undefined;
    this.#size -= 1;
    if (slot < this.#loaded) this.#loadedUuids.remove(uuid);
    else {
      this.#otherUuids.delete(uuid);
      this.#free.push(slot);
    }
  }

  #slotOf(uuid: string): number {
    const loaded = this.#loaded === 0 ? -1 : this.#loadedUuids.find(uuid);
    return loaded === -1 ? (this.#otherUuids.get(uuid) ?? -1) : loaded;
  }

  /** The rows, in the order in which they came; also those that come while it is being read. */
  *[Symbol.iterator](): IterableIterator<StoredRow> {
    const cursor = this.cursor();
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) yield row;
  }

  /** The same without an object for each step. */
  cursor(): RowCursor {
    return new RowCursor(this, this.#otherUuids.values());
  }

  /** How many slots are those of rows that were loaded; some may be empty by now. */
  get loaded(): number {
    return this.#loaded;
  }
}

/** Goes over the rows of a {@link RowStore}. */
export class RowCursor {
  readonly #rows: RowStore;
  readonly #others: Iterator<number>;
  #slot = 0;

  constructor(rows: RowStore, others: Iterator<number>) {
    this.#rows = rows;
    this.#others = others;
  }

  next(): StoredRow | undefined {
    while (this.#slot < this.#rows.loaded) {
      const row = this.#rows.at(this.#slot++);
      if (row !== undefined) return row;
    }
    const { done, value } = this.#others.next();
    return done === true ? undefined : this.#rows.at(value);
  }
}
