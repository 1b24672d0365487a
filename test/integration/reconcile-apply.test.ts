import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { applyRows } from "../../lib/reconcile/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { loseReply, loseRequest } from "../support/lose.ts";
import { kinds, wantedPort, wantedSwitch } from "../support/reconcile-fixtures.ts";

describeWithOvn("applyRows", () => {
  const ovn = useSandbox({ northbound: true });

  it("makes rows once, whatever is lost on the way, and then finds nothing to do", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    const want = () => ({ rows: [wantedSwitch(), wantedPort()] });
    for (const lose of [() => loseReply(proxy), () => loseRequest(proxy, "insert")]) {
      lose();
      const applied = await applyRows(nb, kinds, want);
      assert.deepEqual(
        applied.changes.map(({ action, table, name }) => `${action} ${table} ${name}`),
        ["insert Logical_Switch s1", "insert Logical_Switch_Port p1"],
      );
      assert.deepEqual([applied.changed, applied.attempts], [true, 2]);
      assert.equal(nb.tables.Logical_Switch.find({ name: "s1" }).length, 1);
      const again = await applyRows(nb, kinds, want);
      assert.deepEqual([again.changed, again.changes, again.attempts], [false, [], 1]);
      await nb.transact((tx) => {
        for (const row of nb.tables.Logical_Switch.find({ name: "s1" })) tx.delete(row);
      });
    }
  });

  it("plans from what the database holds, and removes what it is told to", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    await applyRows(nb, kinds, () => ({ rows: [wantedSwitch()] }));
    const applied = await applyRows(nb, kinds, (view) => ({
      rows: [],
      removals: view.find("Logical_Switch", { name: "s1" }).map(({ _uuid }) => ({
        table: "Logical_Switch",
        uuid: _uuid,
        name: "s1",
        kind: "switch",
        guards: {},
      })),
    }));
    assert.deepEqual([applied.changes.map(({ action }) => action), applied.changed], [["delete"], true]);
    assert.equal(nb.tables.Logical_Switch.size, 0);
  });

  it("says what plain JavaScript has to give", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const rows = [wantedSwitch()];
    for (const [of, want, message] of [
      [kinds, rows, /^what is wanted is given by a function, as in \(\) => \(\{ rows: \[\] \}\), and not \[/],
      [kinds, () => rows, /^what is wanted is an object with a list of rows, .* and not \[/],
      [kinds, () => undefined, /list of rows, .* and not nothing$/],
      [undefined, () => ({ rows }), /^row kinds are an object, and not nothing$/],
      [{ switch: "Logical_Switch" }, () => ({ rows }), /^the row kind switch is an object, and not "Logical/],
      [
        { switch: { table: "Logical_Switch", columns: [], root: true } },
        () => ({ rows }),
        /^the row kind switch needs keys, an object of lists; elements, a list$/,
      ],
    ] as const)
      await assert.rejects(applyRows(nb, of as never, want as never), { name: "UsageError", message });
  });

  it("makes one row of several with one name when asked to, as the error says", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    for (const _ of "ab") await ovn.sandbox.run("ovn-nbctl", ["--add-duplicate", "ls-add", "s1"]);
    await nb.until(() => nb.tables.Logical_Switch.size === 2);
    const want = () => ({ rows: [wantedSwitch()] });
    await assert.rejects(applyRows(nb, kinds, want), { code: "ERR_AMBIGUOUS_ROW" });
    await applyRows(nb, kinds, want, { merge: true });
    const listed = await ovn.sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch"]);
    assert.equal(listed.trim(), "s1");
  });
});
