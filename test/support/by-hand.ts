import { createHash } from "node:crypto";

/** The families of a network's addresses, IPv4 first. */
export type Families = readonly (4 | 6)[];

/** What IPv4 has, and what IPv6 has in its place. */
export type Pair = readonly [string, string];

/** The nodes of these tests: their ids are 2 and 3, and their addresses end in them. */
export type NodeName = "n1" | "n2";

export function indexOf(node: NodeName): number {
  return node === "n1" ? 0 : 1;
}

export function idOf(node: NodeName): number {
  return indexOf(node) + 2;
}

/** A line for each family. */
export function each(
  families: Families,
  line: (at: (pair: Pair) => string, family: 4 | 6) => string,
): string {
  return families.map((family) => line((pair) => (family === 4 ? pair[0] : pair[1]), family)).join("\n");
}

/** The addresses of the families in one line. */
export function all(families: Families, pair: Pair): string {
  return each(families, (at) => at(pair)).replaceAll("\n", " ");
}

/** The first of them without a length: a row's MAC is made of it. */
export function first(families: Families, pair: Pair): string {
  return all(families, pair).split(" ")[0]?.split("/")[0] ?? "";
}

/** `0a:58` and the bytes of an IPv4 address, or the first of the SHA-256 of an IPv6 address's text. */
export function macByHand(address: string): string {
  const bytes = address.includes(":")
    ? [...createHash("sha256").update(address).digest().subarray(0, 4)]
    : address.split(".").map(Number);
  return ["0a", "58", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** The MAC that follows from a row's first address, and the addresses. */
export function macAndAddresses(families: Families, pair: Pair): string {
  return `${macByHand(first(families, pair))} ${all(families, pair)}`;
}

/** Marks of a row of a network. */
export function ids(table: string, row: string, network: string, topology: string): string {
  return `set ${table} ${row} external_ids:k8s.ovn.org/network=${network} external_ids:k8s.ovn.org/topology=${topology}`;
}

/** Subnets of a switch. */
export function switchConfig(families: Families, home: string, [subnet, prefix]: Pair): string {
  return each(
    families,
    (at) =>
      `set Logical_Switch ${home} ${at([`other_config:subnet=${subnet}`, `'other_config:ipv6_prefix="${prefix}"'`])}`,
  );
}

/** A port that joins a switch to a router. */
export function routerPortOn(home: string, port: string, peer: string): string {
  return `
  lsp-add ${home} ${port}
  lsp-set-type ${port} router
  lsp-set-addresses ${port} router
  lsp-set-options ${port} router-port=${peer}`;
}

/** A port of a switch that leads to the physical network. */
export function localnetPortOn(home: string, port: string, physical: string): string {
  return `
  lsp-add ${home} ${port}
  lsp-set-type ${port} localnet
  lsp-set-addresses ${port} unknown
  lsp-set-options ${port} network_name=${physical}`;
}

/** A localnet network with VLAN 20. */
export function localnetByHand(network: string, families: Families, subnets: Pair): string {
  const home = `${network}_ovn_localnet_switch`;
  return `
  ls-add ${home}
  ${switchConfig(families, home, subnets)}
  ${localnetPortOn(home, `${network}_ovn_localnet_port`, network)}
  set Logical_Switch_Port ${network}_ovn_localnet_port tag_request=20`;
}

/** A pod's port as {@link podByHand} types it. */
export interface PodByHand {
  readonly network: string;
  readonly topology: "layer3" | "layer2" | "localnet";
  readonly name: string;
  /** MAC and addresses. */
  readonly addresses: string;
  readonly node?: NodeName;
  /** Of a node of another zone. */
  readonly remote?: boolean;
  /** The port has an `iface-id-ver` only where the pod's uid is known. */
  readonly uid?: boolean;
  readonly tunnelKey?: number;
}

/** A pod default/`name`, attached by default/`network`. */
export function podByHand(pod: PodByHand): string {
  const { network, topology, name, addresses, node = "n1" } = pod;
  const port = `default.${network}_default_${name}`;
  const home = topology === "layer3" ? `${network}_${node}` : `${network}_ovn_${topology}_switch`;
  const options = [
    `requested-chassis=chassis-of-${node}`,
    ...(pod.uid === true ? [`iface-id-ver=uid-of-${name}`] : []),
    ...(pod.tunnelKey === undefined ? [] : [`requested-tnl-key=${pod.tunnelKey}`]),
  ];
  return `
  lsp-add ${home} ${port}
  ${pod.remote === true ? `lsp-set-type ${port} remote` : ""}
  lsp-set-addresses ${port} "${addresses}"
  lsp-set-port-security ${port} "${addresses}"
  lsp-set-options ${port} ${options.join(" ")}
  ${ids("Logical_Switch_Port", port, network, topology)}
  set Logical_Switch_Port ${port} external_ids:pod=true external_ids:namespace=default external_ids:k8s.ovn.org/nad=default/${network}`;
}

/** What a layer3 network 10.`number`.0.0/16 and fd00:`number`::/60 has for a node: its subnet, and address `host` in it. */
export function nodeSubnet(number: number, node: NodeName): { prefix: Pair; host: (host: number) => Pair } {
  const index = indexOf(node);
  const v4 = `10.${number}.${index}`;
  const v6 = index === 0 ? `fd00:${number}::` : `fd00:${number}:0:${index}::`;
  return { prefix: [`${v4}.0/24`, `${v6}/64`], host: (host) => [`${v4}.${host}`, `${v6}${host}`] };
}

/** A node's switch of a layer3 network, joined to the cluster router. */
export function nodeSwitchByHand(
  network: string,
  number: number,
  node: NodeName,
  families: Families,
): string {
  const { prefix, host } = nodeSubnet(number, node);
  const [home, port] = [`${network}_${node}`, `rtos-${network}_${node}`];
  const [v4, v6] = host(1);
  return `
  ls-add ${home}
  ${switchConfig(families, home, [prefix[0], prefix[1].replace("/64", "")])}
  lrp-add ${network}_ovn_cluster_router ${port} ${macByHand(first(families, [v4, v6]))} ${all(families, [`${v4}/24`, `${v6}/64`])}
  set Logical_Router_Port ${port} options:gateway_mtu=1400
  lrp-set-gateway-chassis ${port} chassis-of-${node} 1
  ${routerPortOn(home, `stor-${home}`, port)}`;
}

/** A network's own router. */
export function mainRouterByHand(router: string, mode: "shared" | "local"): string {
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false
  ${mode === "local" ? `set Logical_Router ${router} options:ct-commit-all=true` : ""}`;
}

/** A secondary layer3 network, without its pods. */
export function secondaryLayer3ByHand(
  network: string,
  number: number,
  place: {
    readonly families: Families;
    readonly mode?: "shared" | "local";
    readonly nodes: readonly NodeName[];
  },
): string {
  const { families, mode = "shared", nodes } = place;
  const exclude = (node: NodeName): string =>
    families.includes(4)
      ? `set Logical_Switch ${network}_${node} other_config:exclude_ips=${nodeSubnet(number, node).host(2)[0]}`
      : "";
  return `
  ${mainRouterByHand(`${network}_ovn_cluster_router`, mode)}
  ${nodes.map((node) => `${nodeSwitchByHand(network, number, node, families)}\n${exclude(node)}`).join("\n")}`;
}
