import type { Operation, WaitOperation } from "../ovsdb/index.ts";

type Aimed = Extract<Operation, { readonly where: unknown }>;

/** The uuid of the one row that an operation is about, if its condition says that and no more. */
export function aimOf({ where }: Pick<Aimed, "where">): string | undefined {
  const [condition, ...others] = where;
  if (condition === undefined || others.length > 0) return undefined;
  const [column, test, value] = condition;
  if (column !== "_uuid" || test !== "==" || !Array.isArray(value) || value[0] !== "uuid") return undefined;
  return typeof value[1] === "string" ? value[1] : undefined;
}

/** Whether operations of a kind change rows; the others may be done as often as one likes. */
export function changesRows(kind: Operation["op"]): boolean {
  return kind === "insert" || kind === "update" || kind === "mutate" || kind === "delete";
}

/** Whether an operation may touch the row. */
export function mayHit(operation: Operation, table: string, uuid: string): boolean {
  if (!("where" in operation) || operation.table !== table) return false;
  const aim = aimOf(operation);
  return aim === undefined || aim === uuid;
}

/** Whether a `wait` lets the transaction fail unless the row is there. */
export function demands(operation: Operation, table: string, uuid: string): boolean {
  return (
    operation.op === "wait" &&
    operation.table === table &&
    (demandsAny(operation) || (operation.until === "==" && operation.rows.length === 1)) &&
    aimOf(operation) === uuid
  );
}

/** Whether a `wait` asks for nothing but that some row is there: that what it finds is not no row. */
export function demandsAny({ until, rows }: WaitOperation): boolean {
  return until === "!=" && rows.length === 0;
}
