import type { ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { buildParts, podSwitchName } from "../assemble/build-network.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { observeDhcp } from "../dhcp/observe-dhcp.ts";
import { gatewayRouterName, podPortName } from "../naming/names.ts";
import { observeGroups, text } from "../observe/observe.ts";
import { observeNetwork, type Sites } from "../observe/observe-network.ts";
import { observeRouters } from "../observe/observe-routers.ts";
import { checkSeen } from "../observe/profile-check.ts";
import { seeAll, seeNodes, twinsOf } from "../observe/sight.ts";
import { type BuiltPolicies, buildPolicies } from "../policies/build-policies.ts";
import { observePolicies } from "../policies/observe-policies.ts";
import { observeFormerWays } from "../primary/former-ways.ts";
import { checkFormerNodes } from "../removal/former-nodes.ts";
import { type PrunedNetwork, pruneNetwork } from "../removal/prune.ts";
import type { AttachmentInput, Observed, TopologyOptions } from "../request/inputs.ts";
import type { NetworkRequest, TopologyRequest } from "../request/request.ts";
import { hasPortHere, remoteNames, splitNodes } from "../request/zones.ts";
import type { BuiltAttachment, NetworkParts } from "../rows/built-network.ts";
import { besidesWanted } from "../rows/child-identity.ts";
import type { BuiltServices } from "../services/build-services.ts";
import { planServices } from "../services/plan-services.ts";
import { checkElsewhere } from "../zones/zone-pod.ts";
import { besidesOthers } from "./besides-others.ts";
import { strandedNote } from "./stranded-ports.ts";

/** An attachment as planned: where its port is and which addresses it gets. */
export interface PlannedAttachment
  extends Pick<BuiltAttachment, "input" | "portName" | "addresses" | "mac" | "ips" | "isRemote"> {
  /** Name of the network that it is on. */
  readonly network: string;
}

/** A node as planned, with the subnets that it has on a layer3 network. */
export interface PlannedNode {
  readonly name: string;
  /** `address/length` */
  readonly subnets: readonly string[];
  readonly network: string;
}

/** What of a plan is about one network. */
export interface NetworkDraft {
  readonly network: string;
  readonly built: NetworkParts;
  readonly policies: BuiltPolicies;
  readonly services: BuiltServices;
  readonly removals: readonly Removal[];
  readonly kept: readonly string[];
}

/** What a request does not say. */
export interface DraftCircumstances {
  /** Whether another plan is about to make this claim. Default: no plan is. */
  readonly isTaken?: ((claim: string) => boolean) | undefined;
  /** Whether the nodes are some of many, which says nothing of the others. @default false */
  readonly isPart?: boolean | undefined;
}

/** Looks at what the database holds of a network, and makes the rows that it is to hold. Throws what planning throws. */
export function draftNetwork(
  view: ReadView,
  network: NetworkRequest,
  options: TopologyOptions,
  request: TopologyRequest,
  { isTaken, isPart = false }: DraftCircumstances = {},
): NetworkDraft {
  const { spec, nodes, attachments } = network;
  const remote = remoteNames(nodes, options);
  const sites = sitesOf(spec, attachments, remote);
  const nodeNames = nodes.map(({ name }) => name);
  // What is pruned may be anywhere; of primary networks' and other zones' routers everything is looked at anyway.
  const isNarrow =
    spec.topology === "layer3" &&
    spec.primary === undefined &&
    options.mode === "central" &&
    request.prune !== true &&
    request.merge !== true;
  const sight = (isNarrow ? seeNodes : seeAll)(view, spec, nodeNames);
  checkSeen(view, spec, options, request.migrate ?? false, sight);
  const twins = request.merge === true ? twinsOf(view, sight.switches) : [];
  const switches = twins.length === 0 ? sight.switches : [...sight.switches, ...twins];
  const seen = observeNetwork(view, spec, nodeNames, sites, switches);
  const pruned =
    request.prune === true ? pruneNetwork(view, network, sites.portNames, remote, twins) : nothingPruned;
  const hasChildren = spec.primary !== undefined || options.mode === "interconnect";
  const observed: Observed = {
    nodes: sight.nodes,
    others: sight.others,
    ports: seen.ports,
    claims: seen.claims,
    routerPorts: seen.routerPorts,
    gatewayChassis: seen.gatewayChassis,
    dhcp: observeDhcp(view, spec.name),
    routers: hasChildren ? remainingRouters(view, spec.name, pruned.nodes) : undefined,
    former: spec.primary && observeFormerWays(view, spec, nodeNames, remote),
    // Only a migration may take today's groups away; otherwise they are not from us.
    groups: request.migrate === true ? observeGroups(view, spec.name, nodeNames) : undefined,
  };
  const built = besidesOthers(besidesPruned(observed, pruned), isTaken, (from) =>
    buildParts(spec, from, nodes, attachments, options, {
      gateways: true,
      claims: network.claims ?? [],
      isPart,
    }),
  );
  if (hasChildren) checkFormerNodes(view, network, built.rows, sight, pruned.removals);
  const { policies: asked = [] } = network.policies ?? {};
  if (asked.length > 0) checkElsewhere(spec, built.elsewhere);
  const policies = buildPolicies(
    spec,
    asked.length > 0 ? [...built.attachments, ...built.elsewhere] : built.attachments,
    network.policies,
    observePolicies(view, spec.name),
    { profile: options.profile, prune: request.prune === true, leaving: leavingNames(view, pruned) },
  );
  const services = planServices(
    view,
    network.services === undefined ? network : { ...network, nodes: splitNodes(nodes, options).local },
    [...built.attachments, ...built.elsewhere],
    { prune: request.prune === true, leaving: pruned.ports },
  );
  const stranded = strandedNote(view, spec, switches, built, pruned.ports);
  return {
    network: spec.name,
    built: stranded === undefined ? built : { ...built, notes: [...built.notes, stranded] },
    policies,
    services,
    removals: [
      ...built.removals,
      ...besidesWanted(view, pruned.removals, built.rows),
      ...policies.removals,
      ...besidesGoing(services.removals, pruned.removals),
    ],
    kept: [...pruned.kept, ...policies.kept, ...services.kept],
  };
}

const noNames: ReadonlySet<string> = new Set();
const noSites: Sites = { portNames: noNames, switchNames: noNames };

/** Where pods have ports in this database. */
function sitesOf(
  spec: NetworkSpec,
  attachments: readonly AttachmentInput[],
  remote: ReadonlySet<string>,
): Sites {
  if (attachments.length === 0) return noSites;
  const here = attachments.filter((pod) => hasPortHere(spec, pod, remote));
  return {
    portNames: new Set(here.map((pod) => podPortName(pod.nad, pod.namespace, pod.name))),
    switchNames: new Set(here.map(({ node }) => podSwitchName(spec, node))),
  };
}

const nothingPruned: PrunedNetwork = { removals: [], kept: [], nodes: noNames, ports: noNames };

/** What was observed, without what is as good as gone. */
function besidesPruned(observed: Observed, pruned: PrunedNetwork): Observed {
  if (pruned === nothingPruned) return observed;
  const routerPorts = new Set(
    pruned.removals.flatMap(({ table, uuid }) => (table === "Logical_Router_Port" ? [uuid] : [])),
  );
  return {
    ...observed,
    nodes: observed.nodes.filter(({ name }) => !pruned.nodes.has(name)),
    ports: observed.ports.filter(({ uuid }) => !pruned.ports.has(uuid)),
    leaving: (uuid) => pruned.ports.has(uuid) || routerPorts.has(uuid),
  };
}

/** Removals without those of rows that go anyway. */
function besidesGoing(removals: readonly Removal[], others: readonly Removal[]): readonly Removal[] {
  if (removals.length === 0 || others.length === 0) return removals;
  const going = new Set(others.map(({ uuid }) => uuid));
  return removals.filter(({ uuid }) => !going.has(uuid));
}

/** The names of pods' ports that are pruned. */
function leavingNames(view: ReadView, { ports }: PrunedNetwork): ReadonlySet<string> {
  if (ports.size === 0) return noNames;
  return new Set(
    [...ports].flatMap((uuid) => {
      const port = view.byUuid("Logical_Switch_Port", uuid);
      return port === undefined ? [] : [text(port, "name")];
    }),
  );
}

/** The gateway routers of pruned nodes are as good as gone. */
function remainingRouters(
  view: ReadView,
  network: string,
  pruned: ReadonlySet<string>,
): NonNullable<Observed["routers"]> {
  const going = new Set([...pruned].map((node) => gatewayRouterName(network, node)));
  return observeRouters(view, network).filter(({ name }) => !going.has(name));
}

/**
 * What users see of it. Field by field, since a spread takes several times as long, and a plan may be about a hundred thousand
 * pods.
 */
export function plannedOn(network: string, built: BuiltAttachment): PlannedAttachment {
  const { input, portName, addresses, mac, ips, isRemote } = built;
  return { input, portName, addresses, mac, ips, isRemote, network };
}
