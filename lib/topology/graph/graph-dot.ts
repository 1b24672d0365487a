import { plainText, shorten } from "../naming/label-text.ts";
import { checkGraph } from "./check-graph.ts";
import type { GraphBox, TopologyGraph } from "./graph.ts";
import { COLOURS, networkTitle } from "./graph-style.ts";

/** Characters of a line of a box. */
const LONGEST = 60;

/** Draws a picture in the language of Graphviz (graphviz.org, the DOT language). Throws `UsageError` for what is none. */
export function graphToDot(graph: TopologyGraph): string {
  checkGraph(graph);
  return [
    "graph topology {",
    "  graph [rankdir=LR, fontname=Helvetica, fontsize=12, ranksep=1]",
    '  node [shape=box, style="rounded,filled", fontname=Helvetica, fontsize=10]',
    "  edge [fontname=Helvetica, fontsize=9]",
    ...graph.boxes.filter(({ network }) => network === undefined).map((box) => `  ${node(box)}`),
    ...graph.networks.flatMap((network, index) => [
      `  subgraph cluster_${index + 1} {`,
      `    graph [label=${quoted([networkTitle(network)])}, style="rounded,dashed", color="#6b7280"]`,
      ...graph.boxes.filter((box) => box.network === network.name).map((box) => `    ${node(box)}`),
      "  }",
    ]),
    ...graph.links.map(({ from, to, labels }) =>
      labels.length === 0 ? `  ${from} -- ${to}` : `  ${from} -- ${to} [label=${quoted(labels)}]`,
    ),
    "}",
    "",
  ].join("\n");
}

function node({ id, kind, title, name, lines, count }: GraphBox): string {
  const { fill, line } = COLOURS[kind];
  const label = quoted([title, ...(name === "" ? [] : [name]), ...lines]);
  const folded = count > 1 ? ", peripheries=2" : "";
  return `${id} [label=${label}, fillcolor="${fill}", color="${line}"${folded}]`;
}

/** A quoted string of DOT with lines one below the other. Graphviz reads entities of HTML in it, and escapes of its own. */
function quoted(lines: readonly string[]): string {
  const text = lines.map((line) =>
    shorten(plainText(line), LONGEST).replaceAll("&", "&amp;").replaceAll(/["\\]/g, "\\$&"),
  );
  return `"${text.join("\\n")}"`;
}
