import type { ReadView } from "../../database/index.ts";
import type { DatabaseSchema } from "../../ovsdb/index.ts";
import type { DesiredRow, OmittedColumn } from "../../reconcile/index.ts";

/** Rows that fit a server's schema, and what was left out for that. */
export interface FittedRows {
  readonly rows: readonly DesiredRow[];
  readonly omitted: readonly OmittedColumn[];
  readonly notes: readonly string[];
}

/**
 * Leaves the name of a host out of what is told by DHCPv6 where ovn-northd does not know that option, which came with
 * OVN 23.09: no schema says so, and it would leave the chassis without any answer to DHCPv6. A column that is as old tells.
 */
export function fitDhcp(
  view: Pick<ReadView, "supports">,
  schema: DatabaseSchema,
  rows: readonly DesiredRow[],
): FittedRows {
  const isMeant = ({ kind, keys }: DesiredRow): boolean =>
    kind === "dhcp options" && keys?.["options"]?.["fqdn"] !== undefined;
  if (view.supports("Logical_Router_Port", "status") || !rows.some(isMeant))
    return { rows, omitted: [], notes: [] };
  const reason = `the server's schema ${schema.name} ${schema.version} is of an OVN that knows no DHCPv6 option fqdn`;
  return {
    rows: rows.map((row) => (isMeant(row) ? withoutName(row) : row)),
    omitted: [{ table: "DHCP_Options", column: "options", reason }],
    notes: [`${reason}: virtual machines are not told their names by DHCPv6`],
  };
}

function withoutName({ keys, ...row }: DesiredRow): DesiredRow {
  const { fqdn: _, ...options } = keys?.["options"] ?? {};
  return { ...row, keys: { ...keys, options } };
}
