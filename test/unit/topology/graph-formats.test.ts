import assert from "node:assert/strict";
import fc from "fast-check";
import { northbound } from "../../../lib/schemas/index.ts";
import {
  type GraphBox,
  graphToDot,
  graphToMermaid,
  graphTopology,
  graphToSvg,
  type TopologyGraph,
} from "../../../lib/topology/index.ts";
import { plainText, shorten } from "../../../lib/topology/naming/label-text.ts";
import { layer3Rows, networkIds } from "../../support/graph-rows.ts";
import { type MemoryRows, memoryView } from "../../support/memory-view.ts";

const graphOf = (rows: MemoryRows, options = {}): TopologyGraph =>
  graphTopology(memoryView(northbound, rows), options);

/** Names that mean something in one of the languages, or to what reads them. */
const hostile = [
  '"><script>alert(1)</script>',
  'a"]; click b callback',
  "end",
  "style x:#red;",
  "classDef y:#z;",
  "`md` **b** __u__",
  "back\\slash \\N \\G \\",
  "&lt;b&gt;&amp;#35;",
  "%% comment %%{init: {}}%%",
  "\u202Eevil\u2066",
  "new\nline\r\ttab\u0000\u0007\ufffe",
  "{{x}} [y] (z) |p| --- --> ;",
  "#quot; #35;",
  "$$x^2$$",
  "graph",
  "constructor",
  "__proto__",
  "日本語\u{1f600}",
  "]]>",
  "<!-- x -->",
  "x".repeat(500),
];

/** A network of such a name, whose every row is called so. */
function rowsNamed(name: string): MemoryRows {
  return {
    Logical_Router: [{ _uuid: "r", name, ports: ["rp"], external_ids: networkIds(name, "layer3") }],
    Logical_Router_Port: [{ _uuid: "rp", name: `${name} port`, networks: [name] }],
    Logical_Switch: [
      {
        _uuid: "s",
        name,
        ports: ["sp", "lp", "vm"],
        external_ids: networkIds(name, name),
        other_config: { subnet: name },
      },
    ],
    Logical_Switch_Port: [
      { _uuid: "sp", name: "sp", type: "router", options: { "router-port": `${name} port` } },
      { _uuid: "lp", name: "lp", type: "localnet", options: { network_name: name } },
      { _uuid: "vm", name: `vm ${name}`, addresses: [`00:00:00:00:00:01 ${name}`] },
    ],
  };
}

/** What has to be readable in a box. */
function linesOf({ title, name, lines }: GraphBox, longest: number): string[] {
  return [title, ...(name === "" ? [] : [name]), ...lines].map((line) => shorten(plainText(line), longest));
}

/** The part of Mermaid's grammar that we write: each line is one of these, and nothing else. */
const TEXT = '"((?:[\\p{L}\\p{N} .:/()→…·,_-]|#\\d+;|<br/>)*)"';
const ID = "[A-Za-z][A-Za-z0-9_]*";
const mermaidLines = [
  /^flowchart LR$/,
  new RegExp(`^ {2}subgraph network_\\d+\\[${TEXT}\\]$`, "u"),
  /^ {2}end$/,
  new RegExp(`^ {2,4}(${ID})(?:\\[${TEXT}\\]|\\[\\[${TEXT}\\]\\]):::[a-z]+$`, "u"),
  new RegExp(`^ {2}${ID} ---(?:\\|${TEXT}\\|)? ${ID}$`, "u"),
  /^ {2}classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6},text-align:left$/,
];

function readMermaid(text: string): Map<string, string[]> {
  const boxes = new Map<string, string[]>();
  for (const line of text.trimEnd().split("\n")) {
    assert.ok(
      mermaidLines.some((pattern) => pattern.test(line)),
      line,
    );
    // Mermaid takes a semicolon away from lines that match these, wherever they match.
    assert.doesNotMatch(line, /(?:style|classDef).*:\S*#.*;/);
    assert.doesNotMatch(line, /%%/);
    const [, id, one, many] = mermaidLines[3]?.exec(line) ?? [];
    const label = one ?? many;
    if (id !== undefined && label !== undefined)
      boxes.set(
        id,
        label
          .split("<br/>")
          .map((each) => each.replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))),
      );
  }
  return boxes;
}

const QUOTED = '"(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const dotLines = [
  /^graph topology \{$/,
  /^ {2}graph \[rankdir=LR, fontname=Helvetica, fontsize=12, ranksep=1\]$/,
  /^ {2}node \[shape=box, style="rounded,filled", fontname=Helvetica, fontsize=10\]$/,
  /^ {2}edge \[fontname=Helvetica, fontsize=9\]$/,
  /^ {2}subgraph cluster_\d+ \{$/,
  new RegExp(`^ {4}graph \\[label=${QUOTED}, style="rounded,dashed", color="#[0-9a-f]{6}"\\]$`),
  new RegExp(
    `^ {2,4}(${ID}) \\[label=(${QUOTED}), fillcolor="#[0-9a-f]{6}", color="#[0-9a-f]{6}"(?:, peripheries=2)?\\]$`,
  ),
  new RegExp(`^ {2}${ID} -- ${ID}(?: \\[label=${QUOTED}\\])?$`),
  /^ {0,2}\}$/,
];

function readDot(text: string): Map<string, string[]> {
  const boxes = new Map<string, string[]>();
  for (const line of text.trimEnd().split("\n")) {
    assert.ok(
      dotLines.some((pattern) => pattern.test(line)),
      line,
    );
    const [, id, label] = dotLines[6]?.exec(line) ?? [];
    if (id === undefined || label === undefined) continue;
    const lines = label.slice(1, -1).match(/(?:[^\\]|\\["\\])+/g) ?? [];
    boxes.set(
      id,
      lines.map((each) =>
        each
          .replace(/^n(?=.)/, "")
          .replaceAll(/\\(["\\])/g, "$1")
          .replaceAll("&amp;", "&"),
      ),
    );
  }
  return boxes;
}

/** Elements of an XML text without anything but elements, attributes and the five entities that XML knows. */
function readXml(
  text: string,
): { readonly name: string; readonly attributes: Map<string, string>; text: string }[] {
  const elements: { name: string; attributes: Map<string, string>; text: string }[] = [];
  const open: (typeof elements)[number][] = [];
  const decode = (raw: string): string => {
    assert.match(raw, /^(?:[^<>&"]|&(?:amp|lt|gt|quot);)*$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them.
    assert.doesNotMatch(raw, /[\u0000-\u0008\u000b-\u001f\p{Cs}\ufffe\uffff]/u);
    const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
    return raw.replaceAll(/&(\w+);/g, (_, name: string) => entities[name] ?? "");
  };
  for (const [, raw = "", tag] of text.matchAll(/([^<]*)(<[^>]*>|$)/g)) {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += decode(raw);
    if (tag === undefined || tag === "") continue;
    if (tag.startsWith("</")) {
      assert.equal(tag, `</${open.pop()?.name}>`);
      continue;
    }
    const [, name = "", attributes = "", end] =
      /^<([a-z]+)((?: [A-Za-z-]+="[^"]*")*)(\/?)>$/.exec(tag) ?? assert.fail(tag);
    const pairs = [...attributes.matchAll(/ ([A-Za-z-]+)="([^"]*)"/g)];
    const element = {
      name,
      attributes: new Map(pairs.map(([, key = "", value = ""]) => [key, decode(value)])),
      text: "",
    };
    assert.equal(element.attributes.size, pairs.length);
    elements.push(element);
    if (end === "") open.push(element);
  }
  assert.deepEqual(open, []);
  return elements;
}

function checkAll(graph: TopologyGraph): void {
  const mermaid = readMermaid(graphToMermaid(graph));
  const dot = readDot(graphToDot(graph));
  const svg = readXml(graphToSvg(graph));
  const texts = new Set(svg.filter(({ name }) => name === "text").map(({ text }) => text));
  assert.equal(mermaid.size, graph.boxes.length);
  for (const box of graph.boxes) {
    assert.deepEqual(mermaid.get(box.id), linesOf(box, 60));
    assert.deepEqual(dot.get(box.id), linesOf(box, 60));
    for (const line of linesOf(box, 56)) assert.ok(texts.has(line), line);
  }
}

describe("pictures as text", () => {
  it("hold every line of every box, in Mermaid, DOT and SVG", () => {
    checkAll(graphOf(layer3Rows(3, 2)));
    checkAll(graphOf(layer3Rows(100, 20)));
    checkAll(graphOf({}));
  });

  for (const name of hostile)
    it(`are sound with the name ${JSON.stringify(name.slice(0, 40))}`, () =>
      checkAll(graphOf(rowsNamed(name))));

  it("are sound with any name", () => {
    const alphabet = fc.constantFrom(
      ..."ab \"'`\\#&;:<>[]{}()|%_-=~$/\n\u202e日",
      "style",
      "classDef",
      "end",
      "x--",
    );
    const names = fc.oneof(fc.string({ unit: alphabet }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(names, (name) => checkAll(graphOf(rowsNamed(name)))),
      { numRuns: 300 },
    );
  });

  it("tell two things apart whose names differ in signs only", () => {
    const names = ["a-b", "a.b", "a_b", "日", "本"];
    const graph = graphOf({ Logical_Switch: names.map((name) => ({ _uuid: name, name })) });
    assert.equal(new Set(graph.boxes.map(({ id }) => id)).size, names.length);
    checkAll(graph);
  });
});

describe("a picture in SVG", () => {
  const number = (element: { readonly attributes: Map<string, string> }, name: string): number =>
    Number(element.attributes.get(name));

  for (const [nodes, options] of [
    [3, {}],
    [100, {}],
    [100, { nodes: Number.POSITIVE_INFINITY, pods: 20 }],
  ] as const)
    it(`has no boxes that touch, and all within the frame, with ${nodes} nodes, ${JSON.stringify(options)}`, () => {
      const elements = readXml(graphToSvg(graphOf(layer3Rows(nodes, 6), options)));
      const rectangles = elements.filter(({ name }) => name === "rect");
      const [paper, frame, ...boxes] = rectangles;
      if (paper === undefined || frame === undefined) throw new Error("no frame");
      const sides = boxes.map((each) => ({
        left: number(each, "x"),
        top: number(each, "y"),
        right: number(each, "x") + number(each, "width"),
        bottom: number(each, "y") + number(each, "height"),
      }));
      assert.ok(sides.length > 5);
      const columns = new Map<number, typeof sides>();
      for (const side of sides) {
        assert.ok(side.left > number(frame, "x") && side.top > number(frame, "y"));
        assert.ok(side.right < number(frame, "x") + number(frame, "width"));
        assert.ok(side.bottom < number(frame, "y") + number(frame, "height"));
        assert.ok(number(frame, "x") + number(frame, "width") <= number(paper, "width"));
        columns.set(side.left, [...(columns.get(side.left) ?? []), side]);
      }
      // A folded box has a second one behind it, a little off.
      for (const column of columns.values()) {
        const sorted = column.toSorted((a, b) => a.top - b.top);
        for (const [index, side] of sorted.entries()) {
          const next = sorted[index + 1];
          assert.ok(next === undefined || side.bottom < next.top, JSON.stringify([side, next]));
        }
      }
      const lefts = [...columns.keys()].sort((a, b) => a - b);
      for (const [index, left] of lefts.entries()) {
        const after = lefts.find((other) => other > left + 4);
        for (const { right } of columns.get(left) ?? [])
          assert.ok(after === undefined || right < after, `${index}`);
      }
    });
});
