import type { DeletionRequest, NetworkOverview, ServiceSummary } from "../../topology/index.ts";
import type { Element } from "../output/listing.ts";
import { keyOf } from "../output/pod-status.ts";

/** Things of the kinds that `delete` removes. */
type Things = Readonly<Record<"networks" | "nodes" | "pods" | "policies" | "services", readonly Element[]>>;

/**
 * What `get` will find no more once a request is carried out, also what goes along with a network, or with a node: its pods. A pod or a
 * policy that is still on another network stays. Of nodes those that are named.
 */
export function goingWith(
  networks: readonly NetworkOverview[],
  services: readonly ServiceSummary[],
  request: DeletionRequest,
): Things {
  const going = new Set(request.networks);
  const staying = networks.filter(({ name }) => !going.has(name));
  const ports = new Set(request.pods.map(keyOf));
  const { nodes = [] } = request;
  const leaves = (node: string, network: string): boolean =>
    nodes.some((each) => each.name === node && (each.network ?? network) === network);
  const policies = new Set(request.policies?.map(({ role, ...policy }) => `${role} ${nameIn(policy)}`));
  const named = new Set(request.services?.map(nameIn));
  return {
    networks: networks.filter(({ name }) => going.has(name)),
    nodes: networks
      .flatMap((network) => network.nodes)
      .filter(({ name }) => nodes.some((each) => each.name === name))
      .filter(({ name }) => !staying.some((network) => isOn(name, network) && !leaves(name, network.name))),
    pods: without(
      networks.flatMap((network) => network.pods),
      staying.flatMap((network) =>
        network.pods.filter((pod) => !ports.has(keyOf(pod)) && !leaves(pod.node, network.name)),
      ),
    ),
    policies: without(
      networks.flatMap((network) => network.policies),
      staying.flatMap(({ role, policies: all }) =>
        all.filter((policy) => !policies.has(`${role} ${nameIn(policy)}`)),
      ),
    ),
    services: without(
      services,
      services.filter((service) => !going.has(service.network) && !named.has(nameIn(service))),
    ),
  };
}

function isOn(node: string, network: NetworkOverview): boolean {
  return network.nodes.some(({ name }) => name === node);
}

interface InNamespace extends Element {
  readonly namespace: string;
}

function without(all: readonly InNamespace[], staying: readonly InNamespace[]): readonly Element[] {
  const names = new Set(staying.map(nameIn));
  return all.filter((each) => !names.has(nameIn(each)));
}

function nameIn({ namespace, name }: InNamespace): string {
  return `${namespace}/${name}`;
}
