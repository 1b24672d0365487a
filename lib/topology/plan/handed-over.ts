import type { AnyRow, ReadView } from "../../database/index.ts";
import type { DesiredRow, PlanOptions, Removal, RowKinds } from "../../reconcile/index.ts";
import { NameCollisionError } from "../description/errors.ts";
import { networkOf, text } from "../observe/observe.ts";
import { isPodPort } from "../observe/pod-of-port.ts";
import type { TopologyRequest } from "../request/request.ts";
import { rowKinds } from "../rows/ownership.ts";
import type { NetworkPair } from "./group-networks.ts";

/** Names that pods' ports have on one network and get on another in the same transaction. */
export interface HandedOver {
  /** Pairs of networks of which the first takes a name that the second gives up: not to be done one after the other. */
  readonly pairs: readonly NetworkPair[];
  /** Whether a row of a wanted row's name is another network's port that goes. Undefined where none is. */
  readonly isGoing: PlanOptions["isGoing"];
}

const nothing: HandedOver = { pairs: [], isGoing: undefined };

/**
 * A port is named from its NetworkAttachmentDefinition, so where that leads to another network, or its network to another name, the
 * name stays. The row does not: one network's port never becomes another's.
 */
export function handedOverPorts(
  view: ReadView,
  rows: readonly DesiredRow[],
  removals: readonly Removal[],
): HandedOver {
  const going = new Map<string, AnyRow>();
  for (const { table, uuid } of removals) {
    const port = table === "Logical_Switch_Port" ? view.byUuid(table, uuid) : undefined;
    if (port !== undefined && isPodPort(port)) going.set(text(port, "name"), port);
  }
  if (going.size === 0) return nothing;
  const handed = new Set<string>();
  const pairs = new Map<string, NetworkPair>();
  for (const { kind, name, network = "" } of rows) {
    const port = kind === "pod port" ? going.get(name) : undefined;
    if (port === undefined || networkOf(port) === network) continue;
    handed.add(port._uuid);
    pairs.set(`${network}/${networkOf(port)}`, [network, networkOf(port)]);
  }
  if (handed.size === 0) return nothing;
  return { pairs: [...pairs.values()], isGoing: ({ _uuid }) => handed.has(_uuid) };
}

/** Refuses a row of our name that says it belongs to another network: it is not ours to take over. */
export function refuseStranger(existing: AnyRow, row: DesiredRow): void {
  const ours = row.keys?.["external_ids"]?.["k8s.ovn.org/network"];
  if (ours === undefined) return;
  const theirs = networkOf(existing);
  if (theirs === "" || theirs === ours) return;
  throw new StrangerError(tableOf(row), row.name, `the ${row.kind} of network "${ours}"`, theirs);
}

function tableOf(row: DesiredRow): string {
  const kinds: RowKinds = rowKinds;
  return kinds[row.kind]?.table ?? row.kind;
}

/** A row of another network has the name of one of ours. */
class StrangerError extends NameCollisionError {
  static override readonly name: string = "NameCollisionError";
  readonly network: string;

  constructor(table: string, objectName: string, ours: string, network: string, why = "") {
    super(table, objectName, [ours, `the existing row of network "${network}"`], why);
    this.network = network;
  }

  /** The same with what is to be done about it. */
  because(why: string): StrangerError {
    return new StrangerError(this.table, this.objectName, this.sources[0], this.network, why);
  }
}

/** Does something, and says of a name that another network has how it becomes free, where that network is not asked for. */
export function tellingRemedy<T>(
  { networks, pruneNetworks }: TopologyRequest,
  kept: readonly string[],
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StrangerError)) throw error;
    const { network } = error;
    if (networks.some(({ spec }) => spec.name === network)) throw error;
    const stays = kept.find((line) => line.startsWith(`network "${network}" stays: `));
    if (pruneNetworks === true) throw stays === undefined ? error : error.because(stays);
    throw error.because("that network is not in the request; the option pruneNetworks removes such");
  }
}
