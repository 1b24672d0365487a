import { type Deadline, whenSynced } from "../database/index.ts";
import { locate, type ManifestSet, networkRequests, readManifests } from "../manifests/index.ts";
import { type Northbound, type Plan, planTopology, type TopologyRequest } from "../topology/index.ts";
import { CliError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import type { PlanningOptions } from "./options.ts";
import { tell, tellSkipped } from "./output/messages.ts";
import { type ReadingOptions, readSources, refuseEmpty } from "./sources.ts";

/** Refuses combinations of options that cannot be meant, before anything is read. */
export function checkPlanningOptions({ mode, zone }: PlanningOptions): void {
  if (zone === "") throw new CliError("--zone is empty: which one is meant?");
  if (mode === "interconnect" && zone === undefined)
    throw new CliError("--mode interconnect needs --zone: the zone of this database");
  if (mode !== "interconnect" && zone !== undefined)
    throw new CliError("--zone goes with --mode interconnect");
}

/** Reads the manifests that `-f` names and says what of them is not used. */
export async function readManifestSet(
  options: ReadingOptions & Pick<PlanningOptions, "mode">,
  io: Io,
): Promise<ManifestSet> {
  const { mode } = options;
  const sources = await readSources(options, io);
  const set = readManifests(sources, mode === undefined ? {} : { mode });
  refuseEmpty(sources, set.networks, set.nodes, set.pods, set.policies, set.services, set.skipped);
  tellSkipped(io, set.skipped);
  for (const note of notesOn(set)) tell(io, `note: ${note}`);
  return set;
}

/** What is to be said of manifests as a whole. */
export function notesOn({ networks }: ManifestSet): readonly string[] {
  return networks.length === 0 ? ["the manifests hold no network"] : [];
}

/** What a set of manifests asks of the topology layer. */
export function requestOf(set: ManifestSet, options: PlanningOptions): TopologyRequest {
  const { prune, profile, mode, zone, gatewayMode, clusterMtu, migrate, merge } = options;
  // An empty or wrong file must not be read as the wish to have no networks at all.
  if (prune === "networks" && set.networks.length === 0)
    throw new CliError("--prune=networks would remove every network: the manifests hold none");
  return {
    networks: networkRequests(set),
    ...(prune === undefined ? {} : { prune: true }),
    ...(prune === "networks" ? { pruneNetworks: true } : {}),
    ...(migrate === undefined ? {} : { migrate }),
    ...(merge === undefined ? {} : { merge }),
    ...(profile === undefined ? {} : { profile }),
    ...(mode === undefined ? {} : { mode }),
    ...(zone === undefined ? {} : { zone }),
    ...(gatewayMode === undefined ? {} : { gatewayMode }),
    ...(clusterMtu === undefined ? {} : { clusterMtu }),
  };
}

/**
 * Plans what a set of manifests asks for, once there is something to plan from; errors say where in the manifests their
 * cause stands.
 */
export function planManifests(
  nb: Northbound,
  set: ManifestSet,
  request: TopologyRequest,
  until: { readonly deadline: Deadline; readonly signal: AbortSignal },
): Promise<Plan> {
  return located(set, async () => whenSynced(nb, () => planTopology(nb, request), until));
}

/** Turns errors of the topology layer into those of the manifests that caused them. */
export async function located<R>(set: ManifestSet, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    throw locate(error, set) ?? error;
  }
}
