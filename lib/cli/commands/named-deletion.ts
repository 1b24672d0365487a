import type { DeletionRequest, LeavingNode, NetworkOverview, PolicyName } from "../../topology/index.ts";
import { CliError } from "../cli-error.ts";
import { type Resource, singular } from "../resources.ts";
import { checkNamespaces } from "./chosen.ts";
import type { Wanted } from "./wanted.ts";

/** Something in a namespace. */
interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** What `delete` was told to remove by name. */
export interface NamedDeletion {
  readonly networks: readonly string[];
  readonly nodes: readonly LeavingNode[];
  readonly pods: readonly Key[];
  readonly policies: readonly Key[];
  readonly services: readonly Key[];
}

/** Reads what `delete network NAME ...`, `delete pod NAMESPACE/NAME ...` and their like name. */
export function namedDeletion(
  wanted: readonly Wanted[],
  options: {
    readonly namespace?: string;
    readonly allNamespaces?: true;
    readonly network?: readonly string[];
  },
): NamedDeletion {
  for (const { resource, names } of wanted)
    if (names.length === 0)
      throw new CliError(`delete ${resource} needs names: of all of them none is removed`);
  const { namespace, allNamespaces, network: networks } = options;
  checkNamespaces(wanted, { namespace, allNamespaces });
  if (networks?.includes("")) throw new CliError("--network is empty: which one is meant?");
  if (networks !== undefined && !wanted.some(({ resource }) => resource === "nodes"))
    throw new CliError("--network goes with nodes: it says which networks they leave");
  const namesOf = (resource: Resource): readonly string[] =>
    wanted.flatMap((each) => (each.resource === resource ? each.names : []));
  const keysOf = (resource: Resource): readonly Key[] =>
    namesOf(resource).map((name) => keyOf(singular(resource), name, namespace));
  return {
    networks: namesOf("networks"),
    nodes: namesOf("nodes").flatMap((name): LeavingNode[] =>
      networks === undefined ? [{ name }] : networks.map((network) => ({ name, network })),
    ),
    pods: keysOf("pods"),
    policies: keysOf("policies"),
    services: keysOf("services"),
  };
}

/** No namespace is meant where none is said: the next pod of that name is somebody else's. */
function keyOf(kind: string, text: string, namespace: string | undefined): Key {
  const [first = "", second, ...rest] = text.split("/");
  if (second === undefined && namespace !== undefined && first !== "") return { namespace, name: first };
  const isWhole = first !== "" && second !== undefined && second !== "" && rest.length === 0;
  if (!isWhole || (namespace ?? first) !== first)
    throw new CliError(`which ${kind} is ${text}? say NAMESPACE/NAME, or NAME with --namespace`);
  return { namespace: first, name: second };
}

/** What of its pods and policies the networks of the database hold, and what none of them does. */
export function heldOf(
  { pods, policies }: Pick<NamedDeletion, "pods" | "policies">,
  known: readonly NetworkOverview[],
): Pick<DeletionRequest, "pods"> & {
  readonly policies: readonly PolicyName[];
  readonly absent: readonly string[];
} {
  const absent: string[] = [];
  const held = <T>(kind: string, keys: readonly Key[], find: (key: Key) => readonly T[]): readonly T[] =>
    keys.flatMap((key) => {
      const found = find(key);
      if (found.length === 0) absent.push(`${kind} ${key.namespace}/${key.name}`);
      return found;
    });
  return {
    // All ports that the pod has.
    pods: held("pod", pods, (key) =>
      known.flatMap(({ name: network, pods: attached }) =>
        attached.filter(isCalled(key)).map(({ nad }) => ({ ...key, nad, network })),
      ),
    ),
    // Of NetworkPolicies and MultiNetworkPolicies those that are there.
    policies: held("policy", policies, (key) => {
      const roles = known
        .filter((network) => network.policies.some(isCalled(key)))
        .map(({ role }): PolicyName["role"] => (role === "primary" ? "primary" : "secondary"));
      return [...new Set(roles)].map((role) => ({ ...key, role }));
    }),
    absent,
  };
}

function isCalled(key: Key): (thing: Key) => boolean {
  return ({ namespace, name }) => namespace === key.namespace && name === key.name;
}
