import { singular } from "../commands/wanted.ts";
import { formatData, type GetFormat } from "./format.ts";
import type { Element, Listing } from "./listing.ts";
import { type Cells, Table } from "./table.ts";
import { printable } from "./text.ts";

/** How lists are printed. */
export interface ListingOptions {
  readonly output: GetFormat;
  /** Whether tables have headings. */
  readonly headers: boolean;
}

/** Lists as `get` prints them: tables with an empty line between them, a name on each line, or one document. */
export async function formatListings(
  listings: readonly Listing[],
  { output, headers }: ListingOptions,
  besides: object,
): Promise<string> {
  if (output === "name") return lines([...new Set(listings.flatMap((each) => elementsOf(each).map(nameOf)))]);
  if (output === "json" || output === "yaml")
    return formatData(Object.assign({}, ...listings.map(({ data }) => data), besides), output);
  return listings
    .filter(({ rows }) => rows.length > 0)
    .map((listing) => {
      const { headings, rows } = columnsOf(listing, output);
      return lines(new Table().lines(headers ? [headings, ...rows] : rows));
    })
    .join("\n");
}

/** What of a list stands in a table. */
export function columnsOf(
  { headings, rows, more }: Listing,
  output: GetFormat,
): { readonly headings: readonly string[]; readonly rows: readonly Cells[] } {
  if (output !== "wide") return { headings, rows };
  return {
    headings: [...headings, ...more.headings],
    rows: rows.map((row, index) => [...row, ...(more.rows[index] ?? [])]),
  };
}

/** What programs are told of a list, with the word for one of them. */
export function elementsOf({
  data,
}: Listing): readonly { readonly word: string; readonly element: Element }[] {
  return Object.entries(data).flatMap(([resource, elements]) =>
    elements.map((element) => ({ word: singular(resource), element })),
  );
}

/** `network/blue`, `pod/shop/web`: what `get` and `delete` take. */
export function nameOf({
  word,
  element: { namespace, name },
}: {
  readonly word: string;
  readonly element: Element;
}): string {
  return printable([word, ...(namespace === undefined ? [] : [namespace]), name].join("/"));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
