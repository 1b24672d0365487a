import { printable } from "./text.ts";

/** What stands in a cell that has nothing, as kubectl writes it. */
const NONE = "<none>";

/** Cells of a line: texts or lists of them. */
export type Cells = readonly (string | readonly string[])[];

/** Columns between which three spaces are, as kubectl prints them. */
export class Table {
  /** Of the widest cell so far. */
  readonly #widths: number[] = [];

  /** Lines as wide as all of these and those before need. */
  lines(rows: readonly Cells[]): readonly string[] {
    const cells = rows.map((row) => row.map(cell));
    for (const row of cells)
      for (const [column, text] of row.entries())
        this.#widths[column] = Math.max(this.#widths[column] ?? 0, text.length);
    return cells.map((row) =>
      row
        .map((text, column) => text.padEnd(this.#widths[column] ?? 0))
        .join("   ")
        .trimEnd(),
    );
  }
}

function cell(value: string | readonly string[]): string {
  const text = typeof value === "string" ? value : value.join(",");
  return text === "" ? NONE : printable(text);
}
