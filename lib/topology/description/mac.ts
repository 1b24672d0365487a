import { sha256 } from "../../ovsdb/index.ts";
import { checkedFilled } from "../naming/check-text.ts";
import { type Address, formatAddress, notAddress } from "./address.ts";

/**
 * Reads a MAC address of a single interface and returns it in lower case with colons.
 *
 * Group addresses (lowest bit of the first byte) and `00:00:00:00:00:00` are refused: no port can own them.
 */
export function parseMac(text: string): string | undefined {
  // A list with one text would pass for that.
  if (typeof text !== "string" || !/^[0-9a-f]{2}([:-])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/i.test(text)) {
    return undefined;
  }
  const mac = text.toLowerCase().replaceAll("-", ":");
  const group = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return group || mac === "00:00:00:00:00:00" ? undefined : mac;
}

/**
 * The MAC that OVN-Kubernetes gives to an interface with this address (go-controller/pkg/util/net.go).
 *
 * `0a:58`, then the four bytes of an IPv4 address, or the first four of the SHA-256 of an IPv6 address's canonical text.
 *
 * @throws UsageError for what is no address, as its text is.
 */
export function macOfAddress(address: Address): string {
  if (typeof address?.value !== "bigint") throw notAddress(address);
  if (address.family === 6) {
    return formatMac([0x0a, 0x58, ...sha256(formatAddress(address)).subarray(0, 4)]);
  }
  // Eight digits, those in front that are zero too.
  const hex = (Number(address.value) + 2 ** 32).toString(16).slice(1);
  return `0a:58:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6)}`;
}

/**
 * The MAC of a port that has no address: locally administered, from the SHA-256 of the port's name.
 *
 * OVN-Kubernetes draws such a MAC at random; from the name it is the same for whoever plans next.
 *
 * @throws UsageError for what is no text, and for an empty one.
 */
export function macOfName(portName: string): string {
  const [first = 0, ...rest] = sha256(checkedFilled("the name of a port", portName)).subarray(0, 6);
  return formatMac([(first | 0x02) & 0xfe, ...rest]);
}

function formatMac(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}
