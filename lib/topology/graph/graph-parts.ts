import type { ReadView } from "../../database/index.ts";
import { counted } from "../naming/label-text.ts";
import type { NetworkOverview } from "../observe/network-overview.ts";
import type { Part, Parts } from "./graph-part.ts";
import { routerParts, routerPortsOf } from "./graph-routers.ts";
import { knownPods, switchParts } from "./graph-switches.ts";

/** Reads what the database holds as parts. `networks` is what it says of networks. */
export function readParts(view: ReadView, networks: readonly NetworkOverview[]): Parts {
  const ports = routerPortsOf(view);
  const subnets = new Map(
    networks.flatMap(({ name: network, nodes }) =>
      nodes.map((node) => [JSON.stringify([network, node.name]), node.subnets]),
    ),
  );
  const switches = switchParts(view, ports, knownPods(networks), (network, node) =>
    subnets.get(JSON.stringify([network, node])),
  );
  const routers = routerParts(view, ports, switches.connected);
  return {
    parts: [
      ...routers.parts,
      ...switches.parts,
      ...networks.flatMap(policyParts),
      ...networks.flatMap(serviceParts),
    ],
    wires: [...routers.wires, ...switches.wires],
  };
}

/** One network, and what it is connected to: physical networks, and routers and switches of others. */
export function partsOfNetwork({ parts, wires }: Parts, network: string): Parts {
  const own = new Set(parts.filter((part) => part.network === network).map(({ key }) => key));
  const outward = wires.filter(({ ends }) => ends.some((end) => own.has(end)));
  const shown = new Set([...own, ...outward.flatMap(({ ends }) => ends)]);
  return { parts: parts.filter(({ key }) => shown.has(key)), wires: outward };
}

function policyParts({ name, policies }: NetworkOverview): Part[] {
  if (policies.length === 0) return [];
  return [
    {
      key: `policies ${name}`,
      kind: "policies",
      what: "policy",
      name: "",
      lines: [],
      network: name,
      entries: policies.map(
        (policy) => `${policy.namespace}/${policy.name} on ${counted(policy.ports.length, "pod")}`,
      ),
    },
  ];
}

function serviceParts({ name, services }: NetworkOverview): Part[] {
  if (services.length === 0) return [];
  return [
    {
      key: `services ${name}`,
      kind: "services",
      what: "service",
      name: "",
      lines: [],
      network: name,
      entries: services.map(
        (service) => `${service.namespace}/${service.name} in ${counted(service.balancers, "load balancer")}`,
      ),
    },
  ];
}
