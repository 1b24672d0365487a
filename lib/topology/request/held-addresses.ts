import type { Address } from "../description/address.ts";

/** Which addresses ports hold, with the work of looking at all of these ports done before. Addresses are canonical texts. */
export interface HeldAddresses {
  /** The names of the ports that hold an address, in no order. */
  holders(address: string): readonly string[];
  /** The names of the ports that have a MAC in `addresses`, in no order. */
  portsWithMac(mac: string): readonly string[];
  /** The first value above that of an address that is held which is not. */
  endOfRun(held: Address): bigint;
}
