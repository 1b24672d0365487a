import { checkView, type ReadView } from "../../database/index.ts";
import { checkOptions } from "../../jsonrpc/index.ts";
import { fault } from "../description/spec-field.ts";
import { listNetworks } from "../inspect/inspect.ts";
import { naturalOrder } from "../naming/label-text.ts";
import {
  GRAPH_OPTIONS,
  type GraphBox,
  type GraphLink,
  type GraphOptions,
  type TopologyGraph,
} from "./graph.ts";
import { columnsOf } from "./graph-columns.ts";
import { type FoldedPart, foldParts } from "./graph-fold.ts";
import { partsOfNetwork, readParts } from "./graph-parts.ts";

/**
 * Makes a picture of what a northbound database holds: routers, switches, pods, NAT and policies of its networks, whoever
 * wrote them, and rows that belong to no network. {@link graphToMermaid}, {@link graphToDot} and {@link graphToSvg} draw it.
 * A pure function of the rows; it reads the tables of {@link graphTables}.
 *
 * @throws SpecError when the database has no such network, or a limit is not a whole number from 0, or `Infinity`. UsageError for an
 *   option that nobody reads, and for what is no view.
 */
export function graphTopology(view: ReadView, options: GraphOptions = {}): TopologyGraph {
  checkView(view);
  checkOptions(options, GRAPH_OPTIONS);
  for (const field of ["nodes", "pods"] as const) {
    const limit = options[field] ?? 0;
    if (!(limit >= 0 && (Number.isInteger(limit) || limit === Number.POSITIVE_INFINITY)))
      throw fault(field, limit, "must be a whole number from 0, or Infinity");
  }
  const overviews = listNetworks(view);
  const { network } = options;
  if (network !== undefined && !overviews.some(({ name }) => name === network))
    throw fault("network", network, "is not in the database");
  const all = readParts(view, overviews);
  const { parts, wires, nodes } = foldParts(
    network === undefined ? all : partsOfNetwork(all, network),
    options,
  );
  const columns = columnsOf(parts, wires);
  const columnOf = (key: string): number => columns.get(key) ?? 0;
  const sorted = parts.toSorted(
    (a, b) =>
      naturalOrder(a.network ?? "", b.network ?? "") ||
      columnOf(a.key) - columnOf(b.key) ||
      rank(a) - rank(b) ||
      naturalOrder(a.node ?? "", b.node ?? "") ||
      naturalOrder(a.name || a.title, b.name || b.title) ||
      naturalOrder(a.key, b.key),
  );
  const ids = idsOf(sorted);
  const idOf = (key: string): string => ids.get(key) ?? key;
  const used = new Set(sorted.flatMap((part) => part.network ?? []));
  const overviewOf = new Map(overviews.map((each) => [each.name, each]));
  return {
    networks: [...used].map((name) => {
      const { topology = "", role = "" } = overviewOf.get(name) ?? {};
      return { name, topology, role, nodes: nodes.get(name) ?? [] };
    }),
    boxes: sorted.map((part): GraphBox => {
      const { key, kind, title, name, lines, network: home, node, count } = part;
      return {
        id: idOf(key),
        kind,
        title,
        name,
        lines,
        ...(home !== undefined && { network: home }),
        ...(node !== undefined && { node }),
        count,
        column: columnOf(key),
      };
    }),
    links: wires
      .map(({ ends, labels }): GraphLink => {
        const [from, to] = ends.toSorted(
          (a, b) => columnOf(a) - columnOf(b) || naturalOrder(idOf(a), idOf(b)),
        );
        return { from: idOf(from ?? ends[0]), to: idOf(to ?? ends[1]), labels };
      })
      .toSorted((a, b) => naturalOrder(a.from, b.from) || naturalOrder(a.to, b.to)),
  };
}

/** What is folded comes after what it is folded from, and what is no way to anything at the end. */
function rank({ kind, count }: FoldedPart): number {
  if (kind === "policies" || kind === "services") return 2;
  return count > 1 ? 1 : 0;
}

/** Words that stay the same while other things come and go. Two things of one word are told apart by their order. */
function idsOf(parts: readonly FoldedPart[]): ReadonlyMap<string, string> {
  // By word, the number to try next: many parts of one word would each try all numbers of those before.
  const taken = new Map<string, number>();
  return new Map(
    parts.map((part) => {
      const word = wordOf(part);
      let id = word;
      let index = taken.get(word) ?? 2;
      for (; taken.has(id); index += 1) id = `${word}_${index}`;
      taken.set(word, index);
      if (id !== word) taken.set(id, taken.get(id) ?? 2);
      return [part.key, id];
    }),
  );
}

function wordOf({ kind, name, what, network, node, count }: FoldedPart): string {
  const own = name === "" ? [what, ...(count > 1 ? ["more"] : [node ?? ""]), network ?? ""] : [name];
  return (
    [kind, ...own]
      .filter((word) => word !== "")
      .join("_")
      .replaceAll(/[^A-Za-z0-9]+/g, "_")
      // Mermaid's preprocessor looks for these words anywhere in a line, see `escaped` in graph-mermaid.ts.
      .replaceAll(/style|classDef/g, (word) => word.toUpperCase())
  );
}
