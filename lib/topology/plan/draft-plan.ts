import type { AnyRow, ReadView } from "../../database/index.ts";
import {
  type DesiredRow,
  type NamesakeRows,
  type PlanOptions,
  planRows,
  type Removal,
  type RowPlan,
} from "../../reconcile/index.ts";
import { sharedVlanNotes } from "../addresses/shared-vlans.ts";
import { checkCollisions } from "../assemble/collisions.ts";
import { checkNetworkRanges } from "../description/cluster-ranges.ts";
import { buildIsolation, NO_ISOLATION } from "../isolation/build-isolation.ts";
import { observeIsolation } from "../isolation/observe-isolation.ts";
import { isRowOf, networkOf } from "../observe/observe.ts";
import { idleDefaultPorts } from "../removal/isolation-removal.ts";
import { pruneableNetworks } from "../removal/prune.ts";
import { completeOptions, type Northbound, type TopologyRequest } from "../request/request.ts";
import { splitNodes } from "../request/zones.ts";
import type { StandingRows } from "../rows/built-network.ts";
import { foldChassisNotes } from "../rows/chassis-notes.ts";
import { rowKinds } from "../rows/ownership.ts";
import { withBalancers } from "../services/build-services.ts";
import { claimsOf } from "./besides-others.ts";
import { type DraftCircumstances, draftNetwork, type NetworkDraft, plannedOn } from "./draft-network.ts";
import { DraftOfRows, type DraftPlan } from "./draft-of-rows.ts";
import { type BuiltPorts, exclusiveRows } from "./exclusive-rows.ts";
import { fitSchema } from "./fit-schema.ts";
import { grantGuards } from "./grant-marks.ts";
import { type Growth, growthOf, NO_GROWTH } from "./growth.ts";
import { handedOverPorts, refuseStranger, tellingRemedy } from "./handed-over.ts";
import { checkMasquerades } from "./masquerade-check.ts";
import { checkTunnelKeys } from "./tunnel-keys-check.ts";

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
  { only, ...circumstances }: DraftCircumstances & { readonly only?: ReadonlySet<string> | undefined } = {},
): DraftPlan {
  const { view } = nb;
  const options = completeOptions(request);
  const networks =
    only === undefined ? request.networks : request.networks.filter(({ spec }) => only.has(spec.name));
  const parts = networks.map((network) => draftNetwork(nb.view, network, options, request, circumstances));
  // Within each of them its builder has looked.
  if (parts.length > 1)
    checkCollisions(
      parts.map(({ built }) => ({ ...built, rows: [...built.standing.flat(), ...built.rows] })),
    );
  const isolation = networks.every(({ attachments }) => attachments.length === 0)
    ? NO_ISOLATION
    : buildIsolation(
        networks.map(({ spec, nodes, attachments }) => ({
          spec,
          nodes: splitNodes(nodes, options).local,
          attachments,
        })),
        observeIsolation(view),
        request.prune === true && only === undefined,
      );
  const standing = new Set<readonly DesiredRow[]>();
  const lists: (readonly DesiredRow[])[] = [];
  for (const { built, policies, services } of parts) {
    const balanced = withBalancers(built, services);
    for (const list of balanced.standing) standing.add(list);
    lists.push(balanced.rows, policies.rows, services.rows);
  }
  lists.push(isolation.rows);
  const rows = uniqueRows(lists);
  const pruned = request.pruneNetworks === true ? pruneNow(view, request, only) : nothingPruned;
  const together = [
    ...checkMasquerades(view, rows, networks, pruned.networks),
    ...checkTunnelKeys(view, rows, networks, pruned.networks),
  ];
  for (const { spec } of networks) checkNetworkRanges(spec);
  const removals = [...parts.flatMap((part) => part.removals), ...pruned.removals];
  const exact = request.prune === true ? networks : [];
  if (removals.length > 0 || exact.length > 0) {
    const ports = new Set(
      isolation.rows.flatMap(({ kind, name }) => (kind === "default pod port" ? [name] : [])),
    );
    removals.push(...idleDefaultPorts(view, removals, ports, request.pruneNetworks === true, exact));
  }
  const growth = growthOf(parts, nb.takesChosenUuids);
  const handedOver = handedOverPorts(view, rows, removals);
  const about = {
    notes: [
      ...foldChassisNotes([...new Set(parts.flatMap(notesOf)), ...isolation.notes]),
      ...sharedVlanNotes(networks.map(({ spec }) => spec)),
    ],
    kept: [...parts.flatMap((part) => part.kept), ...pruned.kept],
    absent: [],
    ports: parts.map(({ network, built }) => ({ network, attachments: built.attachments })),
    nodes: parts.flatMap(({ network, built }) =>
      built.nodes.map(({ name, subnets }) => ({ name, subnets, network })),
    ),
    claims: claimsOf(parts.map(({ built }) => built.rows)),
    together: [...together, ...handedOver.pairs],
  };
  const { isGoing } = handedOver;
  const how = { standing: [...standing], growth, merge: request.merge === true, isGoing };
  return tellingRemedy(request, pruned.kept, () => finishDraft(nb, rows, removals, about, how));
}

/** What goes of networks that a request lacks, and which these are. */
interface PrunedNow {
  readonly removals: readonly Removal[];
  readonly kept: readonly string[];
  readonly networks: ReadonlySet<string>;
}

const nothingPruned: PrunedNow = { removals: [], kept: [], networks: new Set() };

function pruneNow(
  view: ReadView,
  { networks }: TopologyRequest,
  only: ReadonlySet<string> | undefined,
): PrunedNow {
  const { removals, kept } = pruneableNetworks(view, new Set(networks.map(({ spec }) => spec.name)));
  const now = removals.filter(({ network }) => only === undefined || only.has(network ?? ""));
  return { removals: now, kept, networks: new Set(now.flatMap(({ network }) => network ?? [])) };
}

function notesOf({ built, policies, services }: NetworkDraft): readonly string[] {
  return [...built.notes, ...policies.notes, ...services.notes];
}

/**
 * Compares what was built with the replica, and tells what must not change until the difference is written.
 *
 * @param how `standing`: more rows; `growth`: how networks give out subnets; `merge`: whether one row is made of several; `isGoing`:
 * which rows go although they have a name that is wanted.
 */
export function finishDraft(
  nb: Northbound,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
  about: Pick<DraftPlan, "notes" | "kept" | "absent" | "nodes" | "claims" | "together"> & {
    readonly ports: readonly BuiltPorts[];
  },
  how: {
    readonly standing?: StandingRows;
    readonly growth?: Growth;
    readonly merge?: boolean;
    readonly isGoing?: PlanOptions["isGoing"];
  } = {},
): DraftPlan {
  const { growth = NO_GROWTH, merge = false, isGoing } = how;
  const fitted = fitSchema(nb.view, nb.schema, how.standing ?? [], rows);
  const planned = plan(nb, fitted.rows, removals, { standing: fitted.standing, merge, isGoing });
  const { exclusive, toMark } = exclusiveRows(nb, about.ports, rows, planned, growth);
  return new DraftOfRows(planned, {
    kept: about.kept,
    absent: about.absent,
    attachments: about.ports.flatMap(({ network, attachments }) =>
      attachments.map((each) => plannedOn(network, each)),
    ),
    nodes: about.nodes,
    claims: about.claims,
    together: about.together,
    omitted: [...fitted.omitted, ...planned.omitted],
    notes: [...about.notes, ...fitted.notes, ...planned.namesakes.map(describeNamesakes)],
    exclusive,
    guards: grantGuards(nb.view, growth, toMark),
  });
}

/** Compares rows with the replica of a northbound database. */
export function plan(
  nb: Northbound,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
  { standing = [], merge = false, isGoing }: Pick<PlanOptions, "standing" | "merge" | "isGoing"> = {},
): RowPlan {
  return planRows(nb.view, rowKinds, rows, removals, {
    standing,
    merge,
    schema: nb.schema,
    uuidSupported: nb.takesChosenUuids,
    // A port may be taken from another switch or router only within its own network.
    isOurs: isHome,
    isGoing,
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
