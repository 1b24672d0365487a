import assert from "node:assert/strict";
import { connectNorthbound, type Database, type NorthboundTables } from "../../lib/index.ts";
import { type Dial, dialSocket } from "../../lib/jsonrpc/index.ts";
import { type Condition, ConflictError } from "../../lib/ovsdb/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

/** A way to the server on which each attempt takes so many milliseconds, as the clock has it. */
function slowed(
  clock: Clock,
  delayOf: (attempt: number) => number,
): { readonly dial: Dial; readonly sent: number[] } {
  const sent: number[] = [];
  const dial: Dial = async (endpoint, options) => {
    const inner = await dialSocket(endpoint, options);
    return {
      send: (text) => {
        inner.send(text);
        if (!text.includes('"op":"wait"')) return;
        sent.push(performance.now());
        clock.pass(delayOf(sent.length));
      },
      get writableLength() {
        return inner.writableLength;
      },
      close: () => inner.close(),
      start: (handlers) => inner.start(handlers),
    };
  };
  return { dial, sent };
}

/** Inserts an Address_Set of that name, and is refused so many times before. */
function insertAfter(
  nb: Database<NorthboundTables>,
  name: string,
  options: { readonly refusals: number; readonly timeout: number },
): Promise<unknown> {
  const where: readonly [Condition] = [["name", "==", "there is none"]];
  let runs = 0;
  return nb.transact(
    (tx) => {
      runs += 1;
      const until = runs > options.refusals ? "==" : "!=";
      tx.raw({ op: "wait", table: "Logical_Switch", where, columns: [], until, rows: [], timeout: 0 });
      tx.insert("Address_Set", { name });
    },
    { timeout: options.timeout },
  );
}

describeWithOvn("transactions that are refused", () => {
  const ovn = useSandbox({ northbound: true });

  it("each time end with the refusal when too little time is left for another reply", async () => {
    const late = 100_000;
    using clock = new Clock();
    const { dial, sent } = slowed(clock, () => late);
    await using far = await connectNorthbound(ovn.sandbox.northbound.remote, { dial });
    const timeout = 3.5 * late;
    const begun = performance.now();
    await assert.rejects(
      insertAfter(far, "never", { refusals: Number.POSITIVE_INFINITY, timeout }),
      (error) => {
        assert.ok(error instanceof ConflictError, String(error));
        return true;
      },
    );
    assert.ok(sent.length >= 2, `${sent.length} attempts`);
    const lastBegan = (sent.at(-1) ?? begun) - begun;
    assert.ok(timeout - lastBegan > late, `the last attempt began after ${lastBegan} ms`);
    assert.equal(far.tables.Address_Set.find({ name: "never" }).length, 0);
  });

  it("once and late are tried again when more time is left than that took, and a second", async () => {
    const late = 150_000;
    using clock = new Clock();
    const { dial, sent } = slowed(clock, (attempt) => (attempt === 1 ? late : 0));
    await using far = await connectNorthbound(ovn.sandbox.northbound.remote, { dial });
    // Less than twice as long as the first reply took is left then.
    await insertAfter(far, "at last", { refusals: 1, timeout: 2.95 * late });
    assert.equal(far.tables.Address_Set.find({ name: "at last" }).length, 1);
    assert.equal(sent.length, 2);
  });
});
