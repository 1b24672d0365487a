import type { AnyRow, ReadView } from "../../database/index.ts";
import type { NetworkSpec, Subnet } from "../description/network-spec.ts";
import { joinSwitchName, nodeSwitchName, routerToSwitchPortName } from "../naming/names.ts";
import { SubnetLedger } from "../request/subnet-ledger.ts";
import { type Entries, FollowedTables, ROUTER_PORTS, ROUTERS, SWITCHES } from "./followed-tables.ts";
import {
  fixedSwitchNames,
  isStranger,
  networkOf,
  nodeOfSwitch,
  observeNodeBy,
  observeStranger,
  routersOfNetwork,
  text,
  texts,
} from "./observe.ts";

/** What tells of a network as a whole, its nodes aside. */
export interface WholeNetwork {
  /** Switches with the network's mark that are no node's, or whose name leaves that in doubt. */
  readonly special: readonly AnyRow[];
  /**
   * Switches without a mark that bear the name of a fixed switch of the network, or of a node to which its routers have ports and
   * that has no switch with its mark.
   */
  readonly unmarked: readonly AnyRow[];
}

/** What a plan of a few nodes must know of all nodes of a layer3 network. */
export interface NodeFacts {
  /**
   * Another object whenever something in it may have changed, or in the network's routers, or in which roles its switches have:
   * as long as it is the same, what the network is has not changed.
   */
  readonly whole: WholeNetwork;
  /** How many of the marked switches that are not special have which role; the empty text for none. */
  readonly roles: ReadonlyMap<string, number>;
  /** The node's switches, if they have the network's mark. */
  switchesOf(node: string): readonly AnyRow[];
  /** Which subnets nodes with such switches have, and ports of strangers on the routers. */
  readonly subnets: SubnetLedger;
}

interface Index {
  readonly ranges: string;
  readonly tables: FollowedTables;
  /** Absent: to be made. */
  nodes: Nodes | undefined;
}

/** Networks of one view that are remembered. */
const MAX_NETWORKS = 256;

/** By view and network; the network that was asked about last comes last. */
const known = new WeakMap<ReadView, Map<string, Index>>();

/** What the view shows of a network's nodes, at the cost of what has changed since the last time. */
export function nodeFacts(view: ReadView, spec: NetworkSpec): NodeFacts {
  const networks = known.get(view) ?? new Map<string, Index>();
  known.set(view, networks);
  const ranges = rangesText(spec);
  const before = networks.get(spec.name);
  const index = before?.ranges === ranges ? before : unknown(ranges);
  // Put back when all is well: what failed half way is not to be relied on.
  networks.delete(spec.name);
  const news = index.tables.news(view);
  let { nodes } = index;
  if (news === undefined || nodes === undefined) {
    nodes = new Nodes(view, spec.name, spec.subnets);
    nodes.readAll();
    index.nodes = nodes;
  } else {
    nodes.follow(news);
  }
  networks.set(spec.name, index);
  if (networks.size > MAX_NETWORKS) {
    const [oldest] = networks.keys();
    if (oldest !== undefined) networks.delete(oldest);
  }
  return nodes;
}

function unknown(ranges: string): Index {
  return { ranges, tables: new FollowedTables(SWITCHES, ROUTERS, ROUTER_PORTS), nodes: undefined };
}

/** From what nodes of a network get their subnets. */
function rangesText({ subnets }: NetworkSpec): string {
  return subnets.map((range) => `${range.text}/${range.hostPrefix}`).join();
}

class Nodes implements NodeFacts {
  readonly subnets: SubnetLedger;
  readonly roles = new Map<string, number>();
  readonly #view: ReadView;
  readonly #network: string;
  /** Absent: to be made when somebody asks for it. */
  #whole: WholeNetwork | undefined;
  /** Nodes to which the network's routers have ports, and that have no switch with its mark. */
  readonly #withoutSwitch = new Set<string>();
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

  get whole(): WholeNetwork {
    this.#whole ??= { special: [...this.#special.values()], unmarked: this.#unmarked() };
    return this.#whole;
  }

  #unmarked(): readonly AnyRow[] {
    const nodes = [...this.#withoutSwitch].map((node) => nodeSwitchName(this.#network, node));
    return [...new Set([...fixedSwitchNames(this.#network), ...nodes])].flatMap((name) =>
      unmarkedSwitches(this.#view, name),
    );
  }

  switchesOf(node: string): readonly AnyRow[] {
    return this.#switches.get(node) ?? [];
  }

  readAll(): void {
    const marked = { external_ids: { "k8s.ovn.org/network": this.#network } };
    for (const row of this.#view.find("Logical_Switch", marked)) this.#readSwitch(row._uuid, row);
    this.#readRouters();
    this.#readRest();
  }

  follow([switches = [], routers = [], ports = []]: readonly Entries[]): void {
    for (const { uuid, inSetOnly } of switches) {
      if (!inSetOnly) this.#readSwitch(uuid, this.#view.byUuid("Logical_Switch", uuid));
    }
    // Then all is known but in which version of their rows: the newest of each differs in nothing else.
    for (const { uuid, inSetOnly } of switches) {
      const row = inSetOnly ? this.#view.byUuid("Logical_Switch", uuid) : undefined;
      if (row !== undefined) this.#renewSwitch(row);
    }
    for (const { uuid, elements } of routers) {
      const held = this.#routers.get(uuid);
      if (held !== undefined) this.#followRouter(uuid, held, elements);
    }
    if (routers.some(({ inSetOnly }) => !inSetOnly)) {
      this.#whole = undefined;
      this.#readRouters();
    }
    for (const { uuid } of ports) this.#ports.add(uuid);
    this.#readRest();
  }

  /** @param elements What came into its set of ports and went; undefined where that has to be found out. */
  #followRouter(uuid: string, held: Set<string>, elements: Entries[number]["elements"]): void {
    const { added, removed } = elements ?? this.#difference(uuid, held);
    for (const port of removed) {
      held.delete(port);
      this.#ports.add(port);
    }
    for (const port of added) {
      held.add(port);
      this.#ports.add(port);
    }
  }

  #difference(router: string, held: ReadonlySet<string>): NonNullable<Entries[number]["elements"]> {
    const row = this.#view.byUuid("Logical_Router", router);
    const now = new Set(row === undefined ? [] : texts(row, "ports"));
    return {
      added: [...now].filter((port) => !held.has(port)),
      removed: [...held].filter((port) => !now.has(port)),
    };
  }

  #readRest(): void {
    // All out before any comes in: one may have taken the name of another.
    for (const uuid of this.#ports) this.#forgetPort(uuid);
    for (const uuid of this.#ports) this.#readPort(uuid);
    this.#ports.clear();
    for (const node of this.#nodes) this.#readNode(node);
    this.#nodes.clear();
  }

  #readSwitch(uuid: string, row: AnyRow | undefined): void {
    const before = this.#nodeOfSwitch.get(uuid);
    if (before !== undefined) this.#dropSwitch(uuid, before);
    const isOurs = row !== undefined && networkOf(row) === this.#network;
    const node = isOurs ? nodeOfSwitch(this.#network, row) : undefined;
    const isSpecial = isOurs && (node === undefined || this.#isDoubtful(row));
    const wasSpecial = this.#special.delete(uuid);
    if (isSpecial) this.#special.set(uuid, row);
    if (isOurs && node !== undefined) this.#keepSwitch(row, node);
    const wasNodes = before !== undefined && !wasSpecial;
    const isNodes = node !== undefined && !isSpecial;
    // All others may be without a mark and have, or have had, a name of ours.
    if (!isNodes && !(wasNodes && row === undefined)) this.#whole = undefined;
    if (wasSpecial) this.#whole = undefined;
  }

  /** Puts the newest version of a switch in the place of one that differs in its ports only, which nothing here depends on. */
  #renewSwitch(row: AnyRow): void {
    const uuid = row._uuid;
    const node = this.#nodeOfSwitch.get(uuid);
    if (node !== undefined)
      this.#switches.set(
        node,
        this.switchesOf(node).map((each) => (each._uuid === uuid ? row : each)),
      );
    if (this.#special.has(uuid)) {
      this.#special.set(uuid, row);
      this.#whole = undefined;
    } else if (this.#whole?.unmarked.some(({ _uuid }) => _uuid === uuid) === true) {
      this.#whole = undefined;
    }
  }

  #keepSwitch(row: AnyRow, node: string): void {
    this.#nodeOfSwitch.set(row._uuid, node);
    this.#switches.set(node, [...this.switchesOf(node), row]);
    this.#nodes.add(node);
    this.#count(row, 1);
  }

  #dropSwitch(uuid: string, node: string): void {
    this.#nodeOfSwitch.delete(uuid);
    const rows = this.switchesOf(node);
    const left = rows.filter((row) => row._uuid !== uuid);
    if (left.length > 0) this.#switches.set(node, left);
    else this.#switches.delete(node);
    this.#nodes.add(node);
    for (const row of rows) if (row._uuid === uuid) this.#count(row, -1);
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
      if (!this.#routers.has(router._uuid)) this.#enter(router);
    }
  }

  #enter(router: AnyRow): void {
    const held = new Set(texts(router, "ports"));
    this.#routers.set(router._uuid, held);
    for (const port of held) this.#ports.add(port);
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
    const isRouted = this.#isRouted(uuid);
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

  #isRouted(port: string): boolean {
    for (const held of this.#routers.values()) if (held.has(port)) return true;
    return false;
  }

  #readNode(node: string): void {
    const switches = this.switchesOf(node);
    const isWithout = switches.length === 0 && this.#routed.has(node);
    if (isWithout !== this.#withoutSwitch.has(node)) {
      if (isWithout) this.#withoutSwitch.add(node);
      else this.#withoutSwitch.delete(node);
      this.#whole = undefined;
    }
    this.subnets.release(node);
    const name = routerToSwitchPortName(this.#network, node);
    const ports = this.#view.find("Logical_Router_Port", { name });
    for (const row of switches) this.subnets.observe(observeNodeBy(node, row, ports[0]));
    // One that hangs elsewhere tells of the node, too.
    for (const { _uuid } of ports) this.#nodeOfPort.set(_uuid, node);
  }

  #count(row: AnyRow, step: 1 | -1): void {
    if (this.#isDoubtful(row)) return;
    const role = text(row, "external_ids", "k8s.ovn.org/role");
    const kinds = this.roles.size;
    const count = (this.roles.get(role) ?? 0) + step;
    if (count > 0) this.roles.set(role, count);
    else this.roles.delete(role);
    // Where all switches have one role, it does not matter how many there are.
    if (kinds !== 1 || this.roles.size !== 1) this.#whole = undefined;
  }
}

/** Switches of this name that say of no network that they are of it. */
export function unmarkedSwitches(view: ReadView, name: string): readonly AnyRow[] {
  return view.find("Logical_Switch", { name }).filter((row) => networkOf(row) === "");
}
