import { type Address, type Cidr, parseAddress, parseInterface } from "../description/address.ts";
import { AddressError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import type { AttachmentInput } from "../request/inputs.ts";

/** Whoever asked. */
interface Asker {
  readonly site: { readonly input: AttachmentInput };
}

/** An address that was asked for or recorded; its length, if it has any, does not matter. Throws `AddressError`. */
export function readAddress(spec: NetworkSpec, asker: Asker, text: string): Address {
  const address = parseAddress(text.trim()) ?? parseInterface(text.trim())?.address;
  if (!address) {
    throw failure(spec, asker, text, "is not an IP address");
  }
  return address;
}

/**
 * What is wrong with the length of an address that was asked for. Ports are told to have that of the subnet, so another one would
 * be passed over without a word.
 *
 * OVN-Kubernetes gives the pod's interface whatever length the request has, which then reaches too few of its neighbours, or looks
 * for others behind no router. What was given out once may have the length that the subnet had then.
 */
export function wrongLength(
  { recorded, claim }: AttachmentInput,
  text: string,
  subnet: Cidr | undefined,
): string | undefined {
  const prefix = text.includes("/") ? parseInterface(text.trim())?.prefix : undefined;
  if (prefix === undefined || subnet === undefined || prefix === subnet.prefix) return undefined;
  if (recorded?.ips.includes(text) || claim?.ips.includes(text)) return undefined;
  return `has the prefix length ${prefix}, but its subnet is ${subnet.text}`;
}

/** Names the field where the address stands; addresses that nobody has named stand nowhere. */
export function failure(spec: NetworkSpec, asker: Asker, value: string, problem: string): AddressError {
  const { source, ips, recorded } = asker.site.input;
  const names = (texts: readonly string[] = []): boolean =>
    texts.some((text) => text === value || text.startsWith(`${value}/`));
  const field = names(ips) ? "ips" : names(recorded?.ips) ? "recorded.ips" : "addresses";
  const pod = podOf(asker);
  return new AddressError(`pod ${pod} on network "${spec.name}": ${value} ${problem}`, {
    path: `pods[${pod}].${field}`,
    value,
    source,
  });
}

/** `namespace/name`. */
export function podOf({ site: { input } }: Asker): string {
  return `${input.namespace}/${input.name}`;
}
