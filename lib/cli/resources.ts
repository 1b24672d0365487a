/** What `get` lists. */
export type Resource = "networks" | "nodes" | "pods" | "policies" | "services";

/** What else they are called, as for kubectl; the first is the word for one of them. */
const WORDS: Readonly<Record<Resource, readonly [string, ...string[]]>> = {
  networks: ["network", "net"],
  nodes: ["node", "no"],
  pods: ["pod", "po"],
  policies: ["policy", "networkpolicies", "networkpolicy", "netpol"],
  services: ["service", "svc"],
};

/** Each with what else it is called. */
export const RESOURCES_AND_WORDS: readonly (readonly [Resource, readonly string[]])[] = Object.entries(
  WORDS,
) as [Resource, readonly string[]][];

/** By all of these words. */
export const RESOURCES: ReadonlyMap<string, Resource> = new Map(
  RESOURCES_AND_WORDS.flatMap(([resource, words]) =>
    [resource, ...words].map((word) => [word, resource] as const),
  ),
);

/** The word for one of them. */
export function singular(resource: string): string {
  const known = RESOURCES.get(resource);
  return known === undefined ? resource : WORDS[known][0];
}

/** Whether such things are in namespaces. */
export function isNamespaced(resource: Resource): boolean {
  return resource !== "networks" && resource !== "nodes";
}
