import { hashedName } from "../naming/names.ts";
import { controllerOf, type OwnerIds, ownerIds } from "../naming/owner-ids.ts";

/** The controller of the cluster's own network. */
const CONTROLLER = controllerOf("default");

const TYPE = "UDNIsolation";

/** How the names of ACLs begin that open ports of single pods. */
const OPEN_PORT = "OpenPort-";

/** The Port_Group of the ports on the cluster's own network of pods that have a primary one; upstream kept its first name. */
export const isolationGroupIds: OwnerIds = ownerIds(CONTROLLER, TYPE, [["name", "SecondaryPods"]]);

/** Name of that group. */
export const ISOLATION_GROUP: string = hashedName(isolationGroupIds.id);

/** An ACL in it (go-controller/pkg/ovn/udn_isolation.go). */
export function isolationAclIds(
  name: "DenyPrimaryUDN" | "AllowHostARPPrimaryUDN" | "AllowHostPrimaryUDN",
  direction: "Ingress" | "Egress",
): OwnerIds {
  return ownerIds(CONTROLLER, TYPE, [
    ["name", name],
    ["direction", direction],
  ]);
}

/** The ACL that opens ports of one pod, `namespace/name`. */
export function openPortAclIds(pod: string, direction: "Ingress" | "Egress"): OwnerIds {
  return ownerIds(CONTROLLER, TYPE, [
    ["name", `${OPEN_PORT}${pod}`],
    ["direction", direction],
  ]);
}

/** The pod, `namespace/name`, of an ACL that opens its ports, by the ACL's id; undefined for any other. */
export function podOfOpenPorts(id: string): string | undefined {
  const prefix = `${CONTROLLER}:${TYPE}:${OPEN_PORT}`;
  return id.startsWith(prefix) ? id.slice(prefix.length).replace(/:(Ingress|Egress)$/, "") : undefined;
}

/** Name of a pod's port on the cluster's own network. */
export function defaultPortName(namespace: string, pod: string): string {
  return `${namespace}_${pod}`;
}
