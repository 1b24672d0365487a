import ipaddr from "ipaddr.js";

/** Whether the text is one IPv4 address in four decimal parts, or one IPv6 address without a zone. */
export function isAddress(text: string): boolean {
  if (text.includes(":")) return !text.includes("%") && ipaddr.IPv6.isValid(text);
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Whether the text is an address and a prefix length that fits it. */
export function isCidr(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  const longest = address.includes(":") ? 128 : 32;
  return rest.length === 0 && isAddress(address) && /^\d{1,3}$/.test(length) && Number(length) <= longest;
}
