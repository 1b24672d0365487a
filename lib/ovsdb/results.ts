import { type Json, ProtocolError } from "../jsonrpc/index.ts";
import {
  ConflictError,
  ConstraintError,
  failureText,
  OperationError,
  type OperationFailure,
} from "./errors.ts";
import { asArray, asMembers, asText, asUuid, isMembers, sketch, uuidIn } from "./narrow.ts";
import type { Operation, WireRow } from "./operations.ts";
import type { WrittenOperations } from "./written-operations.ts";

/** What one operation of a committed transaction did. */
export type OperationResult =
  | { readonly op: "insert"; readonly uuid: string }
  | { readonly op: "select"; readonly rows: readonly WireRow[] }
  | { readonly op: "update" | "mutate" | "delete"; readonly count: number }
  | { readonly op: "wait" | "commit" | "abort" | "comment" | "assert" };

/**
 * Reads the reply to a `transact` (RFC 7047 section 4.1.3).
 *
 * A failed transaction has results too, of the operations before the failed one, with uuids of rows that never came
 * to be; they are not given out.
 * @throws OperationError when an operation or the commit failed: {@link ConstraintError} and {@link ConflictError} where they
 * fit; the latter also when the operations did nothing because their `anchor` is gone.
 * @throws ProtocolError when the reply does not fit the operations.
 */
export function checkResults(operations: WrittenOperations, result: Json): OperationResult[] {
  const entries = asArray(result, "reply to transact");
  const { kinds, anchor } = operations;
  const results: OperationResult[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (isFailure(entry))
      throw operationError(operations.list, failureOf(entry, operations.list[index], index));
    const kind = kinds[index];
    if (kind !== undefined) results.push(readResult(kind, entry, index));
  }
  if (entries.length !== kinds.length) {
    throw new ProtocolError(`reply to transact: ${entries.length} results for ${kinds.length} operations`);
  }
  const changed = anchor === undefined ? undefined : results[anchor];
  if (anchor !== undefined && changed !== undefined && "count" in changed && changed.count === 0) {
    const operation = operations.list[anchor];
    throw new ConflictError({
      error: "no such row",
      details: `${aimedAt(operation)} is gone, and without it the transaction does nothing`,
      ...placeOf(operation, anchor),
    });
  }
  return results;
}

type Failure = { readonly error: Json; readonly details?: Json; readonly "io-error"?: Json };

function isFailure(entry: Json | undefined): entry is Json & Failure {
  return isMembers(entry) && entry["error"] !== undefined && entry["error"] !== null;
}

function failureOf(
  { error, details, "io-error": cause }: Failure,
  operation: Operation | undefined,
  index: number,
): OperationFailure {
  const words = typeof details === "string" ? details : "";
  return {
    error: asText(error, "error of an operation"),
    // What the operating system of the server said, as ovsdb-server has it beside its own words: no space left, for example.
    details: typeof cause === "string" ? `${words} (${cause})` : words,
    ...placeOf(operation, index),
  };
}

function placeOf(
  operation: Operation | undefined,
  index: number,
): Pick<OperationFailure, "operationIndex" | "operation" | "table"> {
  return {
    // One entry more than operations: all of them went well, and the commit failed.
    operationIndex: operation === undefined ? null : index,
    operation: operation?.op ?? null,
    table: operation !== undefined && "table" in operation ? operation.table : null,
  };
}

/** The uuid of the row that an operation is about. */
function aimedAt(operation: Operation | undefined): string {
  const [condition] = operation !== undefined && "where" in operation ? operation.where : [];
  return uuidIn(condition?.[2]) ?? "the row";
}

function operationError(operations: readonly Operation[], failure: OperationFailure): OperationError {
  switch (failure.error) {
    case "constraint violation":
    case "referential integrity violation":
      return new ConstraintError(failure);
    case "timed out":
      return new ConflictError(failure, withGuard(failure, operations));
    case "duplicate uuid":
      // Two inserts of one transaction with the same uuid can never succeed, so trying again would not end.
      return repeatsOwnUuid(operations, failure.operationIndex)
        ? new OperationError(failure)
        : new ConflictError(failure);
    default:
      return new OperationError(failure);
  }
}

/** What failed, and what had to be so: the server says only that a test failed. */
function withGuard(failure: OperationFailure, operations: readonly Operation[]): string {
  const message = failureText(failure);
  const failed = failure.operationIndex === null ? undefined : operations[failure.operationIndex];
  if (failed?.op !== "wait") return message;
  const { where, columns, until, rows } = failed;
  const uuid = where.length === 1 && where[0]?.[0] === "_uuid" ? uuidIn(where[0][2]) : undefined;
  if (until === "==" && rows.length === 0)
    return `${message}: there is a row${where.length === 0 ? "" : ` with ${sketch(where)}`}`;
  if (uuid === undefined) return message;
  if (columns.length === 0) return `${message}: ${uuid} is gone`;
  return `${message}: ${columns.join(", ")} of ${uuid} changed since it was read, or it is gone`;
}

function repeatsOwnUuid(operations: readonly Operation[], index: number | null): boolean {
  const failed = index === null ? undefined : operations[index];
  if (failed?.op !== "insert") return false;
  return operations
    .slice(0, index ?? 0)
    .some((earlier) => earlier.op === "insert" && earlier.uuid === failed.uuid);
}

function readResult(op: Operation["op"], entry: Json | undefined, index: number): OperationResult {
  // Null stands for an operation that was not reached; without an error before it the reply makes no sense.
  const members = isMembers(entry) ? entry : asMembers(entry, nameOf(op, index));
  switch (op) {
    case "insert":
      return { op, uuid: uuidIn(members["uuid"]) ?? asUuid(members["uuid"], `${nameOf(op, index)}.uuid`) };
    case "select": {
      const what = `${nameOf(op, index)}.rows`;
      return { op, rows: asArray(members["rows"], what).map((row) => asMembers(row, what)) };
    }
    case "update":
    case "mutate":
    case "delete": {
      const { count } = members;
      if (typeof count !== "number") throw new ProtocolError(`${nameOf(op, index)}: a count is missing`);
      return { op, count };
    }
    default:
      return { op };
  }
}

/** For errors, and made only then: there is a result for every operation that was ever sent. */
function nameOf(op: Operation["op"], index: number): string {
  return `result ${index} (${op})`;
}
