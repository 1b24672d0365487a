import { ConflictError } from "../../ovsdb/index.ts";
import { describeRow, type ExclusiveRow } from "./exclusive-rows.ts";

/** The error of who waited for others of its handle until its time was over. Nothing of it was done. */
export function missedTurn(rows: readonly ExclusiveRow[], timeout: number): ConflictError {
  const where = rows.map(describeRow).join(" and ");
  return new ConflictError(
    {
      error: "timed out",
      details: "",
      operationIndex: null,
      operation: null,
      table: rows[0]?.table ?? null,
    },
    `the turn on ${where} did not come within ${Math.round(timeout)} ms: what gives out addresses or subnets there goes one after another, and others of this program came first`,
  );
}
