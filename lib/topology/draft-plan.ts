import type { AnyRow, ReadView } from "../database/index.ts";
import type { Operation, WrittenOperations } from "../ovsdb/index.ts";
import {
  type Change,
  type DesiredRow,
  type NamesakeRows,
  type OmittedColumn,
  type PlanOptions,
  planRows,
  type Removal,
  type RowKinds,
  type RowPlan,
} from "../reconcile/index.ts";
import { buildIsolation } from "./build-isolation.ts";
import { buildParts, podSwitchName } from "./build-network.ts";
import { type BuiltPolicies, buildPolicies } from "./build-policies.ts";
import { type BuiltServices, withBalancers } from "./build-services.ts";
import type { BuiltAttachment, BuiltNode, NetworkParts, StandingRows } from "./built-network.ts";
import { foldChassisNotes } from "./chassis-notes.ts";
import { besidesWanted } from "./child-identity.ts";
import { checkNetworkRanges } from "./cluster-ranges.ts";
import { checkCollisions } from "./collisions.ts";
import { NameCollisionError } from "./errors.ts";
import { type ExclusiveRow, exclusiveRows } from "./exclusive-rows.ts";
import { fitSchema } from "./fit-schema.ts";
import type { NetworkPair } from "./group-networks.ts";
import type { Observed, TopologyOptions } from "./inputs.ts";
import { idleDefaultPorts } from "./isolation-removal.ts";
import { checkMasquerades } from "./masquerade-check.ts";
import { gatewayRouterName, namePrefix, podPortName } from "./names.ts";
import { networkOf, observeGroups, observeNetwork, text } from "./observe.ts";
import { observeDhcp } from "./observe-dhcp.ts";
import { observeIsolation } from "./observe-isolation.ts";
import { observePolicies } from "./observe-policies.ts";
import { observeRouters } from "./observe-routers.ts";
import { rowKinds } from "./ownership.ts";
import { planServices } from "./plan-services.ts";
import { checkSeen } from "./profile-check.ts";
import { pruneableNetworks, pruneNetwork } from "./prune.ts";
import { completeOptions, type NetworkRequest, type Northbound, type TopologyRequest } from "./request.ts";
import { seeAll, seeNodes, twinsOf } from "./sight.ts";
import { checkTunnelKeys } from "./tunnel-keys-check.ts";
import { checkElsewhere } from "./zone-pod.ts";
import { hasPortHere, remoteNames, splitNodes } from "./zones.ts";

/** An attachment as planned: where its port is and which addresses it gets. */
export interface PlannedAttachment extends BuiltAttachment {
  readonly network: string;
}

/** The difference between what was asked for and what the database holds at one moment. */
export interface DraftPlan {
  readonly changes: readonly Change[];
  readonly isEmpty: boolean;
  readonly operations: readonly Operation[];
  readonly written: WrittenOperations;
  readonly omitted: readonly OmittedColumn[];
  readonly bytes: number;
  /** As {@link RowPlan.sizes}. */
  readonly sizes: RowPlan["sizes"];
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
  /** Rows that nobody else may change meanwhile: something was given out that no row's uuid claims. */
  readonly exclusive: readonly ExclusiveRow[];
  /** Networks of which one takes what the other gives up, so that one transaction has to hold both. Absent: none. */
  readonly together?: readonly NetworkPair[];
}

/** Networks a topology request is about: those it names, and those that it prunes. */
export function networksOfRequest(nb: Northbound, request: TopologyRequest): readonly string[] {
  const named = request.networks.map(({ spec }) => spec.name);
  if (request.pruneNetworks !== true) return named;
  return [...named, ...pruneableNetworks(nb.view, new Set(named)).networks];
}

/** Plans a topology request, or only its part that is about the networks `only`. */
export function draftTopology(
  nb: Northbound,
  request: TopologyRequest,
  only?: ReadonlySet<string>,
): DraftPlan {
  const { view } = nb;
  const options = completeOptions(request);
  const wanted = new Set(request.networks.map(({ spec }) => spec.name));
  const networks = request.networks.filter(({ spec }) => only === undefined || only.has(spec.name));
  const parts = networks.map((network) => buildOne(nb, network, options, request));
  // Within each of them its builder has looked.
  if (parts.length > 1)
    checkCollisions(
      parts.map(({ built }) => ({ ...built, rows: [...built.standing.flat(), ...built.rows] })),
    );
  const isolation = buildIsolation(
    networks.map((network) => ({ ...network, nodes: splitNodes(network.nodes, options).local })),
    observeIsolation(view),
    request.prune === true && only === undefined,
  );
  const balanced = parts.map(({ built, services }) => withBalancers(built, services));
  const standing = [...new Set(balanced.flatMap((part) => part.standing))];
  const rows = uniqueRows([
    ...parts.flatMap(({ policies, services }, index) => [
      balanced[index]?.rows ?? [],
      policies.rows,
      services.rows,
    ]),
    isolation.rows,
  ]);
  const pruned =
    request.pruneNetworks === true
      ? pruneableNetworks(view, wanted)
      : { removals: [], kept: [], networks: [] };
  const prunedNow = pruned.removals.filter(({ network }) => only === undefined || only.has(network ?? ""));
  const going = new Set(prunedNow.flatMap(({ network }) => network ?? []));
  const together = [...checkMasquerades(view, rows, going), ...checkTunnelKeys(view, rows, going)];
  for (const { spec } of networks) checkNetworkRanges(spec);
  const removals = [...parts.flatMap((part) => part.removals), ...prunedNow];
  const ports = new Set(
    isolation.rows.flatMap(({ kind, name }) => (kind === "default pod port" ? [name] : [])),
  );
  removals.push(...idleDefaultPorts(view, removals, ports, request.pruneNetworks === true));
  // Without chosen uuids no subnet is claimed by any.
  const isGrowing = (node: BuiltNode): boolean => node.exclusive || (node.isNew && !nb.takesChosenUuids);
  const growing = new Set(
    parts.flatMap(({ network, built }) => (built.nodes.some(isGrowing) ? [network] : [])),
  );
  return finishDraft(
    nb,
    rows,
    removals,
    {
      notes: foldChassisNotes([
        ...new Set(
          parts.flatMap(({ built, policies, services }) => [
            ...built.notes,
            ...policies.notes,
            ...services.notes,
          ]),
        ),
        ...isolation.notes,
      ]),
      kept: [...parts.flatMap((part) => part.kept), ...pruned.kept],
      absent: [],
      attachments: parts.flatMap((part) => part.attachments),
      together,
    },
    { standing, growing, merge: request.merge === true },
  );
}

/**
 * Compares what was built with the replica, and tells what must not change until the difference is written.
 *
 * @param how `standing`: more rows; `growing`: networks that give out subnets which nothing claims; `merge`: whether one row is
 *   made of several.
 */
export function finishDraft(
  nb: Northbound,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
  about: Pick<DraftPlan, "notes" | "kept" | "absent" | "attachments" | "together">,
  how: {
    readonly standing?: StandingRows;
    readonly growing?: ReadonlySet<string>;
    readonly merge?: boolean;
  } = {},
): DraftPlan {
  const { growing = new Set(), merge = false } = how;
  const fitted = fitSchema(nb.view, nb.schema, how.standing ?? [], rows);
  const planned = plan(nb, fitted.rows, removals, { standing: fitted.standing, merge });
  return draftOf(planned, {
    ...about,
    omitted: [...fitted.omitted, ...planned.omitted],
    notes: [...about.notes, ...fitted.notes, ...planned.namesakes.map(describeNamesakes)],
    exclusive: exclusiveRows(nb, about.attachments, rows, planned, growing),
  });
}

/** A plan of rows with what is to be said about it. What takes long to tell waits until somebody asks. */
export function draftOf(
  planned: RowPlan,
  about: Omit<DraftPlan, "changes" | "isEmpty" | "operations" | "written" | "bytes" | "sizes">,
): DraftPlan {
  return {
    get changes() {
      return planned.changes;
    },
    isEmpty: planned.isEmpty,
    get operations() {
      return planned.operations;
    },
    get written() {
      return planned.written;
    },
    get bytes() {
      return planned.bytes;
    },
    get sizes() {
      return planned.sizes;
    },
    ...about,
  };
}

/** Compares rows with the replica of a northbound database. */
export function plan(
  nb: Northbound,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
  how: Pick<PlanOptions, "standing" | "merge"> = {},
): RowPlan {
  return planRows(nb.view, rowKinds, rows, removals, {
    ...how,
    schema: nb.schema,
    uuidSupported: nb.takesChosenUuids,
    // A port may be taken from another switch or router only within its own network.
    isOurs: isHome,
    onFound: refuseStranger,
  });
}

function describeNamesakes({ table, name, kept, others }: NamesakeRows): string {
  return `${table} ${name} is ${kept}; others bear that name: ${others.join(", ")}; the option merge makes one of them`;
}

/** Whether what is to leave this switch or router for another is in its own network there. */
function isHome(parent: AnyRow, { kind, network }: DesiredRow): boolean {
  if (kind === "default pod port") return networkOf(parent) === "";
  return network !== undefined && isRowOf(parent, network);
}

/** A row without a mark belongs to the network whose names begin as its does. */
function isRowOf(row: AnyRow, network: string): boolean {
  const marked = networkOf(row);
  return marked === "" ? text(row, "name").startsWith(namePrefix(network)) : marked === network;
}

interface Part {
  readonly network: string;
  readonly built: NetworkParts;
  readonly policies: BuiltPolicies;
  readonly services: BuiltServices;
  readonly removals: readonly Removal[];
  readonly kept: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
}

function buildOne(
  nb: Northbound,
  network: NetworkRequest,
  options: TopologyOptions,
  request: TopologyRequest,
): Part {
  const { view } = nb;
  const { spec, nodes, attachments } = network;
  const remote = remoteNames(nodes, options);
  const here = attachments.filter((pod) => hasPortHere(spec, pod, remote));
  const portNames = new Set(here.map((pod) => podPortName(pod.nad, pod.namespace, pod.name)));
  const switchNames = new Set(here.map(({ node }) => podSwitchName(spec, node)));
  const nodeNames = nodes.map(({ name }) => name);
  // What is pruned may be anywhere; of primary networks' and other zones' routers everything is looked at anyway.
  const isPart =
    spec.topology === "layer3" &&
    spec.primary === undefined &&
    options.mode === "central" &&
    request.prune !== true &&
    request.merge !== true;
  const sight = (isPart ? seeNodes : seeAll)(view, spec, nodeNames);
  checkSeen(view, spec, options, request.migrate ?? false, sight);
  const twins = request.merge === true ? twinsOf(view, sight.switches) : [];
  const observed = observeNetwork(view, spec, nodeNames, { portNames, switchNames }, [
    ...sight.switches,
    ...twins,
  ]);
  const pruned =
    request.prune === true
      ? pruneNetwork(view, network, portNames, remote, twins)
      : { removals: [], kept: [], nodes: new Set<string>(), ports: new Set<string>() };
  const routerPortsGoing = new Set(
    pruned.removals.flatMap(({ table, uuid }) => (table === "Logical_Router_Port" ? [uuid] : [])),
  );
  const remaining: Observed = {
    ...observed,
    nodes: sight.nodes.filter(({ name }) => !pruned.nodes.has(name)),
    ...(sight.others !== undefined && { others: sight.others }),
    ports: observed.ports.filter(({ uuid }) => !pruned.ports.has(uuid)),
    leaving: (uuid) => pruned.ports.has(uuid) || routerPortsGoing.has(uuid),
    dhcp: observeDhcp(view, spec.name),
    ...((spec.primary || options.mode === "interconnect") && {
      routers: remainingRouters(view, spec.name, pruned.nodes),
    }),
    // Only a migration may take today's groups away; otherwise they are not from us.
    ...(request.migrate === true && { groups: observeGroups(view, spec.name) }),
  };
  const built = buildParts(spec, remaining, nodes, attachments, options, {
    gateways: true,
    ...(network.claims && { claims: network.claims }),
  });
  const leaving = new Set(
    [...pruned.ports].flatMap((uuid) => {
      const port = view.byUuid("Logical_Switch_Port", uuid);
      return port === undefined ? [] : [text(port, "name")];
    }),
  );
  const { policies: asked = [] } = network.policies ?? {};
  if (asked.length > 0) checkElsewhere(spec, built.elsewhere);
  const policies = buildPolicies(
    spec,
    asked.length > 0 ? [...built.attachments, ...built.elsewhere] : built.attachments,
    network.policies,
    observePolicies(view, spec.name),
    { profile: options.profile, prune: request.prune === true, leaving },
  );
  const services = planServices(
    view,
    { ...network, nodes: splitNodes(nodes, options).local },
    [...built.attachments, ...built.elsewhere],
    request.prune === true,
  );
  const going = new Set(pruned.removals.map(({ uuid }) => uuid));
  return {
    network: spec.name,
    built,
    policies,
    services,
    removals: [
      ...built.removals,
      ...besidesWanted(view, pruned.removals, built.rows),
      ...policies.removals,
      ...services.removals.filter(({ uuid }) => !going.has(uuid)),
    ],
    kept: [...pruned.kept, ...policies.kept, ...services.kept],
    attachments: built.attachments.map((attachment) => ({ ...attachment, network: spec.name })),
  };
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

/** Rows that all networks share, such as Copp, come from each of them and are wanted once. */
function uniqueRows(lists: readonly (readonly DesiredRow[])[]): readonly DesiredRow[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  if (others.length === 0) return first;
  const seen = new Set<string>();
  const rows: DesiredRow[] = [];
  for (const list of [first, ...others]) {
    for (const row of list) {
      if (seen.has(row.key)) continue;
      seen.add(row.key);
      rows.push(row);
    }
  }
  return rows;
}

/** A row of our name that says it belongs to another network is not ours to take over. */
function refuseStranger(existing: AnyRow, row: DesiredRow): void {
  const ours = row.keys?.["external_ids"]?.["k8s.ovn.org/network"];
  if (ours === undefined) return;
  const theirs = networkOf(existing);
  if (theirs === "" || theirs === ours) return;
  throw new NameCollisionError(tableOf(row), row.name, [
    `the ${row.kind} of network "${ours}"`,
    `the existing row of network "${theirs}"`,
  ]);
}

function tableOf(row: DesiredRow): string {
  const kinds: RowKinds = rowKinds;
  return kinds[row.kind]?.table ?? row.kind;
}
