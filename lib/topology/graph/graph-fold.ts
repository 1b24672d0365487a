import { grouped } from "../naming/grouped.ts";
import { counted, firstLines, naturalOrder } from "../naming/label-text.ts";
import type { GraphOptions } from "./graph.ts";
import type { Part, Parts, Wire } from "./graph-part.ts";
import { neighboursIn } from "./graph-wires.ts";

const DEFAULT_NODES = 5;
const DEFAULT_PODS = 5;

/** One part, or several that are folded into one, as it is drawn. */
export interface FoldedPart extends Part {
  readonly title: string;
  readonly count: number;
}

/** What is left to draw. */
export interface Folded {
  readonly parts: readonly FoldedPart[];
  readonly wires: readonly Wire[];
  /** The nodes of each network, in order. */
  readonly nodes: ReadonlyMap<string, readonly string[]>;
}

/** Folds what is alike: all nodes but a few, and switches and routers that are connected with the same. */
export function foldParts({ parts, wires }: Parts, options: GraphOptions): Folded {
  const limit = options.nodes ?? DEFAULT_NODES;
  const longest = options.pods ?? DEFAULT_PODS;
  const nodes = nodesOf(parts);
  const drawn = new Map(
    [...nodes].map(([network, names]) => [network, drawnNodes(names, limit, options.alsoNodes ?? [])]),
  );
  const groupOf = groupsOf(parts, drawn, alike(parts, wires, limit));
  const groups = grouped(parts, ({ key }) => groupOf.get(key) ?? key);
  return {
    parts: [...groups].flatMap(([key, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      if (key === first.key) return [single(first, longest)];
      const isAll = first.node !== undefined && drawn.get(first.network ?? "")?.size === 0;
      return [several(key, first, group, longest, isAll ? "" : "more ")];
    }),
    wires: foldWires(wires, groupOf),
    nodes,
  };
}

function nodesOf(parts: readonly Part[]): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map<string, Set<string>>();
  for (const { network, node } of parts)
    if (network !== undefined && node !== undefined)
      nodes.set(network, (nodes.get(network) ?? new Set()).add(node));
  return new Map([...nodes].map(([network, names]) => [network, [...names].sort(naturalOrder)]));
}

/** One node that would be left alone takes no more room than the box that says so. */
function drawnNodes(names: readonly string[], limit: number, also: readonly string[]): ReadonlySet<string> {
  if (limit > 0 && names.length <= limit + 1) return new Set(names);
  return new Set([...names.slice(0, limit), ...names.filter((name) => also.includes(name))]);
}

/** Which parts become one, by a key that is none of theirs; a part that stays alone is not in it. */
function groupsOf(
  parts: readonly Part[],
  drawn: ReadonlyMap<string, ReadonlySet<string>>,
  siblings: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  const isFolded = ({ network = "", node }: Part): boolean =>
    node !== undefined && drawn.get(network)?.has(node) !== true;
  for (const part of parts.filter(({ at }) => at === undefined)) {
    const { key, network, kind, what } = part;
    const group = isFolded(part) ? JSON.stringify(["nodes", network, kind, what]) : siblings.get(key);
    if (group !== undefined) groups.set(key, group);
  }
  // What hangs at something goes with it.
  for (const part of parts) {
    if (part.at === undefined) continue;
    const home = groups.get(part.at);
    if (home !== undefined || isFolded(part))
      groups.set(part.key, JSON.stringify(["at", home ?? part.at, part.kind]));
  }
  return groups;
}

/** Groups of parts without a node, of one network, that are connected with the same; the first of each group stay alone. */
function alike(parts: readonly Part[], wires: readonly Wire[], limit: number): ReadonlyMap<string, string> {
  const hanging = new Set(parts.filter(({ at }) => at !== undefined).map(({ key }) => key));
  const neighbours = neighboursIn(wires.filter(({ ends }) => !ends.some((end) => hanging.has(end))));
  const candidates = parts.filter(
    ({ key, network, node, kind }) =>
      network !== undefined &&
      node === undefined &&
      !hanging.has(key) &&
      kind !== "policies" &&
      kind !== "services",
  );
  const groups = grouped(candidates, ({ key, network, kind, what }) =>
    JSON.stringify(["alike", network, kind, what, [...(neighbours.get(key) ?? [])].sort()]),
  );
  return new Map(
    [...groups].flatMap(([group, members]) =>
      members.length <= limit + 1
        ? []
        : members
            .toSorted((a, b) => naturalOrder(a.name, b.name))
            .slice(limit)
            .map(({ key }) => [key, group]),
    ),
  );
}

function single(part: Part, longest: number): FoldedPart {
  const { what, node, entries, lines } = part;
  const title = entries === undefined ? what : counted(entries.length, what);
  const link = entries === undefined ? "of" : "on";
  return {
    ...part,
    title: node === undefined ? title : `${title} ${link} ${node}`,
    lines: entries === undefined ? lines : firstLines(entries, longest, what),
    count: 1,
  };
}

function several(
  key: string,
  first: Part,
  group: readonly Part[],
  longest: number,
  more: string,
): FoldedPart {
  const { kind, what, network } = first;
  const folded = {
    key,
    kind,
    what,
    name: "",
    count: group.length,
    ...(network !== undefined && { network }),
  };
  const sorted = group.toSorted((a, b) => naturalOrder(a.node ?? a.name, b.node ?? b.name));
  if (first.entries !== undefined) {
    const total = counted(group.flatMap(({ entries = [] }) => entries).length, what);
    const places = new Set(group.map(({ node }) => node));
    const perNode = sorted.map(({ node, entries = [] }) => `${node}: ${counted(entries.length, what)}`);
    const isByNode = kind === "pods" && first.node !== undefined;
    return {
      ...folded,
      title: isByNode ? `${total} on ${counted(places.size, `${more}node`)}` : total,
      lines: isByNode ? firstLines(perNode, longest, "node") : [],
    };
  }
  const [from, to] = [sorted[0], sorted.at(-1)].map((part) => part?.node ?? part?.name ?? "");
  const isNode = what === "switch" && first.node !== undefined;
  return {
    ...folded,
    title: counted(group.length, `${more}${isNode ? "node" : what}`),
    lines: [`${from} … ${to}`],
  };
}

/** Links between the same two become one; what stands at them is told only where both ends are drawn as they are. */
function foldWires(wires: readonly Wire[], groupOf: ReadonlyMap<string, string>): Wire[] {
  const folded = new Map<string, { ends: readonly [string, string]; labels: string[] }>();
  for (const { ends, labels } of wires) {
    const [one, other] = [groupOf.get(ends[0]) ?? ends[0], groupOf.get(ends[1]) ?? ends[1]];
    const key = JSON.stringify([one, other].sort());
    const wire = folded.get(key) ?? { ends: [one, other], labels: [] };
    if (!ends.some((end) => groupOf.has(end))) wire.labels.push(...labels);
    folded.set(key, wire);
  }
  return [...folded.values()];
}
