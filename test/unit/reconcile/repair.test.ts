import assert from "node:assert/strict";
import { AmbiguousRowError } from "../../../lib/reconcile/index.ts";
import {
  id,
  only,
  plan,
  portRow,
  stillNamed,
  stillThere,
  switchRow,
  wantedPort,
  wantedSwitch,
} from "../../support/reconcile-fixtures.ts";

describe("planRows: repairs", () => {
  it("writes only the columns and keys that drifted, and leaves foreign ones", () => {
    const drifted = portRow({
      type: "router",
      enabled: false,
      options: { "requested-chassis": "old", "someone-else": "x" },
      external_ids: { network: "red", pod: "true", theirs: "1" },
    });
    const rows = { Logical_Switch: [switchRow({ ports: [id(2)] })], Logical_Switch_Port: [drifted] };
    const { operations, changes } = plan(rows, [wantedSwitch(), wantedPort()]);
    assert.deepEqual(operations, [
      stillNamed("Logical_Switch_Port", id(2), "p1"),
      { op: "update", table: "Logical_Switch_Port", where: only(id(2)), row: { type: "" } },
      {
        op: "mutate",
        table: "Logical_Switch_Port",
        where: only(id(2)),
        mutations: [
          ["options", "delete", ["set", ["requested-chassis"]]],
          ["external_ids", "delete", ["set", ["network"]]],
          ["external_ids", "insert", ["map", [["network", "blue"]]]],
        ],
      },
    ]);
    assert.deepEqual(changes, [
      {
        action: "update",
        table: "Logical_Switch_Port",
        kind: "port",
        name: "p1",
        network: "blue",
        uuid: id(2),
        columns: {
          type: { old: "router", new: "" },
          "options:requested-chassis": { old: "old" },
          "external_ids:network": { old: "red", new: "blue" },
        },
      },
    ]);
  });

  it("adds elements, takes out unwanted ones, and leaves the others", () => {
    const rows = {
      Logical_Switch: [switchRow({ load_balancer_group: [id(7), id(8)] })],
      Load_Balancer_Group: [
        { _uuid: id(6), name: "wanted" },
        { _uuid: id(7), name: "unwanted" },
        { _uuid: id(8), name: "foreign" },
      ],
    };
    const desired = [
      { key: "G", kind: "group", name: "wanted" },
      wantedSwitch({
        elements: { load_balancer_group: [{ ref: "G" }] },
        notElements: { load_balancer_group: [id(7), id(9)] },
      }),
    ];
    const { operations, changes } = plan(rows, desired);
    // Were the group gone by then, the server would call it a mistake of ours.
    assert.deepEqual(operations.slice(0, -1), [
      stillThere("Logical_Switch", id(1)),
      stillThere("Load_Balancer_Group", id(6)),
    ]);
    assert.deepEqual(operations.at(-1), {
      op: "mutate",
      table: "Logical_Switch",
      where: only(id(1)),
      mutations: [
        ["load_balancer_group", "delete", ["set", [["uuid", id(7)]]]],
        ["load_balancer_group", "insert", ["set", [["uuid", id(6)]]]],
      ],
    });
    assert.deepEqual(changes[0]?.columns, {
      load_balancer_group: { added: ["wanted"], removed: ["unwanted"] },
    });
  });

  it("leaves an element that is wanted, also where it is named among the unwanted", () => {
    const group = { _uuid: id(6), name: "wanted" };
    const rows = {
      Logical_Switch: [switchRow({ load_balancer_group: [id(6)] })],
      Load_Balancer_Group: [group],
    };
    const elements = { load_balancer_group: [{ ref: "G" }] };
    const notElements = { load_balancer_group: [id(6)] };
    const desired = [{ key: "G", kind: "group", name: "wanted" }, wantedSwitch({ elements, notElements })];
    assert.deepEqual(plan(rows, desired).changes, []);
  });

  it("puts members into a set of values and takes others out, and tells of both", () => {
    const kinds = {
      addresses: {
        table: "Address_Set",
        columns: [],
        keys: {},
        elements: [],
        members: ["addresses"],
        root: true,
      },
    };
    const rows = { Address_Set: [{ _uuid: id(4), name: "a", addresses: ["10.0.0.2", "10.0.0.3"] }] };
    const set = (members: string[], notMembers: string[]) => ({
      key: "A",
      kind: "addresses",
      name: "a",
      members: { addresses: members },
      notMembers: { addresses: notMembers },
    });
    const { operations, changes } = plan(rows, [set(["10.0.0.1"], ["10.0.0.2"])], [], {}, kinds);
    assert.deepEqual(operations.at(-1), {
      op: "mutate",
      table: "Address_Set",
      where: only(id(4)),
      mutations: [
        ["addresses", "delete", ["set", ["10.0.0.2"]]],
        ["addresses", "insert", ["set", ["10.0.0.1"]]],
      ],
    });
    assert.deepEqual(changes[0]?.columns, { addresses: { added: ["10.0.0.1"], removed: ["10.0.0.2"] } });
    assert.deepEqual(plan(rows, [set(["10.0.0.3"], ["10.0.0.1"])], [], {}, kinds).changes, []);
    const { members: _, ...less } = set([], ["10.0.0.2"]);
    assert.deepEqual(plan(rows, [less], [], {}, kinds).changes[0]?.columns, {
      addresses: { removed: ["10.0.0.2"] },
    });
  });

  it("never clears anything in a shared row", () => {
    const copp = { key: "C", kind: "copp", name: "shield", keys: { meters: { arp: "new" } } };
    const rows = { Copp: [{ _uuid: id(4), name: "shield", meters: { arp: "old", bfd: "theirs" } }] };
    const { operations } = plan(rows, [copp]);
    assert.deepEqual(operations.at(-1), {
      op: "mutate",
      table: "Copp",
      where: only(id(4)),
      mutations: [
        ["meters", "delete", ["set", ["arp"]]],
        ["meters", "insert", ["map", [["arp", "new"]]]],
      ],
    });
    const meter = { key: "M", kind: "meter", name: "m", columns: { unit: "pktps" } };
    assert.deepEqual(
      plan({ Meter: [{ _uuid: id(5), name: "m", unit: "pktps", fair: true }] }, [meter]).changes,
      [],
    );
  });

  it("keeps a key named __proto__ apart from the prototype", () => {
    const external = JSON.parse('{"__proto__":"theirs","network":"blue"}') as { [key: string]: string };
    assert.deepEqual(
      plan({ Logical_Switch: [switchRow({ external_ids: external })] }, [wantedSwitch()]).changes,
      [],
    );
  });

  it("recognises unnamed rows among the elements of their parent", () => {
    const meter = { key: "M", kind: "meter", name: "m", columns: { unit: "pktps", fair: true } };
    const band = {
      key: "B",
      kind: "band",
      name: "drop 25",
      identity: { parent: "M", column: "bands", match: { action: "drop", rate: 25 } },
      columns: { action: "drop", rate: 25 },
    };
    const elsewhere = { _uuid: id(10), action: "drop", rate: 25n, burst_size: 0n };
    const row = { _uuid: id(4), name: "m", unit: "pktps", fair: true };
    const there = { Meter: [{ ...row, bands: [id(10)] }], Meter_Band: [elsewhere] };
    assert.deepEqual(plan(there, [meter, band]).changes, []);
    const other = {
      Meter: [
        { ...row, bands: [id(11)] },
        { ...row, _uuid: id(5), name: "n", bands: [id(10)] },
      ],
      Meter_Band: [elsewhere, { ...elsewhere, _uuid: id(11), rate: 50n }],
    };
    const { operations } = plan(other, [meter, band]);
    assert.deepEqual(
      operations.map(({ op }) => op),
      ["wait", "insert", "mutate"],
    );
    // Two writers must not both add the band: nothing else makes an unnamed row unique.
    assert.deepEqual(operations[0]?.op === "wait" && operations[0].rows, [
      { bands: ["set", [["uuid", id(11)]]] },
    ]);
  });

  it("prefers the row with the chosen uuid among several of one name, and names them all otherwise", () => {
    const twins = [switchRow({ _uuid: id(31) }), switchRow({ _uuid: id(30) })];
    assert.deepEqual(plan({ Logical_Switch: [...twins, switchRow()] }, [wantedSwitch()]).changes, []);
    assert.throws(
      () => plan({ Logical_Switch: twins }, [wantedSwitch()]),
      (error: unknown) =>
        error instanceof AmbiguousRowError &&
        error.message.includes("s1") &&
        error.uuids.join() === [id(30), id(31)].join(),
    );
  });

  it("uses each existing row once", () => {
    const meter = { key: "M", kind: "meter", name: "m", columns: { unit: "pktps" } };
    const band = (key: string) => ({
      key,
      kind: "band",
      name: key,
      identity: { parent: "M", column: "bands", match: { action: "drop", rate: 25 } },
      columns: { action: "drop", rate: 25 },
    });
    const rows = {
      Meter: [{ _uuid: id(4), name: "m", unit: "pktps", bands: [id(10)] }],
      Meter_Band: [{ _uuid: id(10), action: "drop", rate: 25n }],
    };
    assert.deepEqual(
      plan(rows, [meter, band("B1"), band("B2")]).changes.map(({ action, name }) => [action, name]),
      [["insert", "B2"]],
    );
  });

  it("lets a column that the parent states as a whole say what is in it", () => {
    const kinds = {
      meter: { table: "Meter", columns: ["unit", "bands"], keys: {}, elements: [], root: true },
    };
    const meter = (name: string, bands: readonly string[]) => ({
      key: name,
      kind: "meter",
      name,
      columns: { unit: "pktps", bands: bands.map((ref) => ({ ref })) },
    });
    const band = (key: string, parent: string, rate: number) => ({
      key,
      kind: "band",
      name: key,
      identity: { parent, column: "bands", match: { action: "drop", rate } },
    });
    const desired = [meter("m", ["B1", "B2"]), meter("n", ["B2"]), band("B1", "m", 1), band("B2", "n", 2)];
    const made = plan({}, desired, [], {}, kinds).operations.filter((each) => each.op === "insert");
    const bands = made.filter(({ table }) => table === "Meter_Band").map(({ uuid }) => ["uuid", uuid]);
    assert.equal(bands.length, 2);
    assert.deepEqual(made[0]?.row["bands"], ["set", bands]);
  });
});
