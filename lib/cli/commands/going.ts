import type { DeletionRequest, NetworkOverview, ServiceSummary } from "../../topology/index.ts";
import type { Element } from "../output/listing.ts";
import { keyOf } from "../output/pod-status.ts";

/** Things of the kinds that `delete` removes. */
type Things = Readonly<Record<"networks" | "pods" | "policies" | "services", readonly Element[]>>;

/**
 * What `get` will find no more once a request is carried out, also what goes along with a network. A pod or a policy that is
 * still on another network stays.
 */
export function goingWith(
  networks: readonly NetworkOverview[],
  services: readonly ServiceSummary[],
  request: DeletionRequest,
): Things {
  const going = new Set(request.networks);
  const staying = networks.filter(({ name }) => !going.has(name));
  const ports = new Set(request.pods.map(keyOf));
  const policies = new Set(request.policies?.map(({ role, ...policy }) => `${role} ${nameIn(policy)}`));
  const named = new Set(request.services?.map(nameIn));
  return {
    networks: networks.filter(({ name }) => going.has(name)),
    pods: without(
      networks.flatMap((network) => network.pods),
      staying.flatMap((network) => network.pods.filter((pod) => !ports.has(keyOf(pod)))),
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
