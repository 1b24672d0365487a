import type { ManifestSet } from "../../manifests/index.ts";
import type { NetworkOverview } from "../../topology/index.ts";
import type { Listing } from "./listing.ts";

/** The nodes, once for every layer3 network that they are part of; on others they have no rows. */
export function nodeListing(networks: readonly NetworkOverview[], set: ManifestSet | undefined): Listing {
  const wanted = set && new Set(set.nodes.map(({ name }) => name));
  const data = networks
    .flatMap((network) =>
      network.nodes.map((node) => ({
        name: node.name,
        network: network.name,
        subnets: node.subnets,
        chassis: node.chassis,
        switch: network.switches.find((row) => row.node === node.name)?.name ?? "",
        pods: new Set(
          network.pods.filter((pod) => pod.node === node.name).map((pod) => `${pod.namespace}/${pod.name}`),
        ).size,
      })),
    )
    .filter(({ name }) => wanted === undefined || wanted.has(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return {
    headings: ["NAME", "NETWORK", "SUBNETS", "PODS", "CHASSIS"],
    rows: data.map((each) => [each.name, each.network, each.subnets, String(each.pods), each.chassis]),
    more: { headings: ["SWITCH"], rows: data.map((each) => [each.switch]) },
    subjects: data.map(({ name, network }) => `node ${name} on network "${network}"`),
    data: { nodes: data },
    missing: [...(wanted ?? [])]
      .filter((name) => !data.some((each) => each.name === name))
      .map((name) => `node ${name} on a layer3 network`),
  };
}
