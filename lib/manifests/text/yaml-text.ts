import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  Scalar,
  type YAMLParseError,
} from "yaml";
import type { FieldPath } from "./field-path.ts";
import type { Layout } from "./layout.ts";
import { indentQuotedLines } from "./quoted-lines.ts";
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
    if (error !== undefined) return { error: firstLine(error.message), line: lineAt(error.pos[0]) };
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

function yamlLayout(document: Document.Parsed, text: string, lineAt: (offset: number) => number): Layout {
  const find = (path: FieldPath): { readonly node: unknown; readonly offset: number } => {
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0] ?? document.range[0];
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      const next = typeof step === "number" ? element(node, step) : member(node, step);
      if (next === undefined) return { node: undefined, offset };
      ({ node, offset } = next);
    }
    return { node, offset };
  };
  return {
    lineOf: (path) => lineAt(find(path).offset),
    lineInText: (path, offset) => {
      const { node, offset: keyOffset } = find(path);
      const start = isScalar(node) ? node.range?.[0] : undefined;
      if (start === undefined || !isScalar(node)) return lineAt(keyOffset);
      if (node.type === Scalar.QUOTE_DOUBLE || typeof node.value !== "string") return lineAt(start);
      return lineAt(sourceOffset(text, start, node.type, node.value, offset));
    },
  };
}

function member(node: unknown, key: string): { readonly node: unknown; readonly offset: number } | undefined {
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    if (isScalar(pair.key) && String(pair.key.value) === key)
      return { node: pair.value, offset: pair.key.range?.[0] ?? 0 };
  }
  return undefined;
}

function element(
  node: unknown,
  index: number,
): { readonly node: unknown; readonly offset: number } | undefined {
  const item = isSeq(node) ? node.items[index] : undefined;
  if (item === undefined) return undefined;
  const range = (item as { readonly range?: readonly number[] | null }).range;
  return { node: item, offset: range?.[0] ?? 0 };
}

/**
 * Where a character of a scalar's value stands in the source.
 *
 * Folding and indentation only change white space, so the n-th visible character of the value is the n-th visible
 * one of the source; a single quote is written twice within single quotes.
 */
function sourceOffset(
  text: string,
  start: number,
  style: string | undefined,
  value: string,
  offset: number,
): number {
  let wanted = value.slice(0, offset).replace(/\s+/g, "").length;
  let at = start;
  if (style === Scalar.BLOCK_LITERAL || style === Scalar.BLOCK_FOLDED) at = text.indexOf("\n", start) + 1;
  else if (style === Scalar.QUOTE_SINGLE) at += 1;
  for (; at < text.length; at += 1) {
    if (/\s/.test(text[at] ?? "")) continue;
    if (wanted === 0) return at;
    wanted -= 1;
    if (style === Scalar.QUOTE_SINGLE && text.startsWith("''", at)) at += 1;
  }
  return start;
}
