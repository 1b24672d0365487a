import { type Address, familyBits, parseAddress, parseInterface } from "../description/address.ts";
import { AddressError } from "../description/errors.ts";
import { macOfAddress, macOfName, parseMac } from "../description/mac.ts";
import { podPortName } from "../naming/names.ts";
import type { AttachmentInput, ObservedPort } from "../request/inputs.ts";
import { parseAddressSet } from "./port-addresses.ts";

/** The MAC that was requested, else the recorded one; undefined when it is to be made. */
export function givenMac(input: AttachmentInput): string | undefined {
  const text = input.mac ?? input.recorded?.mac;
  if (text === undefined) {
    return undefined;
  }
  const mac = parseMac(text);
  if (mac === undefined) {
    const pod = `${input.namespace}/${input.name}`;
    throw new AddressError(`pod ${pod}: "${text}" is not the MAC address of one interface`, {
      path: `pods[${pod}].mac`,
      value: text,
      source: input.source,
    });
  }
  return mac;
}

/** The requested addresses, else the recorded ones, as they are: for networks without subnets. Without a length: a host's. */
export function bareAddresses(
  input: AttachmentInput,
  fail: (text: string) => Error,
): { readonly address: Address; readonly prefix: number }[] {
  return (input.ips ?? input.recorded?.ips ?? []).map((text) => {
    const address = parseAddress(text.trim());
    const given = address ? { address, prefix: familyBits(address.family) } : parseInterface(text.trim());
    if (!given) {
      throw fail(text);
    }
    return given;
  });
}

/**
 * The MAC of a port on a network without subnets.
 *
 * Without an address to make it from, a MAC that the port has stays: OVN-Kubernetes draws such MACs at random, and the
 * pod has it. Where the columns differ, the one we would have made is believed.
 */
export function bareMac(
  input: AttachmentInput,
  portName: string,
  first: Address | undefined,
  existing: ObservedPort | undefined,
): string {
  const given = givenMac(input);
  if (given !== undefined) {
    return given;
  }
  if (first) {
    return macOfAddress(first);
  }
  // A virtual machine has one interface, whichever pod it is in.
  const { namespace, nad, vm } = input;
  const made = macOfName(vm ? podPortName(nad, namespace, vm.name) : portName);
  const present = [...(existing?.addresses ?? []), ...(existing?.portSecurity ?? [])].flatMap(
    (element) => parseAddressSet(element)?.mac ?? [],
  );
  return present.includes(made) ? made : (present[0] ?? made);
}
