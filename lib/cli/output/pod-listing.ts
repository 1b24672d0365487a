import type { ManifestSet } from "../../manifests/index.ts";
import type { PodOnNetwork } from "../../topology/index.ts";
import type { Listing } from "./listing.ts";
import { keyOf, podStatuses } from "./pod-status.ts";
import { order } from "./text.ts";

/** A pod's port, and what manifests know about it. */
interface PortData extends PodOnNetwork {
  readonly interface?: string;
}

/** The pods, a line for each of their ports. Only manifests know the interfaces, and so the network-status. */
export function podListing(
  pods: readonly PodOnNetwork[],
  set: Pick<ManifestSet, "pods"> | undefined,
): Listing {
  const wanted = set && wantedPorts(set);
  const ports = pods
    .flatMap((port): PortData[] => (wanted === undefined ? [port] : withManifest(port, wanted)))
    .toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.nad, b.nad));
  const present = new Set(ports.map(keyOf));
  return {
    headings: [
      "NAMESPACE",
      "NAME",
      "NETWORK",
      "NODE",
      "IPS",
      "MAC",
      ...(set === undefined ? [] : ["INTERFACE"]),
      "PORT",
    ],
    rows: ports.map((port) => [
      port.namespace,
      port.name,
      port.network,
      port.node,
      port.ips,
      port.mac,
      ...(set === undefined ? [] : [port.interface ?? ""]),
      port.port,
    ]),
    more: { headings: ["NAD", "SWITCH"], rows: ports.map((port) => [port.nad, port.switch]) },
    subjects: ports.map(({ namespace, name, port }) => `port ${port} of pod ${namespace}/${name}`),
    data: { pods: set === undefined ? podsOf(ports) : withStatus(set, ports) },
    missing: [...(wanted?.entries() ?? [])].flatMap(([key, { text }]) => (present.has(key) ? [] : [text])),
  };
}

interface WantedPort {
  readonly interface: string;
  readonly node: string;
  /** For a message. */
  readonly text: string;
}

function wantedPorts(set: Pick<ManifestSet, "pods">): ReadonlyMap<string, WantedPort> {
  return new Map(
    set.pods.flatMap(({ namespace, name, node, attachments }) =>
      attachments.map(({ interface: device, input: { nad } }) => [
        keyOf({ namespace, name, nad }),
        { interface: device, node, text: `pod ${namespace}/${name} on ${nad}` },
      ]),
    ),
  );
}

function withManifest(port: PortData, wanted: ReadonlyMap<string, WantedPort>): PortData[] {
  const known = wanted.get(keyOf(port));
  return known === undefined ? [] : [{ ...port, node: known.node, interface: known.interface }];
}

interface PodData {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly networkStatus?: readonly object[];
  readonly ports: readonly object[];
}

function podsOf(ports: readonly PortData[]): readonly PodData[] {
  const pods = new Map<string, { namespace: string; name: string; node: string; ports: object[] }>();
  for (const { namespace, name, node, ...port } of ports) {
    const key = `${namespace}/${name}`;
    const pod = pods.get(key) ?? { namespace, name, node, ports: [] };
    pod.ports.push(port);
    pods.set(key, pod);
  }
  return [...pods.values()];
}

function withStatus(set: Pick<ManifestSet, "pods">, ports: readonly PortData[]): readonly PodData[] {
  const statuses = new Map(podStatuses(set, ports).map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  return podsOf(ports).map(({ namespace, name, node, ports: own }) => ({
    namespace,
    name,
    node,
    networkStatus: statuses.get(`${namespace}/${name}`)?.networkStatus ?? [],
    ports: own,
  }));
}
