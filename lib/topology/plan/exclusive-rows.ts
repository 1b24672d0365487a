import type { DesiredRow, RowPlan } from "../../reconcile/index.ts";
import type { Northbound } from "../request/request.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";
import type { Growth } from "./growth.ts";

/** A row whose sets show what has been given out: a switch for addresses, a router for nodes' subnets. */
export interface ExclusiveRow {
  readonly table: "Logical_Switch" | "Logical_Router";
  readonly uuid: string;
  readonly name: string;
}

/** The ports of pods that were built for a network. */
export interface BuiltPorts {
  readonly network: string;
  readonly attachments: readonly BuiltAttachment[];
}

/** The rows that a plan relies on. */
export interface ExclusiveRows {
  readonly exclusive: readonly ExclusiveRow[];
  /** Those of them that others who rely on them would not see change. */
  readonly toMark: readonly ExclusiveRow[];
}

/** In words, for messages. */
export function describeRow({ table, name }: ExclusiveRow): string {
  return `${table === "Logical_Switch" ? "switch" : "router"} "${name}"`;
}

/**
 * The rows that a plan relies on. Those that are new in this very transaction need no such care: their uuids are chosen from
 * their names, and nobody else can insert them.
 */
export function exclusiveRows(
  { view, takesChosenUuids }: Northbound,
  ports: readonly BuiltPorts[],
  rows: readonly DesiredRow[],
  planned: Pick<RowPlan, "changes">,
  { guarded, unseen }: Growth,
): ExclusiveRows {
  // Nearly all plans of nodes: their subnets are claimed by uuids.
  if (guarded.size === 0 && ports.every(({ attachments }) => attachments.length === 0)) return noRows;
  const inserted = new Set(
    takesChosenUuids
      ? []
      : planned.changes.flatMap(({ action, name }) => (action === "insert" ? [name] : [])),
  );
  const keys = new Set<string>();
  const unseenKeys = new Set<string>();
  // Without chosen uuids no address is claimed by any.
  for (const { attachments } of ports)
    for (const port of attachments) {
      const { switchKey } = port;
      if (port.exclusive || (!takesChosenUuids && inserted.has(port.portName))) keys.add(switchKey);
      if (port.unseen) unseenKeys.add(switchKey);
    }
  if (keys.size === 0 && guarded.size === 0) return noRows;
  const toMark: ExclusiveRow[] = [];
  const found = rows.flatMap(({ key, kind, name, network = "" }): ExclusiveRow[] => {
    const isSwitch = keys.has(key);
    if (!isSwitch && !(kind === "cluster router" && guarded.has(network))) return [];
    const table = isSwitch ? "Logical_Switch" : "Logical_Router";
    const existing = view.find(table, { name }).map(({ _uuid: uuid }) => ({ table, uuid, name }) as const);
    if (isSwitch ? unseenKeys.has(key) : unseen.has(network)) toMark.push(...existing);
    return existing;
  });
  return { exclusive: found.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)), toMark };
}

const noRows: ExclusiveRows = { exclusive: [], toMark: [] };
