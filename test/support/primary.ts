import type { GatewayMode, NetworkInput, NodeInput } from "../../lib/topology/index.ts";
import type { Brief } from "./topology.ts";

/** A node of primary networks may have more than one has by default. */
export type PrimaryNodeOptions = Partial<NodeInput> & {
  /** Default: shared. */
  readonly mode?: GatewayMode;
  /** Of its addresses. Default: IPv4 alone. */
  readonly families?: readonly (4 | 6)[];
};

/** A node with all that primary networks need; its addresses end in its id. */
export function primaryNode(name: string, id: number, more: PrimaryNodeOptions = {}): NodeInput {
  const { mode = "shared", families = [4], ...rest } = more;
  const of = (v4: string, v6: string): string[] => families.map((family) => (family === 4 ? v4 : v6));
  return {
    name,
    id,
    chassisId: `chassis-of-${name}`,
    masqueradeSubnets: ["169.254.0.0/17", "fd69::/112"],
    gateway: {
      mode,
      bridge: "breth0",
      mac: `02:42:ac:12:00:0${id}`,
      ips: of(`172.18.0.${id}/16`, `fc00:f853:ccd:e793::${id}/64`),
      nextHops: of("172.18.0.1", "fc00:f853:ccd:e793::1"),
    },
    ...rest,
  };
}

/** A primary layer3 network "net" with id 1 and two nodes. */
export function primaryLayer3Brief(
  pods: Brief["pods"] = [],
  input: Partial<NetworkInput> = {},
  nodes: Brief["nodes"] = [primaryNode("n1", 2), primaryNode("n2", 3)],
): Brief {
  return {
    topology: "layer3",
    input: { name: "net", role: "primary", networkId: 1, subnets: "10.3.0.0/16/24", ...input },
    nodes,
    pods,
  };
}

/** A primary layer2 network "net" with id 1 and its one node. */
export function primaryLayer2Brief(
  pods: Brief["pods"] = [],
  input: Partial<NetworkInput> = {},
  nodes: Brief["nodes"] = [primaryNode("n1", 2)],
): Brief {
  return {
    topology: "layer2",
    input: { name: "net", role: "primary", networkId: 1, subnets: "10.1.0.0/16", ...input },
    nodes,
    pods,
  };
}
