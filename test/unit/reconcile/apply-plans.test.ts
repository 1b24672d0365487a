import assert from "node:assert/strict";
import { Draft } from "../../../lib/database/draft.ts";
import { Database, Deadline } from "../../../lib/database/index.ts";
import { ClosedError, TimeoutError, UsageError } from "../../../lib/jsonrpc/index.ts";
import { ConflictError, ConstraintError, commentOp, type Operation } from "../../../lib/ovsdb/index.ts";
import { applyPlans, type Change } from "../../../lib/reconcile/index.ts";
import { LockLostError, NotSyncedError, OutcomeUnknownError } from "../../../lib/session/index.ts";

/** What describes a transaction, without a server to send it to. */
function draftThat(raw: (...given: readonly Operation[]) => void): Draft {
  return Object.create(Draft.prototype, { raw: { value: raw }, follower: { writable: true } }) as Draft;
}

function taken(details: string): ConstraintError {
  return new ConstraintError({
    error: "constraint violation",
    details,
    operationIndex: null,
    operation: null,
    table: null,
  });
}

/** As the server refuses a name that a row has. */
function holder(hex: string): ConstraintError {
  const uuid = (hex: string): string => `00000000-0000-4000-8000-${hex.repeat(12)}`;
  return taken(
    `Transaction causes multiple rows in "Gateway_Chassis" table to have identical values (x) for index on column "name".  ` +
      `First row, with UUID ${uuid("0")}, was inserted by this transaction.  Second row, with UUID ${uuid(hex)}, ` +
      "existed in the database before this transaction and was not modified by the transaction.",
  );
}

/**
 * Applies plans of these values, one after the other; the server refuses each but 3.
 *
 * @param seen whether the row that refused the last is there, look by look, as `+` and `-`; `-` after the end, `?` without a
 *   connection, `!` where its table is not replicated, `.` when the time is over
 * @returns how many attempts there were
 */
async function attemptsOf(
  values: readonly bigint[],
  refusals: readonly ConstraintError[],
  seen = "",
  deadline: Deadline = new Deadline(10_000),
): Promise<number> {
  let attempt = 0;
  let look = 0;
  const byUuid = () => {
    const what = seen[look++];
    if (what === "?") throw new NotSyncedError("not whole");
    if (what === "!") throw new UsageError("not monitored");
    while (what === "." && !deadline.passed);
    return what === "+" ? {} : undefined;
  };
  const db = Object.create(Database.prototype, {
    view: { value: { byUuid } },
    transact: {
      value: async (describe: (transaction: Draft) => Promise<unknown>) => {
        const value = await describe(draftThat(() => undefined));
        const refusal = refusals[attempt];
        if (values[attempt++] !== 3n && refusal !== undefined) throw refusal;
        return { value };
      },
    },
  }) as Database<Record<never, never>>;
  const make = async () => ({
    plan: { changes: [tagOf(values[attempt] ?? 0n)], operations: [commentOp("c")] },
    guards: [],
  });
  return (await applyPlans(db, make, {}, deadline)).attempts;
}

function tagOf(value: bigint): Change {
  return {
    action: "update",
    table: "Logical_Switch_Port",
    kind: "port",
    name: "p",
    columns: { tag: { new: value } },
  };
}

describe("applyPlans", () => {
  it("carries out a plan of more operations than a call may have arguments", async () => {
    const operations = Array.from({ length: 200_000 }, () => commentOp("one of many"));
    const collected: Operation[] = [];
    const tx = draftThat((...given) => {
      for (const operation of given) collected.push(operation);
    });
    // A server would take a minute for so many.
    const db = Object.create(Database.prototype, {
      transact: {
        value: async (describe: (transaction: Draft) => Promise<unknown>) => ({
          value: await describe(tx),
        }),
      },
    }) as Database<Record<never, never>>;
    const plan = { changes: [], operations };
    await applyPlans(db, async () => ({ plan, guards: [commentOp("first")] }), {}, new Deadline(10_000));
    assert.equal(collected.length, 200_001);
    assert.deepEqual(collected[0], commentOp("first"));
  });

  it("gives up when the server refuses the same plan twice, and not when it refuses another", async () => {
    assert.equal(await attemptsOf([1n, 2n, 3n], [taken("taken"), taken("taken")]), 3);
    await assert.rejects(attemptsOf([1n, 1n, 3n], [taken("taken"), taken("taken")]), /taken/);
  });

  it("gives up when one row refuses the same plan twice, and not when it is another, or came or went in between", async () => {
    const [a, b] = [holder("a"), holder("b")];
    const same = [1n, 1n, 1n, 3n];
    assert.equal(await attemptsOf(same, [a, b, a]), 4);
    for (const seen of ["", "+++++"])
      await assert.rejects(attemptsOf(same, [a, a, b], seen), (error) => error === a);
    // Each plan looks once, and each refusal that may be lasting: it came after the second plan, and was gone for the third.
    assert.equal(await attemptsOf(same, [a, a, a], "-+-+"), 4);
    await assert.rejects(attemptsOf(same, [a, a, a], "-+++"), (error) => error === a);
  });

  it("goes on when nothing is known of the row, and not when it is not replicated", async () => {
    const [a, same] = [holder("a"), [1n, 1n, 3n]];
    assert.equal(await attemptsOf(same, [a, a], "-?"), 3);
    await assert.rejects(attemptsOf(same, [a, a], "!!"), (error) => error === a);
  });

  it("tells of a conflict when the time is over and others were there each time", async () => {
    const refusals = Array.from({ length: 1_000 }, (_, index) => holder(index % 2 === 0 ? "a" : "b"));
    const same = refusals.map(() => 1n);
    // The second time it is over when the second plan has been made.
    for (const seen of ["", "."])
      await assert.rejects(attemptsOf(same, refusals, seen, new Deadline(100)), (error) => {
        assert.ok(error instanceof ConflictError && error.retryable, String(error));
        assert.match(
          error.message,
          /^refused as often as it was planned, within 100 ms: .* identical values /,
        );
        return true;
      });
  });

  it("says that a lost plan is unknown when it stops before it could look, whatever stopped it", async () => {
    const lost = new OutcomeUnknownError("lost", { lost: true, remote: "unix:/x" });
    const reason = new Error("enough");
    const reasons: readonly (readonly [Error, boolean])[] = [
      [reason, true],
      [new TimeoutError("it", 1), true],
      [new ClosedError("closed"), true],
      [new NotSyncedError("not whole"), true],
      [new LockLostError("l", "not held"), true],
      [new ConflictError(taken("somebody else was faster")), true],
      [new Error("a mistake in the plan"), false],
    ];
    for (const [why, isUnknown] of reasons) {
      const controller = new AbortController();
      let attempt = 0;
      const db = Object.create(Database.prototype, {
        transact: {
          value: async (describe: (transaction: Draft) => Promise<unknown>) => {
            attempt += 1;
            if (attempt === 1) {
              await describe(draftThat(() => undefined));
              throw lost;
            }
            if (why === reason) controller.abort(reason);
            throw why;
          },
        },
      }) as Database<Record<never, never>>;
      const make = async () => ({ plan: { changes: [], operations: [commentOp("c")] }, guards: [] });
      const { signal } = controller;
      const applied = applyPlans(db, make, { signal }, new Deadline(10_000));
      if (isUnknown)
        await assert.rejects(applied, (error) => {
          assert.ok(error instanceof OutcomeUnknownError, String(error));
          assert.deepEqual([error.cause, error.retryable, error.remote], [why, true, "unix:/x"]);
          assert.ok(error.message.endsWith(`was not learned: ${why.message}`), error.message);
          return true;
        });
      else await assert.rejects(applied, why);
    }
  });

  it("plans again only where the connection was lost, and tells of what was lost what the last plan shows", async () => {
    const change: Change = {
      action: "delete",
      table: "Logical_Switch",
      kind: "switch",
      name: "s",
      columns: {},
    };
    const lost = new OutcomeUnknownError("lost", { lost: true, remote: "unix:/x" });
    const unanswered = new OutcomeUnknownError("unanswered", { lost: false, remote: "unix:/x" });
    for (const last of [unanswered, new RangeError("refused")]) {
      const told: string[] = [];
      let attempts = 0;
      const db = Object.create(Database.prototype, {
        transact: {
          value: async (describe: (transaction: Draft) => Promise<unknown>) => {
            const draft = draftThat(() => undefined);
            await describe(draft);
            attempts += 1;
            draft.follower?.lost?.((outcome) => told.push(outcome));
            throw attempts === 1 ? lost : last;
          },
        },
      }) as Database<Record<never, never>>;
      const make = async () => ({
        plan: { changes: attempts === 0 ? [change] : [], operations: [commentOp("c")] },
        guards: [],
      });
      const { message } = last;
      await assert.rejects(applyPlans(db, make, {}, new Deadline(10_000)), { message });
      assert.deepEqual([attempts, told], [2, ["settled"]], message);
    }
  });

  it("sends nothing when the signal has aborted while the plan was made", async () => {
    const controller = new AbortController();
    const sent: Operation[] = [];
    const db = Object.create(Database.prototype, {
      transact: {
        value: async (describe: (transaction: Draft) => Promise<unknown>) => ({
          value: await describe(draftThat((...given) => void sent.push(...given))),
        }),
      },
    }) as Database<Record<never, never>>;
    const make = async () => {
      // What came in meanwhile is heard in a later turn of the event loop.
      setImmediate(() => controller.abort(new RangeError("enough")));
      return { plan: { changes: [], operations: [commentOp("c")] }, guards: [] };
    };
    const { signal } = controller;
    await assert.rejects(applyPlans(db, make, { signal }, new Deadline(10_000)), /enough/);
    assert.deepEqual(sent, []);
  });
});
