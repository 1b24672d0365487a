import { type Family, familyBits, parseAddress } from "./address.ts";

const FORM = "must be address/length";

/**
 * What to say of a value that `parseCidr` does not read, with what is wrong with it where that is plain: `must be address/length; an
 * IPv4 address has a length of at most 32`.
 */
export function cidrProblem(value: unknown): string {
  const hint = typeof value === "string" ? hintOn(value.trim()) : undefined;
  return hint === undefined ? FORM : `${FORM}; ${hint}`;
}

function hintOn(text: string): string | undefined {
  const [addressText = "", length, ...more] = text.split("/");
  const family: Family = addressText.includes(":") ? 6 : 4;
  const bits = familyBits(family);
  if (more.length > 0) return undefined;
  if (parseAddress(addressText) === undefined) {
    // "10.0.0" and "010.0.0.0" are addresses to other programs, and not to each the same.
    const isDotted = /^\d+(\.\d+)*$/.test(addressText);
    return isDotted ? "an IPv4 address has four numbers from 0 to 255, without leading zeros" : undefined;
  }
  if (length === undefined || length === "")
    return `the length is missing, which is ${bits} for a single address`;
  const mask = family === 4 ? lengthOf(length) : undefined;
  if (mask !== undefined) return `the netmask ${length} is the length ${mask}`;
  return /^[1-9]\d*$/.test(length) ? `an IPv${family} address has a length of at most ${bits}` : undefined;
}

/** The length that a netmask of IPv4 stands for. */
function lengthOf(mask: string): number | undefined {
  const address = parseAddress(mask);
  if (address?.family !== 4) return undefined;
  const bits = address.value.toString(2).padStart(32, "0");
  return /^1*0*$/.test(bits) ? bits.replace(/0*$/, "").length : undefined;
}
