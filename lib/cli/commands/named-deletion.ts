import type { DeletionRequest, NetworkOverview } from "../../topology/index.ts";
import { CliError } from "../cli-error.ts";
import type { Resource } from "./get.ts";

/** What `delete` was told to remove by name. */
export interface NamedDeletion {
  readonly networks: readonly string[];
  readonly pods: readonly { readonly namespace: string; readonly name: string }[];
}

/** Reads `delete network NAME ...` and `delete pod NAMESPACE/NAME ...`. */
export function namedDeletion(
  resource: Resource,
  names: readonly string[],
  namespace: string | undefined,
): NamedDeletion {
  if (resource === "nodes")
    throw new CliError("nodes are not removed by name: apply --prune removes those that its manifests lack");
  if (names.length === 0)
    throw new CliError(`delete ${resource} needs names: of all of them none is removed`);
  if (resource === "pods") return { networks: [], pods: names.map((name) => podOf(name, namespace)) };
  if (namespace !== undefined) throw new CliError("--namespace goes with pods: networks are in none");
  return { networks: names, pods: [] };
}

/** No namespace is meant where none is said: the next pod of that name is somebody else's. */
function podOf(text: string, namespace: string | undefined): NamedDeletion["pods"][number] {
  const [first = "", second, ...rest] = text.split("/");
  if (second === undefined && namespace !== undefined && first !== "") return { namespace, name: first };
  const isWhole = first !== "" && second !== undefined && second !== "" && rest.length === 0;
  if (!isWhole || (namespace ?? first) !== first)
    throw new CliError(`which pod is ${text}? say NAMESPACE/NAME, or NAME with --namespace`);
  return { namespace: first, name: second };
}

/** All ports that a pod has on networks of the database. */
export function portsOf(
  pods: NamedDeletion["pods"],
  known: readonly NetworkOverview[],
): { readonly ports: DeletionRequest["pods"]; readonly absent: readonly string[] } {
  const found = pods.map((pod) => ({
    pod,
    ports: known.flatMap(({ name: network, pods: attached }) =>
      attached
        .filter(({ namespace, name }) => namespace === pod.namespace && name === pod.name)
        .map(({ nad }) => ({ ...pod, nad, network })),
    ),
  }));
  return {
    ports: found.flatMap(({ ports }) => ports),
    absent: found.flatMap(({ pod, ports }) => (ports.length > 0 ? [] : [`pod ${pod.namespace}/${pod.name}`])),
  };
}
