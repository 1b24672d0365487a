import { Lexer } from "yaml";

/**
 * Indents lines within quotes that stand at the margin of their map or left of it, as in
 *
 * ```yaml
 * spec:
 *   config: '{
 *     "type": "ovn-k8s-cni-overlay"
 *   }'
 * ```
 *
 * YAML 1.2 wants them further in, and the library ends the scalar there. What kubectl reads with does not look at where such
 * lines begin, so that people write them, and the documentation of OVN-Kubernetes and Multus does. White space at the beginning
 * of a line within quotes is no part of the value: the text returned has the same values in the same lines.
 */
export function indentQuotedLines(text: string): string {
  let indented = "";
  let rest = text;
  for (;;) {
    const start = cutQuote(rest);
    const end = start === undefined ? undefined : closingQuote(rest, start);
    if (start === undefined || end === undefined) return indented + rest;
    const column = start - (rest.lastIndexOf("\n", start) + 1);
    const lines = rest.slice(start, end).replace(/\n(?=[^\r\n])/g, `\n${" ".repeat(column + 1)}`);
    // What follows is read from the next line on, so that all is read once. Outside of [] and {} a line needs none before it.
    const lineEnd = rest.indexOf("\n", end);
    const next = lineEnd === -1 ? rest.length : lineEnd + 1;
    indented += rest.slice(0, start) + lines + rest.slice(end, next);
    rest = rest.slice(next);
  }
}

/** Tokens of the library that stand for no text: of a document, of a scalar that is the next token, of a collection's end. */
const DOCUMENT = "\u0002";
const SCALAR = "\u001f";
const FLOW_END = "\u0018";

/** Where the first quoted scalar begins that the library ends at the end of a line for where the next one begins. */
function cutQuote(text: string): number | undefined {
  let at = 0;
  let depth = 0;
  let isPlain = false;
  for (const token of new Lexer().lex(text)) {
    if (isPlain) isPlain = false;
    else if (token === SCALAR) {
      isPlain = true;
      continue;
    } else if (token === DOCUMENT || token === FLOW_END) {
      depth = 0;
      continue;
    } else if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    else if (depth === 0 && /^["']/.test(token) && closingQuote(token, 0) === undefined) return at;
    at += token.length;
  }
  return undefined;
}

/** The place behind the quote that closes the one at `start`, in the same document. */
function closingQuote(text: string, start: number): number | undefined {
  const isSingle = text[start] === "'";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at];
    if (isSingle ? text.startsWith("''", at) : character === "\\") at += 1;
    else if (character === text[start]) return at + 1;
    else if (character === "\n" && DOCUMENT_MARKER.test(text.slice(at + 1, at + 5))) return undefined;
  }
  return undefined;
}

const DOCUMENT_MARKER = /^(?:---|\.\.\.)(?!\S)/;
