import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { layer2SwitchName, localnetSwitchName } from "../naming/names.ts";
import { byName } from "../naming/row-label.ts";
import type { ForeignRow } from "../observe/foreign-rows.ts";
import { isRowOf, networkOf, networksOf } from "../observe/observe.ts";
import { isPodPort } from "../observe/pod-of-port.ts";
import type { LeavingNode } from "../request/deletion-request.ts";
import { chassisOfNode } from "./chassis-of-node.ts";
import { removePort } from "./removal.ts";
import { removeNode } from "./remove-node.ts";

/** What goes of networks when nodes leave them. */
export interface RemovedNodes {
  readonly removals: readonly Removal[];
  readonly foreign: readonly ForeignRow[];
  readonly absent: readonly string[];
}

/** The networks that nodes are to leave; where one of them is to leave all, all. */
export function networksOfNodes(view: ReadView, nodes: readonly LeavingNode[]): readonly string[] {
  const all = nodes.some(({ network }) => network === undefined) ? networksOf(view) : [];
  return [...new Set([...nodes.flatMap(({ network }) => network ?? []), ...all])];
}

/**
 * Chassis of nodes, as they were told before anything went: once a node has left one network, its rows there tell nothing more.
 * Undefined where nothing told it.
 */
export type ToldChassis = Map<string, string | undefined>;

/** What of the nodes' leaving is planned, and what else goes with it. */
interface Scope {
  /** Networks that go as a whole: there is nothing else to do. */
  readonly going: ReadonlySet<string>;
  /** The networks that are meant now. Default: all that the nodes are to leave. */
  readonly only: ReadonlySet<string> | undefined;
  /** Whether these are the first ones, or all. */
  readonly isFirst: boolean;
  readonly told: ToldChassis;
}

/**
 * Plans that nodes leave networks that stay. The work is that of what the nodes have there, and on a primary network that of looking
 * through what its routers hold for all nodes.
 */
export function removeNodes(
  view: ReadView,
  nodes: readonly LeavingNode[],
  { going, only, isFirst, told }: Scope,
): RemovedNodes {
  const absent = new Set<string>();
  const removals = new Map<string, Removal>();
  const foreign = new Map<string, ForeignRow>();
  const isMeant = (network: string): boolean => only === undefined || only.has(network);
  for (const node of nodes) {
    const { name, network: one } = node;
    if (one !== undefined && !isMeant(one)) continue;
    const chassis = new Chassis(view, node, told, only === undefined);
    // Whether it is anywhere is asked once: each of many transactions would look at the networks of all.
    const isAsked = one !== undefined || isFirst;
    const networks = one !== undefined ? [one] : isAsked ? networksOf(view) : [...(only ?? [])];
    const parts = networks.map((network) => ({ network, ...removeFrom(view, network, name, chassis) }));
    if (isAsked && parts.every((part) => part.removals.length === 0))
      absent.add(`node ${name}${one === undefined ? "" : ` of network "${one}"`}`);
    for (const part of parts) {
      if (going.has(part.network) || !isMeant(part.network)) continue;
      for (const removal of part.removals) removals.set(keyOf(removal), removal);
      for (const row of part.foreign) foreign.set(`${row.uuid} ${row.parent.name}`, row);
    }
  }
  return { removals: [...removals.values()], foreign: [...foreign.values()], absent: [...absent] };
}

/** A row leaves each set that it is in. */
function keyOf({ table, uuid, parent }: Removal): string {
  return `${table} ${uuid} ${parent?.uuid ?? ""}`;
}

function removeFrom(
  view: ReadView,
  network: string,
  node: string,
  chassis: Chassis,
): Pick<RemovedNodes, "removals" | "foreign"> {
  const { removals, foreign } = removeNode(view, network, node);
  return { removals: [...removals, ...removePods(view, network, chassis)], foreign };
}

/**
 * Ports of pods on switches that all nodes share. One that is another's by the time of the commit stays: a pod of a StatefulSet comes
 * back on another node under its name.
 */
function removePods(view: ReadView, network: string, chassis: Chassis): readonly Removal[] {
  const switches = [layer2SwitchName(network), localnetSwitchName(network)]
    .flatMap((name) => view.find("Logical_Switch", { name }))
    .filter((row) => isRowOf(row, network));
  if (switches.length === 0) return [];
  const isOnThem = ({ _uuid }: AnyRow): boolean =>
    switches.some((home) => view.has("Logical_Switch", home._uuid, "ports", _uuid));
  return [...chassis.names]
    .flatMap((name) => view.find("Logical_Switch_Port", { options: { "requested-chassis": name } }))
    .filter((port) => networkOf(port) === network && isPodPort(port) && isOnThem(port))
    .flatMap((port) => removePort(view, network, port, true))
    .toSorted(byName);
}

/** How ports may name the chassis of a node. */
class Chassis {
  readonly #view: ReadView;
  readonly #node: LeavingNode;
  readonly #told: ToldChassis;
  readonly #isFirst: boolean;
  #names: ReadonlySet<string> | undefined;

  /** @param isFirst Nothing has gone yet, so that what was not told before may be told now. */
  constructor(view: ReadView, node: LeavingNode, told: ToldChassis, isFirst: boolean) {
    this.#view = view;
    this.#node = node;
    this.#told = told;
    this.#isFirst = isFirst;
  }

  /** Its name, and its id. Not looked for before somebody asks: on layer3 networks nobody does. */
  get names(): ReadonlySet<string> {
    const { name, chassisId = "" } = this.#node;
    this.#names ??= new Set([name, chassisId || (this.#known() ?? name)]);
    return this.#names;
  }

  #known(): string | undefined {
    const { name } = this.#node;
    const known = this.#told.get(name);
    if (known !== undefined || (!this.#isFirst && this.#told.has(name))) return known;
    const found = this.#find();
    this.#told.set(name, found);
    return found;
  }

  /** What is told by the network itself, else by any other: on most layer2 networks nodes have no rows. */
  #find(): string | undefined {
    const { name, network } = this.#node;
    for (const each of [...(network === undefined ? [] : [network]), ...networksOf(this.#view)]) {
      const chassis = chassisOfNode(this.#view, each, name);
      if (chassis !== undefined) return chassis;
    }
    return undefined;
  }
}
