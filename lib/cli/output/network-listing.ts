import type { ManifestNetwork, ManifestSet } from "../../manifests/index.ts";
import type { NetworkSummary } from "../../topology/index.ts";
import type { Listing } from "./listing.ts";

/** The networks. Only manifests know the subnets of a layer3 network, the MTU, and NADs that no pod uses. */
export function networkListing(networks: readonly NetworkSummary[], set: ManifestSet | undefined): Listing {
  const specs = new Map(set?.networks.map((network) => [network.spec.name, network]));
  const shown = networks.filter(({ name }) => set === undefined || specs.has(name));
  const data = shown.map((network) => networkData(network, specs.get(network.name)));
  return {
    headings: ["NAME", "TOPOLOGY", "ROLE", "SUBNETS", "SWITCHES", "ROUTERS", "NODES", "PODS", "PROFILE"],
    rows: data.map((each) => [
      each.name,
      each.topology,
      each.role,
      each.subnets,
      String(each.switches),
      String(each.routers),
      // On others nodes have no rows: that is not the same as none.
      each.topology === "layer3" ? String(each.nodes) : "-",
      String(each.pods),
      each.profile ?? "",
    ]),
    more: { headings: ["MODE", "NADS"], rows: data.map((each) => [each.mode ?? "", each.nads]) },
    subjects: data.map(({ name }) => `network "${name}"`),
    data: { networks: data },
    missing: [...specs.keys()]
      .filter((name) => !networks.some((network) => network.name === name))
      .map((name) => `network "${name}"`),
  };
}

interface NetworkData {
  readonly name: string;
  readonly topology: string;
  readonly role: string;
  readonly profile: string | null;
  readonly mode: string | null;
  readonly subnets: readonly string[];
  readonly excludeSubnets?: readonly string[];
  readonly mtu?: number;
  readonly nads: readonly string[];
  readonly switches: number;
  readonly routers: number;
  readonly nodes: number;
  readonly pods: number;
}

function networkData(network: NetworkSummary, known: ManifestNetwork | undefined): NetworkData {
  const { name, topology, role, profile, mode } = network;
  const spec = known?.spec;
  return {
    name,
    topology,
    role,
    profile: profile ?? null,
    mode: mode ?? null,
    subnets:
      spec?.subnets.map(({ text, hostPrefix }) =>
        hostPrefix === undefined ? text : `${text}/${hostPrefix}`,
      ) ?? network.subnets,
    ...(spec === undefined ? {} : { excludeSubnets: spec.excludes.map(({ text }) => text) }),
    ...(spec?.mtu === undefined ? {} : { mtu: spec.mtu }),
    nads: known?.nads ?? network.nads,
    switches: network.switches,
    routers: network.routers,
    nodes: network.nodes,
    pods: network.pods,
  };
}
