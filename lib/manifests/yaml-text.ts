import { literalOffset, readAnyYaml, type YamlDocument } from "./any-yaml.ts";
import { jsonLayout, lineFinder } from "./json-text.ts";
import type { Layout } from "./layout.ts";
import { type PlainNode, readPlainYaml } from "./plain-yaml.ts";

/**
 * Reads all documents of a YAML text, the empty ones too (their value is null), so that they can be counted.
 *
 * Of a document with syntax errors only the first is reported: the others are usually its echo.
 */
export function readYamlText(text: string): YamlDocument[] {
  const lineAt = lineFinder(text);
  const documents: YamlDocument[] = [];
  for (const [start, end] of documentsOf(text)) {
    const part = text.slice(start, end);
    const lineOfPart = (offset: number): number => lineAt(start + offset);
    const plain = readPlainYaml(part);
    const [document, ...others] =
      plain === undefined
        ? readAnyYaml(part, lineOfPart)
        : [{ value: plain.value, layout: plainLayout(plain, part, lineOfPart) }];
    // A quote that does not end may reach into the next document: all of them together say what is wrong.
    if (document === undefined || others.length > 0 || "error" in document) return readAnyYaml(text, lineAt);
    documents.push(document);
  }
  return documents;
}

/** Where the documents of a text begin and end: each but the first with a line of dashes. */
function documentsOf(text: string): (readonly [start: number, end: number])[] {
  // Other marks are about the document before them, or the one after.
  if (/^(?:\.\.\.|%)/m.test(text)) return [[0, text.length]];
  const marks: number[] = [];
  for (let at = text.indexOf("\n---"); at !== -1; at = text.indexOf("\n---", at + 1))
    if (/^\s?$/.test(text.slice(at + 4, at + 5))) marks.push(at + 1);
  // Comments in front of the first mark are the document's behind it.
  if (marks.length > 0 && isEmpty(text.slice(0, marks[0]))) marks.shift();
  const starts = marks.length === 0 && isEmpty(text) ? [] : [0, ...marks];
  return starts.map((start, index) => [start, starts[index + 1] ?? text.length]);
}

/** Whether there is nothing but comments. */
function isEmpty(text: string): boolean {
  return text.split("\n").every((line) => /^ *(?:#.*)?$/.test(line));
}

function plainLayout(root: PlainNode, text: string, lineAt: (offset: number) => number): Layout {
  const { lineOf } = jsonLayout(root, lineAt);
  return {
    lineOf,
    lineInText: (path, offset) => {
      let node: PlainNode | undefined = root;
      for (const step of path) node = node?.children?.get(step);
      const { literal, value } = node ?? {};
      if (literal === undefined || typeof value !== "string") return lineOf(path);
      return lineAt(literalOffset(text, literal, value, offset));
    },
  };
}
