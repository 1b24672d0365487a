import { UsageError } from "../../jsonrpc/index.ts";
import { fnv1a64, sketch } from "../../ovsdb/index.ts";
import { checkedText } from "./check-text.ts";

// Every name follows go-controller/pkg/util/multi_network.go and pkg/types/const.go of OVN-Kubernetes; where the prefix
// stands differs from kind to kind.

/**
 * The prefix of everything that belongs to a network, or to a NAD: `-` and `/` become `.`, then `_`.
 *
 * Not injective: `a-b`, `a.b` and `a/b` share one prefix, which `checkCollisions` reports.
 */
export function namePrefix(name: string): string {
  if (name !== lastName) {
    if (typeof name !== "string")
      throw new UsageError(`a network, or a NAD, is named by a text, and not by ${sketch(name)}`);
    lastName = name;
    lastPrefix = `${name.replaceAll(/[-/]/g, ".")}_`;
  }
  return lastPrefix;
}

/** Whoever makes thousands of names makes most of them for one network. */
let lastName = "";
let lastPrefix = "_";

function checkedNode(node: string): string {
  return checkedText("a node", node);
}

/** Logical_Router of a layer3 network. */
export function clusterRouterName(network: string): string {
  return `${namePrefix(network)}ovn_cluster_router`;
}

/** Logical_Switch of one node in a layer3 network. */
export function nodeSwitchName(network: string, node: string): string {
  return namePrefix(network) + checkedNode(node);
}

/** Logical_Switch_Port of a node switch that leads to the cluster router. */
export function switchToRouterPortName(network: string, node: string): string {
  return `stor-${namePrefix(network)}${checkedNode(node)}`;
}

/** Logical_Router_Port of the cluster router that leads to a node switch. */
export function routerToSwitchPortName(network: string, node: string): string {
  return `rtos-${namePrefix(network)}${checkedNode(node)}`;
}

/** Gateway_Chassis of a router port on a chassis (its id; in 2023 the node's name). */
export function gatewayChassisName(routerPort: string, chassis: string): string {
  return `${checkedText("a router port", routerPort)}-${checkedText("a chassis", chassis)}`;
}

/** The one Logical_Switch of a layer2 network. */
export function layer2SwitchName(network: string): string {
  return `${namePrefix(network)}ovn_layer2_switch`;
}

/** The one Logical_Switch of a localnet network. */
export function localnetSwitchName(network: string): string {
  return `${namePrefix(network)}ovn_localnet_switch`;
}

/** The Logical_Switch_Port that joins a localnet network to the physical one. */
export function localnetPortName(network: string): string {
  return `${namePrefix(network)}ovn_localnet_port`;
}

/** Logical_Switch between the zones of a layer3 network in interconnect mode. */
export function transitSwitchName(network: string): string {
  return `${namePrefix(network)}transit_switch`;
}

/** Logical_Switch_Port of a node on that switch: to the cluster router of its own zone, and of type remote in all others. */
export function transitSwitchPortName(network: string, node: string): string {
  return `${namePrefix(network)}tstor-${checkedNode(node)}`;
}

/** Logical_Router_Port of the cluster router that leads to that switch. */
export function transitRouterPortName(network: string, node: string): string {
  return `${namePrefix(network)}rtots-${checkedNode(node)}`;
}

/** The `network_name` of a localnet port before OVN-Kubernetes took the network's own name (August 2023). */
export function legacyPhysicalNetworkName(network: string): string {
  return `${namePrefix(network)}br-localnet`;
}

/** Logical_Switch between the cluster router and the gateway routers of a primary layer3 network. */
export function joinSwitchName(network: string): string {
  return `${namePrefix(network)}join`;
}

/** Logical_Switch_Port of that switch that leads to a router. */
export function joinPortName(router: string): string {
  return `jtor-${router}`;
}

/** Logical_Router of a primary layer2 network, between its switch and the gateway routers. */
export function transitRouterName(network: string): string {
  return `${namePrefix(network)}transit_router`;
}

/** Logical_Router_Port of that router that leads to the switch. */
export function transitToSwitchPortName(network: string): string {
  return `trtos-${layer2SwitchName(network)}`;
}

/** Logical_Router of one node, between a primary network and the outside. */
export function gatewayRouterName(network: string, node: string): string {
  return `GR_${namePrefix(network)}${checkedNode(node)}`;
}

/** Logical_Router_Port of the transit router of a primary layer2 network that leads to a gateway router. */
export function linkPortName(gatewayRouter: string): string {
  return `trtor-${gatewayRouter}`;
}

/** Logical_Switch that joins a gateway router to the physical network. */
export function externalSwitchName(network: string, node: string): string {
  return `ext_${namePrefix(network)}${checkedNode(node)}`;
}

/** Logical_Switch_Port of type localnet on that switch; a node's bridge has one for each network. */
export function externalPortName(network: string, node: string, bridge: string): string {
  return `${checkedText("a bridge", bridge)}_${namePrefix(network)}${checkedNode(node)}`;
}

/** Logical_Switch_Port of a node's own interface on a primary network. */
export function managementPortName(network: string, node: string): string {
  return `k8s-${namePrefix(network)}${checkedNode(node)}`;
}

/** Load_Balancer_Group rows of a layer3 or layer2 network: all, switches only, routers only. */
export function loadBalancerGroupNames(network: string): {
  readonly cluster: string;
  readonly switches: string;
  readonly routers: string;
} {
  const prefix = namePrefix(network);
  return {
    cluster: `${prefix}clusterLBGroup`,
    switches: `${prefix}clusterSwitchLBGroup`,
    routers: `${prefix}clusterRouterLBGroup`,
  };
}

/** Logical_Switch_Port of a pod: prefixed by the NAD key (`kube-system/blue`, `kube-system/blue/1`), not by the network. */
export function podPortName(nadKey: string, namespace: string, pod: string): string {
  return `${namePrefix(nadKey)}${checkedText("a namespace", namespace)}_${checkedText("a pod", pod)}`;
}

/** `namespace/name` of a NAD key: without the index that a repeated attachment has. */
export function nadOfKey(nadKey: string): string {
  return checkedText("a NAD key", nadKey).split("/").slice(0, 2).join("/");
}

/** Name of a Port_Group or Address_Set whose `k8s.ovn.org/id` is given: `a` and its FNV-1a hash in decimal. */
export function hashedName(id: string): string {
  return `a${fnv1a64(checkedText("an id", id))}`;
}

const plainName: RegExp = /^[ -~]+$/;

/** Why a text cannot be part of a name, or undefined when it can. */
export function nameProblem(text: unknown): string | undefined {
  if (typeof text !== "string") {
    return "must be a text";
  }
  if (text === "") {
    return "must not be empty";
  }
  // Nearly all names; the classes of Unicode take their time.
  if (plainName.test(text)) {
    return undefined;
  }
  if (/\p{Cc}/u.test(text)) {
    return "must not contain control characters";
  }
  // With the `u` flag this finds only surrogates without their other half.
  return /\p{Cs}/u.test(text) ? "must be valid Unicode" : undefined;
}
