import type { Address } from "./address.ts";

/** What ports of a network are told by DHCP beside their addresses and the MTU; ours, upstream has no such field. */
export interface DhcpInput {
  /** Whose ports are served. Default: on primary networks those of virtual machines, on others all. */
  readonly serves?: DhcpSpec["serves"] | undefined;
  /** Addresses of name servers of any family; a comma-separated text or a list. Default: none, and those that a row has stay. */
  readonly dnsServers?: string | readonly string[] | undefined;
  /** IPv4 only, the default gateway: an address in one of the subnets. Primary networks have theirs. Default: none. */
  readonly router?: string | undefined;
  /** IPv4 only: how long an address is lent, in seconds, from 60. @default 3500 */
  readonly leaseTime?: number | undefined;
  /** IPv4 only: name of the domain that hosts are in. Default: none. */
  readonly domainName?: string | undefined;
}

/** DHCP on a validated network. */
export interface DhcpSpec {
  /** Whose ports are served: all of the network, or those of virtual machines. */
  readonly serves: "all" | "virtual-machines";
  readonly dnsServers: readonly Address[];
  /** IPv4: the default gateway. */
  readonly router?: Address;
  /** IPv4: seconds for which an address is lent. */
  readonly leaseTime: number;
  readonly domainName?: string;
}
