import { RESOURCES_AND_WORDS, type Resource, singular } from "../resources.ts";
import { formatData } from "./format.ts";
import type { Element, Listing } from "./listing.ts";
import { printable } from "./text.ts";

/** Lists for programs: a name on each line, or one document, which has more members. */
export async function formatDocument(
  listings: readonly Listing[],
  output: "name" | "json" | "yaml",
  more: object,
): Promise<string> {
  if (output !== "name")
    return formatData(Object.assign({}, ...listings.map(({ data }) => data), more), output);
  const names = new Set(listings.flatMap((listing) => elementsOf(listing).map(nameOf)));
  return [...names].map((name) => `${name}\n`).join("");
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

/** The same of things of several kinds, each once, in the order in which `get` prints them. */
export function namesOf(things: Partial<Record<Resource, readonly Element[]>>): readonly string[] {
  const names = RESOURCES_AND_WORDS.flatMap(([resource]) =>
    (things[resource] ?? []).map((element) => nameOf({ word: singular(resource), element })),
  );
  return [...new Set(names)];
}
