import type { DesiredRow, RefTo } from "../../reconcile/index.ts";
import { type Family, formatAddress } from "../description/address.ts";
import { portGroupUuid } from "../naming/ids.ts";
import { managementPortName } from "../naming/names.ts";
import { clusterGroupIds, clusterGroupName, controllerOf, ownerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { NetworkContext } from "../rows/network-context.ts";
import { allowAclRow } from "../rows/unnamed-rows.ts";
import type { PrimaryNode } from "./primary-node.ts";

const ALLOW_PRIORITY = 1001;

/**
 * The port groups of a primary network: that of its management ports, and that of its router ports, which only multicast
 * would fill; and what may always pass: answers of a service to the pod behind it that asked.
 */
export function clusterGroupRows(context: NetworkContext, nodes: readonly PrimaryNode[]): DesiredRow[] {
  const network = context.spec.name;
  const name = clusterGroupName(network, "clusterPortGroup");
  const ports = nodes.map(
    (node): RefTo => ({
      ref: rowKey("Logical_Switch_Port", managementPortName(network, node.name)),
    }),
  );
  const match = hairpinMatch(nodes);
  return [
    groupRow(context, "clusterPortGroup", ports),
    groupRow(context, "clusterRtrPortGroup", []),
    ...(match === ""
      ? []
      : (
          [
            ["Ingress", "to-lport"],
            ["Egress", "from-lport"],
          ] as const
        ).map(([side, direction]) => {
          const ids = ownerIds(controllerOf(network), "NetpolDefault", [
            ["name", "allow-hairpinning"],
            ["direction", side],
          ]);
          return allowAclRow(context, { table: "Port_Group", name }, ids, {
            direction,
            priority: ALLOW_PRIORITY,
            match,
          });
        })),
  ];
}

function groupRow(
  { spec }: NetworkContext,
  which: "clusterPortGroup" | "clusterRtrPortGroup",
  ports: readonly RefTo[],
): DesiredRow {
  const name = clusterGroupName(spec.name, which);
  return {
    key: rowKey("Port_Group", name),
    kind: "port group",
    name,
    uuid: portGroupUuid(name),
    keys: { external_ids: clusterGroupIds(spec.name, which).externalIds },
    elements: { ports },
    network: spec.name,
  };
}

/** All nodes have the same masquerade addresses, so any of them tells. */
function hairpinMatch([node]: readonly PrimaryNode[]): string {
  const names: Readonly<Record<Family, string>> = { 4: "ip4", 6: "ip6" };
  const matches = (node?.masquerades ?? []).map(
    ({ hairpin }) => `${names[hairpin.family]}.src == ${formatAddress(hairpin)}`,
  );
  return matches.length > 1 ? `(${matches.join(" || ")})` : matches.join("");
}
