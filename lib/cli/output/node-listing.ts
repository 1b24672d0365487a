import type { ManifestSet } from "../../manifests/index.ts";
import type { NodeSummary } from "../../topology/index.ts";
import type { Listing } from "./listing.ts";

/** The nodes, once for every layer3 network that they are part of; on others they have no rows. */
export function nodeListing(nodes: readonly NodeSummary[], set: ManifestSet | undefined): Listing {
  const wanted = set && new Set(set.nodes.map(({ name }) => name));
  const data = nodes
    .filter(({ name }) => wanted === undefined || wanted.has(name))
    .map(({ name, network, subnets, chassis, switch: home, pods }) => ({
      name,
      network,
      subnets,
      chassis,
      switch: home,
      pods,
    }));
  const present = new Set(data.map(({ name }) => name));
  return {
    headings: ["NAME", "NETWORK", "SUBNETS", "PODS", "CHASSIS"],
    rows: data.map((each) => [each.name, each.network, each.subnets, String(each.pods), each.chassis]),
    more: { headings: ["SWITCH"], rows: data.map((each) => [each.switch]) },
    subjects: data.map(({ name, network }) => `node ${name} on network "${network}"`),
    data: { nodes: data },
    missing: [...(wanted ?? [])]
      .filter((name) => !present.has(name))
      .map((name) => `node ${name} on a layer3 network`),
  };
}
