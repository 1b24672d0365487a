/** Makes what it is given, so that the class below adds its private field to an object that is there already. */
const itself = function itself(row: object): object {
  return row;
} as unknown as new (
  row: object,
) => object;

/**
 * Notes on a row which table it was read from. The row shows its columns and nothing else: nobody outside sees the mark.
 *
 * A WeakMap from rows to tables does the same, and costs as much as decoding the row does.
 */
export class RowMark extends itself {
  readonly #table: string;

  private constructor(row: object, table: string) {
    super(row);
    this.#table = table;
  }

  static put(row: object, table: string): void {
    new RowMark(row, table);
  }

  /** The name of the table that a row was read from; `undefined` for an object that is no row of a replica. */
  static tableOf(row: object): string | undefined {
    return #table in row ? row.#table : undefined;
  }
}
