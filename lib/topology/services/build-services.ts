import type { DesiredRow, RefTo, Removal } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { loadBalancerUuid } from "../naming/ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { NodeInput } from "../request/inputs.ts";
import { checkedServices } from "../request/service-check.ts";
import type { ServiceInput } from "../request/service-input.ts";
import type { BuiltAttachment, NetworkParts } from "../rows/built-network.ts";
import type { ObservedBalancer, ObservedServices } from "./observe-services.ts";
import { type Balancer, balancersOf } from "./service-balancers.ts";
import { type ServiceNode, serviceNode } from "./service-node.ts";
import { balancerRemoval, balancerRow } from "./service-rows.ts";

/** What of load balancers belongs in a switch, router or group, and what does not. */
export interface HeldBalancers {
  readonly elements: readonly RefTo[];
  /** Uuids. */
  readonly notElements: readonly string[];
}

/** A network's services as rows. */
export interface BuiltServices {
  readonly rows: readonly DesiredRow[];
  /** By key of the switch, router or group, whose rows {@link withBalancers} completes. */
  readonly holders: ReadonlyMap<string, HeldBalancers>;
  readonly removals: readonly Removal[];
  /** What the user should know though it is no error. */
  readonly notes: readonly string[];
  /** What pruning leaves; one line each, for people. */
  readonly kept: readonly string[];
}

/** What {@link buildServices} is to do beside adding and repairing. */
export interface ServiceScope {
  /** Remove services that the request lacks, if this library made them. @default false */
  readonly prune?: boolean;
  /** Whether the server has load balancer groups; else every switch and router has the load balancers itself. @default true */
  readonly groups?: boolean;
}

/** What is built where nobody asks for services. */
export const noServices: BuiltServices = Object.freeze({
  rows: [],
  holders: new Map(),
  removals: [],
  notes: [],
  kept: [],
});

/** The public `buildServices` without its checks. */
export function buildServices(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  attachments: readonly BuiltAttachment[],
  request: readonly ServiceInput[] | undefined,
  observed: ObservedServices,
  scope: ServiceScope = {},
): BuiltServices {
  if (request === undefined) return noServices;
  const [first] = request;
  if (first !== undefined && !spec.primary)
    throw fault(
      `services[${first.namespace}/${first.name}]`,
      first.name,
      `cannot be on network "${spec.name}": only primary networks have services`,
      first.source,
    );
  const services = checkedServices(request);
  const notes = new Set<string>();
  const ownNodes = services.length === 0 ? [] : sorted(nodes).map((node) => serviceNode(spec, node));
  const own = grouping(attachments);
  const wanted = services.flatMap((service) => {
    const addressesOf = (namespace: string, pod: string): readonly string[] => {
      const found = own.get(`${namespace}/${pod}`) ?? observed.addressesOf(namespace, pod);
      if (found.length === 0)
        notes.add(
          `service ${namespace}/${service.name}: pod ${namespace}/${pod} has no address on network "${spec.name}", so nothing is sent to it`,
        );
      return found;
    };
    return balancersOf({ spec, nodes: ownNodes, groups: scope.groups !== false, addressesOf }, service).map(
      (balancer) => ({ service, balancer }),
    );
  });
  const names = new Set(wanted.map(({ balancer }) => balancer.name));
  const asked = new Set(services.map(({ namespace, name }) => `${namespace}/${name}`));
  const left = observed.balancers.filter(({ name }) => !names.has(name));
  const others = left.filter(({ owner }) => !asked.has(owner));
  const isOurs = ({ uuid, name }: ObservedBalancer): boolean =>
    name !== "" && uuid === loadBalancerUuid(name);
  const staying = others.filter((each) => scope.prune !== true || !isOurs(each));
  const stayingServices = [...new Set(staying.map(({ owner }) => owner))].sort();
  if (scope.prune !== true && stayingServices.length > 0)
    notes.add(
      `network "${spec.name}" has services in the database that were not asked for, which stay as they are: ${listed(stayingServices)}`,
    );
  return {
    rows: wanted.map(({ service, balancer }) => balancerRow(spec, hairpinOf(ownNodes), service, balancer)),
    holders: holdersOf(
      wanted.map(({ balancer }) => balancer),
      observed.balancers,
    ),
    removals: left.filter((each) => !staying.includes(each)).map((each) => balancerRemoval(spec.name, each)),
    notes: [...notes],
    kept:
      scope.prune === true
        ? stayingServices.map(
            (service) => `service ${service} of network "${spec.name}" stays: not made by us`,
          )
        : [],
  };
}

/** The public `withBalancers` without its checks. */
export function withBalancers(
  parts: Pick<NetworkParts, "standing" | "rows">,
  { holders }: BuiltServices,
): Pick<NetworkParts, "standing" | "rows"> {
  if (holders.size === 0) return parts;
  // A list with a row that becomes another one stands no more.
  const isHolding = (list: readonly DesiredRow[]): boolean => list.some(({ key }) => holders.has(key));
  const rows = [...parts.standing.filter(isHolding).flat(), ...parts.rows].map((row) => {
    const held = holders.get(row.key);
    if (held === undefined) return row;
    return {
      ...row,
      ...(held.elements.length > 0 && { elements: { ...row.elements, load_balancer: held.elements } }),
      ...(held.notElements.length > 0 && {
        notElements: { ...row.notElements, load_balancer: held.notElements },
      }),
    };
  });
  return { standing: parts.standing.filter((list) => !isHolding(list)), rows };
}

function holdersOf(
  balancers: readonly Balancer[],
  observed: readonly ObservedBalancer[],
): ReadonlyMap<string, HeldBalancers> {
  const holders = new Map<string, { elements: RefTo[]; notElements: string[] }>();
  const at = (key: string): { elements: RefTo[]; notElements: string[] } => {
    const held = holders.get(key) ?? { elements: [], notElements: [] };
    holders.set(key, held);
    return held;
  };
  const existing = new Map(observed.map((each) => [each.name, each]));
  for (const balancer of balancers) {
    const keys = new Set([
      ...balancer.switches.map((name) => rowKey("Logical_Switch", name)),
      ...balancer.routers.map((name) => rowKey("Logical_Router", name)),
      ...balancer.groups.map((name) => rowKey("Load_Balancer_Group", name)),
    ]);
    for (const key of keys) at(key).elements.push({ ref: rowKey("Load_Balancer", balancer.name) });
    const found = existing.get(balancer.name);
    // Where a service had it before, or somebody else put it.
    for (const key of found?.holders ?? []) if (found && !keys.has(key)) at(key).notElements.push(found.uuid);
  }
  return holders;
}

/** The addresses of the request's pods by `namespace/name`, without prefix length. */
function grouping(attachments: readonly BuiltAttachment[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    attachments.map(({ input, ips }) => [
      `${input.namespace}/${input.name}`,
      ips.map((ip) => ip.replace(/\/\d+$/, "")),
    ]),
  );
}

/** A cluster has many services, and three are enough to see which are meant. */
function listed(services: readonly string[]): string {
  const [few, rest] = [services.slice(0, 3).join(", "), services.length - 3];
  return rest > 0 ? `${few} and ${rest} more` : few;
}

/** All nodes have the same masquerade addresses, so any of them tells. */
function hairpinOf([node]: readonly ServiceNode[]): string | undefined {
  return node?.hairpin;
}

function sorted(nodes: readonly NodeInput[]): readonly NodeInput[] {
  return nodes.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}
