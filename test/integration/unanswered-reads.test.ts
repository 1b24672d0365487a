import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  connectNorthbound,
  type NorthboundTables,
  OutcomeUnknownError,
  TimeoutError,
  type Transaction,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

type Describe = (tx: Transaction<NorthboundTables>) => void;

describeWithOvn("a transaction that changes nothing and is not answered", () => {
  const ovn = useSandbox({ northbound: true });
  const reads: Readonly<Record<string, Describe>> = {
    select: (tx) => void tx.select("Logical_Switch"),
    comment: (tx) => tx.comment("nothing"),
    guard: (tx) => tx.verifyAbsent("Logical_Switch", { name: "nobody has it" }),
  };
  const write: Describe = (tx) => void tx.insert("Logical_Switch", { name: "sw" });

  afterEach(() => ovn.sandbox.northbound.start());

  it("ends as what ended it: nothing of it could be unknown", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    ovn.sandbox.northbound.signal("SIGSTOP");
    const options = { timeout: 50 };
    const reason = new Error("enough");
    const controller = new AbortController();
    const { signal } = controller;
    const ends = Object.entries(reads).flatMap(([name, read]) => [
      assert.rejects(nb.transact(read, options), TimeoutError, name),
      assert.rejects(nb.transact(read, { signal }), reason, name),
    ]);
    ends.push(assert.rejects(nb.transact(write, { ...options, dryRun: true }), TimeoutError));
    ends.push(assert.rejects(nb.transact(write, options), OutcomeUnknownError));
    controller.abort(reason);
    await Promise.all(ends);
    ovn.sandbox.northbound.signal("SIGCONT");
  });

  it("ends as the connection did", async () => {
    const { northbound } = ovn.sandbox;
    const closed = await connectNorthbound(northbound.remote);
    const lost = await connectNorthbound(northbound.remote, { reconnect: false });
    northbound.signal("SIGSTOP");
    const ends = Object.entries(reads).flatMap(([name, read]) => [
      assert.rejects(closed.transact(read), ClosedError, name),
      assert.rejects(lost.transact(read), ConnectionLostError, name),
    ]);
    const unknown = assert.rejects(closed.transact(write), OutcomeUnknownError);
    await closed.close();
    northbound.signal("SIGKILL");
    await Promise.all([...ends, unknown]);
    await lost.close();
  });
});
