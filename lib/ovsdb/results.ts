import { type Json, ProtocolError } from "../jsonrpc/index.ts";
import { ConflictError, ConstraintError, OperationError, type OperationFailure } from "./errors.ts";
import { asArray, asMembers, asText, asUuid } from "./narrow.ts";
import type { Operation, WireRow } from "./operations.ts";

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
 * @throws OperationError when an operation or the commit failed: {@link ConstraintError} and {@link ConflictError} where they fit.
 * @throws ProtocolError when the reply does not fit the operations.
 */
export function checkResults(operations: readonly Operation[], result: Json): OperationResult[] {
  const entries = asArray(result, "reply to transact");
  for (const [index, entry] of entries.entries()) {
    const failure = failureOf(entry, operations[index], index);
    if (failure !== undefined) throw operationError(operations, failure);
  }
  if (entries.length !== operations.length) {
    throw new ProtocolError(
      `reply to transact: ${entries.length} results for ${operations.length} operations`,
    );
  }
  return operations.map((operation, index) => readResult(operation, entries[index] ?? null, index));
}

function failureOf(
  entry: Json,
  operation: Operation | undefined,
  index: number,
): OperationFailure | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return undefined;
  const { error, details } = entry as { readonly [key: string]: Json };
  if (error === undefined || error === null) return undefined;
  return {
    error: asText(error, "error of an operation"),
    details: typeof details === "string" ? details : "",
    // One entry more than operations: all of them went well, and the commit failed.
    operationIndex: operation === undefined ? null : index,
    operation: operation?.op ?? null,
    table: operation !== undefined && "table" in operation ? operation.table : null,
  };
}

function operationError(operations: readonly Operation[], failure: OperationFailure): OperationError {
  switch (failure.error) {
    case "constraint violation":
    case "referential integrity violation":
      return new ConstraintError(failure);
    case "timed out":
      return new ConflictError(failure);
    case "duplicate uuid":
      // Two inserts of one transaction with the same uuid can never succeed, so trying again would not end.
      return repeatsOwnUuid(operations, failure.operationIndex)
        ? new OperationError(failure)
        : new ConflictError(failure);
    default:
      return new OperationError(failure);
  }
}

function repeatsOwnUuid(operations: readonly Operation[], index: number | null): boolean {
  const failed = index === null ? undefined : operations[index];
  if (failed?.op !== "insert") return false;
  return operations
    .slice(0, index ?? 0)
    .some((earlier) => earlier.op === "insert" && earlier.uuid === failed.uuid);
}

function readResult(operation: Operation, entry: Json, index: number): OperationResult {
  const what = `result ${index} (${operation.op})`;
  // Null stands for an operation that was not reached; without an error before it the reply makes no sense.
  const members = asMembers(entry, what);
  switch (operation.op) {
    case "insert":
      return { op: operation.op, uuid: asUuid(members["uuid"], `${what}.uuid`) };
    case "select":
      return {
        op: operation.op,
        rows: asArray(members["rows"], `${what}.rows`).map((row) => asMembers(row, `${what}.rows`)),
      };
    case "update":
    case "mutate":
    case "delete": {
      const { count } = members;
      if (typeof count !== "number") throw new ProtocolError(`${what}: a count is missing`);
      return { op: operation.op, count };
    }
    default:
      return { op: operation.op };
  }
}
