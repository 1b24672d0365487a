import type { DesiredRow } from "../../reconcile/index.ts";
import { layer2SwitchName } from "../naming/names.ts";
import { transitConfig } from "../request/zone-keys.ts";
import { groupElements, type NetworkContext, networkIds, rootRow, subnetConfig } from "./network-context.ts";

/** A layer2 network: one switch, besides its standing rows. */
export function layer2Rows(context: NetworkContext): DesiredRow[] {
  const { spec, keys } = context;
  const name = layer2SwitchName(spec.name);
  return [
    {
      ...rootRow("Logical_Switch", name),
      kind: "layer2 switch",
      keys: {
        other_config: { ...subnetConfig(spec.subnets), ...(keys && transitConfig(name, keys.transitSwitch)) },
        external_ids: networkIds(context, { role: true, version: true }),
      },
      ...groupElements(context),
      network: spec.name,
    },
  ];
}
