/** A UserDefinedNetwork default/blue; its part of the topology stands in line 6. */
export function udn(topology: string, config: unknown, more: object = {}): string {
  return [
    "apiVersion: k8s.ovn.org/v1",
    "kind: UserDefinedNetwork",
    "metadata: {name: blue, namespace: default}",
    "spec:",
    `  topology: ${topology}`,
    `  ${topology.toLowerCase()}: ${JSON.stringify(config)}`,
    ...Object.entries(more).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    "",
  ].join("\n");
}

/** A ClusterUserDefinedNetwork blue; its part of the topology stands in line 8. */
export function cluster(
  topology: string,
  config: unknown,
  more: { spec?: object; network?: object } = {},
): string {
  const { namespaceSelector = {}, ...spec } = { ...more.spec } as Record<string, unknown>;
  return [
    "apiVersion: k8s.ovn.org/v1",
    "kind: ClusterUserDefinedNetwork",
    "metadata: {name: blue}",
    "spec:",
    `  namespaceSelector: ${JSON.stringify(namespaceSelector)}`,
    "  network:",
    `    topology: ${topology}`,
    `    ${topology.toLowerCase()}: ${JSON.stringify(config)}`,
    ...Object.entries(more.network ?? {}).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
    ...Object.entries(spec).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    "",
  ].join("\n");
}

export function namespace(name: string, labels: object = {}): string {
  return JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
}

/** What every secondary network says. */
export const secondary = { role: "Secondary" };
/** A layer2 network with addresses. */
export const layer2 = { ...secondary, subnets: ["10.1.0.0/16"] };
/** A layer3 network. */
export const layer3 = { ...secondary, subnets: [{ cidr: "10.1.0.0/16" }] };
/** A localnet network with addresses. */
export const localnet = { ...secondary, subnets: ["10.1.0.0/16"], physicalNetworkName: "phys" };
