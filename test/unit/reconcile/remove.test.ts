import assert from "node:assert/strict";
import {
  id,
  only,
  plan,
  portRow,
  stillNamed,
  stillThere,
  switchRow,
  wantedSwitch,
} from "../../support/reconcile-fixtures.ts";

const rows = { Logical_Switch: [switchRow({ ports: [id(2)] })], Logical_Switch_Port: [portRow()] };
const theSwitch = { table: "Logical_Switch", uuid: id(1), name: "s1", kind: "switch", network: "blue" };
const thePort = {
  table: "Logical_Switch_Port",
  uuid: id(2),
  name: "p1",
  kind: "port",
  parent: { table: "Logical_Switch", uuid: id(1), column: "ports" },
};

describe("planRows: removals", () => {
  it("deletes a root row only while its set holds exactly what is known", () => {
    const { operations, changes } = plan(rows, [], [{ ...theSwitch, guards: { ports: [id(2)], acls: [] } }]);
    assert.deepEqual(operations, [
      {
        op: "wait",
        table: "Logical_Switch",
        where: only(id(1)),
        columns: ["ports", "acls"],
        until: "==",
        rows: [{ ports: ["set", [["uuid", id(2)]]], acls: ["set", []] }],
        timeout: 0,
      },
      { op: "delete", table: "Logical_Switch", where: only(id(1)) },
    ]);
    assert.deepEqual(changes, [{ action: "delete", ...theSwitch, columns: {} }]);
  });

  it("takes other rows out of their parent's set, which deletes them", () => {
    assert.deepEqual(plan(rows, [wantedSwitch()], [thePort]).operations, [
      stillThere("Logical_Switch", id(1)),
      stillNamed("Logical_Switch_Port", id(2), "p1"),
      {
        op: "mutate",
        table: "Logical_Switch",
        where: only(id(1)),
        mutations: [["ports", "delete", ["set", [["uuid", id(2)]]]]],
      },
    ]);
  });

  it("spends no operation on what goes with its parent, whatever the order", () => {
    for (const removals of [
      [thePort, theSwitch],
      [theSwitch, thePort],
    ]) {
      const { operations, changes } = plan(rows, [], removals);
      assert.deepEqual(
        operations.map(({ op }) => op),
        ["delete"],
      );
      assert.equal(changes.length, 2);
    }
  });

  it("skips what is gone, and what hangs elsewhere by now", () => {
    assert.deepEqual(plan({}, [], [theSwitch, thePort]).operations, []);
    const moved = {
      Logical_Switch: [switchRow(), switchRow({ _uuid: id(9), name: "s9", ports: [id(2)] })],
      Logical_Switch_Port: [portRow()],
    };
    assert.deepEqual(plan(moved, [], [thePort]).changes, []);
  });

  it("refuses to remove what is desired, and a row of a non-root table without its set", () => {
    assert.throws(
      () => plan(rows, [wantedSwitch()], [theSwitch]),
      /is to be removed and is the desired row S/,
    );
    const { parent: _, ...loose } = thePort;
    assert.throws(() => plan(rows, [], [loose]), /which set/);
  });
});
