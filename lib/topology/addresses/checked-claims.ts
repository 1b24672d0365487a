import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";
import { formatAddress, parseAddress, parseCidr } from "../description/address.ts";
import { checkedFilled } from "../naming/check-text.ts";
import { addressClaim as claimOfAddress, subnetClaim as claimOfSubnet } from "../naming/ids.ts";

// Whoever spells an address otherwise would have a uuid that nobody looks for. The builders make these texts themselves.

/**
 * The uuid of the port that holds an address of a network.
 *
 * @param address Without a prefix length, in canonical text: dotted quad, or RFC 5952.
 * @throws UsageError for another text.
 */
export function addressClaim(network: string, address: string): string {
  checkedFilled("a network", network);
  const parsed = parseAddress(address);
  checkSpelling("an address", address, parsed && formatAddress(parsed));
  return claimOfAddress(network, address);
}

/**
 * The uuid of the router port of the node that has a subnet of a layer3 network.
 *
 * @param subnet In canonical text, as {@link Cidr.text}.
 * @throws UsageError for another text.
 */
export function subnetClaim(network: string, subnet: string): string {
  checkedFilled("a network", network);
  checkSpelling("a subnet", subnet, parseCidr(subnet)?.text);
  return claimOfSubnet(network, subnet);
}

function checkSpelling(what: string, given: string, canonical: string | undefined): void {
  if (canonical === undefined) throw new UsageError(`not ${what}: ${sketch(given)}`);
  if (given !== canonical)
    throw new UsageError(`${what} is claimed by its canonical text, ${canonical}, and not by ${given}`);
}
