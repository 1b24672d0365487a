/** A TypeScript block of a Markdown page. */
export interface CodeBlock {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly code: string;
  /** The words after "ts" on the fence: `run` runs it too, `fragment` leaves it alone. */
  readonly marks: readonly string[];
}

/** The blocks that begin with "```ts" at the start of a line. */
export function typescriptBlocks(markdown: string): CodeBlock[] {
  const blocks = markdown.matchAll(/^```ts(?<marks>[ \t][^\n]*)?\n(?<code>[\s\S]*?)^```[ \t]*$/gm);
  return [...blocks].map((block) => ({
    line: markdown.slice(0, block.index).split("\n").length,
    code: block.groups?.["code"] ?? "",
    marks: (block.groups?.["marks"] ?? "").split(/\s+/).filter((mark) => mark !== ""),
  }));
}
