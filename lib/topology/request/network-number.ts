import type { NetworkSpec } from "../description/network-spec.ts";
import type { NodeInput } from "./inputs.ts";

/** A network's number, and the field that tells it, as errors name it. */
export interface NetworkNumber {
  readonly path: string;
  readonly value: number | undefined;
}

/** The field in which a node tells the number of a network. */
export function nodesNumberPath(node: string, network: string): string {
  return `nodes[${node}].networkIds[${network}]`;
}

/** Which number a network has: its own, else the one that the first node tells which tells any. */
export function networkNumber(
  { name: network, networkId }: Pick<NetworkSpec, "name" | "networkId">,
  nodes: readonly NodeInput[],
): NetworkNumber {
  if (networkId !== undefined) return { path: "networkId", value: networkId };
  for (const { name, networkIds } of nodes) {
    const value = networkIds?.[network];
    if (value !== undefined) return { path: nodesNumberPath(name, network), value };
  }
  return { path: "networkId", value: undefined };
}
