/** One list, for people and for programs. */
export interface Listing {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly (string | readonly string[])[])[];
  /** What `-o json` and `-o yaml` print. */
  readonly data: object;
  /** What is in the manifests and not in the database. */
  readonly missing: readonly string[];
}
