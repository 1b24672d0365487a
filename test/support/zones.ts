import type { AttachmentInput, NodeInput } from "../../lib/topology/index.ts";
import { type PrimaryNodeOptions, primaryNode } from "./primary.ts";
import type { Brief } from "./topology.ts";

/** A node with all that zones need of it, on networks called "net": its addresses end in its id, its subnet is number id - 2. */
export function zoneNode(name: string, id: number, more: Partial<NodeInput> = {}): NodeInput {
  return {
    name,
    id,
    chassisId: `chassis-of-${name}`,
    transitAddresses: [`100.88.0.${id}/16`],
    subnets: { net: [`10.3.${id - 2}.0/24`] },
    ...more,
  };
}

/** A node that serves primary networks as well. */
export function primaryZoneNode(
  name: string,
  id: number,
  { mode, families, ...more }: PrimaryNodeOptions = {},
): NodeInput {
  const primary = primaryNode(name, id, { ...(mode && { mode }), ...(families && { families }) });
  return { ...primary, ...zoneNode(name, id, more) };
}

/** A pod with what upstream gave it on a layer2 or localnet network: its address, and its tunnel key, end in `number`. */
export function recordedPod(
  name: string,
  number: number,
  node: string,
  subnet: string,
): Partial<AttachmentInput> {
  return {
    name,
    node,
    uid: `uid-of-${name}`,
    recorded: { ips: [`${subnet}.${number}/16`], tunnelId: number },
  };
}

const nodes = [zoneNode("n1", 2), zoneNode("n2", 3)];
const primaryNodes = [primaryZoneNode("n1", 2), primaryZoneNode("n2", 3)];

/** Networks "net" on nodes n1 and n2, each in a zone of its own, with a pod on each. */
export const zoneBriefs = {
  layer3: (given: readonly NodeInput[] = nodes): Brief => ({
    topology: "layer3",
    input: { name: "net", subnets: "10.3.0.0/16/24", networkId: 2 },
    nodes: given,
    pods: podsOf(given, "10.3.0"),
  }),
  layer2: (given: readonly NodeInput[] = nodes): Brief => ({
    topology: "layer2",
    input: { name: "net", subnets: "10.1.0.0/16", networkId: 3 },
    nodes: given,
    pods: podsOf(given, "10.1.0"),
  }),
  localnet: (given: readonly NodeInput[] = nodes): Brief => ({
    topology: "localnet",
    input: { name: "net", subnets: "10.4.0.0/16", vlanID: 20 },
    nodes: given,
    pods: podsOf(given, "10.4.0"),
  }),
  "primary layer3": (given: readonly NodeInput[] = primaryNodes): Brief => ({
    topology: "layer3",
    input: { name: "net", role: "primary", subnets: "10.3.0.0/16/24", networkId: 2 },
    nodes: given,
    pods: podsOf(given, "10.3.0"),
  }),
  "primary layer2": (given: readonly NodeInput[] = primaryNodes): Brief => ({
    topology: "layer2",
    input: {
      name: "net",
      role: "primary",
      subnets: "10.1.0.0/16",
      networkId: 3,
      tunnelKeys: [16_711_686, 16_715_779],
    },
    nodes: given,
    pods: podsOf(given, "10.1.0"),
  }),
} as const;

/** On layer3 the record is of no use: every zone gives out the addresses of its own subnets. */
function podsOf(nodes: readonly NodeInput[], subnet: string): readonly Partial<AttachmentInput>[] {
  return nodes.map(({ name }, index) => {
    const pod = recordedPod(`on-${name}`, index + 11, name, subnet);
    if (subnet !== "10.3.0") return pod;
    const { recorded: _recorded, ...rest } = pod;
    return rest;
  });
}
