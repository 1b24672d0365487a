import type { DesiredRow } from "../reconcile/index.ts";
import { layer2SwitchName } from "./names.ts";
import {
  groupElements,
  groupRows,
  isOf2023,
  type NetworkContext,
  networkIds,
  rootRow,
  subnetConfig,
} from "./network-context.ts";
import { sharedRows } from "./shared-rows.ts";
import { transitConfig } from "./zone-keys.ts";

/** A layer2 network: one switch, its groups and, though nothing in it refers to them yet, the shared rows. */
export function layer2Rows(context: NetworkContext): DesiredRow[] {
  const { spec, options, keys } = context;
  const name = layer2SwitchName(spec.name);
  return [
    // Today's controller makes them for every layer2 network; in 2023 only a router did.
    ...(isOf2023(context) ? [] : sharedRows(options.profile)),
    ...groupRows(context),
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
