import type { DesiredRow } from "../reconcile/index.ts";
import { legacyPhysicalNetworkName, localnetPortName, localnetSwitchName } from "./names.ts";
import { isOf2023, type NetworkContext, networkIds, rootRow, subnetConfig } from "./network-context.ts";
import { rowKey } from "./row-key.ts";

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
      // `tag` belongs to ovn-northd, which copies the requested one into it.
      columns: { type: "localnet", addresses: ["unknown"], ...(spec.vlan && { tag_request: spec.vlan }) },
      keys: { options: { network_name: spec.physicalNetworkName ?? usual } },
      parent: { key: switchRow.key, column: "ports" },
      network: spec.name,
    },
  ];
}
