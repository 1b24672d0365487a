import type {
  NetworkOverview,
  NetworkSummary,
  NodeSummary,
  PodOnNetwork,
  PolicySummary,
} from "../../lib/topology/index.ts";

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

/** What has to be listed of their nodes. */
export function nodesIn(networks: readonly NetworkOverview[]): readonly NodeSummary[] {
  return networks
    .flatMap(({ name: network, switches, nodes, pods }) =>
      nodes.map((node) => ({
        ...node,
        network,
        switch: switches.find((each) => each.node === node.name)?.name ?? "",
        pods: new Set(
          pods.filter((pod) => pod.node === node.name).map((pod) => `${pod.namespace}/${pod.name}`),
        ).size,
      })),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** What has to be listed of their policies. */
export function policiesIn(networks: readonly NetworkOverview[]): readonly PolicySummary[] {
  return networks.flatMap(({ name: network, policies }) =>
    policies.map((policy) => ({ ...policy, network })),
  );
}

/** Their pods. */
export function podsIn(networks: readonly NetworkOverview[]): readonly PodOnNetwork[] {
  return networks.flatMap(({ name: network, pods }) => pods.map((pod) => ({ ...pod, network })));
}
