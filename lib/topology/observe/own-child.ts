import type { AnyRow } from "../../database/index.ts";
import {
  clusterRouterName,
  joinPortName,
  localnetPortName,
  managementPortName,
  namePrefix,
  routerToSwitchPortName,
  switchToRouterPortName,
  transitRouterPortName,
  transitSwitchPortName,
  transitToSwitchPortName,
} from "../naming/names.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { networkOf, text } from "./observe.ts";

/** Rows of the network: those that say so, those of its controller, and the infrastructure ports that carry no mark. */
export function isOwnChild(network: string, parent: string, table: string, row: AnyRow): boolean {
  if (networkOf(row) === network) return true;
  if (text(row, "external_ids", "k8s.ovn.org/owner-controller") === controllerOf(network)) return true;
  const name = text(row, "name");
  const prefix = namePrefix(network);
  if (table === "Logical_Switch_Port") {
    const node = parent.startsWith(prefix) ? parent.slice(prefix.length) : "";
    return (
      name === switchToRouterPortName(network, node) ||
      name === localnetPortName(network) ||
      name.startsWith(managementPortName(network, "")) ||
      name === joinPortName(clusterRouterName(network)) ||
      name.startsWith(transitSwitchPortName(network, ""))
    );
  }
  if (table === "Logical_Router_Port") {
    return (
      name.startsWith(routerToSwitchPortName(network, "")) ||
      name.startsWith(transitRouterPortName(network, "")) ||
      name === transitToSwitchPortName(network)
    );
  }
  return false;
}
