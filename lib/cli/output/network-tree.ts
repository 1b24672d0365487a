import {
  type NetworkOverview,
  type PodOverview,
  type PolicyOverview,
  type RouterOverview,
  routerToSwitchPortName,
  type ServiceOverview,
  type SwitchOverview,
} from "../../topology/index.ts";
import { count, printable } from "./text.ts";
import type { TreeNode } from "./tree.ts";

/** A network as a tree: routers, switches, their ports, pods, and what others hung there. */
export function networkTree(network: NetworkOverview): TreeNode {
  const { name, topology, role, profile, mode, subnets } = network;
  return {
    text: line("network", name, topology, role, profile, mode, ...subnets),
    children: [
      ...network.routers.map((router) => routerTree(network, router)),
      ...network.switches.map((row) => switchTree(network, row)),
      ...network.policies.map(policyTree),
      ...network.services.map(serviceTree),
    ],
  };
}

function policyTree({ namespace, name, ports, acls }: PolicyOverview): TreeNode {
  return { text: line("policy", `${namespace}/${name}`, count(ports.length, "port"), count(acls, "ACL")) };
}

function serviceTree({ namespace, name, balancers }: ServiceOverview): TreeNode {
  return { text: line("service", `${namespace}/${name}`, count(balancers, "load balancer")) };
}

function routerTree(network: NetworkOverview, router: RouterOverview): TreeNode {
  const chassis = new Map(
    network.nodes.map((node) => [routerToSwitchPortName(network.name, node.name), node.chassis]),
  );
  return {
    text: line("router", router.name),
    children: [
      ...router.ports.map(({ name, networks, mac }) => {
        const bound = chassis.get(name);
        return { text: line("port", name, ...networks, mac, bound && `chassis ${bound}`) };
      }),
      ...foreignTrees(network, "Logical_Router", router.name),
    ],
  };
}

function switchTree(network: NetworkOverview, row: SwitchOverview): TreeNode {
  const pods = network.pods.filter((pod) => pod.switch === row.name);
  return {
    text:
      row.node === undefined
        ? line("switch", row.name)
        : line("switch", row.name, `node ${row.node}`, ...row.subnets),
    children: [
      ...row.ports.map(({ name, type, peer, physicalNetwork, vlan }) => ({
        text: line(
          "port",
          name,
          type,
          peer && `to ${peer}`,
          physicalNetwork && `physical network ${physicalNetwork}`,
          vlan === undefined || vlan === 0 ? "" : `vlan ${vlan}`,
        ),
      })),
      ...pods.map((pod) => podTree(pod, row)),
      ...foreignTrees(network, "Logical_Switch", row.name),
    ],
  };
}

function podTree(pod: PodOverview, row: SwitchOverview): TreeNode {
  const node = row.node === undefined ? `node ${pod.node}` : "";
  return {
    text: line("pod", `${pod.namespace}/${pod.name}`, ...pod.ips, pod.mac, node, pod.nad && `by ${pod.nad}`),
  };
}

function foreignTrees(network: NetworkOverview, table: string, parent: string): TreeNode[] {
  return network.foreign
    .filter((row) => row.parent.table === table && row.parent.name === parent)
    .map((row) => ({ text: line("not ours:", `${row.table} ${row.name}`) }));
}

/** The kind and name, and what else is known, two spaces between. */
function line(kind: string, name: string, ...facts: readonly (string | undefined)[]): string {
  const known = facts.filter((fact) => fact !== undefined && fact !== "").map((fact) => printable(`${fact}`));
  return [`${kind} ${printable(name)}`, ...known].join("  ");
}
