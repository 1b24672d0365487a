import type { Value } from "../ovsdb/index.ts";
import type { Columns } from "./columns.ts";
import { RowMark } from "./row-mark.ts";

/** A row that is being made. */
export interface UnfinishedRow {
  _uuid: string;
  [column: string]: Value;
}

/**
 * Makes the rows of one table. All have one hidden class: that makes them quick to read as well as to make.
 *
 * V8 gives an object with more than a handful of properties the hidden class of another that got the same ones in the same
 * order, as long as they came one by one. A copy such as `{ ...blank }` is as quick, but gets a hidden class of its own when it
 * is frozen or marked: reading such rows takes ten times as long.
 */
export class RowShape {
  readonly #table: string;
  readonly #hidden: object | undefined;
  /**
   * A row with every column at its default. Rows are copies of it with what differs put in. Not frozen, since copies of a
   * frozen object are made slowly.
   */
  readonly #blank: object;

  /** `hidden` is what rows inherit from, where they inherit anything. */
  constructor(table: string, columns: Columns, hidden: object | undefined) {
    this.#table = table;
    this.#hidden = hidden;
    this.#blank = this.#marked();
    // The first of its class. Assigning so many properties would make a hash table of it, and so of every copy.
    define(this.#blank, "_uuid", "");
    columns.list.forEach(({ name }, position) => {
      define(this.#blank, name, columns.defaults[position] ?? null);
    });
  }

  /** A new row, marked, with every column at its default. */
  make(uuid: string): UnfinishedRow {
    const row = Object.assign(this.#marked(), this.#blank) as UnfinishedRow;
    row._uuid = uuid;
    return row;
  }

  /** The mark comes first: on an object with many properties it would make a hash table of them. */
  #marked(): object {
    const row: object = this.#hidden === undefined ? new Plain() : Object.create(this.#hidden);
    RowMark.put(row, this.#table);
    return row;
  }
}

/**
 * Makes what `{}` makes, with hidden classes of its own: V8 remembers what follows from some 1,500 first properties of all `{}` of
 * a program. Where objects with ids for keys have used those up, each further object gets a hidden class of its own.
 */
const Plain = function Plain() {} as unknown as new () => object;
Plain.prototype = Object.prototype;

function define(row: object, name: string, value: Value): void {
  Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true });
}
