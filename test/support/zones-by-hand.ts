import type { GatewayMode } from "../../lib/topology/index.ts";
import {
  all,
  each,
  type Families,
  first,
  idOf,
  ids,
  macAndAddresses,
  macByHand,
  nodeSubnet,
  type Pair,
  podByHand,
  routerPortOn,
  secondaryLayer3ByHand,
  switchConfig,
} from "./by-hand.ts";
import { asLink, joinOf, linkOf, primaryByHand } from "./primary-by-hand.ts";

/** What is asked for of networks on nodes n1 and n2 that are zones of their own. */
export interface ZoneVariant {
  readonly mode: GatewayMode;
  readonly families: Families;
}

/** The network of a switch that is the same in all zones, from ovn-nb(5), `interconn-ts` and `requested-tnl-key`. */
function shared(home: string, key: number): string {
  return `
  set Logical_Switch ${home} other_config:interconn-ts=${home} other_config:requested-tnl-key=${key}
  set Logical_Switch ${home} other_config:mcast_snoop=true other_config:mcast_querier=false other_config:mcast_flood_unregistered=true`;
}

/** Addresses of a node between the zones. */
function transitOf(node: "n1" | "n2"): Pair {
  return [`100.88.0.${idOf(node)}`, `fd97::${idOf(node)}`];
}

function withLengths([v4, v6]: Pair): Pair {
  return [`${v4}/16`, `${v6}/64`];
}

/** Between the zones of a layer3 network, in the database of node n1; `behind` is what node n2 has. */
function transit(network: string, key: number, { families }: ZoneVariant, behind: readonly Pair[]): string {
  const [home, router] = [`${network}_transit_switch`, `${network}_ovn_cluster_router`];
  const [local, remote] = [`${network}_tstor-n1`, `${network}_tstor-n2`];
  const [near, far] = [transitOf("n1"), transitOf("n2")];
  return `
  ls-add ${home}
  ${shared(home, key)}
  lrp-add ${router} ${network}_rtots-n1 ${macByHand(first(families, near))} ${all(families, withLengths(near))}
  set Logical_Router_Port ${network}_rtots-n1 options:mcast_flood=true
  ${routerPortOn(home, local, `${network}_rtots-n1`)}
  set Logical_Switch_Port ${local} options:requested-tnl-key=2 external_ids:node=n1
  lsp-add ${home} ${remote}
  lsp-set-type ${remote} remote
  lsp-set-addresses ${remote} "${macAndAddresses(families, withLengths(far))}"
  lsp-set-options ${remote} requested-chassis=chassis-of-n2 requested-tnl-key=3
  set Logical_Switch_Port ${remote} external_ids:node=n2
  ${behind.map((prefix) => each(families, (at) => `lr-route-add ${router} ${at(prefix)} ${at(far)}`)).join("\n")}`;
}

/** A pod of each zone on a layer2 network, `number`.`first key` and `first key` + 1 being its addresses and tunnel keys. */
function layer2Pods(network: string, number: number, key: number, { families }: ZoneVariant): string {
  const pod = (name: "near" | "far", host: number): string => {
    const addresses = macAndAddresses(families, [`10.${number}.0.${host}`, `fd00:${number}::${host}`]);
    const remote = name === "far";
    const node = remote ? "n2" : "n1";
    return podByHand({
      ...{ network, topology: "layer2", name, addresses, node, remote, uid: true, tunnelKey: host },
    });
  };
  return `${pod("near", key)}${pod("far", key + 1)}`;
}

/** The secondary networks l3, id 7, and l2, id 8, in the zone of n1. */
function secondary(variant: ZoneVariant): string {
  const { mode, families } = variant;
  const home = "l2_ovn_layer2_switch";
  return `
  ${secondaryLayer3ByHand("l3", 3, { families, mode, nodes: ["n1"] })}
  ${transit("l3", 16_711_683 + 7, variant, [nodeSubnet(3, "n2").prefix])}
  ls-add ${home}
  ${switchConfig(families, home, ["10.1.0.0/16", "fd00:1::"])}
  ${shared(home, 16_711_683 + 8)}
  ${layer2Pods("l2", 1, 4, variant)}`;
}

/** The primary networks p3, id 1, and p2, id 2, in the zone of n1. */
function primary(variant: ZoneVariant): string {
  const { families } = variant;
  const [router, remote] = ["p2_transit_router", "trtor-GR_p2_n2"];
  const [{ near, far }, join] = [linkOf("n2"), joinOf("n2")];
  return `
  ${primaryByHand({ topology: "layer3", ...variant })}
  ${transit("p3", 16_711_683 + 1, variant, [nodeSubnet(5, "n2").prefix, [`${join[0]}/32`, `${join[1]}/128`]])}
  ${primaryByHand({ topology: "layer2", ...variant })}
  ${shared("p2_ovn_layer2_switch", 16_711_685)}
  remove Logical_Router ${router} options always_learn_from_arp_request
  set Logical_Router ${router} options:requested-tnl-key=16715779
  lrp-add ${router} ${remote} ${macByHand(first(families, near))} ${all(families, asLink(near))}
  set Logical_Router_Port ${remote} options:requested-tnl-key=13 options:requested-chassis=chassis-of-n2
  ${ids("Logical_Router_Port", remote, "p2", "layer2")}
  set Logical_Router_Port ${remote} external_ids:k8s.ovn.org/node=n2
  ${each(families, (at) => `lr-route-add ${router} ${at(join)} ${at(far)}`)}
  ${layer2Pods("p2", 6, 8, variant)}`;
}

/** Four networks in the zone of n1 as an administrator would type them, from ovn-nbctl(8) and upstream's rows. */
export function zonesByHand(variant: ZoneVariant): string {
  return `${secondary(variant)}${primary(variant)}`;
}
