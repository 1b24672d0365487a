import type { NetworkOverview, NetworkSummary } from "../../lib/topology/index.ts";

/** What a network's summary has to be, counted in all that is told of the network. */
export function summaryOf(network: NetworkOverview): NetworkSummary {
  const { name, topology, role, profile, mode, subnets, nads } = network;
  return {
    name,
    topology,
    role,
    profile,
    mode,
    subnets,
    nads,
    switches: network.switches.length,
    routers: network.routers.length,
    nodes: network.nodes.length,
    pods: new Set(network.pods.map((pod) => `${pod.namespace}/${pod.name}`)).size,
  };
}
