import type { ClusterPlan, Datapath, NodePlan } from "./options.ts";
import { macOfNode, underlay } from "./options.ts";

/** Bridges of the namespace host: the underlay and the external network. */
export const underlayBridge = "br-ovn";
export const externalBridge = "br-ovn-ext";
/** Where nodes are moved that a partition cuts off. */
export const partitionBridge = "br-ovn-cut";

/** The host's end of a node's `eth1`. */
export function underlayPort(index: number): string {
  return `u${index}`;
}

/** A shell script that makes the bridges and, in the network namespace of every node, its two interfaces. */
export function wiringScript(plan: ClusterPlan): string {
  const bridges = [underlayBridge, externalBridge, partitionBridge].flatMap((name) => [
    `link add ${name} type bridge`,
    `link set ${name} up`,
  ]);
  return [
    "ip -batch - <<'END'",
    ...bridges,
    `address add ${underlay.host}/${underlay.prefixLength} dev ${underlayBridge}`,
    ...plan.nodes.flatMap(nodeLinks),
    "END",
    ...plan.nodes.map(nodeScript),
  ].join("\n");
}

function nodeLinks({ name, index, address }: NodePlan): string[] {
  const external = `x${index}`;
  return [
    `link add ${underlayPort(index)} type veth peer name eth1 netns ${name} address ${macOfNode(address)}`,
    `link add ${external} type veth peer name eth2 netns ${name}`,
    `link set ${underlayPort(index)} master ${underlayBridge} up`,
    `link set ${external} master ${externalBridge} up`,
  ];
}

function nodeScript({ name, address }: NodePlan): string {
  // Switched in userspace, packets leave with the checksums that the kernel left to a network card.
  // One of two ARP answers for an address that a userspace bridge has, too: eth1 must not give the other.
  return `
nsenter --net=/run/netns/${name} /bin/sh -e <<'NODE'
for file in all/arp_ignore all/rp_filter default/rp_filter; do
  echo 1 > /proc/sys/net/ipv4/conf/$file || :
done 2>/dev/null
for interface in eth1 eth2; do
  echo 1 > /proc/sys/net/ipv6/conf/$interface/disable_ipv6 || :
done 2>/dev/null
ip -batch - <<'END'
link set lo up
address add ${address}/${underlay.prefixLength} dev eth1
link set eth1 up
link set eth2 up
END
ethtool -K eth1 tx off >/dev/null
ethtool -K eth2 tx off >/dev/null
NODE`;
}

/**
 * A shell script that gives a node its underlay address again, on the bridge that userspace tunnels start from.
 * Interfaces of a userspace bridge are new after each start of ovs-vswitchd(8); with a kernel datapath nothing is moved.
 */
export function underlayScript(address: string, datapath: Datapath): string | undefined {
  if (datapath !== "netdev") {
    return undefined;
  }
  return [
    "ip address flush dev eth1",
    `ip address replace ${address}/${underlay.prefixLength} dev br-eth`,
    "ip link set br-eth up",
    "ip link set br-ex up",
  ].join("\n");
}
