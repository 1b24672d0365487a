import { grouped } from "../naming/grouped.ts";
import type { GraphBox, GraphLink, GraphNetwork, TopologyGraph } from "./graph.ts";
import { boxText, headingText, LABEL_LINE, type Line, linkText, textWidth } from "./graph-svg-text.ts";
import { neighboursIn } from "./graph-wires.ts";
import { spread, type Wish } from "./spread.ts";

/** A box with its place; x and y are those of its upper left corner. */
export interface PlacedBox {
  readonly box: GraphBox;
  readonly lines: readonly Line[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A network with the rectangle that is around its boxes. */
export interface PlacedNetwork {
  readonly network: GraphNetwork;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture with a place for everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, PlacedBox>;
  readonly networks: readonly PlacedNetwork[];
}

const MARGIN = 16;
const PADDING = 16;
const HEADING = 30;
/** Between boxes of a column. */
const GAP = 14;
/** Between columns, without what is written there: room in which links bend. */
export const ALLEY = 56;
const SWEEPS = 12;

interface Sized {
  readonly box: GraphBox;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/**
 * Places the boxes of each network in their columns, networks below each other, and physical networks, where they meet,
 * left of them all.
 */
export function layOut(graph: TopologyGraph): Layout {
  const sized = grouped(graph.boxes.map(size), ({ box }) => box.network);
  const outside = sized.get(undefined) ?? [];
  const neighbours = neighboursIn(graph.links.map(({ from, to }) => ({ ends: [from, to] })));
  const outsideWidth = largest(outside.map(({ width }) => width));
  const outer = new Set(outside.map(({ box }) => box.id));
  const home = new Map(graph.boxes.map(({ id, network }) => [id, network]));
  const links = grouped(graph.links, ({ to }) => home.get(to));
  const left = outside.length === 0 ? MARGIN : MARGIN + outsideWidth + ALLEY;
  const boxes = new Map<string, PlacedBox>();
  const networks: PlacedNetwork[] = [];
  let top = MARGIN;
  for (const network of graph.networks) {
    const own = links.get(network.name) ?? [];
    // What is written at a link from outside stands within the frame.
    const inner = written(own.filter(({ from }) => outer.has(from)));
    const corner = { x: left + PADDING + inner, y: top + HEADING };
    const placed = placeNetwork(sized.get(network.name) ?? [], own, neighbours, corner);
    for (const each of placed) boxes.set(each.box.id, each);
    const heading = headingText(network);
    const right = Math.max(
      largest(placed.map(({ x, width }) => x + width)) + PADDING,
      left + textWidth(heading.text, heading.size, heading.bold) + 24,
    );
    const bottom = largest(placed.map(({ y, height }) => y + height));
    networks.push({ network, x: left, y: top, width: right - left, height: bottom + PADDING - top });
    top = bottom + PADDING + MARGIN;
  }
  for (const each of placeOutside(outside, boxes, neighbours, outsideWidth)) boxes.set(each.box.id, each);
  return {
    width: Math.max(largest(networks.map(({ x, width }) => x + width)), left) + MARGIN,
    height: Math.max(top, largest([...boxes.values()].map(({ y, height }) => y + height)) + MARGIN),
    boxes,
    networks,
  };
}

function size(box: GraphBox): Sized {
  const lines = boxText(box);
  const width = Math.max(96, ...lines.map(({ text, size, bold }) => textWidth(text, size, bold) + 20));
  return { box, lines, width: Math.ceil(width), height: lines.reduce((sum, line) => sum + line.step, 12) };
}

/** How wide the widest is of what is written at links. */
function written(links: readonly GraphLink[]): number {
  const widths = links.flatMap((link) => linkText(link).map(({ text, size }) => textWidth(text, size)));
  return largest(widths);
}

/** The largest of numbers from 0, of however many. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, each) => Math.max(most, each), 0);
}

function placeNetwork(
  own: readonly Sized[],
  links: readonly GraphLink[],
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
  corner: { readonly x: number; readonly y: number },
): PlacedBox[] {
  const columns = columnsOf(own, neighbours);
  const centres = balance(columns, links, neighbours);
  const tops = own.map(({ box, height }) => (centres.get(box.id) ?? 0) - height / 2);
  const shift = corner.y - tops.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const placed: PlacedBox[] = [];
  let { x } = corner;
  for (const [index, column] of columns.entries()) {
    const width = largest(column.map((each) => each.width));
    for (const each of column) {
      const y = (centres.get(each.box.id) ?? 0) - each.height / 2 + shift;
      placed.push({ ...each, width, x, y });
    }
    const next = new Set(columns[index + 1]?.map(({ box }) => box.id));
    const here = new Set(column.map(({ box }) => box.id));
    x += width + ALLEY + written(links.filter(({ from, to }) => here.has(from) && next.has(to)));
  }
  return placed;
}

/** Boxes by column, within a column by the places of those they hang on to the left. */
function columnsOf(own: readonly Sized[], neighbours: ReadonlyMap<string, ReadonlySet<string>>): Sized[][] {
  const numbers = [...new Set(own.map(({ box }) => box.column))].sort((a, b) => a - b);
  const position = new Map<string, number>();
  return numbers.map((number) => {
    const column = own.filter(({ box }) => box.column === number);
    const wish = new Map(
      column.map(({ box }, index) => {
        const places = [...(neighbours.get(box.id) ?? [])].flatMap((id) => position.get(id) ?? []);
        return [box.id, places.length === 0 ? column.length + index : sum(places) / places.length];
      }),
    );
    // The sort is stable: what wishes the same stays in the order of names.
    const ordered = column.toSorted((a, b) => (wish.get(a.box.id) ?? 0) - (wish.get(b.box.id) ?? 0));
    for (const [index, { box }] of ordered.entries()) position.set(box.id, index / ordered.length);
    return ordered;
  });
}

/** Moves every box to the middle of those it is connected with, as far as there is room, from one side to the other and back. */
function balance(
  columns: readonly (readonly Sized[])[],
  links: readonly GraphLink[],
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, number> {
  const centres = new Map<string, number>();
  const halves = new Map<string, number>();
  const writing = new Map<string, number>();
  for (const link of links)
    for (const end of [link.from, link.to])
      writing.set(end, Math.max(writing.get(end) ?? 0, linkText(link).length * LABEL_LINE + 6));
  for (const column of columns) {
    for (const { box, height } of column) halves.set(box.id, Math.max(height / 2, writing.get(box.id) ?? 0));
    place(column, () => 0);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1)
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed())
      place(column, ({ box }) => {
        const places = [...(neighbours.get(box.id) ?? [])].flatMap((id) => centres.get(id) ?? []);
        return places.length === 0 ? (centres.get(box.id) ?? 0) : sum(places) / places.length;
      });
  return centres;

  function place(column: readonly Sized[], wish: (sized: Sized) => number): void {
    const wishes = column.map((each): Wish => ({ centre: wish(each), half: halves.get(each.box.id) ?? 0 }));
    for (const [index, centre] of spread(wishes, GAP).entries()) {
      const id = column[index]?.box.id;
      if (id !== undefined) centres.set(id, centre);
    }
  }
}

function placeOutside(
  outside: readonly Sized[],
  boxes: ReadonlyMap<string, PlacedBox>,
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
  width: number,
): PlacedBox[] {
  const wished = outside
    .map((each) => {
      const places = [...(neighbours.get(each.box.id) ?? [])].flatMap((id) => boxes.get(id) ?? []);
      const middle = places.map(({ y, height }) => y + height / 2);
      return { each, centre: middle.length === 0 ? 0 : sum(middle) / middle.length };
    })
    .toSorted((a, b) => a.centre - b.centre);
  const centres = spread(
    wished.map(({ each, centre }) => ({ centre, half: each.height / 2 })),
    GAP,
  );
  const tops = wished.map(({ each }, index) => (centres[index] ?? 0) - each.height / 2);
  const shift = Math.max(0, MARGIN - (tops[0] ?? MARGIN));
  return wished.map(({ each }, index) => ({ ...each, width, x: MARGIN, y: (tops[index] ?? 0) + shift }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
