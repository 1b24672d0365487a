import type { DesiredRow, RowPlan } from "../../reconcile/index.ts";
import type { Northbound } from "../request/request.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";

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
  growing: ReadonlySet<string>,
): ExclusiveRow[] {
  // Nearly all plans of nodes: their subnets are claimed by uuids.
  if (growing.size === 0 && ports.every(({ attachments }) => attachments.length === 0)) return [];
  const inserted = new Set(
    takesChosenUuids
      ? []
      : planned.changes.flatMap(({ action, name }) => (action === "insert" ? [name] : [])),
  );
  const keys = new Set<string>();
  // Without chosen uuids no address is claimed by any.
  for (const { attachments } of ports)
    for (const { exclusive, portName, switchKey } of attachments)
      if (exclusive || (!takesChosenUuids && inserted.has(portName))) keys.add(switchKey);
  if (keys.size === 0 && growing.size === 0) return [];
  const found = rows.flatMap(({ key, kind, name, network }): ExclusiveRow[] => {
    const table = keys.has(key)
      ? "Logical_Switch"
      : kind === "cluster router" && network !== undefined && growing.has(network)
        ? "Logical_Router"
        : undefined;
    return table === undefined
      ? []
      : view.find(table, { name }).map(({ _uuid: uuid }) => ({ table, uuid, name }));
  });
  return found.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
}
