import { printable } from "./text.ts";

/** What stands in a cell that has nothing, as kubectl writes it. */
const NONE = "<none>";

/** Columns between which three spaces are, headings first, as kubectl prints them. Cells are texts or lists of them. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly (string | readonly string[])[])[],
): readonly string[] {
  const cells = [headings, ...rows.map((row) => row.map(cell))];
  // Not as arguments of Math.max: a network may have more pods than a call can have arguments.
  const widths = headings.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, (row[column] ?? "").length), 0),
  );
  return cells.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}

function cell(value: string | readonly string[]): string {
  const text = typeof value === "string" ? value : value.join(",");
  return text === "" ? NONE : printable(text);
}
