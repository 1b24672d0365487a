import type { DesiredRow } from "../../reconcile/index.ts";
import { type Address, formatAddress } from "../description/address.ts";
import { keyedUuid } from "../naming/ids.ts";
import type { OwnerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import { LOGGING_METER } from "../policies/policy-acl.ts";
import type { AttachmentInput } from "../request/inputs.ts";
import { defaultPortName, ISOLATION_GROUP, isolationAclIds, openPortAclIds } from "./isolation-ids.ts";

const DENY_PRIORITY = 1000;
const ALLOW_PRIORITY = 1001;

type Direction = "Ingress" | "Egress";
const DIRECTIONS: readonly Direction[] = ["Egress", "Ingress"];

/** What closes the ports to everybody, and opens them to the nodes at these addresses. */
export function isolationAcls(management: readonly Address[]): DesiredRow[] {
  const denied = DIRECTIONS.map((direction) =>
    aclRow(isolationAclIds("DenyPrimaryUDN", direction), direction, {
      priority: DENY_PRIORITY,
      match: portMatch(direction),
      action: "drop",
    }),
  );
  if (management.length === 0) return denied;
  const sources = management.map((address) => `ip${address.family}.src==${formatAddress(address)}`);
  return [
    ...denied,
    ...DIRECTIONS.map((direction) =>
      aclRow(isolationAclIds("AllowHostARPPrimaryUDN", direction), direction, {
        priority: ALLOW_PRIORITY,
        match: `${portMatch(direction)} && (${neighbourMatch(direction, management)})`,
        action: "allow",
      }),
    ),
    aclRow(isolationAclIds("AllowHostPrimaryUDN", "Ingress"), "Ingress", {
      priority: ALLOW_PRIORITY,
      match: `${portMatch("Ingress")} && (${sources.join(" || ")})`,
      action: "allow-related",
    }),
  ];
}

/** What opens single ports of a pod to everybody; its answers follow from the connection. */
export function openPortAcls({ namespace, name, defaultPort }: AttachmentInput): DesiredRow[] {
  const { openPorts = [] } = defaultPort ?? {};
  if (openPorts.length === 0) return [];
  const pod = `${namespace}/${name}`;
  const port = JSON.stringify(defaultPortName(namespace, name));
  const ports = openPorts.map((each) =>
    each.protocol === "icmp" ? "icmp" : `${each.protocol}.dst == ${each.port}`,
  );
  return [
    aclRow(openPortAclIds(pod, "Ingress"), "Ingress", {
      priority: ALLOW_PRIORITY,
      match: `outport == ${port} && (arp || nd || (${ports.join(" || ")}))`,
      action: "allow-related",
    }),
    aclRow(openPortAclIds(pod, "Egress"), "Egress", {
      priority: ALLOW_PRIORITY,
      match: `inport == ${port} && (arp || nd)`,
      action: "allow",
    }),
  ];
}

function neighbourMatch(direction: Direction, management: readonly Address[]): string {
  const side = direction === "Ingress" ? "s" : "t";
  return management
    .map((address) =>
      address.family === 6
        ? `( nd && nd.target == ${formatAddress(address)} )`
        : `( arp && arp.${side}pa == ${formatAddress(address)} )`,
    )
    .join(" || ");
}

function portMatch(direction: Direction): string {
  return `${direction === "Ingress" ? "outport" : "inport"} == @${ISOLATION_GROUP}`;
}

/** An ACL of the group, in the first tier: what it says is final. */
function aclRow(
  ids: OwnerIds,
  direction: Direction,
  acl: {
    readonly priority: number;
    readonly match: string;
    readonly action: "drop" | "allow" | "allow-related";
  },
): DesiredRow {
  return {
    key: rowKey("ACL", ids.id),
    kind: "acl",
    name: ids.id,
    identity: {
      parent: rowKey("Port_Group", ISOLATION_GROUP),
      column: "acls",
      match: {},
      keys: { external_ids: { "k8s.ovn.org/id": ids.id } },
    },
    uuid: keyedUuid("ACL", "", ids.id),
    columns: {
      ...acl,
      direction: direction === "Ingress" ? "to-lport" : "from-lport",
      meter: LOGGING_METER,
      tier: 0,
    },
    keys: { external_ids: ids.externalIds },
    // Without tiers nothing else is said of these ports: policies are about the pod's port on its primary network.
    unsupported: { tier: "omit" },
  };
}
