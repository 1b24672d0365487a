import type { Listing } from "./listing.ts";
import { type Cells, Table } from "./table.ts";

/** Lists as tables with an empty line between them; those without rows are left out. */
export function formatTables(
  listings: readonly Listing[],
  output: "text" | "wide",
  withHeadings: boolean,
): string {
  return listings
    .filter(({ rows }) => rows.length > 0)
    .map((listing) => {
      const { headings, rows } = columnsOf(listing, output);
      const lines = new Table().lines(withHeadings ? [headings, ...rows] : rows);
      return lines.map((line) => `${line}\n`).join("");
    })
    .join("\n");
}

/** What of a list stands in a table. */
export function columnsOf(
  { headings, rows, more }: Listing,
  output: "text" | "wide",
): { readonly headings: readonly string[]; readonly rows: readonly Cells[] } {
  if (output === "text") return { headings, rows };
  return {
    headings: [...headings, ...more.headings],
    rows: rows.map((row, index) => [...row, ...(more.rows[index] ?? [])]),
  };
}
