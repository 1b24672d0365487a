import type { DesiredRow, RowKind, RowKinds } from "../reconcile/index.ts";
import type { BuiltNetwork } from "./built-network.ts";
import { NameCollisionError } from "./errors.ts";
import { rowKinds } from "./ownership.ts";

type Named = Pick<BuiltNetwork, "rows" | "attachments">;

/**
 * Checks that no two rows have the same table and name, within a network or across networks that are applied together.
 *
 * `-` and `/` become `.` in names, so networks `a-b` and `a.b` would write over each other. Rows that networks share
 * (Copp, meters) do not count.
 *
 * @throws NameCollisionError naming both.
 */
export function checkCollisions(builts: readonly Named[]): void {
  const tables = new Map<string, Map<string, DesiredRow>>();
  for (const built of builts) {
    for (const row of built.rows) {
      const kind = kindOf(row);
      // Rows that are known by something else have a name for people only.
      if (kind?.shared || row.identity !== undefined) continue;
      const table = kind?.table ?? row.kind;
      let names = tables.get(table);
      if (names === undefined) {
        names = new Map();
        tables.set(table, names);
      }
      const other = names.get(row.name);
      if (other !== undefined) {
        const owner = builts.find(({ rows }) => rows.includes(other)) ?? built;
        throw new NameCollisionError(table, row.name, [describe(owner, other), describe(built, row)]);
      }
      names.set(row.name, row);
    }
  }
}

function kindOf(row: DesiredRow): RowKind | undefined {
  const kinds: RowKinds = rowKinds;
  return kinds[row.kind];
}

function describe(built: Named, row: DesiredRow): string {
  const attachment = row.kind === "pod port" && built.attachments.find((each) => each.portName === row.name);
  const what = attachment
    ? `pod ${attachment.input.namespace}/${attachment.input.name} on ${attachment.input.nad}`
    : `the ${row.kind}`;
  return `${what} of network "${row.network}"`;
}
