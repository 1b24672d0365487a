import type { FieldPath } from "./field-path.ts";
import type { Layout } from "./layout.ts";

/** Text that is not JSON (RFC 8259), and where it stops being it. */
export class JsonTextError extends Error {
  /** Index of the first character that cannot be. */
  readonly offset: number;
  /** All of it may be JSON, and the rest is missing. */
  readonly isCut: boolean;

  constructor(message: string, offset: number, isCut = false) {
    super(message);
    this.offset = offset;
    this.isCut = isCut;
  }
}

/** A JSON value that knows where its members begin. */
export interface JsonNode {
  readonly value: unknown;
  readonly offset: number;
  /** Members of an object by key, elements of an array by index; the offset of a member is that of its key. */
  readonly children?: ReadonlyMap<string | number, JsonNode>;
}

/** Deeper nesting than any Kubernetes object has; keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 200;

/**
 * Reads one JSON value.
 *
 * `JSON.parse` does not reliably say where it failed and never where a member stood, and a message without a line is
 * of little use for a CNI configuration that is a string within a manifest. Duplicate keys are refused: they are
 * always a mistake, and which one wins depends on the reader.
 */
export function readJsonText(text: string, from = 0): { readonly node: JsonNode; readonly end: number } {
  const reader = new JsonReader(text, from);
  const node = reader.read();
  return { node, end: reader.skipSpace() };
}

/** Reads a text that holds one JSON value and nothing else. */
export function readWholeJson(text: string): JsonNode {
  const { node, end } = readJsonText(text);
  if (end < text.length) throw unexpected(text, end, "after the end");
  return node;
}

/** The layout of a JSON text, given the line of each of its characters. */
export function jsonLayout(root: JsonNode, lineAt: (offset: number) => number): Layout {
  const lineOf = (path: FieldPath): number => {
    let node = root;
    let offset = root.offset;
    for (const step of path) {
      const child = node.children?.get(step);
      if (child === undefined) break;
      offset = child.offset;
      node = child;
    }
    return lineAt(offset);
  };
  return { lineOf, lineInText: lineOf };
}

/** Lines of a whole file. */
export function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(low, 1);
  };
}

function unexpected(text: string, offset: number, where: string): JsonTextError {
  if (offset >= text.length) return new JsonTextError(`unexpected end ${where}`, text.length, true);
  const found = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const hint =
    found === "#" || text.startsWith("//", offset) || text.startsWith("/*", offset)
      ? " (JSON has no comments)"
      : "";
  return new JsonTextError(`unexpected ${JSON.stringify(found)} ${where}${hint}`, offset);
}

class JsonReader {
  readonly #text: string;
  #at: number;
  #depth = 0;
  /** The value read last, in words: errors often stand just behind it. */
  #last = "at the start";

  constructor(text: string, from: number) {
    this.#text = text;
    this.#at = from;
  }

  skipSpace(): number {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
    return this.#at;
  }

  read(): JsonNode {
    const offset = this.skipSpace();
    switch (this.#text[offset]) {
      case "{":
        return this.#nested(() => this.#object(offset));
      case "[":
        return this.#nested(() => this.#array(offset));
      case '"':
        return { value: this.#string(), offset };
      default:
        return { value: this.#word(offset), offset };
    }
  }

  #nested(read: () => JsonNode): JsonNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new JsonTextError(`nested deeper than ${MAX_DEPTH} levels`, this.#at);
    this.#at += 1;
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #object(offset: number): JsonNode {
    const children = new Map<string, JsonNode>();
    for (let first = true; !this.#closes("}", first); first = false) {
      const keyOffset = this.skipSpace();
      if (this.#text[keyOffset] !== '"')
        throw unexpected(this.#text, keyOffset, `${this.#last}, a key in double quotes was expected`);
      const key = this.#string();
      if (children.has(key))
        throw new JsonTextError(`the key ${JSON.stringify(key)} is there twice`, keyOffset);
      if (this.#text[this.skipSpace()] !== ":")
        throw unexpected(this.#text, this.#at, `after the key ${JSON.stringify(key)}, a colon was expected`);
      this.#at += 1;
      this.#last = `after the key ${JSON.stringify(key)}`;
      const child = this.read();
      children.set(key, { ...child, offset: keyOffset });
      this.#last = `after the value of ${JSON.stringify(key)}`;
    }
    // Unlike assignment, this makes an ordinary property of a `__proto__` key.
    const value = Object.fromEntries(Array.from(children, ([key, child]) => [key, child.value]));
    return { value, offset, children };
  }

  #array(offset: number): JsonNode {
    const children = new Map<number, JsonNode>();
    const value: unknown[] = [];
    for (let first = true; !this.#closes("]", first); first = false) {
      const child = this.read();
      children.set(value.length, child);
      value.push(child.value);
      this.#last = "in the list";
    }
    return { value, offset, children };
  }

  /** Steps over the comma before the next member, or over the bracket that ends them. */
  #closes(bracket: "}" | "]", first: boolean): boolean {
    const at = this.skipSpace();
    if (this.#text[at] === bracket) {
      this.#at += 1;
      return true;
    }
    if (first) return false;
    if (this.#text[at] !== ",")
      throw unexpected(this.#text, at, `${this.#last}, a comma or "${bracket}" was expected`);
    this.#at += 1;
    if (this.#text[this.skipSpace()] === bracket)
      throw unexpected(this.#text, this.#at, `${this.#last}, after the comma`);
    return false;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    if (end >= this.#text.length) throw new JsonTextError("a string that does not end", start, true);
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      throw new JsonTextError("a string with a control character or a wrong escape", start);
    }
  }

  #word(offset: number): unknown {
    const word = /[^\s,:[\]{}"]*/y;
    word.lastIndex = offset;
    const text = word.exec(this.#text)?.[0] ?? "";
    if (
      text !== "true" &&
      text !== "false" &&
      text !== "null" &&
      !/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text)
    )
      throw unexpected(this.#text, offset, this.#last);
    this.#at = offset + text.length;
    return JSON.parse(text);
  }
}
