import { plainText } from "../naming/label-text.ts";
import { checkGraph } from "./check-graph.ts";
import type { GraphLink, TopologyGraph } from "./graph.ts";
import { COLOURS } from "./graph-style.ts";
import { ALLEY, type Layout, layOut, type PlacedBox } from "./graph-svg-layout.ts";
import { headingText, LABEL_LINE, type Line, linkText } from "./graph-svg-text.ts";

const FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/** Draws a picture as SVG: columns from the outside on the left to pods on the right, and a frame around each network. Throws `UsageError` for what is none. */
export function graphToSvg(graph: TopologyGraph): string {
  checkGraph(graph);
  const layout = layOut(graph);
  const meeting = meetingOf(graph.links);
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  const elements = [
    `<title>${escaped(titleOf(graph))}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...layout.networks.map(({ network, x, y, width: w, height: h }) =>
      [
        `<rect x="${at(x)}" y="${at(y)}" width="${at(w)}" height="${at(h)}" rx="10" fill="#f9fafb" stroke="#9ca3af" stroke-dasharray="4 3"/>`,
        text(x + 12, y + 18, headingText(network)),
      ].join(""),
    ),
    ...graph.links.map((link) => drawLink(layout, meeting, link)),
    ...graph.boxes.flatMap(({ id }) => {
      const placed = layout.boxes.get(id);
      return placed === undefined ? [] : [drawBox(placed)];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${FONT}">\n${elements.join("\n")}\n</svg>\n`;
}

function titleOf({ networks }: TopologyGraph): string {
  const names = networks.map(({ name }) => name).filter((name) => name !== "");
  return names.length === 0 ? "A northbound database" : `Networks ${names.map(plainText).join(", ")}`;
}

function drawBox({ box, lines, x, y, width, height }: PlacedBox): string {
  const { fill, line } = COLOURS[box.kind];
  const rectangle = (dx: number): string =>
    `<rect x="${at(x + dx)}" y="${at(y + dx)}" width="${at(width)}" height="${at(height)}" rx="5" fill="${fill}" stroke="${line}"/>`;
  let below = y + 4;
  const texts = lines.map((each) => {
    below += each.step;
    return text(x + 10, below, each);
  });
  // What is cut in the box can be read where the pointer rests.
  const whole = [box.title, box.name, ...box.lines]
    .filter((each) => each !== "")
    .map(plainText)
    .join("\n");
  const stack = box.count > 1 ? rectangle(4) : "";
  return `<g id="${box.id}"><title>${escaped(whole)}</title>${stack}${rectangle(0)}${texts.join("")}</g>`;
}

/** How many links begin, or end, at each box. */
type Meeting = Readonly<Record<"from" | "to", ReadonlyMap<string, number>>>;

function meetingOf(links: readonly GraphLink[]): Meeting {
  const count = (end: "from" | "to"): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const link of links) counts.set(link[end], (counts.get(link[end]) ?? 0) + 1);
    return counts;
  };
  return { from: count("from"), to: count("to") };
}

/** A link from the right edge of one box to the left edge of the other, or around the right of both in one column. */
function drawLink(layout: Layout, meeting: Meeting, link: GraphLink): string {
  const [from, to] = [layout.boxes.get(link.from), layout.boxes.get(link.to)];
  if (from === undefined || to === undefined) return "";
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  const x1 = from.x + from.width;
  const lines = linkText(link);
  if (to.x < x1) {
    const x2 = to.x + to.width;
    const path = `M${at(x1)} ${at(y1)}C${at(x1 + 36)} ${at(y1)} ${at(x2 + 36)} ${at(y2)} ${at(x2)} ${at(y2)}`;
    return `${curve(path)}${label(lines, x1 + 5, y1, y2 < y1, "start")}`;
  }
  // Where fewer links meet there is room for what is written at this one; there it is straight.
  // All between two columns bend in one narrow alley, or they would run through what is written at others.
  const room = Math.max(to.x - x1 - ALLEY, 0);
  const isAtFrom = (meeting.from.get(link.from) ?? 0) < (meeting.to.get(link.to) ?? 0);
  const [begin, end] = isAtFrom ? [x1 + room, to.x] : [x1, to.x - room];
  const middle = (begin + end) / 2;
  const path = `M${at(x1)} ${at(y1)}H${at(begin)}C${at(middle)} ${at(y1)} ${at(middle)} ${at(y2)} ${at(end)} ${at(y2)}H${at(to.x)}`;
  const text = isAtFrom
    ? label(lines, x1 + 5, y1, y2 < y1, "start")
    : label(lines, to.x - 5, y2, y1 < y2, "end");
  return `${curve(path)}${text}`;
}

function curve(path: string): string {
  return `<path d="${path}" fill="none" stroke="#6b7280"/>`;
}

/** Lines on that side of a link from which it does not come. */
function label(
  lines: readonly Line[],
  x: number,
  y: number,
  isBelow: boolean,
  anchor: "start" | "end",
): string {
  return lines
    .map((line, index) => {
      const offset = isBelow ? (index + 1) * LABEL_LINE : -4 - (lines.length - 1 - index) * LABEL_LINE;
      return text(x, y + offset, line, anchor);
    })
    .join("");
}

function text(x: number, y: number, line: Line, anchor: "start" | "end" = "start"): string {
  const weight = line.bold ? ' font-weight="bold"' : "";
  const side = anchor === "end" ? ' text-anchor="end"' : "";
  return `<text x="${at(x)}" y="${at(y)}" font-size="${line.size}" fill="${line.colour}"${weight}${side}>${escaped(line.text)}</text>`;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
