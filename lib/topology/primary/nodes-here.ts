import { gatewayRouterName } from "../naming/names.ts";
import type { NodeInput, Observed } from "../request/inputs.ts";

/** Nodes of a primary network that are in this database: those of the call, and those whose gateway routers are there. */
export function nodesHere(
  network: string,
  local: readonly Pick<NodeInput, "name">[],
  { routers = [] }: Observed,
): readonly string[] {
  const prefix = gatewayRouterName(network, "");
  const there = routers.flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return [...new Set([...local.map(({ name }) => name), ...there])];
}
