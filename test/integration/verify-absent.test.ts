import assert from "node:assert/strict";
import { ConstraintError, connectNorthbound, type Uuid } from "../../lib/index.ts";
import { insertOp } from "../../lib/ovsdb/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { loseReply, loseRequest } from "../support/lose.ts";

/** Finds a switch by its name, which no unique index guards, or makes it. */
async function ensureSwitch(nb: Northbound, name: string): Promise<Uuid<"Logical_Switch">> {
  const done = await nb.transact((tx) => {
    const [known] = nb.tables.Logical_Switch.find({ name });
    if (known !== undefined) return known;
    tx.verifyAbsent("Logical_Switch", { name });
    return tx.insert("Logical_Switch", { name });
  });
  return done.uuid(done.value);
}

describeWithOvn("a row that must not be there before", () => {
  const ovn = useSandbox({ northbound: true });

  async function switches(name: string): Promise<string[]> {
    const found = await ovn.sandbox.run("ovn-nbctl", [
      "--bare",
      "--columns=_uuid",
      "find",
      "Logical_Switch",
      `name=${name}`,
    ]);
    return found.split("\n").filter(Boolean);
  }

  it("is made once by several who make it at once", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using first = await connectNorthbound(remote);
    await using second = await connectNorthbound(remote);
    const calls = [first, second, first, second].map((nb) => ensureSwitch(nb, "shared"));
    const uuids = new Set(await Promise.all(calls));
    assert.deepEqual([...uuids], await switches("shared"));
  });

  it("is refused by who does not look for it, and told by name", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const make = () =>
      nb.transact((tx) => {
        tx.verifyAbsent("Logical_Switch", { name: "taken" });
        tx.insert("Logical_Switch", { name: "taken" });
      });
    await make();
    await assert.rejects(
      make(),
      (error) => error instanceof ConstraintError && /name "taken" already/.test(error.message),
    );
    assert.equal((await switches("taken")).length, 1);
  });

  it("is what a refused insert names where somebody else took its name, and not where one function takes it twice", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const hint =
      /existed in the database before .*\. {2}If that came after .* verifyAbsent\(\) has it run again$/;
    const insert = () => nb.transact((tx) => tx.insert("Port_Group", { name: "free" }));
    const [, late] = await Promise.allSettled([insert(), insert()]);
    assert.ok(late?.status === "rejected" && late.reason instanceof ConstraintError);
    assert.match(late.reason.message, hint);
    assert.doesNotMatch(late.reason.details, /verifyAbsent/);
    const twice = nb.transact((tx) => {
      for (let round = 0; round < 2; round += 1) tx.insert("Port_Group", { name: "twice" });
    });
    await assert.rejects(twice, (error) => error instanceof ConstraintError && !hint.test(error.message));
    // Who writes operations as text has planned them, and plans again.
    const planned = nb.transact((tx) => tx.raw(insertOp("Port_Group", { name: "free" })));
    await assert.rejects(planned, (error) => error instanceof ConstraintError && !hint.test(error.message));
  });

  it("may be inserted by the same transaction, and replace a row only after that is gone", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const old = await ensureSwitch(nb, "replaced");
    await assert.rejects(
      nb.transact((tx) => {
        tx.delete({ _uuid: old });
        tx.verifyAbsent("Logical_Switch", { name: "replaced" });
      }),
      ConstraintError,
    );
    assert.deepEqual(await switches("replaced"), [old]);
  });

  for (const [what, lose] of [
    ["the reply", loseReply],
    ["the request", (proxy: FaultProxy) => loseRequest(proxy, "insert")],
  ] as const) {
    it(`is made once when ${what} is lost`, async () => {
      const name = what.replace(" ", "-");
      await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
      await using nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
      lose(proxy);
      const uuid = await ensureSwitch(nb, name);
      assert.deepEqual(await switches(name), [uuid]);
    });
  }
});
