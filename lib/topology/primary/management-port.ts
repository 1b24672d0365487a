import type { DesiredRow } from "../../reconcile/index.ts";
import { type Address, type Cidr, formatAddress } from "../description/address.ts";
import { macOfAddress } from "../description/mac.ts";
import { managementPortName } from "../naming/names.ts";
import { controllerOf, ownerIds } from "../naming/owner-ids.ts";
import { policySubject, rowKey } from "../naming/row-key.ts";
import type { NetworkContext } from "../rows/network-context.ts";
import { allowAclRow, reroutePolicyRow, routeRow, snatRow } from "../rows/unnamed-rows.ts";
import type { PrimaryNode } from "./primary-node.ts";

/** A node's part of a network: what is routed to its own interface, and by which router port that is reached. */
export interface ManagedPart {
  readonly switchName: string;
  readonly router: string;
  readonly routerPort: string;
  /** One for each subnet. */
  readonly sides: readonly { readonly subnet: Cidr; readonly management: Address }[];
  /** Addresses of the node that its pods reach by its own interface and not by the outside. */
  readonly nodeAddresses: readonly Address[];
}

const ALLOW_PRIORITY = 1001;
const NODE_PRIORITY = 1004;

/** The node's own interface on a network: its port, what may come from it, and what routers send to it. */
export function managementRows(context: NetworkContext, node: PrimaryNode, part: ManagedPart): DesiredRow[] {
  return [
    portRow(context, node, part),
    ...part.sides.map(({ management }) => allowRow(context, part, management)),
    ...part.sides.flatMap(({ management }) => policyRows(context, part, management)),
    ...egressNats(context, node, part),
    // In shared mode the same route leads to the gateway router, see its rows.
    ...(context.options.gatewayMode === "local"
      ? part.sides.map(({ subnet, management }) =>
          routeRow(context, part.router, {
            prefix: subnet.text,
            nexthop: formatAddress(management),
            policy: "src-ip",
          }),
        )
      : []),
  ];
}

function portRow({ spec }: NetworkContext, node: PrimaryNode, part: ManagedPart): DesiredRow {
  const name = managementPortName(spec.name, node.name);
  return {
    key: rowKey("Logical_Switch_Port", name),
    kind: "management port",
    name,
    columns: {
      addresses: [
        [managementMac(part), ...part.sides.map(({ management }) => formatAddress(management))].join(" "),
      ],
    },
    parent: { key: rowKey("Logical_Switch", part.switchName), column: "ports" },
    network: spec.name,
  };
}

function managementMac({ sides }: ManagedPart): string {
  const [first] = sides;
  if (!first) throw new Error("a management port needs a subnet");
  return macOfAddress(first.management);
}

/** No policy may keep a node from its own pods: it checks their health. */
function allowRow(context: NetworkContext, part: ManagedPart, management: Address): DesiredRow {
  const ip = formatAddress(management);
  const ids = ownerIds(controllerOf(context.spec.name), "NetpolNode", [
    ["name", part.switchName],
    ["ip", ip],
  ]);
  return allowAclRow(context, { table: "Logical_Switch", name: part.switchName }, ids, {
    direction: "to-lport",
    priority: ALLOW_PRIORITY,
    match: `${ipName(management)}.src==${ip}`,
  });
}

function policyRows(context: NetworkContext, part: ManagedPart, management: Address): DesiredRow[] {
  const own = part.nodeAddresses.filter(({ family }) => family === management.family);
  return own.map((address) =>
    reroutePolicyRow(context, part.router, {
      priority: NODE_PRIORITY,
      match: `${policySubject(part.routerPort)} && ${ipName(management)}.dst == ${formatAddress(address)} /* ${part.switchName} */`,
      nexthop: formatAddress(management),
    }),
  );
}

/**
 * What pods send to the node itself has a source that the host can answer to.
 *
 * In one database for several nodes a router has a port with a chassis for each of them, and ovn-northd must be told which
 * of these the NAT is for.
 */
function egressNats(context: NetworkContext, node: PrimaryNode, part: ManagedPart): DesiredRow[] {
  const { gatewayMode } = context.options;
  return part.sides.flatMap(({ subnet }) => {
    const masquerade = node.masquerades.find((each) => each.subnet.family === subnet.family);
    if (!masquerade) return [];
    return [
      snatRow(context, part.router, {
        kind: gatewayMode === "local" ? "egress snat" : "management snat",
        inside: subnet.text,
        outside: formatAddress(masquerade.managementPort),
        port: part.routerPort,
        match: `eth.dst == ${managementMac(part)}`,
        ...(context.hasManyNodes && { gatewayPort: part.routerPort }),
      }),
    ];
  });
}

function ipName({ family }: Address): "ip4" | "ip6" {
  return family === 4 ? "ip4" : "ip6";
}
