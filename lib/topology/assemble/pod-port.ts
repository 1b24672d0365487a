import type { DesiredRow, DesiredValue } from "../../reconcile/index.ts";
import type { Allocation } from "../addresses/pod-addresses.ts";
import { rowKey } from "../naming/row-key.ts";
import type { AttachmentInput, NodeInput } from "../request/inputs.ts";
import { interfaceVersion } from "../rows/interface-version.ts";
import { type NetworkContext, networkIds, requestedChassis } from "../rows/network-context.ts";
import { tunnelIdOf } from "../zones/zone-pod.ts";

/** The one element that `addresses` and `port_security` of a pod's port hold: `mac ip ip6`, without lengths. */
export function addressElement(allocation: Allocation): string {
  return [allocation.mac, ...allocation.ips.map((ip) => ip.address)].join(" ");
}

/**
 * Whether a virtual machine's port is enabled. Upstream says so from its first live migration on; the port of any other pod is
 * left as it is.
 */
function enabledOf(
  { spec }: NetworkContext,
  { site, existing }: Allocation,
): Readonly<Record<string, DesiredValue>> {
  const { vm } = site.input;
  if (vm === undefined || spec.topology === "layer3") return {};
  return { enabled: vm.active ?? (existing?.enabled === true ? true : null) };
}

/** A pod's port on its switch, with columns that not all pods' ports have. */
export function podPortRow(
  context: NetworkContext,
  node: NodeInput,
  allocation: Allocation,
  more: Readonly<Record<string, DesiredValue>>,
): DesiredRow {
  const { input, portName, switchName } = allocation.site;
  const { existing } = allocation;
  const element = addressElement(allocation);
  const enabled = enabledOf(context, allocation);
  return {
    key: rowKey("Logical_Switch_Port", portName),
    kind: "pod port",
    name: portName,
    ...(allocation.uuid !== undefined && { uuid: allocation.uuid }),
    ...(allocation.replaces && existing && { replaces: existing.uuid }),
    columns: {
      // OVN looks up addresses of a disabled port, too, and would send there what is for the other one.
      addresses: enabled["enabled"] === false ? [] : [element],
      port_security: [element],
      type: context.remote.has(node.name) ? "remote" : "",
      ...enabled,
      ...more,
    },
    keys: {
      options: {
        "requested-chassis": requestedChassis(context, node),
        ...interfaceVersion(input.uid, existing?.options, allocation.replaces),
        ...zoneOptions(context, input),
      },
      external_ids: {
        ...networkIds(context, {}),
        "k8s.ovn.org/nad": input.nad,
        namespace: input.namespace,
        pod: "true",
      },
    },
    parent: { key: rowKey("Logical_Switch", switchName), column: "ports" },
    network: context.spec.name,
  };
}

/** What is the same in all zones of a port that is in all of them. */
function zoneOptions(context: NetworkContext, input: AttachmentInput): Record<string, string> {
  if (context.options.mode === "central" || context.spec.topology !== "layer2") return {};
  return { "requested-tnl-key": String(tunnelIdOf(context.spec, input)) };
}
