import { type FieldPath, formatField, valueAt } from "../text/field-path.ts";
import { jsonLayout, readWholeJson } from "../text/json-text.ts";
import type { Layout } from "../text/layout.ts";
import type { ManifestPosition } from "./errors.ts";

/** A value in a manifest that knows where it came from: a whole object, or JSON inside one of its strings. */
export class Part {
  readonly file: string;
  readonly document: number;
  readonly value: unknown;
  /** The way to this part as messages show it, through strings that hold JSON. */
  readonly #field: FieldPath;
  /** The way to this part within `#layout`. */
  readonly #path: FieldPath;
  readonly #layout: Layout;

  constructor(
    origin: { readonly file: string; readonly document: number; readonly layout: Layout },
    value: unknown,
    field: FieldPath = [],
    path: FieldPath = field,
  ) {
    this.file = origin.file;
    this.document = origin.document;
    this.value = value;
    this.#layout = origin.layout;
    this.#field = field;
    this.#path = path;
  }

  get(path: FieldPath): unknown {
    return valueAt(this.value, path);
  }

  /** The part of this part at the path. */
  at(path: FieldPath): Part {
    const origin = { file: this.file, document: this.document, layout: this.#layout };
    return new Part(origin, this.get(path), [...this.#field, ...path], [...this.#path, ...path]);
  }

  /** The JSON value that is written in the string at the path. Throws JsonTextError. */
  json(path: FieldPath, text: string): Part {
    const root = readWholeJson(text);
    const layout = jsonLayout(root, (offset) => this.lineInText(path, offset));
    return new Part(
      { file: this.file, document: this.document, layout },
      root.value,
      [...this.#field, ...path],
      [],
    );
  }

  position(path: FieldPath = []): ManifestPosition {
    const line = this.#layout.lineOf([...this.#path, ...path]);
    return { file: this.file, document: this.document, line, field: formatField([...this.#field, ...path]) };
  }

  /** The line of a character in the string at the path. */
  lineInText(path: FieldPath, offset: number): number {
    return this.#layout.lineInText([...this.#path, ...path], offset);
  }
}
