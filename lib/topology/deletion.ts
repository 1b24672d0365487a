import type { AnyRow, ReadView } from "../database/index.ts";
import type { Removal } from "../reconcile/index.ts";
import { type DraftPlan, plan } from "./draft-plan.ts";
import { podPortName } from "./names.ts";
import { networkOf, networksOf, text } from "./observe.ts";
import { Plan } from "./plan.ts";
import { type ForeignRow, ForeignRowsError, removeNetwork, removePort } from "./removal.ts";
import type { Northbound } from "./request.ts";

/** What {@link planDeletion} is asked for. */
export interface DeletionRequest {
  /** Names of networks, which go with their nodes' parts and all their pods' ports. */
  readonly networks: readonly string[];
  /** Ports of pods, by NAD key (`namespace/name`, `/1` and on for repeated attachments). */
  readonly pods: readonly { readonly namespace: string; readonly name: string; readonly nad: string }[];
  /** Take along rows of others that hang on what is removed. @default false */
  readonly force?: boolean;
}

/**
 * Plans the removal of networks and of ports of pods. What is not there is named in `absent`. Copp, Meter and Meter_Band
 * rows stay: they serve others too.
 *
 * Throws `ForeignRowsError` when rows of others would go along and `force` is not set.
 */
export function planDeletion(nb: Northbound, request: DeletionRequest): Plan {
  return new Plan(nb, () => draftDeletion(nb, request), request.networks);
}

function draftDeletion(nb: Northbound, request: DeletionRequest): DraftPlan {
  const { view } = nb;
  const present = new Set(networksOf(view));
  const absent: string[] = [];
  const removals: Removal[] = [];
  const foreign: ForeignRow[] = [];
  for (const network of new Set(request.networks)) {
    const part = removeNetwork(view, network);
    if (part.removals.length === 0) absent.push(`network "${network}"`);
    removals.push(...part.removals);
    foreign.push(...part.foreign);
    present.delete(network);
  }
  const parents = new Set(removals.map(({ uuid }) => uuid));
  for (const pod of request.pods) {
    const port = findPodPort(view, pod);
    const gone = port === undefined ? [] : removePort(view, networkOf(port), port);
    if (gone.length === 0) absent.push(`pod ${pod.namespace}/${pod.name} on ${pod.nad}`);
    removals.push(...gone.filter(({ parent }) => parent === undefined || !parents.has(parent.uuid)));
  }
  if (foreign.length > 0 && request.force !== true) throw new ForeignRowsError(foreign);
  return {
    ...plan(nb, [], removals),
    notes: [],
    kept: [],
    absent,
    attachments: [],
    exclusive: [],
  };
}

/** The port of a pod, if it is one that belongs to a network: a port of another tool may have the name. */
export function findPodPort(
  view: ReadView,
  pod: { readonly namespace: string; readonly name: string; readonly nad: string },
): AnyRow | undefined {
  const [port] = view.find("Logical_Switch_Port", { name: podPortName(pod.nad, pod.namespace, pod.name) });
  return port !== undefined && networkOf(port) !== "" && text(port, "external_ids", "pod") === "true"
    ? port
    : undefined;
}
