import type { DesiredRow, RowKind, RowKinds } from "../../reconcile/index.ts";
import { NameCollisionError } from "../description/errors.ts";
import type { BuiltNetwork } from "../rows/built-network.ts";
import { rowKinds } from "../rows/ownership.ts";

/** A network with what has names. */
export type Named = Pick<BuiltNetwork, "rows" | "attachments">;

/** The public `checkCollisions` without its checks. */
export function checkCollisions(builts: readonly Named[]): void {
  const tables = new Map<string, Set<string>>();
  /** By kind: the names of its table; undefined where names do not count. */
  const known = new Map<string, Set<string> | undefined>();
  for (const built of builts) {
    for (const row of built.rows) {
      let names = known.get(row.kind);
      if (names === undefined && !known.has(row.kind)) {
        names = namesOf(tables, row.kind);
        known.set(row.kind, names);
      }
      // Rows that are known by something else have a name for people only.
      if (names === undefined || row.identity !== undefined) continue;
      const { size } = names;
      // That it was among them shows in their number, and asking before takes as long as adding it.
      if (names.add(row.name).size === size) throw collision(builts, built, row);
    }
  }
}

function namesOf(tables: Map<string, Set<string>>, kind: string): Set<string> | undefined {
  const { shared, table = kind } = kindOf(kind) ?? {};
  if (shared) return undefined;
  const names = tables.get(table) ?? new Set();
  tables.set(table, names);
  return names;
}

function kindOf(kind: string): RowKind | undefined {
  const kinds: RowKinds = rowKinds;
  return kinds[kind];
}

function collision(builts: readonly Named[], built: Named, row: DesiredRow): NameCollisionError {
  const table = kindOf(row.kind)?.table ?? row.kind;
  const isOther = (other: DesiredRow): boolean =>
    other.name === row.name &&
    other.identity === undefined &&
    (kindOf(other.kind)?.table ?? other.kind) === table;
  const owner = builts.find(({ rows }) => rows.some(isOther)) ?? built;
  const other = owner.rows.find(isOther) ?? row;
  return new NameCollisionError(table, row.name, [describe(owner, other), describe(built, row)]);
}

function describe(built: Named, row: DesiredRow): string {
  const attachment = row.kind === "pod port" && built.attachments.find((each) => each.portName === row.name);
  const what = attachment
    ? `pod ${attachment.input.namespace}/${attachment.input.name} on ${attachment.input.nad}`
    : `the ${row.kind}`;
  return `${what} of network "${row.network}"`;
}
