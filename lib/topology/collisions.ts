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
  const seen = new Map<string, { row: DesiredRow; built: Named }>();
  for (const built of builts) {
    for (const row of built.rows) {
      const kind = kindOf(row);
      // Rows that are known by something else have a name for people only.
      if (!kind?.shared && row.identity === undefined) {
        const table = kind?.table ?? row.kind;
        const other = seen.get(`${table}\n${row.name}`);
        if (other) {
          throw new NameCollisionError(table, row.name, [
            describe(other.built, other.row),
            describe(built, row),
          ]);
        }
        seen.set(`${table}\n${row.name}`, { row, built });
      }
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
