import type { ManifestSource } from "./objects/manifest-set.ts";
import { Part } from "./objects/part.ts";
import type { Problems } from "./objects/problems.ts";
import { type JsonNode, JsonTextError, jsonLayout, lineFinder, readJsonText } from "./text/json-text.ts";
import { readYamlText } from "./text/yaml-text.ts";

/** Splits a text into its documents, JSON or YAML, whatever the file is called. Empty documents are left out. */
export function readDocuments(source: ManifestSource, problems: Problems): Part[] {
  // A byte order mark is part of the encoding, not of the text; programs on some systems write one.
  const text = source.text.replace(/^\u{FEFF}/u, "");
  const { file } = source;
  let jsonError: JsonTextError | undefined;
  if (/^\s*\{/.test(text)) {
    // Reading JSON as YAML would work too, but takes many times as long for the output of `kubectl get pods -o json`.
    try {
      const lineAt = lineFinder(text);
      return readJsonStream(text).map(
        (node, index) =>
          new Part({ file, document: index + 1, layout: jsonLayout(node, lineAt) }, node.value),
      );
    } catch (error) {
      if (!(error instanceof JsonTextError)) throw error;
      // Nor is it YAML then, and to find that out takes many times as long.
      if (error.isCut) return reportJson(source, text, error, problems);
      jsonError = error;
    }
  }
  const documents = readYamlText(text);
  if (
    jsonError !== undefined &&
    file.endsWith(".json") &&
    documents.some((document) => "error" in document)
  ) {
    return reportJson(source, text, jsonError, problems);
  }
  const parts: Part[] = [];
  for (const [index, document] of documents.entries()) {
    const number = index + 1;
    if ("error" in document) {
      const { line, error } = document;
      const written = lineText(text, line);
      // As Helm, Jinja and kube-burner have them, before they are filled in.
      const hint = /\{[{%]/.test(written ?? "") ? "; is it a template, which has to be rendered first?" : "";
      problems.addAt({ file, document: number, line, field: "" }, `is not YAML: ${error}${hint}`, written);
    } else if (document.value !== null) {
      parts.push(new Part({ file, document: number, layout: document.layout }, document.value));
    }
  }
  return parts;
}

function reportJson(
  { file }: ManifestSource,
  text: string,
  error: JsonTextError,
  problems: Problems,
): Part[] {
  // The end is on the last line that holds something.
  const line = lineFinder(text)(Math.min(error.offset, text.trimEnd().length - 1));
  problems.addAt({ file, document: 1, line, field: "" }, `is not JSON: ${error.message}`);
  return [];
}

function readJsonStream(text: string): JsonNode[] {
  const nodes: JsonNode[] = [];
  for (let at = 0; at < text.length; ) {
    const { node, end } = readJsonText(text, at);
    nodes.push(node);
    at = end;
  }
  return nodes;
}

function lineText(text: string, line: number): string | undefined {
  return text.split(/\r?\n/)[line - 1]?.trim();
}
