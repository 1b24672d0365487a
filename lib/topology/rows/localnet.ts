import type { DesiredRow, DesiredValue } from "../../reconcile/index.ts";
import { legacyPhysicalNetworkName, localnetPortName, localnetSwitchName } from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { isOf2023, type NetworkContext, networkIds, rootRow, subnetConfig } from "./network-context.ts";

/**
 * The VLAN of a localnet port; 0 is none. ovn-northd copies the requested one into `tag`, which is its column, but leaves it there
 * when no more is requested: what goes out would be tagged as before.
 */
export function vlanColumns(vlan: number): Readonly<Record<string, DesiredValue>> {
  return vlan === 0 ? { tag: null } : { tag_request: vlan };
}

/** A localnet network: one switch, and the port that joins it to the physical network. */
export function localnetRows(context: NetworkContext): DesiredRow[] {
  const { spec } = context;
  const switchRow = rootRow("Logical_Switch", localnetSwitchName(spec.name));
  const port = localnetPortName(spec.name);
  const usual = isOf2023(context) ? legacyPhysicalNetworkName(spec.name) : spec.name;
  return [
    {
      ...switchRow,
      kind: "localnet switch",
      keys: {
        other_config: subnetConfig(spec.subnets),
        external_ids: networkIds(context, { role: true, version: true }),
      },
      network: spec.name,
    },
    {
      key: rowKey("Logical_Switch_Port", port),
      kind: "localnet port",
      name: port,
      columns: { type: "localnet", addresses: ["unknown"], ...vlanColumns(spec.vlan ?? 0) },
      keys: { options: { network_name: spec.physicalNetworkName ?? usual } },
      parent: { key: switchRow.key, column: "ports" },
      network: spec.name,
    },
  ];
}
