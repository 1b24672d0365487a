import type { GatewayMode } from "../../lib/topology/index.ts";
import {
  all,
  each,
  type Families,
  first,
  idOf,
  ids,
  localnetPortOn,
  macAndAddresses,
  macByHand,
  mainRouterByHand,
  type NodeName,
  nodeSubnet,
  nodeSwitchByHand,
  type Pair,
  routerPortOn,
  switchConfig,
} from "./by-hand.ts";

/** What of a primary network is asked for. */
export interface PrimaryVariant {
  readonly topology: "layer3" | "layer2";
  readonly mode: GatewayMode;
  readonly families: Families;
  /** Of layer3; every node of a layer2 network has a database of its own. Default: n1. */
  readonly nodes?: readonly NodeName[];
  /** A server without NAT.match cannot have the NATs to management ports. Default: it has it. */
  readonly natMatch?: boolean;
}

/** Port groups as they are named by the hash of their ids, given by hand. */
const groups = {
  p3: ["a8314411753911938196", "a6477575740769683164"],
  p2: ["a9255055347741912987", "a6825106671961605493"],
} as const;

const NEXT_HOP: Pair = ["172.18.0.1", "fc00:f853:ccd:e793::1"];
const RANGES: Pair = ["169.254.0.0/17", "fd69::/112"];
const DUMMY: Pair = ["169.254.0.4", "fd69::4"];
const HOST: Pair = ["169.254.0.2", "fd69::2"];

/** Where the traffic of the pods is sent to their node's own stack, by upstream's match on NATs of the network's router. */
export const management = {
  layer3: nodeSubnet(5, "n1").host(2),
  layer2: ["10.6.0.2", "fd00:6::2"],
} as const satisfies Record<PrimaryVariant["topology"], Pair>;

/** The port of a network's router that these NATs are bound to. */
export const managementNatPort = { layer3: "rtos-p3_n1", layer2: "trtos-p2_ovn_layer2_switch" } as const;

export function addressOfNode(node: NodeName): Pair {
  return [`172.18.0.${idOf(node)}`, `fc00:f853:ccd:e793::${idOf(node)}`];
}

/** The address of a node's gateway router in the join subnet. */
export function joinOf(node: NodeName): Pair {
  return [`100.65.0.${idOf(node)}`, `fd99::${idOf(node)}`];
}

/** Both ends of a node's link between the transit router of a layer2 network and its gateway router. */
export function linkOf(node: NodeName): { readonly near: Pair; readonly far: Pair } {
  const base = 2 * idOf(node);
  return {
    near: [`100.88.0.${base}`, `fd97::${base}`],
    far: [`100.88.0.${base + 1}`, `fd97::${base + 1}`],
  };
}

/** The ends of a link with their lengths. */
export function asLink([v4, v6]: Pair): Pair {
  return [`${v4}/31`, `${v6}/127`];
}

/**
 * A primary network p3, id 1, or p2, id 2, as an administrator would type it, from ovn-nbctl(8) and upstream's rows. What
 * NATs to management ports match is typed later: not every ovn-nbctl knows that column.
 */
export function primaryByHand(variant: PrimaryVariant): string {
  return variant.topology === "layer3" ? layer3(variant) : layer2(variant);
}

/** A node's gateway router with its outer side: the same for both topologies but for its inner port. */
function gateway(
  { topology, families }: PrimaryVariant,
  network: string,
  node: NodeName,
  masquerade: Pair,
  inside: Pair,
): string {
  const router = `GR_${network}_${node}`;
  const outer = `rtoe-${router}`;
  const mac = `02:42:ac:12:00:0${idOf(node)}`;
  const [own, join] = [addressOfNode(node), joinOf(node)];
  const source = topology === "layer3" ? "router_ip" : all(families, join);
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false options:dynamic_neigh_routers=false
  set Logical_Router ${router} options:chassis=chassis-of-${node} options:mac_binding_age_threshold=300 options:disable_garp_rarp=true
  set Logical_Router ${router} 'options:lb_force_snat_ip="${source}"'
  lrp-add ${router} ${outer} ${mac} ${all(families, [`${own[0]}/16`, `${own[1]}/64`])} ${all(families, [`${masquerade[0]}/32`, `${masquerade[1]}/128`])}
  ${ids("Logical_Router_Port", outer, network, topology)}
  ls-add ext_${network}_${node}
  ${localnetPortOn(`ext_${network}_${node}`, `breth0_${network}_${node}`, "physnet")}
  ${ids("Logical_Switch_Port", `breth0_${network}_${node}`, network, topology)}
  lsp-add ext_${network}_${node} etor-${router}
  lsp-set-type etor-${router} router
  lsp-set-addresses etor-${router} ${mac}
  lsp-set-options etor-${router} router-port=${outer}
  ${ids("Logical_Switch_Port", `etor-${router}`, network, topology)}
  ${each(
    families,
    (at) => `
  ${[DUMMY, HOST]
    .map(
      (pair) =>
        `create Static_MAC_Binding logical_port=${outer} 'ip="${at(pair)}"' 'mac="${macByHand(at(pair))}"' override_dynamic_mac=true`,
    )
    .join("\n")}
  lr-route-add ${router} ${at(RANGES)} ${at(DUMMY)} ${outer}
  lr-route-add ${router} ${at(["0.0.0.0/0", "::/0"])} ${at(NEXT_HOP)} ${outer}
  --portrange lr-nat-add ${router} snat ${at(masquerade)} ${at(join)} 32768-60999
  --portrange lr-nat-add ${router} snat ${at(masquerade)} ${at(inside)} 32768-60999`,
  )}
  `;
}

/** A management port, and what sends the node's traffic to it. */
function managementPort(
  { families, natMatch = true }: PrimaryVariant,
  place: {
    readonly network: string;
    readonly node: NodeName;
    readonly home: string;
    readonly router: string;
    readonly port: string;
    readonly subnet: Pair;
    readonly own: Pair;
    readonly hosts: readonly Pair[];
    readonly masquerade: Pair;
  },
): string {
  const { network, node, home, router, port, subnet, own, hosts, masquerade } = place;
  return `
  lsp-add ${home} k8s-${network}_${node}
  lsp-set-addresses k8s-${network}_${node} "${macAndAddresses(families, own)}"
  ${each(
    families,
    (at, family) => `
  acl-add ${home} to-lport 1001 ip${family}.src==${at(own)} allow-related
  ${hosts.map((host) => `lr-policy-add ${router} 1004 'inport == "${port}" && ip${family}.dst == ${at(host)} /* ${home} */' reroute ${at(own)}`).join("\n")}
  ${natMatch ? managementNat({ name: `nat_${network}_${node}_${family}`, router, port, outer: at(masquerade), inner: at(subnet) }) : ""}`,
  )}`;
}

function managementNat(nat: {
  readonly name: string;
  readonly router: string;
  readonly port: string;
  readonly outer: string;
  readonly inner: string;
}): string {
  const { name, router, port, outer, inner } = nat;
  return `
  --id=@${name} create NAT type=snat 'external_ip="${outer}"' 'logical_ip="${inner}"' logical_port=${port} external_port_range=32768-60999 options:stateless=false
  add Logical_Router ${router} nat @${name}`;
}

function portGroups(network: "p3" | "p2", nodes: readonly NodeName[], families: Families): string {
  const [own, routers] = groups[network];
  const matches = each(families, (at) => at(["ip4.src == 169.254.0.5", "ip6.src == fd69::5"])).split("\n");
  const hairpin = matches.length > 1 ? `(${matches.join(" || ")})` : matches.join("");
  return `
  pg-add ${own} ${nodes.map((node) => `k8s-${network}_${node}`).join(" ")}
  pg-add ${routers}
  --type=port-group acl-add ${own} to-lport 1001 "${hairpin}" allow-related
  --type=port-group --apply-after-lb acl-add ${own} from-lport 1001 "${hairpin}" allow-related
  `;
}

function layer3(variant: PrimaryVariant): string {
  const { mode, families, nodes = ["n1"] } = variant;
  const router = "p3_ovn_cluster_router";
  return `
  ${mainRouterByHand(router, mode)}
  ls-add p3_join
  lrp-add ${router} rtoj-${router} ${macByHand(first(families, ["100.65.0.1", "fd99::1"]))} ${all(families, ["100.65.0.1/16", "fd99::1/64"])}
  ${ids("Logical_Router_Port", `rtoj-${router}`, "p3", "layer3")}
  ${routerPortOn("p3_join", `jtor-${router}`, `rtoj-${router}`)}
  ${nodes.map((node) => layer3Node(variant, node)).join("\n")}
  ${portGroups("p3", nodes, families)}
  `;
}

function layer3Node(variant: PrimaryVariant, node: NodeName): string {
  const { mode, families } = variant;
  const [cluster, router] = ["p3_ovn_cluster_router", `GR_p3_${node}`];
  const { prefix, host } = nodeSubnet(5, node);
  const inside: Pair = ["10.5.0.0/16", "fd00:5::/60"];
  const masquerade: Pair = ["169.254.0.11", "fd69::b"];
  const join = joinOf(node);
  return `
  ${nodeSwitchByHand("p3", 5, node, families)}
  ${gateway(variant, "p3", node, masquerade, inside)}
  lrp-add ${router} rtoj-${router} ${macByHand(first(families, join))} ${all(families, [`${join[0]}/16`, `${join[1]}/64`])}
  set Logical_Router_Port rtoj-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtoj-${router}`, "p3", "layer3")}
  ${routerPortOn("p3_join", `jtor-${router}`, `rtoj-${router}`)}
  ${ids("Logical_Switch_Port", `jtor-${router}`, "p3", "layer3")}
  ${each(
    families,
    (at) => `
  lr-route-add ${router} ${at(inside)} ${at(["100.65.0.1", "fd99::1"])}
  lr-route-add ${cluster} ${at(join)} ${at(join)}
  --policy=src-ip lr-route-add ${cluster} ${at(prefix)} ${at(mode === "shared" ? join : host(2))}`,
  )}
  ${managementPort(variant, {
    ...{ network: "p3", node, home: `p3_${node}`, router: cluster, port: `rtos-p3_${node}` },
    ...{ subnet: prefix, own: host(2), hosts: [addressOfNode(node), masquerade] },
    masquerade: ["169.254.0.12", "fd69::c"],
  })}
  `;
}

function layer2(variant: PrimaryVariant): string {
  const { mode, families } = variant;
  const [transit, router, home] = ["p2_transit_router", "GR_p2_n1", "p2_ovn_layer2_switch"];
  const subnet: Pair = ["10.6.0.0/16", "fd00:6::/64"];
  const [{ near, far }, join] = [linkOf("n1"), joinOf("n1")];
  const own = management.layer2;
  return `
  ${mainRouterByHand(transit, mode)}
  ls-add ${home}
  ${switchConfig(families, home, ["10.6.0.0/16", "fd00:6::"])}
  lrp-add ${transit} trtos-${home} ${macByHand(first(families, ["10.6.0.1", "fd00:6::1"]))} ${all(families, ["10.6.0.1/16", "fd00:6::1/64"])}
  set Logical_Router_Port trtos-${home} options:gateway_mtu=1400 options:requested-tnl-key=1
  ${
    families.includes(6)
      ? `set Logical_Router_Port trtos-${home} ipv6_ra_configs:address_mode=dhcpv6_stateful ipv6_ra_configs:send_periodic=true
  set Logical_Router_Port trtos-${home} ipv6_ra_configs:max_interval=900 ipv6_ra_configs:min_interval=300
  set Logical_Router_Port trtos-${home} ipv6_ra_configs:router_preference=LOW ipv6_ra_configs:mtu=1400`
      : ""
  }
  lrp-set-gateway-chassis trtos-${home} chassis-of-n1 1
  ${routerPortOn(home, `stotr-${home}`, `trtos-${home}`)}
  ${ids("Logical_Switch_Port", `stotr-${home}`, "p2", "layer2")}
  ${gateway(variant, "p2", "n1", ["169.254.0.13", "fd69::d"], subnet)}
  lrp-add ${transit} trtor-${router} ${macByHand(first(families, near))} ${all(families, asLink(near))} peer=rtotr-${router}
  set Logical_Router_Port trtor-${router} options:requested-tnl-key=12
  ${ids("Logical_Router_Port", `trtor-${router}`, "p2", "layer2")}
  lrp-add ${router} rtotr-${router} ${macByHand(first(families, join))} ${all(families, [`${join[0]}/16`, `${join[1]}/64`])} ${all(families, asLink(far))} peer=trtor-${router}
  set Logical_Router_Port rtotr-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtotr-${router}`, "p2", "layer2")}
  ${each(
    families,
    (at) => `
  lr-route-add ${router} ${at(subnet)} ${at(near)} rtotr-${router}
  lr-route-add ${transit} ${at(join)} ${at(far)}
  --policy=src-ip lr-route-add ${transit} ${at(subnet)} ${at(mode === "shared" ? far : own)}`,
  )}
  ${managementPort(variant, {
    ...{ network: "p2", node: "n1", home, router: transit, port: `trtos-${home}`, subnet, own },
    ...{ hosts: [addressOfNode("n1")], masquerade: ["169.254.0.14", "fd69::e"] },
  })}
  ${portGroups("p2", ["n1"], families)}
  `;
}
