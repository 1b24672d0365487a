import type { JsonNode } from "./json-text.ts";

/** A value of a document that knows where its members begin; of a block of text also where its `|` stands. */
export interface PlainNode extends JsonNode {
  readonly children?: ReadonlyMap<string | number, PlainNode>;
  readonly literal?: number;
}

/**
 * Reads a YAML document that has no more than most manifests have: maps and lists told by their indentation, values on one
 * line, blocks of text that begin with `|`, comments.
 *
 * Gives up on any other document and returns `undefined`, also when something is wrong: the library that reads all of YAML
 * says what. For the manifests of a large cluster it would take longer than everything else that is done with them.
 */
export function readPlainYaml(text: string): PlainNode | undefined {
  // Tabs, ends of lines with a carriage return and letters of other scripts have rules of their own.
  if (/[^\n\x20-\x7e]/.test(text)) return undefined;
  try {
    return new PlainReader(text).read();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Deeper nesting than any Kubernetes object has. */
const MAX_DEPTH = 100;

/** What begins a value or key that means nothing else. */
const PLAIN_START = /^(?:[\w./+]|-[\w.])/;
const NUMBER =
  /^[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$/;
/** Those that JavaScript holds exactly, in the form that they are written in. */
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/** YAML 1.2.2, section 10.3.2. */
const WORDS: ReadonlyMap<string, unknown> = new Map([
  ...["null", "Null", "NULL"].map((word): [string, unknown] => [word, null]),
  ...["true", "True", "TRUE"].map((word): [string, unknown] => [word, true]),
  ...["false", "False", "FALSE"].map((word): [string, unknown] => [word, false]),
]);

/** There is something that is left to others. */
class NotPlain extends Error {}

class PlainReader {
  readonly #text: string;
  /** Where the next thing begins that is no space and no comment. */
  #at = 0;
  /** Its column; -1 at the end of the document. */
  #column = -1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#toLine(0);
  }

  read(): PlainNode {
    if (this.#column === 0 && this.#text.startsWith("---", this.#at)) {
      const end = this.#lineEnd(this.#at);
      if (!isBlank(this.#text.slice(this.#at + 3, end))) throw new NotPlain();
      this.#toLine(end + 1);
    }
    if (this.#column === -1) return { value: null, offset: 0 };
    const node = this.#block(this.#column);
    if (this.#column !== -1) throw new NotPlain();
    return node;
  }

  /** Goes to the first line from here on that holds more than spaces and a comment. */
  #toLine(start: number): void {
    for (let from = start; from < this.#text.length; from = this.#lineEnd(from) + 1) {
      const at = this.#skipSpaces(from);
      if (at < this.#text.length && this.#text[at] !== "\n" && this.#text[at] !== "#") {
        this.#at = at;
        this.#column = at - from;
        return;
      }
    }
    this.#column = -1;
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf("\n", from);
    return end === -1 ? this.#text.length : end;
  }

  #skipSpaces(from: number): number {
    let at = from;
    while (this.#text[at] === " ") at += 1;
    return at;
  }

  /** A map or list whose keys or dashes stand in this column. */
  #block(column: number): PlainNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new NotPlain();
    const node = this.#isItem() ? this.#list(column) : this.#map(column);
    this.#depth -= 1;
    return node;
  }

  #isItem(): boolean {
    const next = this.#text[this.#at + 1] ?? "\n";
    return this.#text[this.#at] === "-" && (next === " " || next === "\n");
  }

  #map(column: number): PlainNode {
    const offset = this.#at;
    const children = new Map<string, PlainNode>();
    while (this.#column === column && !this.#isItem()) {
      const at = this.#at;
      const end = this.#lineEnd(at);
      const line = this.#text.slice(at, end);
      const length = keyLength(line);
      const key = line.slice(0, length);
      if (length === -1 || !isPlainKey(key) || children.has(key)) throw new NotPlain();
      children.set(key, { ...this.#member(column, at + length + 1, end), offset: at });
    }
    // What is deeper than the last value belongs to it in some way.
    if (this.#column >= column) throw new NotPlain();
    const value = Object.fromEntries(Array.from(children, ([key, child]) => [key, child.value]));
    return { value, offset, children };
  }

  /** The value of a key in this column, from behind its colon. */
  #member(column: number, from: number, end: number): Omit<PlainNode, "offset"> {
    const at = this.#skipSpaces(from);
    if (this.#text[at] === "|") return this.#literal(column, at, end);
    if (at < end && this.#text[at] !== "#") {
      const value = scalarOf(this.#text.slice(at, end));
      this.#toLine(end + 1);
      return { value };
    }
    this.#toLine(end + 1);
    // The dashes of a list may stand below the key.
    const isBlock = this.#column > column || (this.#column === column && this.#isItem());
    return isBlock ? this.#block(this.#column) : { value: null };
  }

  #list(column: number): PlainNode {
    const offset = this.#at;
    const children = new Map<number, PlainNode>();
    const value: unknown[] = [];
    while (this.#column === column && this.#isItem()) {
      const child = this.#item(column);
      children.set(value.length, child);
      value.push(child.value);
    }
    if (this.#column > column) throw new NotPlain();
    return { value, offset, children };
  }

  #item(column: number): PlainNode {
    const at = this.#skipSpaces(this.#at + 1);
    const end = this.#lineEnd(at);
    const line = this.#text.slice(at, end);
    if (line === "" || line.startsWith("#")) throw new NotPlain();
    this.#column = column + at - this.#at;
    this.#at = at;
    // A map or another list may begin behind the dash.
    if (this.#isItem() || (PLAIN_START.test(line) && keyLength(line) !== -1))
      return this.#block(this.#column);
    const value = scalarOf(line);
    this.#toLine(end + 1);
    return { value, offset: at };
  }

  /** Lines that are taken as they are: those that are deeper than the key, which is in this column. */
  #literal(column: number, bar: number, barEnd: number): Omit<PlainNode, "offset"> {
    const head = this.#text.slice(bar, barEnd);
    if (head !== "|" && head !== "|-") throw new NotPlain();
    const lines: string[] = [];
    let depth = -1;
    let from = barEnd + 1;
    while (from < this.#text.length) {
      const end = this.#lineEnd(from);
      const at = this.#skipSpaces(from);
      // Whether an end is missing, or spaces alone on a line count, is told by further rules.
      if (end === this.#text.length || (at === end && at > from)) throw new NotPlain();
      if (at < end && at - from <= column) break;
      if (at < end && depth === -1) depth = at - from;
      if (at < end && at - from < depth) throw new NotPlain();
      lines.push(at === end ? "" : this.#text.slice(from + depth, end));
      from = end + 1;
    }
    while (lines.at(-1) === "") lines.pop();
    if (lines.length === 0) throw new NotPlain();
    this.#toLine(from);
    return { value: lines.join("\n") + (head === "|" ? "\n" : ""), literal: bar };
  }
}

/** How long the key is that begins the line; -1 when none does. */
function keyLength(line: string): number {
  for (let at = line.indexOf(":"); at !== -1; at = line.indexOf(":", at + 1))
    if (at + 1 === line.length || line[at + 1] === " ") return at;
  return -1;
}

function isPlainKey(key: string): boolean {
  return (
    PLAIN_START.test(key) &&
    !key.includes(" #") &&
    !key.endsWith(" ") &&
    key.length < 1000 &&
    !WORDS.has(key) &&
    !NUMBER.test(key)
  );
}

/** Whether the rest of a line is nothing or a comment. */
function isBlank(rest: string): boolean {
  return /^ *$|^ +#/.test(rest);
}

/** The value on the rest of a line. */
function scalarOf(text: string): unknown {
  if (text.startsWith("'") || text.startsWith('"')) return quoted(text);
  const comment = text.indexOf(" #");
  const word = (comment === -1 ? text : text.slice(0, comment)).replace(/ +$/, "");
  if (word === "{}") return {};
  if (word === "[]") return [];
  if (!PLAIN_START.test(word) || keyLength(word) !== -1) throw new NotPlain();
  if (WORDS.has(word)) return WORDS.get(word);
  if (!NUMBER.test(word)) return word;
  if (!INTEGER.test(word)) throw new NotPlain();
  return Number(word);
}

/** A text in single or double quotes. */
function quoted(text: string): string {
  const [quote = ""] = text;
  let end = 1;
  for (; end < text.length; end += 1) {
    if (quote === '"' && text[end] === "\\") end += 1;
    else if (text[end] === quote && !(quote === "'" && text[end + 1] === quote)) break;
    else if (text[end] === quote) end += 1;
  }
  if (end >= text.length || !isBlank(text.slice(end + 1))) throw new NotPlain();
  if (quote === "'") return text.slice(1, end).replaceAll("''", "'");
  try {
    return JSON.parse(text.slice(0, end + 1)) as string;
  } catch {
    // YAML has more escapes than JSON, and JSON has none that YAML lacks.
    throw new NotPlain();
  }
}
