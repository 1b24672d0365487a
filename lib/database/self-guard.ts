import type { Json } from "../jsonrpc/index.ts";
import type { Operation, WaitOperation, WireRow } from "../ovsdb/index.ts";
import { aimOf, demandsAny, mayHit } from "./aim.ts";
import { mutated, sameWireSet, surelyChanges, type WireSet, wireSet } from "./wire-set.ts";

/** A `wait` on one row that cannot hold any more once its transaction is committed. */
export interface SelfGuard {
  readonly uuid: string;
  readonly wait: WaitOperation;
}

/**
 * Finds the guards that operations themselves make false, as in "if it is 1, make it 2". As long as such a guard holds,
 * the operations were not carried out; unless somebody has put back what was there before.
 */
export function selfGuards(operations: readonly Operation[]): readonly SelfGuard[] {
  return operations.flatMap((operation, index): SelfGuard[] => {
    if (operation.op !== "wait") return [];
    const uuid = aimOf(operation);
    const expected = expectedRow(operation);
    if (uuid === undefined || expected === undefined) return [];
    const later = operations.slice(index + 1).filter((each) => mayHit(each, operation.table, uuid));
    // Only what is surely done to this very row counts; what may be done to it makes all of it unsure.
    if (later.some((each) => changes(each) && aimOf(each) !== uuid)) return [];
    const isFalsified =
      later.some(({ op }) => op === "delete") ||
      comparedColumns(operation).some((column) => changesColumn(later, column, expected));
    return isFalsified ? [{ uuid, wait: operation }] : [];
  });
}

/** What is asked of the one row that has to be there, nothing perhaps; `undefined` where something else is asked for. */
function expectedRow(wait: WaitOperation): WireRow | undefined {
  if (demandsAny(wait)) return {};
  return wait.until === "==" ? wait.rows[0] : undefined;
}

/** Columns whose values are asked for. */
function comparedColumns(wait: WaitOperation): readonly string[] {
  return demandsAny(wait) ? [] : wait.columns;
}

/** Whether a row, as the server has it, is what the guard asks for. */
export function holdsStill({ wait }: SelfGuard, row: WireRow | undefined): boolean {
  const [expected = {}] = wait.rows;
  return (
    row !== undefined &&
    comparedColumns(wait).every((column) => sameWireSet(read(row, column), read(expected, column)))
  );
}

function changes(
  operation: Operation,
): operation is Extract<Operation, { op: "update" | "mutate" | "delete" }> {
  return operation.op === "update" || operation.op === "mutate" || operation.op === "delete";
}

function changesColumn(operations: readonly Operation[], column: string, expected: WireRow): boolean {
  const before = read(expected, column);
  let now: WireSet | "calculated" = before;
  for (const operation of operations) {
    if (operation.op === "update" && Object.hasOwn(operation.row, column)) now = read(operation.row, column);
    if (operation.op !== "mutate") continue;
    for (const mutation of operation.mutations.filter(([name]) => name === column)) {
      const next: WireSet | undefined = now === "calculated" ? undefined : mutated(now, mutation);
      if (next !== undefined) now = next;
      // One step up or down is a change; what several make together is left to the server.
      else if (now === before && surelyChanges(before, mutation)) now = "calculated";
      else return false;
    }
  }
  return now === "calculated" || !sameWireSet(before, now);
}

function read(row: WireRow, column: string): WireSet {
  const value: Json | undefined = Object.hasOwn(row, column) ? row[column] : undefined;
  return value === undefined ? new Map() : wireSet(value);
}
