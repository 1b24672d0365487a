import { ConstraintError, findTable, type Operation, type WrittenOperations } from "../ovsdb/index.ts";
import type { AnyRow, TableStore } from "../replica/index.ts";
import type { Link } from "./link.ts";

/** So many are named; one is enough to know what to do. */
const NAMED = 3;

/**
 * The same refusal with the rows that still refer to a row which was to be deleted: the server says only how many there are. They
 * are looked for in the replica, so rows that are not replicated, or came just now, are not named. One that the same transaction
 * takes from its parent holds the row all the same, as long as the transaction does not delete it: that is said, too.
 */
export function withRemainingReferences(error: unknown, link: Link, sent: WrittenOperations): unknown {
  if (!(error instanceof ConstraintError) || !link.whole) return error;
  const [, table, uuid] = /^cannot delete (\S+) row ([0-9a-f-]{36}) because of/.exec(error.details) ?? [];
  if (table === undefined || uuid === undefined) return error;
  const deleted = new Set(sent.list.flatMap(deletedBy));
  const found = referrers(link, table, uuid).filter(({ row }) => !deleted.has(row._uuid));
  if (found.length === 0) return error;
  const isGoing = ({ store, row }: Referrer): boolean =>
    findTable(link.schema, store.name)?.isRoot === false &&
    (sent.list.some((operation) => takesOut(operation, row._uuid)) ||
      referrers(link, store.name, row._uuid).some((parent) => deleted.has(parent.row._uuid)));
  const texts = found
    .slice(0, NAMED)
    .map((each) => (isGoing(each) ? `${nameOf(each)}, ${GOING}` : nameOf(each)));
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : "";
  return new ConstraintError(error, `${error.message}: ${texts.join(", ")}${more}`);
}

const GOING = "which goes only when all is committed: delete it in this transaction, too";

interface Referrer {
  readonly store: TableStore;
  readonly column: string;
  readonly row: AnyRow;
}

/** The rows that refer to one other than weakly. */
function referrers(link: Link, table: string, uuid: string): Referrer[] {
  return [...link.replica.tables].flatMap((store) =>
    store.columns.list
      .filter(({ schema: { key, value } }) =>
        [key, value].some((base) => base?.refTable === table && base.refType !== "weak"),
      )
      .flatMap(({ name: column }) => store.referrers(uuid, column).map((row) => ({ store, column, row }))),
  );
}

function nameOf({ store, column, row }: Referrer): string {
  const name = store.columns.position("name") === undefined ? "" : row["name"];
  return `${column} of ${store.name} ${typeof name === "string" && name !== "" ? name : row._uuid}`;
}

function deletedBy(operation: Operation): string[] {
  if (operation.op !== "delete") return [];
  return operation.where.flatMap(([column, , value]) =>
    column === "_uuid" && Array.isArray(value) && typeof value[1] === "string" ? [value[1]] : [],
  );
}

/** Whether the operation takes the element out of a set. */
function takesOut(operation: Operation, uuid: string): boolean {
  if (operation.op !== "mutate") return false;
  return operation.mutations.some(
    ([, mutator, value]) => mutator === "delete" && JSON.stringify(value).includes(uuid),
  );
}
