import assert from "node:assert/strict";
import { type Json, ProtocolError } from "../../../lib/jsonrpc/index.ts";
import {
  abortOp,
  assertOp,
  ConflictError,
  ConstraintError,
  checkResults,
  commentOp,
  commitOp,
  deleteOp,
  everyRow,
  insertOp,
  mutateOp,
  type Operation,
  OperationError,
  selectOp,
  updateOp,
  type Where,
  WrittenOperations,
  waitOp,
} from "../../../lib/ovsdb/index.ts";

const uuid = "11111111-2222-4333-8444-555555555555";
const row = { uuid: ["uuid", uuid] };
const insert = insertOp("Logical_Switch", { name: "sw0" });
const wait = waitOp("Logical_Switch", everyRow, { columns: ["name"], until: "!=", rows: [{ name: "sw0" }] });

function failure(operations: readonly Operation[], result: Json): OperationError {
  try {
    checkResults(WrittenOperations.of(operations), result);
  } catch (error) {
    assert.ok(error instanceof OperationError, String(error));
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("checkResults", () => {
  it("reads the result of each kind of operation", () => {
    const where = [["name", "==", "sw0"]] as const;
    const operations = [
      insert,
      selectOp("Logical_Switch", where),
      updateOp("Logical_Switch", where, {}),
      mutateOp("Logical_Switch", where, []),
      deleteOp("Logical_Switch", where),
      wait,
      commitOp(true),
      commentOp("why"),
      assertOp("lock"),
    ];
    const reply = [
      row,
      { rows: [{ name: "sw0" }] },
      { count: 1 },
      { count: 2 },
      { count: 0 },
      {},
      {},
      {},
      {},
    ];
    assert.deepEqual(checkResults(WrittenOperations.of(operations), reply), [
      { op: "insert", uuid },
      { op: "select", rows: [{ name: "sw0" }] },
      { op: "update", count: 1 },
      { op: "mutate", count: 2 },
      { op: "delete", count: 0 },
      { op: "wait" },
      { op: "commit" },
      { op: "comment" },
      { op: "assert" },
    ]);
  });

  it("reads the empty transaction", () => assert.deepEqual(checkResults(WrittenOperations.of([]), []), []));

  it("finds the failed operation before the nulls", () => {
    const error = failure(
      [insert, wait, insert],
      [row, { error: "timed out", details: "where clause test failed" }, null],
    );
    assert.ok(error instanceof ConflictError);
    assert.equal(error.message, "operation 1 (wait on Logical_Switch): timed out: where clause test failed");
    assert.deepEqual(
      [error.code, error.retryable, error.error, error.operationIndex, error.operation, error.table],
      ["ERR_CONFLICT", true, "timed out", 1, "wait", "Logical_Switch"],
    );
  });

  it("tells what a guard asked for, which the server does not say", () => {
    const refused = [{ error: "timed out", details: "failed" }];
    const told = (where: Where, options: Parameters<typeof waitOp>[2]): string =>
      failure([waitOp("T", where, options)], refused).message.split("failed: ")[1] ?? "";
    const here: Where = [["_uuid", "==", ["uuid", uuid]]];
    const rows = [{ name: "sw" }];
    assert.equal(
      told(here, { columns: ["name", "ports"], until: "==", rows }),
      `name, ports of ${uuid} changed since it was read, or it is gone`,
    );
    assert.equal(told(here, { columns: [], until: "!=", rows: [] }), `${uuid} is gone`);
    const named: Where = [["name", "==", "sw"]];
    assert.equal(
      told(named, { columns: [], until: "==", rows: [] }),
      'there is a row with [["name","==","sw"]]',
    );
    assert.equal(told(everyRow, { columns: [], until: "==", rows: [] }), "there is a row");
    assert.equal(
      told(named, { columns: ["name"], until: "!=", rows }),
      "",
      "of somebody else's it says nothing",
    );
  });

  it("finds the failed commit behind all results", () => {
    const error = failure(
      [insert, insert],
      [row, row, { error: "referential integrity violation", details: "gone" }],
    );
    assert.ok(error instanceof ConstraintError);
    assert.equal(error.message, "commit: referential integrity violation: gone");
    assert.deepEqual(
      [error.retryable, error.operationIndex, error.operation, error.table],
      [false, null, null, null],
    );
  });

  it("knows which names mean what", () => {
    const named = (error: string): OperationError => failure([insert], [{ error }]);
    assert.ok(named("constraint violation") instanceof ConstraintError);
    assert.ok(named("duplicate uuid") instanceof ConflictError);
    for (const name of [
      "duplicate uuid-name",
      "syntax error",
      "not owner",
      "aborted",
      "range error",
      "what a newer one says",
    ]) {
      const error = named(name);
      assert.deepEqual(
        [error.code, error.retryable, error.error, error.details],
        ["ERR_OPERATION", false, name, ""],
      );
    }
  });

  it("knows that a server whose disk was full may write it down later: what ovsdb-server 3.1 said then", () => {
    const full = {
      error: "I/O error",
      details: "/var/lib/ovn/ovnnb_db.db: write failed",
      "io-error": "No space left on device",
    };
    const error = failure([insert], [{ uuid: ["uuid", uuid] }, full]);
    assert.equal(
      error.message,
      "commit: I/O error: /var/lib/ovn/ovnnb_db.db: write failed (No space left on device)",
    );
    assert.deepEqual([error.code, error.retryable, error.operationIndex], ["ERR_OPERATION", true, null]);
    assert.equal(failure([insert], [{ error: "resources exhausted" }]).retryable, true);
  });

  it("does not call a uuid that the transaction itself repeats a conflict", () => {
    const twice = [insertOp("T", {}, { uuid }), insertOp("T", {}, { uuid })];
    assert.ok(!(failure(twice, [row, { error: "duplicate uuid" }]) instanceof ConflictError));
    const once = [insertOp("T", {}, { uuid })];
    assert.ok(failure(once, [{ error: "duplicate uuid" }]) instanceof ConflictError);
  });

  it("names operations without a table", () => {
    assert.equal(failure([abortOp()], [{ error: "aborted" }]).message, "operation 0 (abort): aborted");
  });

  const malformed: readonly (readonly [string, readonly Operation[], Json])[] = [
    ["no array", [insert], { uuid }],
    ["too few results", [insert, insert], [row]],
    ["too many results", [], [row]],
    ["null without an error before it", [insert, insert], [row, null]],
    ["an insert without a uuid", [insert], [{}]],
    ["a select without rows", [selectOp("T", everyRow)], [{}]],
    ["an update without a count", [updateOp("T", everyRow, {})], [{}]],
  ];
  for (const [what, operations, result] of malformed) {
    it(`refuses ${what}`, () =>
      assert.throws(() => checkResults(WrittenOperations.of(operations), result), ProtocolError));
  }
});
