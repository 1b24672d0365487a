import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { chosenUuid } from "../naming/ids.ts";
import { gatewayRouterName } from "../naming/names.ts";
import { byName } from "../naming/row-label.ts";
import { describeForeign } from "../observe/foreign-rows.ts";
import {
  networkOf,
  networksOf,
  nodeOfSwitch,
  routersOfNetwork,
  rowsOfNetwork,
  switchesOfNetwork,
  text,
  texts,
} from "../observe/observe.ts";
import type { NetworkRequest } from "../request/request.ts";
import { type Removals, removeNetwork, removePort } from "./removal.ts";
import { remoteNodes, removeNode, removeOwnRows } from "./remove-node.ts";

/** Nodes and ports of one network that go. */
export interface PrunedNetwork extends Pruned {
  readonly nodes: ReadonlySet<string>;
  /** Uuids of ports of pods. */
  readonly ports: ReadonlySet<string>;
}

/** What pruning takes, and what it leaves although nobody asked for it. */
export interface Pruned {
  readonly removals: readonly Removal[];
  /** One line each, for people. */
  readonly kept: readonly string[];
}

/**
 * Nodes and pods of a network that are in the database and not in the request, and of nodes of other zones what is there
 * beside the way to them.
 *
 * @param remote Names of nodes of other zones.
 * @param twins Switches that become one with those of the network: their pods go like those of that one.
 */
export function pruneNetwork(
  view: ReadView,
  { spec, nodes }: NetworkRequest,
  portNames: ReadonlySet<string>,
  remote: ReadonlySet<string>,
  twins: readonly AnyRow[] = [],
): PrunedNetwork {
  const all = new Set(nodes.map((node) => node.name));
  const wanted = new Set([...all].filter((name) => !remote.has(name)));
  const remove = (node: string): Removals =>
    remote.has(node) ? removeOwnRows(view, spec.name, node) : removeNode(view, spec.name, node);
  const parts: { readonly name: string; readonly removals: readonly Removal[] }[] = [];
  const kept: string[] = [];
  const gone = { nodes: new Set<string>(), ports: new Set<string>() };
  const staying = new Set<string>();
  const switches = switchesOfNetwork(view, spec.name);
  for (const row of [...switches, ...twins]) {
    const isTwin = !switches.includes(row);
    const node = spec.topology === "layer3" && !isTwin ? nodeOfSwitch(spec.name, row) : undefined;
    const pods = texts(row, "ports")
      .flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? [])
      .filter((port) => networkOf(port) === spec.name && text(port, "external_ids", "pod") === "true")
      .filter((port) => !portNames.has(text(port, "name")));
    for (const port of pods) gone.ports.add(port._uuid);
    if (node !== undefined && !wanted.has(node)) {
      const part = remove(node);
      if (part.foreign.length === 0) {
        parts.push({ name: text(row, "name"), removals: part.removals });
        gone.nodes.add(node);
        continue;
      }
      kept.push(`node ${node} of network "${spec.name}" stays: ${foreignList(part)}`);
      staying.add(node);
    }
    if (pods.length > 0)
      parts.push({ name: text(row, "name"), removals: removedPorts(view, spec.name, pods) });
  }
  const removals = parts.toSorted(byName).flatMap((part) => part.removals);
  for (const node of gatewayNodes(view, spec.name).filter(
    (each) => !wanted.has(each) && !gone.nodes.has(each),
  )) {
    const part = remove(node);
    if (part.foreign.length === 0) {
      removals.push(...part.removals);
      gone.nodes.add(node);
    } else if (spec.topology !== "layer3") {
      kept.push(`node ${node} of network "${spec.name}" stays: ${foreignList(part)}`);
      staying.add(node);
    }
  }
  // On the ways to nodes of other zones nothing hangs that others could have put there.
  for (const node of remoteNodes(view, spec.name).filter(
    (each) => !all.has(each) && !gone.nodes.has(each) && !staying.has(each),
  ))
    removals.push(...removeNode(view, spec.name, node).removals);
  return { removals, kept, ...gone };
}

function removedPorts(view: ReadView, network: string, ports: readonly AnyRow[]): readonly Removal[] {
  return ports.flatMap((port) => removePort(view, network, port)).toSorted(byName);
}

/** Nodes that have a gateway router on a network; on a layer2 network nothing else tells of them. */
function gatewayNodes(view: ReadView, network: string): string[] {
  const prefix = gatewayRouterName(network, "");
  return routersOfNetwork(view, network)
    .map((row) => text(row, "name"))
    .flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

/** Networks in the database that are not wanted and whose every switch and router carries the uuid that we would choose. */
export function pruneableNetworks(
  view: ReadView,
  wanted: ReadonlySet<string>,
): Pruned & { readonly networks: readonly string[] } {
  const kept: string[] = [];
  const networks = networksOf(view).filter((network) => {
    if (wanted.has(network)) return false;
    const strangers = [
      ...rowsOfNetwork(view, "Logical_Switch", network, []).filter((row) => !isChosen("Logical_Switch", row)),
      ...routersOfNetwork(view, network).filter((row) => !isChosen("Logical_Router", row)),
    ];
    if (strangers.length === 0) return true;
    kept.push(
      `network "${network}" stays: ${strangers.map((row) => text(row, "name")).join(", ")} not made by us`,
    );
    return false;
  });
  const removals = networks.flatMap((network) => {
    const part = removeNetwork(view, network);
    if (part.foreign.length > 0) {
      kept.push(`network "${network}" stays: ${foreignList(part)}`);
      return [];
    }
    kept.push(...part.kept);
    return part.removals;
  });
  return { networks, removals, kept };
}

/** A row that this library inserted carries the uuid that follows from its name. */
function isChosen(table: string, row: AnyRow): boolean {
  return row._uuid === chosenUuid(table, text(row, "name"));
}

function foreignList(part: Removals): string {
  // In an order of their own: that of a set is another one on each connection.
  return `${part.foreign.map(describeForeign).toSorted().join("; ")} not ours`;
}
