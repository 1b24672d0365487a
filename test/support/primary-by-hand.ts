import type { GatewayMode } from "../../lib/topology/index.ts";

type Topology = "layer3" | "layer2";

/** Marks of a row of a network. */
export function ids(table: string, row: string, network: string, topology: Topology): string {
  return `set ${table} ${row} external_ids:k8s.ovn.org/network=${network} external_ids:k8s.ovn.org/topology=${topology}`;
}

/** Port groups as they are named by the hash of their ids, given by hand. */
export const groups = {
  p3: ["a8314411753911938196", "a6477575740769683164"],
  p2: ["a9255055347741912987", "a6825106671961605493"],
} as const;

/** A node's gateway router with its outer side: the same for both topologies but for its inner port. */
function gateway(
  network: string,
  topology: Topology,
  node: string,
  id: number,
  masquerade: string,
  inside: string,
): string {
  const router = `GR_${network}_${node}`;
  const outer = `rtoe-${router}`;
  const mac = `02:42:ac:12:00:0${id}`;
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false options:dynamic_neigh_routers=false
  set Logical_Router ${router} options:chassis=chassis-of-${node} options:mac_binding_age_threshold=300 options:disable_garp_rarp=true
  set Logical_Router ${router} options:lb_force_snat_ip=${topology === "layer3" ? "router_ip" : `100.65.0.${id}`}
  lrp-add ${router} ${outer} ${mac} 172.18.0.${id}/16 ${masquerade}/32
  ${ids("Logical_Router_Port", outer, network, topology)}
  ls-add ext_${network}_${node}
  lsp-add ext_${network}_${node} breth0_${network}_${node}
  lsp-set-type breth0_${network}_${node} localnet
  lsp-set-addresses breth0_${network}_${node} unknown
  lsp-set-options breth0_${network}_${node} network_name=physnet
  ${ids("Logical_Switch_Port", `breth0_${network}_${node}`, network, topology)}
  lsp-add ext_${network}_${node} etor-${router}
  lsp-set-type etor-${router} router
  lsp-set-addresses etor-${router} ${mac}
  lsp-set-options etor-${router} router-port=${outer}
  ${ids("Logical_Switch_Port", `etor-${router}`, network, topology)}
  create Static_MAC_Binding logical_port=${outer} ip=169.254.0.4 'mac="0a:58:a9:fe:00:04"' override_dynamic_mac=true
  create Static_MAC_Binding logical_port=${outer} ip=169.254.0.2 'mac="0a:58:a9:fe:00:02"' override_dynamic_mac=true
  lr-route-add ${router} 169.254.0.0/17 169.254.0.4 ${outer}
  lr-route-add ${router} 0.0.0.0/0 172.18.0.1 ${outer}
  --portrange lr-nat-add ${router} snat ${masquerade} 100.65.0.${id} 32768-60999
  --portrange lr-nat-add ${router} snat ${masquerade} ${inside} 32768-60999
  `;
}

function hairpin(group: string): string {
  return `
  --type=port-group acl-add ${group} to-lport 1001 "ip4.src == 169.254.0.5" allow-related
  --type=port-group --apply-after-lb acl-add ${group} from-lport 1001 "ip4.src == 169.254.0.5" allow-related
  `;
}

function layer3Node(node: string, id: number, subnet: string, mac: string, mode: GatewayMode): string {
  const router = `GR_p3_${node}`;
  const cluster = "p3_ovn_cluster_router";
  return `
  ls-add p3_${node}
  set Logical_Switch p3_${node} other_config:subnet=${subnet}.0/24
  lrp-add ${cluster} rtos-p3_${node} ${mac}:01 ${subnet}.1/24
  set Logical_Router_Port rtos-p3_${node} options:gateway_mtu=1400
  lrp-set-gateway-chassis rtos-p3_${node} chassis-of-${node} 1
  lsp-add p3_${node} stor-p3_${node}
  lsp-set-type stor-p3_${node} router
  lsp-set-addresses stor-p3_${node} router
  lsp-set-options stor-p3_${node} router-port=rtos-p3_${node}
  lsp-add p3_${node} k8s-p3_${node}
  lsp-set-addresses k8s-p3_${node} "${mac}:02 ${subnet}.2"
  acl-add p3_${node} to-lport 1001 ip4.src==${subnet}.2 allow-related
  ${gateway("p3", "layer3", node, id, "169.254.0.11", "10.5.0.0/16")}
  lr-route-add ${router} 10.5.0.0/16 100.65.0.1
  lrp-add ${router} rtoj-${router} 0a:58:64:41:00:0${id} 100.65.0.${id}/16
  set Logical_Router_Port rtoj-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtoj-${router}`, "p3", "layer3")}
  lsp-add p3_join jtor-${router}
  lsp-set-type jtor-${router} router
  lsp-set-addresses jtor-${router} router
  lsp-set-options jtor-${router} router-port=rtoj-${router}
  ${ids("Logical_Switch_Port", `jtor-${router}`, "p3", "layer3")}
  lr-route-add ${cluster} 100.65.0.${id}/32 100.65.0.${id}
  --policy=src-ip lr-route-add ${cluster} ${subnet}.0/24 ${mode === "shared" ? `100.65.0.${id}` : `${subnet}.2`}
  lr-policy-add ${cluster} 1004 'inport == "rtos-p3_${node}" && ip4.dst == 172.18.0.${id} /* p3_${node} */' reroute ${subnet}.2
  lr-policy-add ${cluster} 1004 'inport == "rtos-p3_${node}" && ip4.dst == 169.254.0.11 /* p3_${node} */' reroute ${subnet}.2
  `;
}

/** A primary layer3 network p3 as an administrator would type it, from ovn-nbctl(8) and upstream's rows. */
export function primaryLayer3ByHand(mode: GatewayMode, nodes: readonly ("n1" | "n2")[]): string {
  const router = "p3_ovn_cluster_router";
  return `
  lr-add ${router}
  set Logical_Router ${router} copp=@copp options:always_learn_from_arp_request=false
  ls-add p3_join
  lrp-add ${router} rtoj-${router} 0a:58:64:41:00:01 100.65.0.1/16
  ${ids("Logical_Router_Port", `rtoj-${router}`, "p3", "layer3")}
  lsp-add p3_join jtor-${router}
  lsp-set-type jtor-${router} router
  lsp-set-addresses jtor-${router} router
  lsp-set-options jtor-${router} router-port=rtoj-${router}
  ${nodes
    .map((node) =>
      node === "n1"
        ? layer3Node(node, 2, "10.5.0", "0a:58:0a:05:00", mode)
        : layer3Node(node, 3, "10.5.1", "0a:58:0a:05:01", mode),
    )
    .join("\n")}
  pg-add ${groups.p3[0]} ${nodes.map((node) => `k8s-p3_${node}`).join(" ")}
  pg-add ${groups.p3[1]}
  ${hairpin(groups.p3[0])}
  `;
}

/** A primary layer2 network p2 with its one node n1, likewise. */
export function primaryLayer2ByHand(): string {
  const router = "GR_p2_n1";
  const transit = "p2_transit_router";
  const home = "p2_ovn_layer2_switch";
  return `
  ls-add ${home}
  set Logical_Switch ${home} other_config:subnet=10.6.0.0/16
  lr-add ${transit}
  set Logical_Router ${transit} copp=@copp options:always_learn_from_arp_request=false
  lrp-add ${transit} trtos-${home} 0a:58:0a:06:00:01 10.6.0.1/16
  set Logical_Router_Port trtos-${home} options:gateway_mtu=1400 options:requested-tnl-key=1
  lrp-set-gateway-chassis trtos-${home} chassis-of-n1 1
  lsp-add ${home} stotr-${home}
  lsp-set-type stotr-${home} router
  lsp-set-addresses stotr-${home} router
  lsp-set-options stotr-${home} router-port=trtos-${home}
  ${ids("Logical_Switch_Port", `stotr-${home}`, "p2", "layer2")}
  lsp-add ${home} k8s-p2_n1
  lsp-set-addresses k8s-p2_n1 "0a:58:0a:06:00:02 10.6.0.2"
  acl-add ${home} to-lport 1001 ip4.src==10.6.0.2 allow-related
  ${gateway("p2", "layer2", "n1", 2, "169.254.0.13", "10.6.0.0/16")}
  lrp-add ${transit} trtor-${router} 0a:58:64:58:00:04 100.88.0.4/31 peer=rtotr-${router}
  set Logical_Router_Port trtor-${router} options:requested-tnl-key=12
  ${ids("Logical_Router_Port", `trtor-${router}`, "p2", "layer2")}
  lrp-add ${router} rtotr-${router} 0a:58:64:41:00:02 100.65.0.2/16 100.88.0.5/31 peer=trtor-${router}
  set Logical_Router_Port rtotr-${router} options:gateway_mtu=1400
  ${ids("Logical_Router_Port", `rtotr-${router}`, "p2", "layer2")}
  lr-route-add ${router} 10.6.0.0/16 100.88.0.4 rtotr-${router}
  lr-route-add ${transit} 100.65.0.2/32 100.88.0.5
  --policy=src-ip lr-route-add ${transit} 10.6.0.0/16 100.88.0.5
  lr-policy-add ${transit} 1004 'inport == "trtos-${home}" && ip4.dst == 172.18.0.2 /* ${home} */' reroute 10.6.0.2
  pg-add ${groups.p2[0]} k8s-p2_n1
  pg-add ${groups.p2[1]}
  ${hairpin(groups.p2[0])}
  `;
}
