import { type Family, formatAddress, parseAddress } from "../description/address.ts";
import { grouped } from "../naming/grouped.ts";
import type { EndpointInput, ServiceInput, ServicePort } from "../request/service-input.ts";

/** The addresses behind a service that listen at one port, in the order of letters. */
export interface Endpoints {
  readonly port: number;
  readonly addresses: Readonly<Record<Family, readonly string[]>>;
}

/** The endpoints of a service's port: those of all nodes, and those of each. Pods that change their port have two for a while. */
export interface PortEndpoints {
  readonly all: readonly Endpoints[];
  /** The addresses on a node that listen at a port. */
  readonly on: (node: string, port: number) => Endpoints["addresses"];
}

/** The addresses of a pod of the service's namespace on the network, without prefix length; none when there is no such pod. */
export type PodAddresses = (namespace: string, pod: string) => readonly string[];

const NONE: Endpoints["addresses"] = { 4: [], 6: [] };

/**
 * The endpoints that a port of a service leads to: those that are ready, or where none is those that serve while they end
 * (go-controller/pkg/util/util.go, `GetEndpointsForService`).
 */
export function endpointsOf(
  service: ServiceInput,
  port: ServicePort,
  addressesOf: PodAddresses,
): PortEndpoints {
  const { name = "", protocol = "TCP" } = port;
  const found = (service.slices ?? []).flatMap((slice) =>
    slice.ports
      .filter((each) => (each.name ?? "") === name && (each.protocol ?? "TCP") === protocol)
      .flatMap((each) =>
        slice.endpoints.map((endpoint) => ({ port: each.port, endpoint, family: slice.family })),
      ),
  );
  const eligible = (list: typeof found): Endpoints["addresses"] => {
    const addresses = { 4: new Set<string>(), 6: new Set<string>() };
    const ready = list.filter(
      ({ endpoint }) => service.publishNotReadyAddresses === true || endpoint.ready !== false,
    );
    const chosen = ready.length > 0 ? ready : list.filter(({ endpoint }) => isEnding(endpoint));
    for (const { endpoint, family } of chosen)
      for (const text of endpoint.addresses ?? podAddresses(service, endpoint, addressesOf)) {
        const address = parseAddress(text);
        if (address?.family === family) addresses[family].add(formatAddress(address));
      }
    return { 4: [...addresses[4]].sort(), 6: [...addresses[6]].sort() };
  };
  const byPort = [...grouped(found, (each) => each.port)].sort(([a], [b]) => a - b);
  const byNode = new Map(
    byPort.flatMap(([number, list]) =>
      [...grouped(list, ({ endpoint }) => endpoint.node ?? "")].map(([node, own]) => [
        `${number} ${node}`,
        eligible(own),
      ]),
    ),
  );
  return {
    all: byPort
      .map(([number, list]) => ({ port: number, addresses: eligible(list) }))
      .filter(({ addresses }) => addresses[4].length + addresses[6].length > 0),
    on: (node, number) => byNode.get(`${number} ${node}`) ?? NONE,
  };
}

function isEnding({ ready, serving = ready !== false, terminating }: EndpointInput): boolean {
  return serving && terminating === true;
}

function podAddresses(
  { namespace }: ServiceInput,
  { pod }: EndpointInput,
  addressesOf: PodAddresses,
): readonly string[] {
  return pod === undefined ? [] : addressesOf(namespace, pod);
}
