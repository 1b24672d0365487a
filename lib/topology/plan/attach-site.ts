import type { AnyRow, ReadView } from "../../database/index.ts";
import { podSwitchName } from "../assemble/build-network.ts";
import { NameCollisionError, SpecError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { clusterRouterName, routerToSwitchPortName } from "../naming/names.ts";
import { FollowedTables, SWITCHES } from "../observe/followed-tables.ts";
import { fixedSwitchNames, networkOf, text, texts } from "../observe/observe.ts";
import { checkProfile, recognise } from "../observe/profile-check.ts";
import type { AttachmentInput, NodeInput, Profile, TopologyOptions } from "../request/inputs.ts";
import { completeOptions, type PlanOptions } from "../request/request.ts";

/** Where pods of one node are attached to a network, and how the network was written. */
export interface AttachSite {
  /** Revisions of the tables that tell of it beside the switches. */
  readonly revisions: string;
  readonly switchName: string;
  /** What the database tells of the node. */
  readonly node: Partial<NodeInput>;
  readonly profile: Profile | undefined;
  /** Switches by which the profile is recognised. */
  readonly switches: readonly AnyRow[];
  /** Profiles and modes that were compared with it. */
  readonly passed: Set<string>;
}

/** What was found, as long as it holds. */
interface Memory {
  readonly switches: FollowedTables;
  readonly sites: Map<string, AttachSite>;
}

/** What tells of a site beside switches; a network that is not routed has no ports of routers. */
const TABLES = ["Logical_Router", "Load_Balancer_Group"];
const LAYER3_TABLES = [...TABLES, "Logical_Router_Port", "Gateway_Chassis"];

/** Sites that are remembered. */
const MAX_SITES = 10_000;

const memories = new WeakMap<ReadView, Memory>();

/**
 * Looks for the network and the pod's node in the database. The same site is not looked at again before something changes that
 * may tell of it; that a switch gets a port does not.
 *
 * Throws `SpecError` when the network, or on layer3 the node, is not there.
 */
export function attachSite(view: ReadView, spec: NetworkSpec, pod: AttachmentInput): AttachSite {
  const memory = memories.get(view) ?? { switches: new FollowedTables(SWITCHES), sites: new Map() };
  // Put back when all is well: what failed half way is not to be relied on.
  memories.delete(view);
  const { switches, sites } = memory;
  const onlyPorts = switches.news(view)?.[0]?.every(({ inSetOnly }) => inSetOnly) === true;
  if (!onlyPorts || sites.size >= MAX_SITES) sites.clear();
  const revisions = revisionsOf(view, spec);
  const key = `${spec.topology}\n${spec.role}\n${spec.name}\n${pod.node}`;
  const known = sites.get(key);
  const site = known?.revisions === revisions ? known : findSite(view, spec, pod, revisions);
  // Of a localnet network a port tells as well, and ports come and go.
  if (spec.topology !== "localnet") sites.set(key, site);
  memories.set(view, memory);
  return site;
}

function revisionsOf(view: ReadView, { topology }: NetworkSpec): string {
  const tables = topology === "layer3" ? LAYER3_TABLES : TABLES;
  return tables.map((table) => (view.supports(table) ? view.revision?.(table) : 0)).join();
}

/**
 * The options of a plan for a site, with the network's own profile when they name none.
 *
 * Throws what {@link checkProfile} throws, `SpecError` for wrong options, `NameCollisionError` when the switch is another network's.
 */
export function optionsAt(
  view: ReadView,
  spec: NetworkSpec,
  { switchName, profile, switches, passed }: AttachSite,
  options: PlanOptions,
): TopologyOptions {
  const isGiven = options.profile !== undefined || profile === undefined;
  const complete = completeOptions(isGiven ? options : { ...options, profile });
  const how = `${complete.profile} ${complete.mode}`;
  if (passed.has(how)) return complete;
  checkProfile(view, spec, complete, false, switches);
  for (const row of view.find("Logical_Switch", { name: switchName })) {
    const theirs = networkOf(row);
    if (theirs !== "" && theirs !== spec.name) {
      throw new NameCollisionError("Logical_Switch", switchName, [
        `the switch of network "${spec.name}"`,
        `the existing row of network "${theirs}"`,
      ]);
    }
  }
  passed.add(how);
  return complete;
}

function findSite(view: ReadView, spec: NetworkSpec, pod: AttachmentInput, revisions: string): AttachSite {
  const { name: network, topology } = spec;
  const switchName = podSwitchName(spec, pod.node);
  const isLayer3 = topology === "layer3";
  const isThere = isLayer3
    ? view.find("Logical_Router", { name: clusterRouterName(network) }).length > 0
    : view.find("Logical_Switch", { name: switchName }).length > 0;
  if (!isThere) {
    throw new SpecError(`network "${network}" is not in the database: apply a plan of it first`, {
      path: "name",
      value: network,
    });
  }
  if (isLayer3 && view.find("Logical_Switch", { name: switchName }).length === 0) {
    throw new SpecError(
      `node ${pod.node} is not part of network "${network}": addNode adds it, or a plan with it`,
      {
        path: `pods[${pod.namespace}/${pod.name}].node`,
        value: pod.node,
      },
    );
  }
  // The other nodes' switches would say the same, and asking them takes as long as there are nodes.
  const switches = [...new Set([...fixedSwitchNames(network), switchName])]
    .flatMap((name) => view.find("Logical_Switch", { name }))
    .filter((row) => ["", network].includes(networkOf(row)));
  return {
    revisions,
    switchName,
    node: isLayer3 ? knownNode(view, network, pod.node) : {},
    profile: recognise(view, network, switches).profile,
    switches,
    passed: new Set(),
  };
}

/** What the router port of a node tells of it for the ports of pods: its chassis. */
function knownNode(view: ReadView, network: string, node: string): Partial<NodeInput> {
  const [port] = view.find("Logical_Router_Port", { name: routerToSwitchPortName(network, node) });
  if (port === undefined) return {};
  const [chassis] = texts(port, "gateway_chassis").flatMap((uuid) => {
    const row = view.byUuid("Gateway_Chassis", uuid);
    return row !== undefined && text(row, "name").startsWith(`${text(port, "name")}-`)
      ? [text(row, "chassis_name")]
      : [];
  });
  return chassis === undefined || chassis === node ? {} : { chassisId: chassis };
}
