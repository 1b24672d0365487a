import { UsageError } from "./errors.ts";
import type { Json } from "./json.ts";

/** Nesting of outgoing values; ovsdb-server's parser gives up beyond it, and a value that contains itself stops here too. */
const maxDepth = 1000;

/**
 * Parses JSON text without losing digits.
 *
 * As `JSON.parse`, but integers of 16 and more digits outside the safe range come as `bigint`; numbers with a fraction or
 * an exponent stay numbers. A `__proto__` key is an ordinary own property.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): Json {
  const rounded = JSON.parse(text) as Json;
  // JSON.parse rounds long integers, and Node 20 does not show the digits to a reviver. Text that JSON.parse has
  // accepted is read a second time only if it needs to be, by a reader that can then trust its syntax.
  return mayHoldLongInteger.test(text) && holdsLongInteger(text) ? new ExactReader(text).read() : rounded;
}

/**
 * Writes a value as JSON text; `bigint` becomes bare digits.
 *
 * @param where begins the name of a place in an error.
 * @throws UsageError naming the place of a value that JSON does not have (NaN, an infinity, undefined in an array, a function)
 *   or that is nested deeper than 1000
 */
export function stringifyJson(value: Json, where = ""): string {
  // JSON.stringify alone would write NaN as null without a word, and a bigint as a string where some other
  // module has given BigInt.prototype a toJSON.
  switch (survey(value, 0)) {
    case "plain":
      return JSON.stringify(value);
    case "bigint":
      return writeExactly(value);
    case "unfit": {
      const path = findPath(value, (found) => surveyScalar(found) === "unfit");
      throw new UsageError(
        `JSON cannot hold what is at ${where + path || "the top"}: a number that is not finite, or no value`,
      );
    }
  }
}

/** The first place, in the order of the text, of a string (also a key) that passes the test: `[0].row.name`. */
export function findString(value: Json, test: (text: string) => boolean): string | undefined {
  return findPath(value, (found) => typeof found === "string" && test(found));
}

/** True also for some texts that only hold such digits inside a string; never false for one that has a long integer. */
const mayHoldLongInteger = /(?:^|[[,:\s])-?\d{16}/;

function holdsLongInteger(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      digits++;
      if (digits === 16) return true;
    } else {
      digits = 0;
      if (code === 0x22) at = closingQuote(text, at);
    }
  }
  return false;
}

/** Where the string that opens at `open` ends; the text is known to be valid. */
function closingQuote(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}

const numberToken = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const whiteSpace = /[ \t\n\r]*/y;

/** Reads text that `JSON.parse` has already accepted, so it looks for no errors. */
class ExactReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Json {
    switch (this.#peek()) {
      case "{":
        return this.#readObject();
      case "[":
        return this.#readArray();
      case '"':
        return this.#readString();
      case "t":
        this.#at += 4;
        return true;
      case "f":
        this.#at += 5;
        return false;
      case "n":
        this.#at += 4;
        return null;
      default:
        return this.#readNumber();
    }
  }

  #peek(): string {
    this.#token(whiteSpace);
    return this.#text.charAt(this.#at);
  }

  #token(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += token.length;
    return token;
  }

  #readObject(): Json {
    const object: Record<string, Json> = {};
    this.#at++;
    while (this.#peek() !== "}") {
      if (this.#peek() === ",") this.#at++;
      this.#peek();
      const key = this.#readString();
      this.#peek();
      this.#at++;
      const value = this.read();
      // Assigning would call the setter of Object.prototype.__proto__ instead of making a property.
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        object[key] = value;
      }
    }
    this.#at++;
    return object;
  }

  #readArray(): Json {
    const array: Json[] = [];
    this.#at++;
    while (this.#peek() !== "]") {
      if (this.#peek() === ",") this.#at++;
      array.push(this.read());
    }
    this.#at++;
    return array;
  }

  #readString(): string {
    const end = closingQuote(this.#text, this.#at) + 1;
    const token = this.#text.slice(this.#at, end);
    this.#at = end;
    return token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
  }

  #readNumber(): number | bigint {
    const token = this.#token(numberToken);
    const number = Number(token);
    return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(number) ? BigInt(token) : number;
  }
}

/** What stands between a value and `JSON.stringify`, the worst first found. */
type Survey = "plain" | "bigint" | "unfit";

function survey(value: Json | undefined, depth: number): Survey {
  if (typeof value !== "object") return surveyScalar(value);
  if (value === null) return "plain";
  if (depth >= maxDepth) throw new UsageError(`the value is nested deeper than ${maxDepth}`);
  return Array.isArray(value)
    ? surveyArray(value as readonly Json[], depth)
    : surveyObject(value as { readonly [key: string]: Json }, depth);
}

// Plain loops that pass strings over, which is what most values are: this runs over all that is ever sent.

function surveyArray(array: readonly Json[], depth: number): Survey {
  let found: Survey = "plain";
  for (let index = 0; index < array.length; index++) {
    const member = array[index];
    if (typeof member === "string") continue;
    const inside = survey(member, depth + 1);
    if (inside === "unfit") return inside;
    if (inside === "bigint") found = inside;
  }
  return found;
}

function surveyObject(object: { readonly [key: string]: Json }, depth: number): Survey {
  let found: Survey = "plain";
  for (const key of Object.keys(object)) {
    const member = object[key];
    // As JSON.stringify has it, a member of an object that is undefined is absent.
    if (typeof member === "string" || member === undefined) continue;
    const inside = survey(member, depth + 1);
    if (inside === "unfit") return inside;
    if (inside === "bigint") found = inside;
  }
  return found;
}

function surveyScalar(value: Json | undefined): Survey {
  if (typeof value === "string" || typeof value === "boolean") return "plain";
  if (typeof value === "bigint") return "bigint";
  return typeof value === "number" && Number.isFinite(value) ? "plain" : "unfit";
}

function writeExactly(value: Json): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeExactly).join(",")}]`;
  const members = Object.entries<Json | undefined>(value as { readonly [key: string]: Json }).flatMap(
    ([key, member]) => (member === undefined ? [] : [`${JSON.stringify(key)}:${writeExactly(member)}`]),
  );
  return `{${members.join(",")}}`;
}

function findPath(value: Json | undefined, test: (found: Json | undefined) => boolean): string | undefined {
  if (typeof value !== "object" || value === null) return test(value) ? "" : undefined;
  const isArray = Array.isArray(value);
  for (const [key, member] of Object.entries<Json | undefined>(value as { readonly [key: string]: Json })) {
    const step = isArray ? `[${key}]` : `.${key}`;
    if (!isArray && test(key)) return step;
    if (member === undefined && !isArray) continue;
    const rest = findPath(member, test);
    if (rest !== undefined) return step + rest;
  }
  return undefined;
}
