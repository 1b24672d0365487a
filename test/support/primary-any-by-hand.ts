import { createHash } from "node:crypto";
import type { GatewayMode } from "../../lib/topology/index.ts";
import { groups, ids } from "./primary-by-hand.ts";

/** What of a primary network with the one node n1, id 2, is asked for. */
export interface PrimaryVariant {
  readonly topology: "layer3" | "layer2";
  readonly mode: GatewayMode;
  readonly families: readonly (4 | 6)[];
}

/** Addresses of both families, IPv4 first, as far as the variant has them. */
type Pair = readonly [string, string];

const NODE_MAC = "02:42:ac:12:00:02";
const NODE: Pair = ["172.18.0.2", "fc00:f853:ccd:e793::2"];
const NEXT_HOP: Pair = ["172.18.0.1", "fc00:f853:ccd:e793::1"];
const GATEWAY_JOIN: Pair = ["100.65.0.2", "fd99::2"];
const RANGES: Pair = ["169.254.0.0/17", "fd69::/112"];
const DUMMY: Pair = ["169.254.0.4", "fd69::4"];
const HOST: Pair = ["169.254.0.2", "fd69::2"];

/** `0a:58` and the bytes of an IPv4 address, or the first of the SHA-256 of an IPv6 address's text. */
export function macByHand(address: string): string {
  const bytes = address.includes(":")
    ? [...createHash("sha256").update(address).digest().subarray(0, 4)]
    : address.split(".").map(Number);
  return ["0a", "58", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** A primary network p3 or p2 as an administrator would type it, from ovn-nbctl(8) and upstream's rows. */
export function primaryAnyByHand(variant: PrimaryVariant): string {
  return variant.topology === "layer3" ? layer3(variant) : layer2(variant);
}

/** A line for each family of the variant. */
function each(
  { families }: PrimaryVariant,
  line: (at: (pair: Pair) => string, family: 4 | 6) => string,
): string {
  return families.map((family) => line((pair) => (family === 4 ? pair[0] : pair[1]), family)).join("\n");
}

/** The addresses of the variant's families in one line. */
function all(variant: PrimaryVariant, pair: Pair): string {
  return each(variant, (at) => at(pair)).replaceAll("\n", " ");
}

function first(variant: PrimaryVariant, pair: Pair): string {
  return all(variant, pair).split(" ")[0]?.split("/")[0] ?? "";
}

function config(variant: PrimaryVariant, home: string, v4: string, v6: string): string {
  return each(
    variant,
    (at) =>
      `set Logical_Switch ${home} ${at([`other_config:subnet=${v4}`, `'other_config:ipv6_prefix="${v6}"'`])}`,
  );
}

function gateway(variant: PrimaryVariant, network: string, masquerade: Pair, inside: Pair): string {
  const { topology } = variant;
  const router = `GR_${network}_n1`;
  const outer = `rtoe-${router}`;
  const source = topology === "layer3" ? "router_ip" : all(variant, GATEWAY_JOIN);
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false options:dynamic_neigh_routers=false
  set Logical_Router ${router} options:chassis=chassis-of-n1 options:mac_binding_age_threshold=300 options:disable_garp_rarp=true
  set Logical_Router ${router} 'options:lb_force_snat_ip="${source}"'
  lrp-add ${router} ${outer} ${NODE_MAC} ${all(variant, ["172.18.0.2/16", "fc00:f853:ccd:e793::2/64"])} ${all(variant, [`${masquerade[0]}/32`, `${masquerade[1]}/128`])}
  ${ids("Logical_Router_Port", outer, network, topology)}
  ls-add ext_${network}_n1
  lsp-add ext_${network}_n1 breth0_${network}_n1
  lsp-set-type breth0_${network}_n1 localnet
  lsp-set-addresses breth0_${network}_n1 unknown
  lsp-set-options breth0_${network}_n1 network_name=physnet
  ${ids("Logical_Switch_Port", `breth0_${network}_n1`, network, topology)}
  lsp-add ext_${network}_n1 etor-${router}
  lsp-set-type etor-${router} router
  lsp-set-addresses etor-${router} ${NODE_MAC}
  lsp-set-options etor-${router} router-port=${outer}
  ${ids("Logical_Switch_Port", `etor-${router}`, network, topology)}
  ${each(
    variant,
    (at) => `
  ${[DUMMY, HOST]
    .map(
      (pair) =>
        `create Static_MAC_Binding logical_port=${outer} 'ip="${at(pair)}"' 'mac="${macByHand(at(pair))}"' override_dynamic_mac=true`,
    )
    .join("\n")}
  lr-route-add ${router} ${at(RANGES)} ${at(DUMMY)} ${outer}
  lr-route-add ${router} ${at(["0.0.0.0/0", "::/0"])} ${at(NEXT_HOP)} ${outer}
  --portrange lr-nat-add ${router} snat ${at(masquerade)} ${at(GATEWAY_JOIN)} 32768-60999
  --portrange lr-nat-add ${router} snat ${at(masquerade)} ${at(inside)} 32768-60999`,
  )}
  `;
}

/** The management port, and what sends the node's traffic to it. */
function management(
  variant: PrimaryVariant,
  network: "p3" | "p2",
  place: {
    home: string;
    router: string;
    port: string;
    subnet: Pair;
    own: Pair;
    hosts: readonly Pair[];
    masquerade: Pair;
  },
): string {
  const { home, router, port, subnet, own, hosts, masquerade } = place;
  return `
  lsp-add ${home} k8s-${network}_n1
  lsp-set-addresses k8s-${network}_n1 "${macByHand(first(variant, own))} ${all(variant, own)}"
  ${each(
    variant,
    (at, family) => `
  acl-add ${home} to-lport 1001 ip${family}.src==${at(own)} allow-related
  ${hosts.map((host) => `lr-policy-add ${router} 1004 'inport == "${port}" && ip${family}.dst == ${at(host)} /* ${home} */' reroute ${at(own)}`).join("\n")}
  --id=@nat${family} create NAT type=snat 'external_ip="${at(masquerade)}"' 'logical_ip="${at(subnet)}"' logical_port=${port} external_port_range=32768-60999 options:stateless=false
  add Logical_Router ${router} nat @nat${family}`,
  )}
  pg-add ${groups[network][0]} k8s-${network}_n1
  pg-add ${groups[network][1]}
  --type=port-group acl-add ${groups[network][0]} to-lport 1001 "${hairpin(variant)}" allow-related
  --type=port-group --apply-after-lb acl-add ${groups[network][0]} from-lport 1001 "${hairpin(variant)}" allow-related
  `;
}

function hairpin(variant: PrimaryVariant): string {
  const parts = each(variant, (at) => at(["ip4.src == 169.254.0.5", "ip6.src == fd69::5"])).split("\n");
  return parts.length > 1 ? `(${parts.join(" || ")})` : parts.join("");
}

function mainRouter(variant: PrimaryVariant, router: string): string {
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false
  ${variant.mode === "local" ? `set Logical_Router ${router} options:ct-commit-all=true` : ""}`;
}

function layer3(variant: PrimaryVariant): string {
  const [cluster, router, join] = ["p3_ovn_cluster_router", "GR_p3_n1", "p3_join"];
  const [subnet, own]: [Pair, Pair] = [
    ["10.5.0.0/24", "fd00:5::/64"],
    ["10.5.0.2", "fd00:5::2"],
  ];
  const inside: Pair = ["10.5.0.0/16", "fd00:5::/60"];
  const masquerade: Pair = ["169.254.0.11", "fd69::b"];
  const toJoin = (port: string, inner: string): string => `
  lsp-add ${join} ${port}
  lsp-set-type ${port} router
  lsp-set-addresses ${port} router
  lsp-set-options ${port} router-port=${inner}`;
  return `
  ${mainRouter(variant, cluster)}
  ls-add ${join}
  lrp-add ${cluster} rtoj-${cluster} ${macByHand(first(variant, ["100.65.0.1", "fd99::1"]))} ${all(variant, ["100.65.0.1/16", "fd99::1/64"])}
  ${ids("Logical_Router_Port", `rtoj-${cluster}`, "p3", "layer3")}
  ${toJoin(`jtor-${cluster}`, `rtoj-${cluster}`)}
  ls-add p3_n1
  ${config(variant, "p3_n1", "10.5.0.0/24", "fd00:5::")}
  lrp-add ${cluster} rtos-p3_n1 ${macByHand(first(variant, ["10.5.0.1", "fd00:5::1"]))} ${all(variant, ["10.5.0.1/24", "fd00:5::1/64"])}
  set Logical_Router_Port rtos-p3_n1 options:gateway_mtu=1400
  lrp-set-gateway-chassis rtos-p3_n1 chassis-of-n1 1
  lsp-add p3_n1 stor-p3_n1
  lsp-set-type stor-p3_n1 router
  lsp-set-addresses stor-p3_n1 router
  lsp-set-options stor-p3_n1 router-port=rtos-p3_n1
  ${gateway(variant, "p3", masquerade, inside)}
  lrp-add ${router} rtoj-${router} ${macByHand(first(variant, GATEWAY_JOIN))} ${all(variant, ["100.65.0.2/16", "fd99::2/64"])}
  set Logical_Router_Port rtoj-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtoj-${router}`, "p3", "layer3")}
  ${toJoin(`jtor-${router}`, `rtoj-${router}`)}
  ${ids("Logical_Switch_Port", `jtor-${router}`, "p3", "layer3")}
  ${each(
    variant,
    (at) => `
  lr-route-add ${router} ${at(inside)} ${at(["100.65.0.1", "fd99::1"])}
  lr-route-add ${cluster} ${at(GATEWAY_JOIN)} ${at(GATEWAY_JOIN)}
  --policy=src-ip lr-route-add ${cluster} ${at(subnet)} ${at(variant.mode === "shared" ? GATEWAY_JOIN : own)}`,
  )}
  ${management(variant, "p3", {
    ...{ home: "p3_n1", router: cluster, port: "rtos-p3_n1", subnet, own },
    ...{ hosts: [NODE, masquerade], masquerade: ["169.254.0.12", "fd69::c"] },
  })}
  `;
}

function layer2(variant: PrimaryVariant): string {
  const [transit, router, home] = ["p2_transit_router", "GR_p2_n1", "p2_ovn_layer2_switch"];
  const [subnet, own]: [Pair, Pair] = [
    ["10.6.0.0/16", "fd00:6::/64"],
    ["10.6.0.2", "fd00:6::2"],
  ];
  const [near, far]: [Pair, Pair] = [
    ["100.88.0.4", "fd97::4"],
    ["100.88.0.5", "fd97::5"],
  ];
  const masquerade: Pair = ["169.254.0.13", "fd69::d"];
  const links = ([a, b]: Pair): Pair => [`${a}/31`, `${b}/127`];
  return `
  ${mainRouter(variant, transit)}
  ls-add ${home}
  ${config(variant, home, "10.6.0.0/16", "fd00:6::")}
  lrp-add ${transit} trtos-${home} ${macByHand(first(variant, ["10.6.0.1", "fd00:6::1"]))} ${all(variant, ["10.6.0.1/16", "fd00:6::1/64"])}
  set Logical_Router_Port trtos-${home} options:gateway_mtu=1400 options:requested-tnl-key=1
  ${
    variant.families.includes(6)
      ? `set Logical_Router_Port trtos-${home} ipv6_ra_configs:address_mode=dhcpv6_stateful ipv6_ra_configs:send_periodic=true
  set Logical_Router_Port trtos-${home} ipv6_ra_configs:max_interval=900 ipv6_ra_configs:min_interval=300
  set Logical_Router_Port trtos-${home} ipv6_ra_configs:router_preference=LOW ipv6_ra_configs:mtu=1400`
      : ""
  }
  lrp-set-gateway-chassis trtos-${home} chassis-of-n1 1
  lsp-add ${home} stotr-${home}
  lsp-set-type stotr-${home} router
  lsp-set-addresses stotr-${home} router
  lsp-set-options stotr-${home} router-port=trtos-${home}
  ${ids("Logical_Switch_Port", `stotr-${home}`, "p2", "layer2")}
  ${gateway(variant, "p2", masquerade, subnet)}
  lrp-add ${transit} trtor-${router} ${macByHand(first(variant, near))} ${all(variant, links(near))} peer=rtotr-${router}
  set Logical_Router_Port trtor-${router} options:requested-tnl-key=12
  ${ids("Logical_Router_Port", `trtor-${router}`, "p2", "layer2")}
  lrp-add ${router} rtotr-${router} ${macByHand(first(variant, GATEWAY_JOIN))} ${all(variant, ["100.65.0.2/16", "fd99::2/64"])} ${all(variant, links(far))} peer=trtor-${router}
  set Logical_Router_Port rtotr-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtotr-${router}`, "p2", "layer2")}
  ${each(
    variant,
    (at) => `
  lr-route-add ${router} ${at(subnet)} ${at(near)} rtotr-${router}
  lr-route-add ${transit} ${at(GATEWAY_JOIN)} ${at(far)}
  --policy=src-ip lr-route-add ${transit} ${at(subnet)} ${at(variant.mode === "shared" ? far : own)}`,
  )}
  ${management(variant, "p2", {
    ...{ home, router: transit, port: `trtos-${home}`, subnet, own },
    ...{ hosts: [NODE], masquerade: ["169.254.0.14", "fd69::e"] },
  })}
  `;
}
