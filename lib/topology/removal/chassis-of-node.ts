import type { AnyRow, ReadView } from "../../database/index.ts";
import {
  gatewayRouterName,
  linkPortName,
  routerToSwitchPortName,
  transitSwitchPortName,
} from "../naming/names.ts";
import { isRowOf, networkOf, text } from "../observe/observe.ts";
import { chassisOfPort } from "./removal.ts";

/** The chassis of a node, as far as what it has on this network tells without doubt. */
export function chassisOfNode(view: ReadView, network: string, node: string): string | undefined {
  const gateway = gatewayRouterName(network, node);
  const [router] = view.find("Logical_Router", { name: gateway }).filter((row) => networkOf(row) === network);
  const found = [
    ...(router === undefined ? [] : [text(router, "options", "chassis")]),
    ...view
      .find("Logical_Router_Port", { name: routerToSwitchPortName(network, node) })
      .filter((port) => isOn(view, network, port, "Logical_Router"))
      .flatMap((port) => chassisOfPort(view, port).ours.map((row) => text(row, "chassis_name"))),
    // Of a node of another zone there is only the way to it.
    ...view
      .find("Logical_Switch_Port", { name: transitSwitchPortName(network, node) })
      .filter((port) => isOn(view, network, port, "Logical_Switch"))
      .map((port) => text(port, "options", "requested-chassis")),
    ...view
      .find("Logical_Router_Port", { name: linkPortName(gateway) })
      .filter((port) => isOn(view, network, port, "Logical_Router"))
      .map((port) => text(port, "options", "requested-chassis")),
  ].filter((chassis) => chassis !== "");
  return new Set(found).size === 1 ? found[0] : undefined;
}

function isOn(view: ReadView, network: string, port: AnyRow, table: string): boolean {
  return view.referrers(port._uuid, table, "ports").some((row) => isRowOf(row, network));
}
