import { OvsdbError } from "../../jsonrpc/index.ts";
import { describeValue } from "../text/describe-value.ts";
import type { Skipped } from "./skipped.ts";

/** Where a field stands in what the user gave us. */
export interface ManifestPosition {
  /** The name of the text, as it was given to `readManifests`. */
  readonly file: string;
  /** Which YAML document of the file, counted from 1. */
  readonly document: number;
  /** Which line of the file, counted from 1. */
  readonly line: number;
  /** The field within the document, `items[2].spec.config.subnets` for example; empty for the document itself. */
  readonly field: string;
}

/** One thing in a manifest that cannot be used. The message names all of the position, and the value. */
export class ManifestError extends OvsdbError {
  static override readonly name: string = "ManifestError";
  readonly code: string = "ERR_MANIFEST";
  readonly file: string;
  readonly document: number;
  readonly line: number;
  readonly field: string;
  /** What stands there; `undefined` where nothing does. */
  readonly value: unknown;
  /** The message without position and value. */
  readonly reason: string;

  constructor(
    position: ManifestPosition,
    reason: string,
    value: unknown,
    options?: { readonly cause?: unknown },
  ) {
    const where = `${position.file}, document ${position.document}, line ${position.line}`;
    const field = position.field === "" ? "" : ` ${position.field}`;
    const found = value === undefined ? "" : `: ${describeValue(value)}`;
    super(`${where}:${field} ${reason}${found}`, options);
    this.file = position.file;
    this.document = position.document;
    this.line = position.line;
    this.field = position.field;
    this.value = value;
    this.reason = reason;
  }
}

/** Everything that is wrong with a set of manifests, in the order of the files. Nothing of the set can be used. */
export class ManifestErrors extends OvsdbError {
  static override readonly name: string = "ManifestErrors";
  readonly code: string = "ERR_MANIFEST";
  /** Never empty. */
  readonly errors: readonly ManifestError[];
  /** What was passed over, as in `ManifestSet.skipped`: a misspelt field may be why another one is missing. */
  readonly skipped: readonly Skipped[];

  constructor(errors: readonly ManifestError[], skipped: readonly Skipped[] = []) {
    super(errors.map((error) => error.message).join("\n"));
    this.errors = errors;
    this.skipped = skipped;
  }
}
