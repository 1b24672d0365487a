import type { AnyRow, ReadView } from "../database/index.ts";
import type { Operation } from "../ovsdb/index.ts";
import {
  type Change,
  type DesiredRow,
  type OmittedColumn,
  planRows,
  type Removal,
} from "../reconcile/index.ts";
import { buildNetwork } from "./build-network.ts";
import type { BuiltAttachment, BuiltNetwork } from "./built-network.ts";
import { checkCollisions } from "./collisions.ts";
import { NameCollisionError } from "./errors.ts";
import type { TopologyOptions } from "./inputs.ts";
import { networkOf, observeNetwork, text } from "./observe.ts";
import { rowKinds } from "./ownership.ts";
import { checkProfile } from "./profile-check.ts";
import { pruneableNetworks, pruneNetwork } from "./prune.ts";
import { completeOptions, type NetworkRequest, type Northbound, type TopologyRequest } from "./request.ts";

/** An attachment as planned: where its port is and which addresses it gets. */
export interface PlannedAttachment extends BuiltAttachment {
  readonly network: string;
}

/** The difference between what was asked for and what the database holds at one moment. */
export interface DraftPlan {
  readonly changes: readonly Change[];
  readonly operations: readonly Operation[];
  readonly omitted: readonly OmittedColumn[];
  readonly bytes: number;
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
  /**
   * Uuids of switches on which nobody else may add a port meanwhile: an address was given out that no row's uuid claims.
   */
  readonly exclusive: readonly string[];
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
  checkCollisions(parts.map(({ built }) => built));
  const rows = uniqueRows(parts.map(({ built }) => built));
  checkStrangers(view, rows);
  const pruned =
    request.pruneNetworks === true
      ? pruneableNetworks(view, wanted)
      : { removals: [], kept: [], networks: [] };
  const removals = [
    ...parts.flatMap((part) => part.removals),
    ...pruned.removals.filter(({ network }) => only === undefined || only.has(network ?? "")),
  ];
  const attachments = parts.flatMap((part) => part.attachments);
  return {
    ...plan(nb, rows, removals),
    notes: [...new Set(parts.flatMap(({ built }) => built.notes))],
    kept: [...parts.flatMap((part) => part.kept), ...pruned.kept],
    absent: [],
    attachments,
    exclusive: exclusiveSwitches(view, attachments, rows),
  };
}

/** Compares rows with the replica of a northbound database. */
export function plan(
  nb: Northbound,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
): Pick<DraftPlan, "changes" | "operations" | "omitted" | "bytes"> {
  return planRows(nb.view, rowKinds, rows, removals, {
    schema: nb.schema,
    uuidSupported: nb.takesChosenUuids,
    // A port may be taken from another switch or router only within its own network.
    isOurs: (parent, row) => networkOf(parent) === row.network,
  });
}

interface Part {
  readonly built: BuiltNetwork;
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
  const { spec, nodes, attachments } = network;
  checkProfile(nb.view, spec.name, options, request.migrate ?? false);
  const observed = observeNetwork(
    nb.view,
    spec,
    nodes.map(({ name }) => name),
  );
  const built = buildNetwork(spec, observed, nodes, attachments, options);
  const portNames = new Set(built.attachments.map(({ portName }) => portName));
  const pruned =
    request.prune === true ? pruneNetwork(nb.view, network, portNames) : { removals: [], kept: [] };
  return {
    built,
    removals: [...built.removals, ...pruned.removals],
    kept: pruned.kept,
    attachments: built.attachments.map((attachment) => ({ ...attachment, network: spec.name })),
  };
}

/** Rows that all networks share, such as Copp, come from each of them and are wanted once. */
function uniqueRows(builts: readonly BuiltNetwork[]): DesiredRow[] {
  const rows = new Map<string, DesiredRow>();
  for (const row of builts.flatMap((built) => built.rows)) {
    if (!rows.has(row.key)) rows.set(row.key, row);
  }
  return [...rows.values()];
}

/** A row of our name that says it belongs to another network is not ours to take over. */
function checkStrangers(view: ReadView, rows: readonly DesiredRow[]): void {
  for (const row of rows) {
    const ours = row.keys?.["external_ids"]?.["k8s.ovn.org/network"];
    if (ours === undefined) continue;
    const table = tableOf(row);
    for (const existing of view.find(table, { name: row.name })) {
      const theirs = networkOf(existing);
      if (theirs !== "" && theirs !== ours) {
        throw new NameCollisionError(table, row.name, [
          `the ${row.kind} of network "${ours}"`,
          `the existing row of network "${theirs}"`,
        ]);
      }
    }
  }
}

function tableOf(row: DesiredRow): string {
  return Object.entries(rowKinds).find(([kind]) => kind === row.kind)?.[1].table ?? row.kind;
}

function exclusiveSwitches(
  view: ReadView,
  attachments: readonly PlannedAttachment[],
  rows: readonly DesiredRow[],
): string[] {
  const keys = new Set(attachments.filter(({ exclusive }) => exclusive).map(({ switchKey }) => switchKey));
  if (keys.size === 0) return [];
  // A switch that is new in this very transaction has a uuid that nobody else can insert.
  const switches = rows
    .filter(({ key }) => keys.has(key))
    .flatMap(({ name }): readonly AnyRow[] => view.find("Logical_Switch", { name }));
  return [...new Set(switches.filter((row) => text(row, "name") !== "").map(({ _uuid }) => _uuid))].sort();
}
