import { type Address, formatAddress, parseAddress, parseInterface } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { podPortName } from "../naming/names.ts";
import type { AttachmentInput, IpamClaimInput, ObservedPort } from "../request/inputs.ts";

/** What a claim is called among the holders of addresses; no port has a space in its name. */
function claimHolder({ namespace, name }: IpamClaimInput): string {
  return `IPAMClaim ${namespace}/${name}`;
}

/** Says of a holder that it has an address; `port` is the one of that name, where it was looked at. */
export function describeHolder(holder: string, port?: ObservedPort): string {
  if (holder.startsWith("IPAMClaim ")) return `is kept for ${holder}`;
  // As a rule of a pod that has ended: who asks for its address does not see it anywhere else.
  const isPod = port?.externalIds["k8s.ovn.org/nad"] !== undefined;
  const why = isPod ? ", whose pod is not in the request; the option prune removes such" : "";
  return `is taken by port "${holder}"${why}`;
}

/** The addresses of a claim. */
export function claimedAddresses(spec: NetworkSpec, claim: IpamClaimInput): Address[] {
  return claim.ips.map((text) => {
    const address = parseAddress(text.trim()) ?? parseInterface(text.trim())?.address;
    if (!address)
      throw fault(
        `claims[${claim.namespace}/${claim.name}].ips`,
        text,
        `must be addresses of network "${spec.name}"`,
        claim.source,
      );
    return address;
  });
}

/** Who has the addresses of the claims, by address: those of attachments count as well as those that nobody uses now. */
export function heldByClaims(
  spec: NetworkSpec,
  claims: readonly IpamClaimInput[],
  inputs: readonly AttachmentInput[],
): (readonly [address: string, holder: string])[] {
  return [...claims, ...inputs.flatMap(({ claim }) => claim ?? [])].flatMap((claim) =>
    claimedAddresses(spec, claim).map((address) => [formatAddress(address), claimHolder(claim)] as const),
  );
}

/**
 * For each attachment, who may have its addresses, too: itself, its claim, and while a virtual machine moves the port of its
 * other pod by the same NAD key. Not on layer3, where machines do not move: an address is of one node's subnet there.
 */
export function circles(
  { topology }: NetworkSpec,
  inputs: readonly AttachmentInput[],
): (input: AttachmentInput, portName: string) => readonly string[] {
  const canMove = topology !== "layer3";
  const machineOf = (input: AttachmentInput): string | undefined => (canMove ? machineKey(input) : undefined);
  const pods = new Map<string, string[]>();
  for (const input of inputs) {
    const key = machineOf(input);
    if (key !== undefined) pods.set(key, [...(pods.get(key) ?? []), input.name]);
  }
  return (input, portName) => {
    const { namespace, nad, claim } = input;
    const vm = canMove ? input.vm : undefined;
    if (vm === undefined && claim === undefined) return [portName];
    const key = machineOf(input);
    const names = [...(key === undefined ? [] : (pods.get(key) ?? [])), ...(vm?.peer ? [vm.peer] : [])];
    const ports = new Set([portName, ...names.map((name) => podPortName(nad, namespace, name))]);
    return claim ? [...ports, claimHolder(claim)] : [...ports];
  };
}

function machineKey({ namespace, nad, vm }: AttachmentInput): string | undefined {
  return vm && JSON.stringify([namespace, vm.name, nad]);
}
