import type { AnyRow, Journal, ReadView } from "../database/index.ts";
import { joinSwitchName, nodeSwitchName, routerToSwitchPortName } from "./names.ts";
import type { NetworkSpec, Subnet } from "./network-spec.ts";
import {
  isStranger,
  networkOf,
  nodeOfSwitch,
  observeNode,
  observeStranger,
  routersOfNetwork,
  text,
  texts,
} from "./observe.ts";
import { SubnetLedger } from "./subnet-ledger.ts";

/** What a plan of a few nodes must know of all nodes of a layer3 network. */
export interface NodeFacts {
  /** Switches with the network's mark that are no node's, or whose name leaves that in doubt. */
  readonly specialSwitches: Iterable<AnyRow>;
  /** How many of the other marked switches have which role; the empty text for none. */
  readonly roles: ReadonlyMap<string, number>;
  /** Nodes to which the network's routers have ports, and that have no switch with its mark. */
  readonly withoutSwitch: Iterable<string>;
  /** The node's switches, if they have the network's mark. */
  switchesOf(node: string): readonly AnyRow[];
  /** Which subnets nodes with such switches have, and ports of strangers on the routers. */
  readonly subnets: SubnetLedger;
}

/** Tables that tell of nodes, and the sets in them that are followed. */
const TABLES = [
  ["Logical_Switch", undefined],
  ["Logical_Router", "ports"],
  ["Logical_Router_Port", undefined],
] as const;

/** Up to where changes of a table are known. */
interface Bookmark {
  readonly journal: Journal;
  readonly position: number;
}

interface Index {
  readonly ranges: string;
  readonly nodes: Nodes;
  readonly bookmarks: readonly Bookmark[];
}

/** Networks of one view that are remembered. */
const MAX_NETWORKS = 256;

/** By view and network; the network that was asked about last comes last. */
const known = new WeakMap<ReadView, Map<string, Index>>();

/** What the view shows of a network's nodes, at the cost of what has changed since the last time. */
export function nodeFacts(view: ReadView, spec: NetworkSpec): NodeFacts {
  const networks = known.get(view) ?? new Map<string, Index>();
  known.set(view, networks);
  const ranges = spec.subnets.map((range) => `${range.text}/${range.hostPrefix}`).join();
  const index = networks.get(spec.name);
  // Put back when all is well: what failed half way is not to be relied on.
  networks.delete(spec.name);
  const changes = index?.ranges === ranges ? changesSince(view, index.bookmarks) : undefined;
  const bookmarks = TABLES.flatMap(([table, column]) => {
    const journal = view.journal?.(table, column);
    return journal === undefined ? [] : [{ journal, position: journal.end }];
  });
  let nodes = index?.nodes;
  if (nodes === undefined || changes === undefined) {
    nodes = new Nodes(view, spec.name, spec.subnets);
    nodes.readAll();
  } else {
    nodes.follow(changes);
  }
  networks.set(spec.name, { ranges, nodes, bookmarks });
  const [oldest] = networks.keys();
  if (networks.size > MAX_NETWORKS && oldest !== undefined) networks.delete(oldest);
  return nodes;
}

type Entries = NonNullable<ReturnType<Journal["since"]>>;

/** What changed in each of the tables; undefined when that is not known. */
function changesSince(view: ReadView, bookmarks: readonly Bookmark[]): Entries[] | undefined {
  const changes = TABLES.flatMap(([table, column], index) => {
    const bookmark = bookmarks[index];
    // Another replica has other journals.
    const isSame = bookmark !== undefined && view.journal?.(table, column) === bookmark.journal;
    const entries = isSame ? bookmark.journal.since(bookmark.position) : undefined;
    return entries === undefined ? [] : [entries];
  });
  return changes.length === TABLES.length ? changes : undefined;
}

class Nodes implements NodeFacts {
  readonly subnets: SubnetLedger;
  readonly roles = new Map<string, number>();
  readonly withoutSwitch = new Set<string>();
  readonly #view: ReadView;
  readonly #network: string;
  readonly #special = new Map<string, AnyRow>();
  readonly #switches = new Map<string, readonly AnyRow[]>();
  readonly #nodeOfSwitch = new Map<string, string>();
  /** By the uuid of the router port with the node's name, whatever router it is on. */
  readonly #nodeOfPort = new Map<string, string>();
  /** By the uuid of the router port. */
  readonly #strangers = new Map<string, string>();
  /** Nodes to which the network's routers have ports. */
  readonly #routed = new Set<string>();
  /** Ports of the network's routers. */
  readonly #routers = new Map<string, Set<string>>();
  /** What is to be read anew. */
  readonly #nodes = new Set<string>();
  readonly #ports = new Set<string>();

  constructor(view: ReadView, network: string, ranges: readonly Subnet[]) {
    this.#view = view;
    this.#network = network;
    this.subnets = new SubnetLedger(ranges);
  }

  get specialSwitches(): Iterable<AnyRow> {
    return this.#special.values();
  }

  switchesOf(node: string): readonly AnyRow[] {
    return this.#switches.get(node) ?? [];
  }

  readAll(): void {
    const marked = { external_ids: { "k8s.ovn.org/network": this.#network } };
    for (const row of this.#view.find("Logical_Switch", marked)) this.#readSwitch(row._uuid, row);
    this.#readRest();
  }

  follow([switches = [], routers = [], ports = []]: readonly Entries[]): void {
    for (const { uuid } of switches) this.#readSwitch(uuid, this.#view.byUuid("Logical_Switch", uuid));
    for (const { uuid, elements } of routers) {
      const held = this.#routers.get(uuid);
      if (held === undefined) continue;
      if (elements === undefined) this.#leave(uuid, held);
      for (const port of elements?.removed ?? []) {
        held.delete(port);
        this.#ports.add(port);
      }
      for (const port of elements?.added ?? []) {
        held.add(port);
        this.#ports.add(port);
      }
    }
    for (const { uuid } of ports) this.#ports.add(uuid);
    this.#readRest();
  }

  #readRest(): void {
    this.#readRouters();
    // All out before any comes in: one may have taken the name of another.
    for (const uuid of this.#ports) this.#forgetPort(uuid);
    for (const uuid of this.#ports) this.#readPort(uuid);
    this.#ports.clear();
    for (const node of this.#nodes) this.#readNode(node);
    this.#nodes.clear();
  }

  #readSwitch(uuid: string, row: AnyRow | undefined): void {
    const before = this.#nodeOfSwitch.get(uuid);
    if (before !== undefined) this.#nodes.add(before);
    this.#nodeOfSwitch.delete(uuid);
    this.#special.delete(uuid);
    if (row === undefined || networkOf(row) !== this.#network) return;
    const node = nodeOfSwitch(this.#network, row);
    if (node === undefined || this.#isDoubtful(row)) this.#special.set(uuid, row);
    if (node === undefined) return;
    this.#nodeOfSwitch.set(uuid, node);
    this.#nodes.add(node);
  }

  /** A node may be called as the switch that joins the routers of a primary network. */
  #isDoubtful(row: AnyRow): boolean {
    return text(row, "name") === joinSwitchName(this.#network);
  }

  #readRouters(): void {
    const routers = routersOfNetwork(this.#view, this.#network);
    for (const [uuid, held] of this.#routers) {
      if (!routers.some((router) => router._uuid === uuid)) this.#leave(uuid, held);
    }
    for (const router of routers) {
      if (this.#routers.has(router._uuid)) continue;
      const held = new Set(texts(router, "ports"));
      this.#routers.set(router._uuid, held);
      for (const port of held) this.#ports.add(port);
    }
  }

  #leave(router: string, held: ReadonlySet<string>): void {
    this.#routers.delete(router);
    for (const port of held) this.#ports.add(port);
  }

  #forgetPort(uuid: string): void {
    const node = this.#nodeOfPort.get(uuid);
    if (node !== undefined) {
      this.#nodes.add(node);
      this.#routed.delete(node);
      this.#nodeOfPort.delete(uuid);
    }
    const stranger = this.#strangers.get(uuid);
    if (stranger !== undefined) this.subnets.release(stranger);
    this.#strangers.delete(uuid);
  }

  #readPort(uuid: string): void {
    const row = this.#view.byUuid("Logical_Router_Port", uuid);
    if (row === undefined) return;
    const prefix = routerToSwitchPortName(this.#network, "");
    const name = text(row, "name");
    const isRouted = [...this.#routers.values()].some((held) => held.has(uuid));
    if (name.startsWith(prefix)) {
      const node = name.slice(prefix.length);
      this.#nodeOfPort.set(uuid, node);
      this.#nodes.add(node);
      if (isRouted) this.#routed.add(node);
    } else if (isRouted && isStranger(this.#network, row)) {
      const stranger = observeStranger(row);
      this.#strangers.set(uuid, stranger.name);
      this.subnets.observe(stranger);
    }
  }

  #readNode(node: string): void {
    const name = nodeSwitchName(this.#network, node);
    const rows = this.#view
      .find("Logical_Switch", { name })
      .filter((row) => networkOf(row) === this.#network && nodeOfSwitch(this.#network, row) === node);
    for (const row of this.switchesOf(node)) this.#count(row, -1);
    for (const row of rows) this.#count(row, 1);
    if (rows.length > 0) this.#switches.set(node, rows);
    else this.#switches.delete(node);
    if (rows.length === 0 && this.#routed.has(node)) this.withoutSwitch.add(node);
    else this.withoutSwitch.delete(node);
    this.subnets.release(node);
    for (const row of rows) {
      for (const observed of observeNode(this.#view, this.#network, row)) this.subnets.observe(observed);
    }
    // One that hangs elsewhere tells of the node, too.
    const port = routerToSwitchPortName(this.#network, node);
    for (const { _uuid } of this.#view.find("Logical_Router_Port", { name: port })) {
      this.#nodeOfPort.set(_uuid, node);
    }
  }

  #count(row: AnyRow, step: 1 | -1): void {
    if (this.#isDoubtful(row)) return;
    const role = text(row, "external_ids", "k8s.ovn.org/role");
    const count = (this.roles.get(role) ?? 0) + step;
    if (count > 0) this.roles.set(role, count);
    else this.roles.delete(role);
  }
}
