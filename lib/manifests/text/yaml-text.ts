import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  type YAMLParseError,
} from "yaml";
import type { FieldPath } from "./field-path.ts";
import type { Layout } from "./layout.ts";
import { indentQuotedLines } from "./quoted-lines.ts";
import { sourceOffset } from "./scalar-source.ts";
import { structureFault } from "./yaml-structure.ts";

/** One YAML document of a file: its value, or what is wrong with it. */
export type YamlDocument =
  | { readonly value: unknown; readonly layout: Layout }
  | { readonly error: string; readonly line: number };

/**
 * Reads all documents of a YAML text, the empty ones too (their value is null), so that they can be counted.
 *
 * Of a document with syntax errors only the first is reported: the others are usually its echo.
 */
export function readYamlText(text: string): YamlDocument[] {
  const { documents, lines } = parse(text);
  if (!documents.some(({ errors }) => errors.some(isOpenQuote))) return readDocuments(documents, lines, text);
  const indented = indentQuotedLines(text);
  const again = parse(indented);
  return readDocuments(again.documents, again.lines, indented);
}

interface Parsed {
  readonly documents: readonly Document.Parsed[];
  readonly lines: LineCounter;
}

function parse(text: string): Parsed {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    // The library compares each key with each other one of its map: a map of 30,000 keys takes it half a minute.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  // The library returns an array with an extra member for a text without any document.
  return { documents: Array.from(documents), lines };
}

function isOpenQuote({ code, message }: YAMLParseError): boolean {
  return code === "MISSING_CHAR" && message.startsWith("Missing closing");
}

function readDocuments(
  documents: readonly Document.Parsed[],
  lines: LineCounter,
  text: string,
): YamlDocument[] {
  return documents.map((document): YamlDocument => {
    const lineAt = (offset: number): number => Math.max(lines.linePos(offset).line, 1);
    const [error] = document.errors;
    if (error !== undefined) {
      const line = lineAt(error.pos[0]);
      const sign = TEXT_BEHIND_SIGN.exec(text.split("\n", line)[line - 1] ?? "")?.[1];
      return { error: sign === undefined ? firstLine(error.message) : behind(sign), line };
    }
    try {
      const fault = structureFault(document);
      if (fault !== undefined) {
        const { offset, isKey = false } = fault;
        const hint = isKey && beginsObject(text, offset) ? SEPARATOR_HINT : "";
        return { error: `${fault.error}${hint}`, line: lineAt(offset) };
      }
      return { value: document.toJS(), layout: yamlLayout(document, text, lineAt) };
    } catch (cause) {
      // Aliases that would blow up to a huge value.
      return { error: firstLine((cause as Error).message), line: lineAt(document.range[0]) };
    }
  });
}

/** As in `config: > '{`, of which the library says something else each time. */
const TEXT_BEHIND_SIGN = /(?:^|:|-)[ \t]+(?:[&!]\S*[ \t]+)*([|>])[-+1-9]*[ \t]+[^\s#]/;

function behind(sign: string): string {
  return `the text of ${sign} begins on the next line, without quotes around it`;
}

const SEPARATOR_HINT = "; is a line --- missing before it?";

/** Whether an object may begin here, as where files were put together (`cat *.yaml`) of which none begins with `---`. */
function beginsObject(text: string, at: number): boolean {
  return (at === 0 || text[at - 1] === "\n") && /^(?:apiVersion|kind)\s*:/.test(text.slice(at, at + 40));
}

function firstLine(message: string): string {
  // The reader of YAML calls itself for each level.
  if (message.startsWith("Maximum call stack")) return "it is nested too deeply";
  return message.split("\n", 1)[0] ?? message;
}

/** A node, and where its key begins, or the node itself in a list. */
interface Found {
  readonly node: unknown;
  readonly offset: number;
}

function yamlLayout(document: Document.Parsed, text: string, lineAt: (offset: number) => number): Layout {
  const find = (path: FieldPath): Found => {
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0] ?? document.range[0];
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      const next = typeof step === "number" ? element(node, step) : member(node, step, document);
      if (next === undefined) return { node: undefined, offset };
      ({ node, offset } = next);
    }
    return { node, offset };
  };
  return {
    lineOf: (path) => lineAt(find(path).offset),
    lineInText: (path, offset) => {
      const { node, offset: keyOffset } = find(path);
      const scalar = isAlias(node) ? node.resolve(document) : node;
      return lineAt(isText(scalar) ? sourceOffset(text, scalar, offset) : keyOffset);
    },
  };
}

function isText(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === "string";
}

function member(node: unknown, key: string, document: Document.Parsed): Found | undefined {
  if (isAlias(node)) return member(node.resolve(document), key, document);
  if (!isMap(node)) return undefined;
  const { items } = node;
  const own = items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own !== undefined) return { node: own.value, offset: offsetOf(own.key) };
  for (const pair of items) {
    if (!isMerge(pair.key)) continue;
    // Of several maps the first one counts that has the key.
    const from = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    for (const each of isSeq(from) ? from.items : [from]) {
      const found = member(each, key, document);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The library makes a symbol of the key `<<`, by which a map has what others have. */
function isMerge(key: unknown): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}

function element(node: unknown, index: number): Found | undefined {
  const item = isSeq(node) ? node.items[index] : undefined;
  return item === undefined ? undefined : { node: item, offset: offsetOf(item) };
}

function offsetOf(node: unknown): number {
  return (node as { readonly range?: readonly number[] | null }).range?.[0] ?? 0;
}
