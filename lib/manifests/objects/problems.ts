import type { FieldPath } from "../text/field-path.ts";
import { JsonTextError } from "../text/json-text.ts";
import { ManifestError, ManifestErrors, type ManifestPosition } from "./errors.ts";
import type { Part } from "./part.ts";
import type { Skipped } from "./skipped.ts";

/** Collects what cannot be used and what is passed over, so that a user sees all of it at once. */
export class Problems {
  readonly #errors: ManifestError[] = [];
  readonly #skipped: Skipped[] = [];

  /** A field with a value that cannot be used. The value is the field's unless another is given. */
  add(part: Part, path: FieldPath, reason: string, value: unknown = part.get(path), cause?: unknown): void {
    this.addAt(part.position(path), reason, value, cause);
  }

  addAt(position: ManifestPosition, reason: string, value?: unknown, cause?: unknown): void {
    this.#errors.push(
      new ManifestError(position, reason, value, cause === undefined ? undefined : { cause }),
    );
  }

  skip(part: Part, kind: string, name: string, reason: string): void {
    const { file, document, line } = part.position();
    this.#skipped.push({ file, document, line, kind, name, reason });
  }

  /** A field that has no effect, of an object that is used. */
  ignore(
    { kind, key }: { readonly kind: string; readonly key: string },
    position: ManifestPosition,
    reason: string,
  ): void {
    this.#skipped.push({ ...position, kind, name: key, reason });
  }

  /** Reads JSON out of a string; what is not JSON is reported with the line on which it goes wrong. */
  json(part: Part, path: FieldPath, text: string): Part | undefined {
    try {
      return part.json(path, text);
    } catch (error) {
      if (!(error instanceof JsonTextError)) throw error;
      const line = part.lineInText(path, error.offset);
      // What is missing at the end is missing behind the last line that holds something.
      const offset = Math.min(error.offset, text.trimEnd().length);
      const start = text.lastIndexOf("\n", offset - 1) + 1;
      const written = text.slice(start).split("\n", 1)[0]?.trim();
      this.addAt({ ...part.position(path), line }, `is not JSON: ${error.message}`, written, error);
      return undefined;
    }
  }

  /** The skipped things in the order of the files; throws ManifestErrors when there are errors. */
  finish(files: readonly string[]): readonly Skipped[] {
    const rank = new Map(files.map((file, index) => [file, index]));
    const order = (a: Place, b: Place): number =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.document - b.document || a.line - b.line;
    // Two readers may look at one field, and find the same.
    const errors = new Map(this.#errors.map((error) => [error.message, error]));
    const skipped = this.#skipped.toSorted(order);
    if (errors.size > 0) throw new ManifestErrors([...errors.values()].toSorted(order), skipped);
    return skipped;
  }
}

type Place = { readonly file: string; readonly document: number; readonly line: number };
