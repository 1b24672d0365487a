import { JsonText } from "../jsonrpc/index.ts";
import { defaultValue } from "../ovsdb/index.ts";
import { type Arrangement, underOtherType } from "./arrangement.ts";
import type { Columns } from "./columns.ts";
import {
  type Arrived,
  type Decoded,
  decodeColumn,
  decodeColumns,
  followedBy,
  parseColumns,
  plain,
  readable,
  type StoredValue,
  same,
  stored,
  Unreadable,
  unreadable,
  type WireColumns,
} from "./decoded.ts";
import type { RowShape } from "./row-shape.ts";
import type { AnyRow } from "./rows.ts";
import { SetVersion } from "./set-version.ts";

/** What an update says of a row that it changes, until it is taken in. */
interface Difference {
  readonly text: string;
  /** Receives the positions of the columns that it names. */
  readonly changed: number[];
}

/**
 * One version of one row. Columns stay as they came until the row is read: most rows of a large database never are, also
 * of those that change.
 */
export class StoredRow {
  readonly uuid: string;
  /** Where its table keeps it and later versions of it; for {@link RowStore} to say. */
  slot = -1;
  /** What came, until it is decoded. */
  #wire: Arrived | undefined;
  /** The earlier version that has the columns which are undefined in `#values`, as they came. It changed in others only. */
  #base: StoredRow | undefined;
  /** How this version differs from `#base`, as long as it is text. */
  #difference: Difference | undefined;
  /** By position. Undefined as a whole as long as nothing of what came is decoded. */
  #values: (Decoded | undefined)[] | undefined;
  #view: AnyRow | undefined;

  private constructor(
    uuid: string,
    wire: Arrived | undefined,
    base: StoredRow | undefined,
    values: (Decoded | undefined)[] | undefined,
    difference?: Difference,
  ) {
    this.uuid = uuid;
    this.#wire = wire;
    this.#base = base;
    this.#values = values;
    this.#difference = difference;
  }

  static fromWire(uuid: string, wire: Arrived): StoredRow {
    return new StoredRow(uuid, wire, undefined, undefined);
  }

  /** Throws `ProtocolError` when the server sent a value of another type. */
  value(columns: Columns, position: number): StoredValue {
    return readable(this.#at(columns, position));
  }

  /** The same where it is a large set; undefined for any other value, and for one that cannot be read. */
  largeSet(columns: Columns, position: number): SetVersion | undefined {
    const value = this.#at(columns, position);
    return value instanceof SetVersion ? value : undefined;
  }

  #at(columns: Columns, position: number): Decoded {
    this.settle(columns);
    const known = this.#values?.[position];
    if (known !== undefined) return known;
    if (this.#base !== undefined) return this.#base.#at(columns, position);
    const column = columns.list[position];
    if (column === undefined) return null;
    const value = decodeColumn(column, this.#wire);
    // Decoding a large set again for each question would make every question cost as much as the set is large.
    return value instanceof SetVersion ? (this.#all(columns)[position] ?? null) : value;
  }

  /** Whether another version of the row has the same there; what cannot be read is taken for changed. */
  sameAt(columns: Columns, position: number, other: StoredRow): boolean {
    const column = columns.list[position];
    return column === undefined || same(column, this.#at(columns, position), other.#at(columns, position));
  }

  /**
   * Lets go of the message in which it came: what is told of a row that has gone must not hold on to it. What nobody reads
   * is not decoded for that.
   */
  detach(columns: Columns): void {
    if (this.#base !== undefined || this.#difference !== undefined) {
      this.#all(columns);
      return;
    }
    const wire = this.#wire;
    if (wire instanceof JsonText) {
      this.#wire = wire.read();
      wire.release();
    } else if (typeof wire === "string") {
      // It is a piece of a longer one, which V8 keeps as long as the piece.
      this.#wire = Buffer.from(wire).toString();
    }
  }

  #all(columns: Columns): readonly (Decoded | undefined)[] {
    this.settle(columns);
    const base = this.#base;
    if (base !== undefined && this.#values !== undefined) {
      const others = base.#all(columns);
      for (let position = 0; position < others.length; position++) {
        // Not `??=`: null is a value.
        if (this.#values[position] === undefined) this.#values[position] = others[position];
      }
      this.#base = undefined;
    }
    if (this.#values === undefined) {
      const wire = this.#wire;
      const parsed = parseColumns(wire);
      this.#values =
        parsed instanceof Unreadable ? columns.list.map(() => parsed) : decodeColumns(columns, parsed);
      this.#wire = undefined;
      if (wire instanceof JsonText) wire.release();
    }
    return this.#values;
  }

  /**
   * The next version after a `modify` of update2/update3; `changed` receives the positions that it names. Throws
   * `ProtocolError` for what is not of its column's type, or cannot follow from what is held.
   */
  modified(columns: Columns, diff: WireColumns, changed: number[]): StoredRow {
    this.settle(columns);
    const values = this.#copy(columns);
    // Before anything is decoded for the difference: this may need it no more then, but the copy does.
    const base = this.#untouched;
    this.#toggle(columns, diff, values, changed, refuse);
    return new StoredRow(this.uuid, undefined, base, values);
  }

  /**
   * The same for a difference that is text, and stays so until somebody reads the row: `changed` is filled by then, see
   * {@link settle}. What is wrong with it is told to who reads the row. Versions that nobody reads must not pile up without
   * end: that is for the caller to see to, by settling the row some time.
   */
  modifiedByText(text: string, changed: number[]): StoredRow {
    return new StoredRow(this.uuid, undefined, this, undefined, { text, changed });
  }

  /** How many characters of the difference to the version before are text yet. */
  get unsettled(): number {
    return this.#difference?.text.length ?? 0;
  }

  /** Takes in how this version differs from the one before, if that is text yet. */
  settle(columns: Columns): void {
    const own = this.#difference;
    if (own === undefined) return;
    // What leads through versions that nobody has asked for is taken in on the way; they themselves stay as they are.
    const way: Difference[] = [];
    let from: StoredRow = this;
    while (from.#difference !== undefined && from.#base !== undefined) {
      way.push(from.#difference);
      from = from.#base;
    }
    const values = from.#copy(columns);
    // Before anything is decoded for the differences: `from` may need it no more then, but the copy does.
    let base = from.#untouched;
    for (let index = way.length - 1; index >= 0; index--) {
      const diff = parseColumns(way[index]?.text);
      const changed = index === 0 ? own.changed : [];
      if (diff instanceof Unreadable) {
        base = undefined;
        values.fill(diff);
        changed.push(...values.keys());
      } else from.#toggle(columns, diff ?? {}, values, changed, unreadable);
    }
    this.#difference = undefined;
    this.#base = base;
    this.#values = values;
  }

  /** The version that has, as they came, the columns that are undefined in {@link #copy}. Of a settled one. */
  get #untouched(): StoredRow | undefined {
    return this.#values === undefined ? this : this.#base;
  }

  /** The values that are decoded, for a later version to change. */
  #copy(columns: Columns): (Decoded | undefined)[] {
    return this.#values?.slice() ?? new Array<Decoded | undefined>(columns.list.length).fill(undefined);
  }

  /**
   * Changes values by a difference: those of this version, or of a later one where columns have changed already. `fault`
   * says what a column becomes where that cannot be.
   */
  #toggle(
    columns: Columns,
    diff: WireColumns,
    values: (Decoded | undefined)[],
    changed: number[],
    fault: (what: string, error: unknown) => Unreadable,
  ): void {
    for (const name of Object.keys(diff)) {
      const position = columns.position(name);
      const column = position === undefined ? undefined : columns.list[position];
      const change = diff[name];
      if (position === undefined || column === undefined || change === undefined) continue;
      changed.push(position);
      try {
        // A new value needs no old one, a difference needs one that can be read.
        const before = column.single ? null : (values[position] ?? this.#at(columns, position));
        values[position] = followedBy(column, readable(before), change);
      } catch (error) {
        values[position] = fault(`column ${name}`, error);
      }
    }
  }

  /** The next version after a v1 `update`, which tells the whole new row. */
  replaced(columns: Columns, wire: WireColumns, changed: number[]): StoredRow {
    const old = this.#all(columns);
    const values = columns.list.map((column, position) => {
      const before = old[position] ?? null;
      const after = decodeColumn(column, wire);
      if (same(column, before, after)) return before;
      changed.push(position);
      return after;
    });
    return new StoredRow(this.uuid, undefined, undefined, values);
  }

  /** The same row in a table whose columns are others now: what both have keeps its value, the rest is at its default. */
  rearranged({ from, to, origins }: Arrangement): StoredRow {
    const values = to.list.map((column, position) => {
      const origin = origins[position];
      if (origin === undefined) return defaultValue(column.schema);
      const value = this.#at(from, origin.position);
      if (origin.column === undefined || value instanceof Unreadable) return value;
      return stored(column, underOtherType(origin.column.schema, column.schema, plain(value)));
    });
    return new StoredRow(this.uuid, undefined, undefined, values);
  }

  /**
   * The row as users see it: a frozen plain object; large sets become arrays when they are first read. Throws
   * `ProtocolError` when the server sent a value of another type than its column's.
   */
  view(columns: Columns, shape: RowShape): AnyRow {
    if (this.#view === undefined) {
      const row = shape.make(this.uuid);
      const values = this.#all(columns);
      // A plain loop, since this runs for every row of a database that is read as a whole.
      for (let position = 0; position < values.length; position++) {
        const value = readable(values[position] ?? null);
        const column = columns.list[position];
        if (column === undefined || value === columns.defaults[position]) continue;
        if (value instanceof SetVersion) {
          Object.defineProperty(row, column.name, { enumerable: true, get: () => value.toArray() });
        } else {
          row[column.name] = value;
        }
      }
      this.#view = Object.freeze(row);
    }
    return this.#view;
  }
}

/** Of a message that is parsed at once: it is refused as a whole. */
function refuse(_what: string, error: unknown): never {
  throw error;
}
