import assert from "node:assert/strict";
import { UnsupportedError, ValidationError } from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import {
  id,
  only,
  plan,
  portRow,
  stillThere,
  switchRow,
  wantedPort,
  wantedSwitch,
} from "../../support/reconcile-fixtures.ts";

const noSuchSwitch = {
  op: "wait",
  table: "Logical_Switch",
  where: [["name", "==", "s1"]],
  columns: ["name"],
  until: "==",
  rows: [],
  timeout: 0,
};
const insertedPort = {
  name: "p1",
  addresses: "0a:00:00:00:00:01 10.0.0.2",
  external_ids: [
    "map",
    [
      ["network", "blue"],
      ["pod", "true"],
    ],
  ],
};

describe("planRows: inserts", () => {
  it("lists new children in the insert of a new parent, and guards the name before all else", () => {
    const { operations, bytes } = plan({}, [wantedSwitch(), wantedPort()]);
    assert.deepEqual(operations, [
      noSuchSwitch,
      {
        op: "insert",
        table: "Logical_Switch",
        row: {
          name: "s1",
          other_config: ["map", [["subnet", "10.0.0.0/24"]]],
          external_ids: ["map", [["network", "blue"]]],
          ports: ["uuid", id(2)],
        },
        uuid: id(1),
      },
      { op: "insert", table: "Logical_Switch_Port", row: insertedPort, uuid: id(2) },
    ]);
    assert.equal(bytes, Buffer.byteLength(JSON.stringify(operations)));
  });

  it("takes rows in any order: a child may come before the switch that holds it, new or there already", () => {
    const insertOf = (operations: ReturnType<typeof plan>["operations"], table: string) =>
      operations.find((each) => each.op === "insert" && each.table === table);
    const inOrder = plan({}, [wantedSwitch(), wantedPort()]).operations;
    const { operations } = plan({}, [wantedPort(), wantedSwitch()]);
    for (const table of ["Logical_Switch", "Logical_Switch_Port"])
      assert.deepEqual(insertOf(operations, table), insertOf(inOrder, table));
    const there = { Logical_Switch: [switchRow()] };
    const added = plan(there, [wantedPort(), wantedSwitch()]).operations.find(({ op }) => op === "mutate");
    assert.deepEqual(added?.op === "mutate" && added.mutations, [
      ["ports", "insert", ["set", [["uuid", id(2)]]]],
    ]);
  });

  it("names a child once that is listed and hangs there, among few and among many", () => {
    for (const count of [1, 20]) {
      const ports = Array.from({ length: count }, (_, index) =>
        wantedPort({ key: `P${index}`, name: `p${index}`, uuid: id(100 + index) }),
      );
      const elements = { ports: ports.map(({ key }) => ({ ref: key })) };
      const { operations } = plan({}, [wantedSwitch({ elements }), ...ports]);
      const made = operations.find((operation) => operation.op === "insert" && operation.uuid === id(1));
      const uuids = ports.map(({ uuid = "" }) => ["uuid", uuid]);
      assert.deepEqual(made?.op === "insert" && made.row["ports"], count === 1 ? uuids[0] : ["set", uuids]);
    }
  });

  it("tells them row by row, and where they hang", () => {
    const { changes } = plan({}, [wantedSwitch(), wantedPort()]);
    assert.deepEqual(changes, [
      {
        action: "insert",
        table: "Logical_Switch",
        kind: "switch",
        name: "s1",
        network: "blue",
        uuid: id(1),
        columns: {
          "other_config:subnet": { new: "10.0.0.0/24" },
          "external_ids:network": { new: "blue" },
        },
      },
      {
        action: "insert",
        table: "Logical_Switch_Port",
        kind: "port",
        name: "p1",
        network: "blue",
        uuid: id(2),
        parent: { table: "Logical_Switch", name: "s1", column: "ports" },
        columns: {
          addresses: { new: ["0a:00:00:00:00:01 10.0.0.2"] },
          "external_ids:network": { new: "blue" },
          "external_ids:pod": { new: "true" },
        },
      },
    ]);
  });

  it("adds children to an existing parent in one mutation, with one wait that the parent is there", () => {
    const second = wantedPort({ key: "P2", name: "p2", uuid: id(3) });
    const { operations } = plan({ Logical_Switch: [switchRow()] }, [wantedSwitch(), wantedPort(), second]);
    assert.deepEqual(
      operations.filter(({ op }) => op !== "insert"),
      [
        stillThere("Logical_Switch", id(1)),
        {
          op: "mutate",
          table: "Logical_Switch",
          where: only(id(1)),
          mutations: [
            [
              "ports",
              "insert",
              [
                "set",
                [
                  ["uuid", id(2)],
                  ["uuid", id(3)],
                ],
              ],
            ],
          ],
        },
      ],
    );
    assert.equal(operations[0]?.op, "wait");
  });

  it("uses named uuids and guards names where the server takes no uuids", () => {
    const { operations, changes } = plan(
      {},
      [wantedSwitch({ guard: undefined } as never), wantedPort()],
      [],
      {
        uuidSupported: false,
      },
    );
    const name = "row_00000000_0000_4000_8000_000000000002";
    assert.deepEqual(operations[0], noSuchSwitch);
    assert.deepEqual(operations[1]?.op === "insert" && operations[1].row["ports"], ["named-uuid", name]);
    assert.deepEqual(operations[2], {
      op: "insert",
      table: "Logical_Switch_Port",
      row: insertedPort,
      "uuid-name": name,
    });
    assert.deepEqual(
      changes.map(({ uuid }) => uuid),
      [undefined, undefined],
    );
  });

  it("takes a random uuid, and guards the name, when another row took the chosen one", () => {
    const { operations } = plan({ Logical_Switch: [switchRow({ name: "renamed" })] }, [
      wantedSwitch({ guard: undefined } as never),
    ]);
    assert.deepEqual(operations[0], noSuchSwitch);
    assert.equal(operations[1]?.op === "insert" && operations[1].uuid, id(900));
  });

  it("refers to new and to existing rows, and names them for people", () => {
    const desired = [
      { key: "C", kind: "copp", name: "shield", keys: { meters: { arp: "arp-limit" } } },
      { key: "G", kind: "group", name: "lbs" },
      wantedSwitch({ columns: { copp: { ref: "C" } }, elements: { load_balancer_group: [{ ref: "G" }] } }),
    ];
    const { operations, changes } = plan({ Load_Balancer_Group: [{ _uuid: id(5), name: "lbs" }] }, desired);
    const made = operations.find((operation) => operation.op === "insert" && operation.uuid === id(1));
    assert.deepEqual(made?.op === "insert" && [made.row["copp"], made.row["load_balancer_group"]], [
      ["uuid", id(900)],
      ["uuid", id(5)],
    ]);
    // Were the group deleted meanwhile, its broken strong reference would look like a mistake of ours.
    assert.deepEqual(
      operations.filter(({ op, ...rest }) => op === "wait" && "columns" in rest && rest.columns.length === 0),
      [stillThere("Load_Balancer_Group", id(5))],
    );
    assert.deepEqual(changes.at(-1)?.columns["copp"], { new: "shield" });
    assert.deepEqual(changes.at(-1)?.columns["load_balancer_group"], { added: ["lbs"] });
  });

  it("names a column that the server lacks before anything, or leaves it out and says so", () => {
    const { copp: _, ...columns } = northbound.tables["Logical_Switch"]?.columns ?? {};
    const table = { isRoot: true, indexes: [], columns };
    const schema = { ...northbound, tables: { ...northbound.tables, Logical_Switch: table } };
    const copp = { key: "C", kind: "copp", name: "shield" };
    const refused = wantedSwitch({ columns: { copp: { ref: "C" } } });
    assert.throws(
      () => plan({}, [copp, refused], [], { schema }),
      (error: unknown) =>
        error instanceof UnsupportedError && error.table === "Logical_Switch" && error.column === "copp",
    );
    const { omitted, operations } = plan({}, [copp, { ...refused, unsupported: { copp: "omit" } }], [], {
      schema,
    });
    assert.deepEqual(
      omitted.map(({ table, column }) => [table, column]),
      [["Logical_Switch", "copp"]],
    );
    assert.ok(operations.every((operation) => !("row" in operation) || !("copp" in operation.row)));
    assert.doesNotThrow(() => plan({}, [wantedSwitch({ columns: { copp: null } })], [], { schema }));
    const { external_ids: __, ...unmarked } = northbound.tables["Logical_Switch"]?.columns ?? {};
    const withoutMarks = {
      ...northbound,
      tables: { ...northbound.tables, Logical_Switch: { ...table, columns: unmarked } },
    };
    assert.throws(
      () => plan({}, [wantedSwitch()], [], { schema: withoutMarks }),
      (error: unknown) => error instanceof UnsupportedError && error.column === "external_ids",
    );
  });

  it("refuses a value that the schema does not allow", () => {
    assert.throws(
      () => plan({}, [wantedSwitch(), wantedPort({ columns: { tag_request: 5000 } })]),
      (error: unknown) => error instanceof ValidationError && error.column === "tag_request",
    );
  });

  it("wants equal rows under one key once, and refuses different ones", () => {
    const copp = { key: "C", kind: "copp", name: "shield", keys: { meters: { arp: "m" } } };
    assert.equal(plan({}, [copp, { ...copp, network: "red" }]).changes.length, 1);
    assert.throws(() => plan({}, [copp, { ...copp, name: "other" }]), /two different desired rows.*C/);
  });

  it("refuses what would be written and never taken back, and references to nothing", () => {
    assert.throws(() => plan({}, [wantedSwitch({ columns: { acls: [] } })]), /does not own the column acls/);
    assert.throws(
      () => plan({}, [wantedSwitch({ keys: { other_config: { mine: "1" } } })]),
      /does not own the key other_config:mine/,
    );
    assert.throws(() => plan({}, [wantedPort()]), /refers to S/);
    const grouped = wantedSwitch({ elements: { load_balancer_group: [{ ref: "G" }] } });
    assert.throws(() => plan({}, [grouped]), /refers to G/);
    assert.throws(() => plan({}, [wantedSwitch(), wantedSwitch({ key: "S2" })]), /already the desired row/);
    const other = wantedSwitch({ key: "S2", name: "s2" });
    assert.throws(() => plan({}, [wantedSwitch(), other]), /S is already the desired row .*00001/);
    // Uuids are unique within a table only.
    const { operations } = plan({}, [wantedSwitch(), { ...wantedPort(), uuid: id(1) }]);
    assert.equal(operations.filter((each) => each.op === "insert" && each.uuid === id(1)).length, 2);
  });

  it("leaves out what a new row has anyway", () => {
    const { operations } = plan({}, [wantedSwitch(), wantedPort({ columns: { type: "", addresses: [] } })]);
    const port = operations.find((each) => each.op === "insert" && each.table === "Logical_Switch_Port");
    assert.ok(port?.op === "insert");
    assert.deepEqual(Object.keys(port.row), ["name", "external_ids"]);
  });

  it("needs nothing when all is there", () => {
    const rows = { Logical_Switch: [switchRow({ ports: [id(2)] })], Logical_Switch_Port: [portRow()] };
    const { written, ...rest } = plan(rows, [wantedSwitch(), wantedPort()]);
    assert.equal(written.length, 0);
    assert.deepEqual(rest, {
      isEmpty: true,
      changes: [],
      operations: [],
      omitted: [],
      namesakes: [],
      bytes: 0,
      sizes: new Map(),
    });
  });
});
