/** Bytes. */
export const HIGHEST_MTU = 65_536;
/** IEEE 802.1Q: 4095 is reserved. */
export const HIGHEST_VLAN = 4094;
/** Of the numbers that upstream's cluster manager gives to networks. */
export const HIGHEST_NETWORK_ID = 4095;
/** ovn-sb(5), `Datapath_Binding.tunnel_key`: 24 bits. */
export const HIGHEST_TUNNEL_KEY = 0xff_ffff;
/** Seconds of a DHCP lease: 32 bits (RFC 2132, section 9.2). */
export const LONGEST_LEASE = 0xffff_ffff;
