import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { applyRows } from "../../lib/reconcile/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { loseReply, loseRequest } from "../support/lose.ts";
import { id, kinds, wantedPort, wantedSwitch } from "../support/reconcile-fixtures.ts";

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

  it("refuses what nobody reads: it would empty a column, or leave a row", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const row = { key: "S", kind: "group", name: "refused" };
    const removal = { table: "Load_Balancer_Group", uuid: id(1), name: "refused", kind: "group" };
    for (const [wanted, message] of [
      [{ rows: [{ ...row, colums: {} }] }, "desired row S: colums is not known; did you mean columns?"],
      [
        { rows: [{ ...row, identity: { match: {}, key: {} } }] },
        "desired row S: identity: key is not known; did you mean keys?",
      ],
      [{ rows: [{ ...row, guard: true }] }, 'desired row S: guard is "name" or left out, and not true'],
      [{ rows: [row], removal: [] }, "what is wanted: removal is not known; did you mean removals?"],
      [{ rows: [row], removals: {} }, "removals are a list, and not {}"],
      [
        { rows: [], removals: [{ ...removal, guard: {} }] },
        "removals[0]: guard is not known; did you mean guards?",
      ],
      [{ rows: [], removals: [{ ...removal, kind: "groups" }] }, 'removals[0]: there is no kind "groups"'],
      [
        { rows: [], removals: [{ ...removal, kind: "switch" }] },
        'removals[0]: kind switch is of Logical_Switch, and not of "Load_Balancer_Group"',
      ],
    ] as const)
      await assert.rejects(
        applyRows(nb, kinds, () => wanted as never),
        { name: "UsageError", message },
      );
    assert.equal(nb.tables.Load_Balancer_Group.find({ name: "refused" }).length, 0);
  });

  it("tells what it did also of rows with columns that are undefined", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const set = { table: "Address_Set", columns: ["addresses"], keys: {}, elements: [], root: true };
    const row = { key: "set", kind: "set", name: "set1", columns: { addresses: undefined } };
    const { changes } = await applyRows(nb, { set }, () => ({ rows: [row as never] }));
    assert.deepEqual(
      changes.map(({ name, columns }) => [name, columns]),
      [["set1", {}]],
    );
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
