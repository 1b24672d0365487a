import { type MemberTexts, type ProtocolError, TextBlock } from "../jsonrpc/index.ts";
import type { CatchUp } from "./catch-up.ts";
import type { AnyRow } from "./rows.ts";
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

/** Characters of a uuid. */
const UUID = 36;

/** Makes a version of a row readable: the table does, which knows the columns. */
export interface RowReader {
  /** Called before a row is read by who may have waited since the one before. */
  readonly catchUp: CatchUp;
  viewOf(stored: StoredRow): AnyRow;
}

/**
 * The rows of one table, newest versions. Each has a slot, a number that it keeps as long as it is there: what indexes
 * know it by.
 */
export class RowStore {
  readonly #slots: (StoredRow | Piece | undefined)[] = [];
  /** What was read of the row in each slot: who reads it again need not touch the stored row, which is seldom in the cache. */
  readonly #views: (AnyRow | undefined)[] = [];
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
    this.#loadedUuids.reserve(block.count, UUID);
    for (let index = 0; index < block.count; index++) {
      const key = places[3 * index] ?? 0;
      if (!this.#loadedUuids.add(bytes, key, bytes.indexOf(0x22, key), first + index)) {
        throw refused(block.key(index));
      }
      this.#slots.push(piece);
      this.#views.push(undefined);
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

  /** The row in a slot as users see it. Throws what `reader` throws. */
  viewAt(slot: number, reader: RowReader): AnyRow | undefined {
    return this.#views[slot] ?? this.#read(slot, reader);
  }

  #read(slot: number, reader: RowReader): AnyRow | undefined {
    const row = this.at(slot);
    if (row === undefined) return undefined;
    const view = reader.viewOf(row);
    this.#views[slot] = view;
    return view;
  }

  /** Puts a version of a row in the place of the one that is there. */
  replace(old: StoredRow, next: StoredRow): void {
    this.#put(next, old.slot);
  }

  /** Puts a row, or another version of it, in its slot. */
  set(row: StoredRow): void {
    const slot = this.#slotOf(row.uuid);
    if (slot === -1) this.add(row);
    else this.#put(row, slot);
  }

  /** The same for a row that is known not to be there. */
  add(row: StoredRow): void {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#otherUuids.set(row.uuid, slot);
    this.#size += 1;
    this.#put(row, slot);
  }

  #put(row: StoredRow, slot: number): void {
    row.slot = slot;
    this.#slots[slot] = row;
    this.#views[slot] = undefined;
  }

  delete(uuid: string): void {
    const slot = this.#slotOf(uuid);
    if (slot === -1) return;
    this.#slots[slot] = undefined;
    this.#views[slot] = undefined;
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
    for (let slot = 0; slot < this.#loaded; slot++) {
      const row = this.at(slot);
      if (row !== undefined) yield row;
    }
    for (const slot of this.#otherUuids.values()) {
      const row = this.at(slot);
      if (row !== undefined) yield row;
    }
  }

  /** The same as users see them. */
  views(reader: RowReader): IterableIterator<AnyRow> {
    return new RowViews(this, reader, this.#otherUuids.values());
  }

  /** How many slots are those of rows that were loaded; some may be empty by now. */
  get loaded(): number {
    return this.#loaded;
  }
}

/** Rows one by one; a generator does the same at twice the cost. */
class RowViews implements IterableIterator<AnyRow> {
  readonly #rows: RowStore;
  readonly #reader: RowReader;
  readonly #others: Iterator<number>;
  #slot = 0;

  constructor(rows: RowStore, reader: RowReader, others: Iterator<number>) {
    this.#rows = rows;
    this.#reader = reader;
    this.#others = others;
  }

  next(): IteratorResult<AnyRow, undefined> {
    this.#reader.catchUp();
    const rows = this.#rows;
    while (this.#slot < rows.loaded) {
      const view = rows.viewAt(this.#slot++, this.#reader);
      if (view !== undefined) return { done: false, value: view };
    }
    for (let other = this.#others.next(); other.done !== true; other = this.#others.next()) {
      const view = rows.viewAt(other.value, this.#reader);
      if (view !== undefined) return { done: false, value: view };
    }
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
