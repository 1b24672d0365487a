/** One list, for people and for programs. */
export interface Listing {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly (string | readonly string[])[])[];
  /** What `-o json` and `-o yaml` print. */
  readonly data: object;
  /** What is in the manifests and not in the database. */
  readonly missing: readonly string[];
}

/** A list of some that were chosen by name. */
export interface ChosenListing extends Listing {
  /** Names that stand for nothing in the database. */
  readonly unknown: readonly string[];
}
