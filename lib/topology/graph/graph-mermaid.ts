import { plainText, shorten } from "../naming/label-text.ts";
import { checkGraph } from "./check-graph.ts";
import type { GraphBox, GraphBoxKind, TopologyGraph } from "./graph.ts";
import { COLOURS, networkTitle } from "./graph-style.ts";

/** Characters of a line of a box. */
const LONGEST = 60;

/** Draws a picture as a Mermaid flowchart (mermaid.js.org, syntax of flowcharts), as GitHub and others show it in Markdown. Throws `UsageError` for what is none. */
export function graphToMermaid(graph: TopologyGraph): string {
  checkGraph(graph);
  const kinds = [...new Set(graph.boxes.map(({ kind }) => kind))].sort();
  return [
    "flowchart LR",
    ...graph.boxes.filter(({ network }) => network === undefined).map((box) => `  ${node(box)}`),
    ...graph.networks.flatMap((network, index) => [
      `  subgraph network_${index + 1}["${label([networkTitle(network)])}"]`,
      ...graph.boxes.filter((box) => box.network === network.name).map((box) => `    ${node(box)}`),
      "  end",
    ]),
    ...graph.links.map(({ from, to, labels }) =>
      labels.length === 0 ? `  ${from} --- ${to}` : `  ${from} ---|"${label(labels)}"| ${to}`,
    ),
    ...kinds.map((kind) => `  classDef ${kind} ${style(kind)}`),
    "",
  ].join("\n");
}

function node(box: GraphBox): string {
  const text = label([box.title, ...(box.name === "" ? [] : [box.name]), ...box.lines]);
  const [open, close] = box.count > 1 ? ["[[", "]]"] : ["[", "]"];
  return `${box.id}${open}"${text}"${close}:::${box.kind}`;
}

function style(kind: GraphBoxKind): string {
  const { fill, line } = COLOURS[kind];
  return `fill:${fill},stroke:${line},color:#111827,text-align:left`;
}

/** Lines as one label. All but plain characters are written by their numbers, which mean nothing to Mermaid, Markdown or HTML. */
function label(lines: readonly string[]): string {
  return lines.map((line) => escaped(shorten(plainText(line), LONGEST))).join("<br/>");
}

function escaped(text: string): string {
  return (
    text
      .replaceAll(/[^\p{L}\p{N} .:/()→…·,_-]/gu, (character) => `#${character.codePointAt(0)};`)
      // Mermaid's preprocessor looks for these words anywhere in a line, and takes a semicolon that follows away.
      .replaceAll(/style|classDef/g, (word) => `#${word.codePointAt(0)};${word.slice(1)}`)
      // Two of them would be Markdown for bold, or begin a comment with two %.
      .replaceAll("__", "_#95;")
  );
}
