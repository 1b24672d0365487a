import type { NetworkSpec } from "../description/network-spec.ts";
import { fault, networkFault } from "../description/spec-field.ts";
import type { NodeInput } from "./inputs.ts";
import { nodesNumberPath } from "./network-number.ts";

/** Tunnel keys that all zones give to the datapaths they share (go-controller/pkg/ovn/zone_interconnect). */
export interface ZoneKeys {
  /** Of the switch between the zones: layer3's transit switch, or layer2's only one. */
  readonly transitSwitch: number;
  /** Primary layer2: of the transit router. */
  readonly transitRouter?: number;
}

/** The key of the switch of a network is this and the network's number. */
const FIRST_KEY = 16_711_683;

/**
 * The keys of a network, from its number or from what upstream gave it; undefined on localnet, which no tunnel joins.
 *
 * @throws SpecError naming the annotation that lacks.
 */
export function zoneKeys(spec: NetworkSpec, nodes: readonly NodeInput[]): ZoneKeys | undefined {
  if (spec.topology === "localnet") return undefined;
  if (spec.topology === "layer3" || !spec.primary)
    return { transitSwitch: FIRST_KEY + networkIdOf(spec, nodes) };
  const [transitSwitch, transitRouter] = spec.tunnelKeys ?? [];
  if (transitSwitch === undefined || transitRouter === undefined)
    throw networkFault(
      spec.name,
      "tunnelKeys",
      spec.tunnelKeys,
      `are missing: the primary layer2 network "${spec.name}" needs them in mode interconnect (annotation k8s.ovn.org/tunnel-keys ` +
        "of its NetworkAttachmentDefinition)",
    );
  return { transitSwitch, transitRouter };
}

/** `other_config` of a switch that is the same in all zones. */
export function transitConfig(name: string, key: number): Record<string, string> {
  return {
    "interconn-ts": name,
    "requested-tnl-key": String(key),
    mcast_snoop: "true",
    mcast_querier: "false",
    mcast_flood_unregistered: "true",
  };
}

/** The network's number: its own, or the one that nodes tell. */
function networkIdOf(spec: NetworkSpec, nodes: readonly NodeInput[]): number {
  let known = spec.networkId;
  for (const { name, networkIds } of nodes) {
    const told = networkIds?.[spec.name];
    if (told === undefined) continue;
    const path = nodesNumberPath(name, spec.name);
    if (!(Number.isInteger(told) && told >= 1 && told <= 4095))
      throw fault(path, told, "must be a whole number from 1 to 4095");
    if (known !== undefined && told !== known)
      throw fault(path, told, `is not the id of network "${spec.name}", which is ${known}`);
    known = told;
  }
  if (known !== undefined) return known;
  throw networkFault(
    spec.name,
    "networkId",
    spec.networkId,
    `is missing: network "${spec.name}" needs it in mode interconnect (annotation k8s.ovn.org/network-id of its ` +
      "NetworkAttachmentDefinition, or k8s.ovn.org/network-ids of nodes)",
  );
}
