import type { GetFormat } from "./format.ts";
import type { Cells } from "./table.ts";

/** What a program is told of: the name alone, or with the namespace and the network, tells one from the others. */
export interface Element {
  readonly name: string;
  readonly namespace?: string;
  readonly network?: string;
}

/** One list, for people and for programs. */
export interface Listing {
  readonly headings: readonly string[];
  readonly rows: readonly Cells[];
  /** More columns, which only `-o wide` shows. */
  readonly more: { readonly headings: readonly string[]; readonly rows: readonly Cells[] };
  /** What each row is about, in words, which stay when it changes. */
  readonly subjects: readonly string[];
  /** What `-o json` and `-o yaml` print, in one member. */
  readonly data: Readonly<Record<string, readonly Element[]>>;
  /** What is in the manifests and not in the database. */
  readonly missing: readonly string[];
}

/** A list of some that were chosen by name. */
export interface ChosenListing extends Listing {
  /** Names that stand for nothing in the database. */
  readonly unknown: readonly string[];
}

/** What a watch sees at one look: a list, or the part of it in which something may have changed, with what that part was at the look before. */
export interface Look {
  readonly now: ChosenListing;
  readonly before?: Listing;
}

/** How lists are printed. */
export interface ListingOptions {
  readonly output: GetFormat;
  /** Whether tables have headings. */
  readonly headers: boolean;
}
