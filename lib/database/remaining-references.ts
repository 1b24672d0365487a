import { ConstraintError } from "../ovsdb/index.ts";
import type { TableStore } from "../replica/index.ts";
import type { Link } from "./link.ts";

/** So many are named; one is enough to know what to do. */
const NAMED = 3;

/**
 * The same refusal with the rows that still refer to a row which was to be deleted: the server says only how many there are. They
 * are looked for in the replica, so rows that are not replicated, or came just now, are not named.
 */
export function withRemainingReferences(error: unknown, link: Link): unknown {
  if (!(error instanceof ConstraintError) || !link.whole) return error;
  const [, table, uuid] = /^cannot delete (\S+) row ([0-9a-f-]{36}) because of/.exec(error.details) ?? [];
  if (table === undefined || uuid === undefined) return error;
  const found = [...link.replica.tables].flatMap((store) => referrersIn(store, table, uuid));
  if (found.length === 0) return error;
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : "";
  return new ConstraintError(error, `${error.message}: ${found.slice(0, NAMED).join(", ")}${more}`);
}

function referrersIn(store: TableStore, table: string, uuid: string): string[] {
  const columns = store.columns.list.filter(({ schema: { key, value } }) =>
    [key, value].some((base) => base?.refTable === table && base.refType !== "weak"),
  );
  const isNamed = store.columns.position("name") !== undefined;
  return columns.flatMap(({ name: column }) =>
    store.referrers(uuid, column).map((row) => {
      const name = isNamed && typeof row["name"] === "string" ? row["name"] : "";
      return `${column} of ${store.name} ${name === "" ? row._uuid : name}`;
    }),
  );
}
