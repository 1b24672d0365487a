import type { DesiredRow } from "../../reconcile/index.ts";
import type { Cidr, Family } from "../description/address.ts";
import { bareAddress } from "../description/interface-address.ts";
import { fault, networkFault } from "../description/spec-field.ts";
import {
  clusterRouterName,
  gatewayRouterName,
  routerToSwitchPortName,
  transitRouterName,
  transitToSwitchPortName,
} from "../naming/names.ts";
import { policySubject, rowKey } from "../naming/row-key.ts";
import type { NodeInput, ObservedChild } from "../request/inputs.ts";
import { identityText, isWanted } from "../rows/child-identity.ts";
import { isOf2023, type NetworkContext } from "../rows/network-context.ts";
import { clusterGroupRows } from "./cluster-groups.ts";
import { nodesHere } from "./nodes-here.ts";
import { otherGatewayPorts } from "./other-gateway-ports.ts";
import { primaryLayer2Rows, transitRouterRow } from "./primary-layer2.ts";
import { joinRows, primaryLayer3Rows } from "./primary-layer3.ts";
import { type PrimaryNode, primaryNode } from "./primary-node.ts";

/**
 * What a primary network has beside the rows of a secondary one: the way of its pods to the outside.
 *
 * @param subnets Layer3: what each node has.
 */
export function primaryRows(
  context: NetworkContext,
  nodes: readonly NodeInput[],
  subnets: ReadonlyMap<string, readonly Cidr[]>,
): DesiredRow[] {
  const { spec, options } = context;
  if (isOf2023(context)) throw fault("profile", options.profile, "had no primary networks");
  const own = nodes.map((node) => primaryNode(spec, node, options, context.note));
  checkAlike(own);
  checkAlone(context, own);
  return [
    ...clusterGroupRows(context, own),
    ...(spec.topology === "layer3" ? joinOf(context, own) : [transitRouterRow(context)]),
    ...own.flatMap((node) =>
      spec.topology === "layer3"
        ? primaryLayer3Rows(context, node, subnets.get(node.name) ?? [])
        : primaryLayer2Rows(context, node),
    ),
    ...(spec.topology === "layer3" ? otherGatewayPorts(context, nodes) : []),
  ];
}

/** Without a node nobody says which families the cluster has: what is there is of those that some node said. */
function joinOf(context: NetworkContext, [first]: readonly PrimaryNode[]): readonly DesiredRow[] {
  const { spec, observed } = context;
  const rows = joinRows(context, first?.families ?? familiesOf(spec.subnets));
  const port = `rtoj-${clusterRouterName(spec.name)}`;
  return first === undefined && observed.routerPorts?.has(port)
    ? rows.filter(({ name }) => name !== port)
    : rows;
}

/**
 * Adds to routers what they hold of ours and is not wanted any more: after a change of a node's addresses, gateways or zone
 * nobody would be sent there. Nodes that are not among these keep what is theirs.
 */
export function withoutLeftovers(
  context: NetworkContext,
  rows: readonly DesiredRow[],
  nodes: readonly NodeInput[],
  subnets: ReadonlyMap<string, readonly Cidr[]>,
): DesiredRow[] {
  const { spec, observed } = context;
  const routers = new Map(
    (observed.routers ?? []).map((router) => [`Logical_Router/${router.name}`, router]),
  );
  const gateways = new Set(nodes.map(({ name }) => gatewayRouterName(spec.name, name)));
  const main = [clusterRouterName(spec.name), transitRouterName(spec.name)];
  const isStale = staleOnMain(context, rows, nodes, subnets);
  const wanted = new Set(rows.flatMap((row) => identityText(row) ?? []));
  const acls = staleAcls(context, rows);
  return rows.map((row) => {
    const closed = acls.get(row.key);
    if (closed !== undefined) return { ...row, notElements: { ...row.notElements, acls: closed } };
    const router = routers.get(row.key);
    if (!router || !(gateways.has(router.name) || main.includes(router.name))) return row;
    const stale = router.children.filter(
      (child) => !isWanted(wanted, row.key, child) && (gateways.has(router.name) || isStale(child)),
    );
    if (stale.length === 0) return row;
    const columns = new Set(stale.map(({ column }) => column));
    return {
      ...row,
      notElements: {
        ...row.notElements,
        ...Object.fromEntries(
          [...columns].map((column) => [
            column,
            stale.filter((child) => child.column === column).map(({ uuid }) => uuid),
          ]),
        ),
      },
    };
  });
}

/** By key of the switch: what lets an address through that was its node's, and may be a pod's of another one now. */
function staleAcls({ observed }: NetworkContext, rows: readonly DesiredRow[]): Map<string, string[]> {
  const stale = new Map<string, string[]>();
  const { acls = [] } = observed.former ?? {};
  if (acls.length === 0) return stale;
  const wanted = new Set(rows.flatMap(({ kind, name }) => (kind === "acl" ? [name] : [])));
  for (const { uuid, id, switchName } of acls)
    if (!wanted.has(id)) {
      const key = rowKey("Logical_Switch", switchName);
      stale.set(key, [...(stale.get(key) ?? []), uuid]);
    }
  return stale;
}

/** On the routers that nodes share: what is by its own words of one of these nodes, or of a subnet that no node has. */
function staleOnMain(
  { spec, observed, remote }: NetworkContext,
  rows: readonly DesiredRow[],
  nodes: readonly NodeInput[],
  subnets: ReadonlyMap<string, readonly Cidr[]>,
): (child: ObservedChild) => boolean {
  const names = new Set(nodes.map(({ name }) => name));
  // The port to the switch over all zones serves the node that is here.
  const ports =
    spec.topology === "layer3"
      ? nodes.map(({ name }) => routerToSwitchPortName(spec.name, name))
      : nodes.filter(({ name }) => !remote.has(name)).map(() => transitToSwitchPortName(spec.name));
  const subjects = ports.map((port) => `${policySubject(port)} `);
  const hops = new Set(
    rows.flatMap(({ kind, columns }) => (kind === "static route" ? [String(columns?.["nexthop"])] : [])),
  );
  for (const hop of observed.former?.hops ?? []) hops.add(hop);
  // What a node of the call had until now is nobody's.
  const known = new Set([
    ...[...subnets.values()].flat().map(({ text }) => text),
    ...observed.nodes.flatMap((node) => (names.has(node.name) ? [] : node.subnets)),
    ...(spec.topology === "layer2" && nodes.length > 0 ? spec.subnets.map(({ text }) => text) : []),
  ]);
  const tests: Readonly<Record<ObservedChild["column"], (values: ObservedChild["values"]) => boolean>> = {
    policies: (values) => subjects.some((subject) => String(values["match"]).startsWith(subject)),
    nat: (values) => ports.some((port) => values["logical_port"] === port),
    static_routes: (values) =>
      hops.has(String(values["nexthop"])) ||
      (values["policy"] === "src-ip" && !known.has(String(values["ip_prefix"]))),
  };
  return ({ column, values, node }) => (node === undefined ? tests[column](values) : names.has(node));
}

/** Routers that serve all nodes have addresses of the families of all of them, and no two nodes are one to the others. */
function checkAlike([first, ...others]: readonly PrimaryNode[]): void {
  if (!first) return;
  const text = ({ masquerades }: PrimaryNode): string => masquerades.map(({ subnet }) => subnet.text).join();
  for (const node of others)
    if (text(node) !== text(first))
      throw fault(
        `nodes[${node.name}].masqueradeSubnets`,
        text(node),
        `are not those of node ${first.name}, ${text(first)}`,
      );
  // Two external ports of one MAC or address would take each other's answers.
  for (const [field, valuesOf] of unlike) {
    const owners = new Map<number | string, string>();
    for (const node of [first, ...others])
      for (const value of new Set(valuesOf(node))) {
        const owner = owners.get(value);
        if (owner !== undefined)
          throw fault(`nodes[${node.name}].${field}`, value, `is that of node ${owner}`);
        owners.set(value, node.name);
      }
  }
}

/** What no two nodes have in common. */
const unlike: readonly (readonly [field: string, of: (node: PrimaryNode) => readonly (number | string)[]])[] =
  [
    ["id", ({ id }) => [id]],
    ["gateway.mac", ({ mac }) => [mac]],
    ["gateway.ips", ({ ips }) => ips.map(bareAddress)],
  ];

/**
 * On a primary layer2 network every node has the same management address, each in a database of its own. In one database
 * they would take it from each other.
 */
function checkAlone({ spec, options, observed }: NetworkContext, nodes: readonly PrimaryNode[]): void {
  if (spec.topology !== "layer2") return;
  const all = nodesHere(spec.name, nodes, observed);
  if (all.length <= 1) return;
  throw networkFault(
    spec.name,
    "nodes",
    all,
    `of the primary layer2 network "${spec.name}" can be only one ${options.mode === "central" ? "in mode central" : "in a zone"}: ` +
      "all of them have one management address, each in a database of its own",
  );
}

function familiesOf(subnets: readonly Cidr[]): Family[] {
  return ([4, 6] as const).filter((family) => subnets.some((subnet) => subnet.family === family));
}
