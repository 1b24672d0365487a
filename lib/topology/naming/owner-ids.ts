import { checkedText } from "./check-text.ts";
import { hashedName } from "./names.ts";

/**
 * The external ids by which upstream finds rows that have no name of their own
 * (go-controller/pkg/libovsdb/ops/db_object_ids.go).
 */
export interface OwnerIds {
  /** `controller:type:key:key`: what tells the row from all others. */
  readonly id: string;
  readonly externalIds: Readonly<Record<string, string>>;
}

/** A key of the ids and its value. Only the first, the object's name, has upstream's prefix. */
type Key = readonly [name: string, value: string];

/** Name of the controller of a network, which owns its rows. */
export function controllerOf(network: string): string {
  return `${checkedText("a network", network)}-network-controller`;
}

/** The ids of a row. The order of the keys is fixed for each type of row and part of its id. */
export function ownerIds(controller: string, type: string, keys: readonly Key[]): OwnerIds {
  const id = [controller, type, ...keys.map(([, value]) => value)].join(":");
  return {
    id,
    externalIds: {
      "k8s.ovn.org/owner-controller": controller,
      "k8s.ovn.org/owner-type": type,
      ...Object.fromEntries(
        keys.map(([name, value]) => [name === "name" ? "k8s.ovn.org/name" : name, value]),
      ),
      "k8s.ovn.org/id": id,
    },
  };
}

/** The port group of a network's management ports (`clusterPortGroup`), or of its router ports (`clusterRtrPortGroup`). */
export function clusterGroupIds(network: string, name: "clusterPortGroup" | "clusterRtrPortGroup"): OwnerIds {
  return ownerIds(controllerOf(network), "Cluster", [["name", name]]);
}

/** Name of that Port_Group. */
export function clusterGroupName(network: string, name: "clusterPortGroup" | "clusterRtrPortGroup"): string {
  return hashedName(clusterGroupIds(network, name).id);
}
