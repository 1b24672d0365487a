import type { AnyRow, ReadView } from "../../database/index.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { stringMap, text } from "../observe/observe.ts";
import type { ObservedDhcp } from "../request/inputs.ts";

const OWNER = "k8s.ovn.org/owner-controller";
const NAME = "k8s.ovn.org/name";

/** The DHCP_Options of a network's controller; of a network without any that takes one look-up. */
export function observeDhcp(view: ReadView, network: string): ObservedDhcp[] {
  return view
    .find("DHCP_Options", { external_ids: { [OWNER]: controllerOf(network) } })
    .map((row) => observed(view, row));
}

/** Those that have one of these names in their ids: the network's, `namespace/name` of a virtual machine. */
export function observeDhcpOf(view: ReadView, network: string, names: readonly string[]): ObservedDhcp[] {
  return names
    .flatMap((name) =>
      view.find("DHCP_Options", { external_ids: { [OWNER]: controllerOf(network), [NAME]: name } }),
    )
    .map((row) => observed(view, row));
}

function observed(view: ReadView, row: AnyRow): ObservedDhcp {
  return {
    uuid: row._uuid,
    id: text(row, "external_ids", "k8s.ovn.org/id"),
    options: stringMap(row, "options"),
    users: () =>
      ["dhcpv4_options", "dhcpv6_options"].flatMap((column) =>
        view
          .referrers(row._uuid, "Logical_Switch_Port", column)
          .map((port) => ({ uuid: port._uuid, name: text(port, "name") })),
      ),
  };
}
