import type { AnyRow, ReadView } from "../../database/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { nodeSwitchName } from "../naming/names.ts";
import type { Observed } from "../request/inputs.ts";
import { nodeFacts, unmarkedSwitches, type WholeNetwork } from "./node-index.ts";
import { networkOf, observeNode, observeNodes, switchesOfNetwork, text } from "./observe.ts";

/** What a plan looks at of a network's switches and nodes. */
export interface Sight extends Pick<Observed, "nodes" | "others"> {
  /** Switches by which the profile is recognised. */
  readonly telling: readonly AnyRow[];
  /** More of them, counted by role; the empty text for none. */
  readonly roles: ReadonlyMap<string, number>;
  /** As in `NodeFacts`, if that is all that tells of the network. */
  readonly whole?: WholeNetwork | undefined;
  /** Switches on which ports may be planned. */
  readonly switches: readonly AnyRow[];
}

const noRoles: ReadonlyMap<string, number> = new Map();

/** Everything. The nodes by name too, should their marks be gone. */
export function seeAll(view: ReadView, spec: NetworkSpec, nodes: readonly string[]): Sight {
  const switches = switchesOfNetwork(view, spec.name, spec.topology === "layer3" ? nodes : []);
  return { telling: switches, roles: noRoles, switches, nodes: observeNodes(view, spec, switches) };
}

/**
 * Switches without a mark that bear the name of one of these: they are to become one with it, and what hangs on them is of the
 * network already.
 */
export function twinsOf(view: ReadView, switches: readonly AnyRow[]): readonly AnyRow[] {
  const known = new Set(switches.map(({ _uuid }) => _uuid));
  return [...new Set(switches.map((row) => text(row, "name")))]
    .flatMap((name) => view.find("Logical_Switch", { name }))
    .filter((row) => networkOf(row) === "" && !known.has(row._uuid));
}

/**
 * The same of a layer3 network at the cost of these nodes, and of what changed since somebody looked: all others are
 * counted, and known by their subnets.
 */
export function seeNodes(view: ReadView, spec: NetworkSpec, nodes: readonly string[]): Sight {
  const facts = nodeFacts(view, spec);
  const { whole, roles, subnets } = facts;
  const marked: AnyRow[] = [];
  const bare: AnyRow[] = [];
  for (const node of nodes) {
    const own = facts.switchesOf(node);
    for (const row of own) marked.push(row);
    if (own.length > 0) continue;
    for (const row of unmarkedSwitches(view, nodeSwitchName(spec.name, node))) bare.push(row);
  }
  const unmarked = bare.length === 0 ? whole.unmarked : [...new Set([...whole.unmarked, ...bare])];
  const isPlain = whole.special.length === 0 && unmarked.length === 0;
  return {
    telling: isPlain ? noRows : [...whole.special, ...unmarked],
    roles,
    whole: bare.length === 0 ? whole : undefined,
    switches: isPlain ? marked : [...new Set([...whole.special, ...marked, ...unmarked])],
    nodes: [...marked, ...unmarked].flatMap((row) => observeNode(view, spec.name, row)),
    others: subnets,
  };
}

const noRows: readonly AnyRow[] = [];
