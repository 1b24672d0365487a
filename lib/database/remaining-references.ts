import { ConstraintError, findTable, type Operation, type WrittenOperations } from "../ovsdb/index.ts";
import type { AnyRow, TableStore } from "../replica/index.ts";
import type { Link } from "./link.ts";

/** So many are named; one is enough to know what to do. */
const NAMED = 3;

/**
 * The same refusal with the rows that still refer to a row which was to be deleted: the server says only how many there are. They
 * are looked for in the replica, so rows that are not replicated, or came just now, are not named. One that goes by itself, since
 * the same transaction takes it from what holds it, holds others all the same, as long as it is not deleted: that is said, too.
 */
export function withRemainingReferences(error: unknown, link: Link, sent: WrittenOperations): unknown {
  if (!(error instanceof ConstraintError) || !link.whole) return error;
  const [, table, uuid] = /^cannot delete (\S+) row ([0-9a-f-]{36}) because of/.exec(error.details) ?? [];
  if (table === undefined || uuid === undefined) return error;
  const operations = operationsByRow(sent.list);
  const found = referrers(link, table, uuid).filter((each) => !letsGo(each, uuid, operations));
  if (found.length === 0) return error;
  const texts = found
    .slice(0, NAMED)
    .map((each) => (isGoing(link, each, operations) ? `${nameOf(each)}, ${GOING}` : nameOf(each)));
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : "";
  return new ConstraintError(error, `${error.message}: ${texts.join(", ")}${more}`);
}

const GOING = "which goes only when all is committed: delete it in this transaction, too";

interface Referrer {
  readonly store: TableStore;
  readonly column: string;
  readonly row: AnyRow;
}

/** What is to be done with single rows, by their uuids. */
type OperationsByRow = ReadonlyMap<string, readonly Operation[]>;

function operationsByRow(sent: readonly Operation[]): OperationsByRow {
  const byRow = new Map<string, Operation[]>();
  for (const operation of sent) {
    for (const [column, , value] of "where" in operation ? operation.where : []) {
      if (column !== "_uuid" || !Array.isArray(value) || typeof value[1] !== "string") continue;
      byRow.set(value[1], [...(byRow.get(value[1]) ?? []), operation]);
    }
  }
  return byRow;
}

/**
 * Whether all that holds a row lets go of it, so that the server removes it at the commit (RFC 7047 section 3.2, isRoot). Rows
 * that hold each other stay: `within` are those that are looked at.
 */
function isGoing(
  link: Link,
  { store, row: { _uuid: uuid } }: Referrer,
  operations: OperationsByRow,
  within: readonly string[] = [],
): boolean {
  if (findTable(link.schema, store.name)?.isRoot !== false || within.includes(uuid)) return false;
  const holders = referrers(link, store.name, uuid);
  return (
    holders.length > 0 &&
    holders.every(
      (holder) => letsGo(holder, uuid, operations) || isGoing(link, holder, operations, [...within, uuid]),
    )
  );
}

/** Whether an operation on a row ends that it refers to another one. */
function letsGo({ column, row }: Referrer, uuid: string, operations: OperationsByRow): boolean {
  return operations.get(row._uuid)?.some((operation) => endsReference(operation, column, uuid)) === true;
}

function endsReference(operation: Operation, column: string, uuid: string): boolean {
  const names = (value: unknown): boolean => JSON.stringify(value).includes(uuid);
  switch (operation.op) {
    case "delete":
      return true;
    case "update":
      return Object.hasOwn(operation.row, column) && !names(operation.row[column]);
    case "mutate":
      return operation.mutations.some(
        ([changed, mutator, value]) => changed === column && mutator === "delete" && names(value),
      );
    default:
      return false;
  }
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
