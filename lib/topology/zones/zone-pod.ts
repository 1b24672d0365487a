import { bareMac } from "../addresses/pod-macs.ts";
import { parseAddress, parseInterface } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { podPortName } from "../naming/names.ts";
import type { AttachmentInput } from "../request/inputs.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";

/** Keys from 32768 are for groups (ovn-sb(5), `Port_Binding.tunnel_key`). */
const LAST_TUNNEL_ID = 32_767;

/** The key that a pod's port has in all zones of a layer2 network. Throws `SpecError` when upstream gave it none. */
export function tunnelIdOf(spec: NetworkSpec, input: AttachmentInput): number {
  const id = input.recorded?.tunnelId;
  const path = `pods[${input.namespace}/${input.name}].recorded.tunnelId`;
  if (id === undefined) throw missing(spec, input, "recorded.tunnelId", "tunnel_id in it");
  if (!Number.isInteger(id) || id < 1 || id > LAST_TUNNEL_ID)
    throw fault(path, id, `must be a whole number from 1 to ${LAST_TUNNEL_ID}`, input.source);
  return id;
}

/**
 * Throws `SpecError` when an address would have to be found on a network whose addresses are given out for all zones at
 * once: layer2, and localnet. On layer3 every zone has subnets of its own.
 */
export function checkRecord(spec: NetworkSpec, input: AttachmentInput): void {
  if (spec.topology === "layer3") return;
  if (spec.topology === "layer2") tunnelIdOf(spec, input);
  if (spec.subnets.length === 0) {
    const hasMac = input.mac !== undefined || input.recorded?.mac !== undefined;
    // Without an address to make it from, a MAC would be this zone's own idea.
    if (!hasMac) throw missing(spec, input, "recorded.mac", "mac_address in it");
    return;
  }
  const known = [...(input.recorded?.ips ?? []), ...(input.ips ?? [])].flatMap(
    (text) => parseAddress(text.trim()) ?? parseInterface(text.trim())?.address ?? [],
  );
  for (const subnet of spec.subnets)
    if (
      !known.some(
        ({ family, value }) => family === subnet.family && value >= subnet.first && value <= subnet.last,
      )
    )
      throw missing(spec, input, "recorded.ips", `an address in ${subnet.text} in it`);
}

/** Throws `SpecError` when two pods were given one key: ovn-northd would give one of them another, and each zone its own. */
export function checkTunnelIds(spec: NetworkSpec, inputs: readonly AttachmentInput[]): void {
  if (spec.topology !== "layer2") return;
  const owners = new Map<number, AttachmentInput>();
  for (const input of inputs) {
    const id = tunnelIdOf(spec, input);
    const owner = owners.get(id);
    if (owner !== undefined)
      throw fault(
        `pods[${input.namespace}/${input.name}].recorded.tunnelId`,
        id,
        `is that of pod ${owner.namespace}/${owner.name} on ${owner.nad}, too`,
        input.source,
      );
    owners.set(id, input);
  }
}

/** A pod of another zone that has no port here. Policies may let its addresses in; they are those that upstream recorded. */
export function elsewhere(input: AttachmentInput): BuiltAttachment {
  const portName = podPortName(input.nad, input.namespace, input.name);
  const ips = input.recorded?.ips ?? input.ips ?? [];
  const texts = ips.map((ip) => ip.trim().split("/", 1)[0] ?? "");
  const [first] = texts.flatMap((text) => parseAddress(text) ?? []);
  const mac = bareMac(input, portName, first, undefined);
  return {
    input,
    portName,
    addresses: [mac, ...texts].join(" "),
    mac,
    ips,
    exclusive: false,
    unseen: false,
    switchKey: "",
    isRemote: true,
  };
}

/** Throws `SpecError` when policies are to be made and the address of a pod that has no port here is not known. */
export function checkElsewhere(spec: NetworkSpec, pods: readonly BuiltAttachment[]): void {
  if (spec.subnets.length === 0) return;
  for (const { input, ips } of pods)
    if (ips.length === 0) throw missing(spec, input, "recorded.ips", "its addresses in it, for policies");
}

function missing(spec: NetworkSpec, input: AttachmentInput, field: string, what: string): Error {
  const { namespace, name, nad, recorded, source } = input;
  return fault(
    `pods[${namespace}/${name}].${field}`,
    recorded,
    `is missing: network "${spec.name}" needs it in mode interconnect (annotation k8s.ovn.org/pod-networks, ${what}, ` +
      `under ${nad})`,
    source,
  );
}
