import type { DesiredRow, DesiredValue } from "../../reconcile/index.ts";
import { type Address, formatAddress } from "../description/address.ts";
import { macOfAddress } from "../description/mac.ts";
import { keyedUuid } from "../naming/ids.ts";
import type { OwnerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import { natLabel, policyLabel, routeLabel } from "../naming/row-label.ts";
import { type NetworkContext, networkIds } from "./network-context.ts";

// Rows without a name, as children of a router or a switch. Each is known by a few of its columns, as upstream's predicates
// have it, and changed in place in all others.

/** The range of ports that OVN may choose from when it hides addresses: Linux' own default (net.ipv4.ip_local_port_range). */
const PORT_RANGE = "32768-60999";

/** The router that a child hangs on. */
function routerKey(router: string): string {
  return rowKey("Logical_Router", router);
}

/** A Logical_Router_Static_Route; without a policy it looks at the destination. */
export function routeRow(
  context: NetworkContext,
  router: string,
  route: {
    readonly prefix: string;
    readonly nexthop: string;
    readonly policy?: "src-ip";
    readonly outputPort?: string;
    /** The node of another zone that it leads to. */
    readonly node?: string;
  },
): DesiredRow {
  const { prefix, nexthop, policy = null, outputPort = null, node } = route;
  return child(context, "Logical_Router_Static_Route", router, "static_routes", {
    kind: "static route",
    name: routeLabel(prefix, policy, nexthop),
    match: { ip_prefix: prefix, policy, output_port: outputPort },
    columns: { nexthop },
    ...(node !== undefined && { ids: { ...networkIds(context, {}), "k8s.ovn.org/node": node } }),
  });
}

/** The route of a layer3 network to a node of another zone, whose marks are not those of other routes. */
export function zoneRouteRow(
  context: NetworkContext,
  router: string,
  route: { readonly prefix: string; readonly nexthop: string; readonly node: string },
): DesiredRow {
  const { prefix, nexthop, node } = route;
  return child(context, "Logical_Router_Static_Route", router, "static_routes", {
    kind: "static route",
    name: routeLabel(prefix, null, nexthop),
    match: { ip_prefix: prefix, policy: null, output_port: null },
    columns: { nexthop },
    ids: { "ic-node": node, "k8s.ovn.org/network": context.spec.name },
  });
}

/** A Logical_Router_Policy that sends what matches to an address. */
export function reroutePolicyRow(
  context: NetworkContext,
  router: string,
  policy: { readonly priority: number; readonly match: string; readonly nexthop: string },
): DesiredRow {
  const { priority, match, nexthop } = policy;
  return child(context, "Logical_Router_Policy", router, "policies", {
    kind: "router policy",
    name: policyLabel(priority, match),
    match: { priority, match },
    columns: { action: "reroute", nexthops: [nexthop] },
  });
}

/** A NAT that hides the sources in `inside` behind one address. */
export function snatRow(
  context: NetworkContext,
  router: string,
  nat: {
    readonly kind?: "snat" | "management snat" | "egress snat";
    readonly inside: string;
    readonly outside: string;
    readonly port?: string;
    readonly match?: string;
    readonly gatewayPort?: string;
  },
): DesiredRow {
  const { kind = "snat", inside, outside, port = null, match, gatewayPort } = nat;
  return child(context, "NAT", router, "nat", {
    kind,
    name: natLabel(inside, outside),
    match: { type: "snat", logical_ip: inside, logical_port: port },
    columns: {
      external_ip: outside,
      external_port_range: PORT_RANGE,
      ...(match !== undefined && { match }),
      ...(gatewayPort !== undefined && { gateway_port: { ref: rowKey("Logical_Router_Port", gatewayPort) } }),
    },
    options: { stateless: "false" },
  });
}

/** A Static_MAC_Binding of a router port: an address that nobody answers for. */
export function macBindingRow(context: NetworkContext, port: string, address: Address): DesiredRow {
  const ip = formatAddress(address);
  return {
    key: rowKey("Static_MAC_Binding", `${port} ${ip}`),
    kind: "static mac binding",
    name: `${port} ${ip}`,
    identity: { match: { logical_port: port, ip } },
    uuid: keyedUuid("Static_MAC_Binding", "", port, ip),
    columns: { mac: macOfAddress(address), override_dynamic_mac: true },
    network: context.spec.name,
  };
}

/** An ACL of upstream's lowest tier that lets traffic and its answers pass. */
export function allowAclRow(
  context: NetworkContext,
  holder: { readonly table: "Logical_Switch" | "Port_Group"; readonly name: string },
  ids: OwnerIds,
  acl: { readonly direction: "to-lport" | "from-lport"; readonly priority: number; readonly match: string },
): DesiredRow {
  const { direction, priority, match } = acl;
  return {
    key: rowKey("ACL", ids.id),
    kind: "acl",
    name: ids.id,
    identity: {
      parent: rowKey(holder.table, holder.name),
      column: "acls",
      match: {},
      keys: { external_ids: { "k8s.ovn.org/id": ids.id } },
    },
    uuid: keyedUuid("ACL", "", ids.id),
    columns: { direction, priority, match, action: "allow-related", meter: "acl-logging", tier: 2 },
    keys: {
      external_ids: ids.externalIds,
      options: direction === "from-lport" ? { "apply-after-lb": "true" } : {},
    },
    // Tiers came with OVN 23.06. Without them all ACLs are compared by priority, in which ours do not clash.
    unsupported: { tier: "omit" },
    network: context.spec.name,
  };
}

function child(
  context: NetworkContext,
  table: string,
  router: string,
  column: string,
  row: {
    readonly kind: string;
    readonly name: string;
    readonly match: Readonly<Record<string, DesiredValue>>;
    readonly columns: Readonly<Record<string, DesiredValue>>;
    readonly options?: Readonly<Record<string, string>>;
    /** Its external ids, where they are not those of all rows of the network. */
    readonly ids?: Readonly<Record<string, string>>;
  },
): DesiredRow {
  const { kind, name, match, columns, options, ids = networkIds(context, {}) } = row;
  const key = Object.values(match).map((value) => (value === null ? "" : String(value)));
  return {
    key: rowKey(table, [router, ...key].join(" ")),
    kind,
    name,
    identity: { parent: routerKey(router), column, match },
    uuid: keyedUuid(table, router, ...key),
    columns,
    keys: { external_ids: ids, ...(options && { options }) },
    network: context.spec.name,
  };
}
