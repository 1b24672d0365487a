import assert from "node:assert/strict";
import type { AnyRow } from "../../../lib/database/index.ts";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { ForeignParentError } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
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

const isOurs = (parent: AnyRow): boolean => JSON.stringify(parent["external_ids"]) === '{"network":"blue"}';
const elsewhere = switchRow({ _uuid: id(20), name: "s2", ports: [id(2)] });

describe("planRows: moves", () => {
  const rows = { Logical_Switch: [switchRow(), elsewhere], Logical_Switch_Port: [portRow()] };

  it("takes a row out of another parent of ours", () => {
    const { operations, changes } = plan(rows, [wantedSwitch(), wantedPort()], [], { isOurs });
    assert.deepEqual(operations, [
      stillNamed("Logical_Switch_Port", id(2), "p1"),
      stillThere("Logical_Switch", id(20)),
      stillThere("Logical_Switch", id(1)),
      {
        op: "mutate",
        table: "Logical_Switch",
        where: only(id(20)),
        mutations: [["ports", "delete", ["set", [["uuid", id(2)]]]]],
      },
      {
        op: "mutate",
        table: "Logical_Switch",
        where: only(id(1)),
        mutations: [["ports", "insert", ["set", [["uuid", id(2)]]]]],
      },
    ]);
    assert.equal(changes.length, 1);
    assert.equal(changes[0]?.reason, "moved from s2");
  });

  it("refuses to take it from somebody else, and names them", () => {
    assert.throws(
      () => plan(rows, [wantedSwitch(), wantedPort()]),
      (error: unknown) =>
        error instanceof ForeignParentError &&
        error.parent.name === "s2" &&
        error.message.includes("p1") &&
        error.message.includes(id(20)),
    );
  });
});

describe("planRows: replacement", () => {
  const old = portRow({
    _uuid: id(3),
    addresses: ["0a:00:00:00:00:09 10.0.0.9"],
    enabled: false,
    up: true,
    dynamic_addresses: "0a:00:00:00:00:09 10.0.0.9",
    options: { "requested-chassis": "old", theirs: "kept" },
    external_ids: { network: "blue", pod: "true", "policy/x": "y" },
  });
  const rows = {
    Logical_Switch: [switchRow({ ports: [id(3), id(4)] })],
    Logical_Switch_Port: [old],
    Port_Group: [
      { _uuid: id(40), name: "deny", ports: [id(3), id(4)] },
      { _uuid: id(41), name: "other", ports: [id(4)] },
    ],
  };
  const desired = [wantedSwitch(), wantedPort({ replaces: id(3) })];

  it("gives the new row what others wrote in the old one, and its place", () => {
    const { operations, changes } = plan(rows, desired);
    assert.deepEqual(
      operations.find(({ op }) => op === "insert"),
      {
        op: "insert",
        table: "Logical_Switch_Port",
        row: {
          name: "p1",
          addresses: "0a:00:00:00:00:01 10.0.0.2",
          enabled: false,
          options: ["map", [["theirs", "kept"]]],
          external_ids: [
            "map",
            [
              ["policy/x", "y"],
              ["network", "blue"],
              ["pod", "true"],
            ],
          ],
        },
        uuid: id(2),
      },
    );
    assert.deepEqual(
      operations.filter(({ op }) => op === "mutate"),
      [
        {
          op: "mutate",
          table: "Logical_Switch",
          where: only(id(1)),
          mutations: [
            ["ports", "delete", ["set", [["uuid", id(3)]]]],
            ["ports", "insert", ["set", [["uuid", id(2)]]]],
          ],
        },
        {
          op: "mutate",
          table: "Port_Group",
          where: only(id(40)),
          mutations: [["ports", "insert", ["set", [["uuid", id(2)]]]]],
        },
      ],
    );
    assert.deepEqual(
      changes.map(({ action, uuid, reason }) => [action, uuid, reason]),
      [
        ["delete", id(3), `gives way to ${id(2)}`],
        [
          "insert",
          id(2),
          `replaces ${id(3)}; carries over enabled, external_ids:policy/x, options:theirs, Port_Group deny ports`,
        ],
      ],
    );
  });

  it("gives it nothing of what the server forgets, nor of what the new row states itself", () => {
    const { Logical_Switch_Port: port, ...others } = northbound.tables;
    const parent = port?.columns["parent_name"];
    assert.ok(port && parent);
    // As Connection.status is: not in the file of the database, and not for clients to write.
    const columns = { ...port.columns, parent_name: { ...parent, ephemeral: true as const } };
    const schema = { ...northbound, tables: { ...others, Logical_Switch_Port: { ...port, columns } } };
    const going = { Logical_Switch_Port: [{ ...old, parent_name: "p0", tag: 5 }] };
    const kinds = {
      port: {
        table: "Logical_Switch_Port",
        columns: ["type", "addresses", "tag_request"],
        keys: { options: ["requested-chassis"], external_ids: ["network", "pod"] },
        elements: [],
        root: false,
        onDemand: ["enabled"],
      },
    };
    const stated = [
      wantedSwitch(),
      wantedPort({ replaces: id(3), columns: { addresses: ["0a:00:00:00:00:01 10.0.0.2"], enabled: true } }),
    ];
    const { operations, changes } = plan({ ...rows, ...going }, stated, [], { schema }, kinds);
    const [guard] = operations.filter((each) => each.op === "wait" && each.columns.length > 0);
    assert.ok(guard?.op === "wait" && guard.columns.includes("tag"));
    assert.deepEqual(
      guard.columns.filter((column) => ["parent_name", "enabled"].includes(column)),
      [],
    );
    const [insert] = operations.filter(({ op }) => op === "insert");
    assert.ok(insert?.op === "insert");
    const { parent_name: forgotten, enabled, tag } = insert.row;
    assert.deepEqual([forgotten, enabled, tag], [undefined, true, 5]);
    assert.match(
      changes.at(-1)?.reason ?? "",
      /; carries over external_ids:policy\/x, options:theirs, tag, Port_Group/,
    );
  });

  it("replaces a row of another name as well", () => {
    const renamed = { ...rows, Logical_Switch_Port: [{ ...old, name: "p0" }] };
    assert.deepEqual(
      plan(renamed, desired).changes.map(({ action, uuid }) => [action, uuid]),
      [
        ["delete", id(3)],
        ["insert", id(2)],
      ],
    );
  });

  it("fails when what it carries over changes meanwhile, but not for what ovn-northd writes", () => {
    const waits = plan(rows, desired).operations.filter(({ op }) => op === "wait");
    const [oldRow] = waits.filter((wait) => wait.op === "wait" && wait.table === "Logical_Switch_Port");
    assert.ok(oldRow?.op === "wait");
    assert.deepEqual(oldRow.rows[0]?.["enabled"], false);
    for (const column of ["up", "dynamic_addresses", "addresses"]) {
      assert.ok(!oldRow.columns.includes(column), column);
    }
    const [group] = waits.filter((wait) => wait.op === "wait" && wait.table === "Port_Group");
    assert.deepEqual(group?.op === "wait" && group.where, [
      ...only(id(40)),
      ["ports", "includes", ["set", [["uuid", id(3)]]]],
    ]);
    assert.equal(
      new Set(waits.map((wait) => JSON.stringify("where" in wait && wait.where[0]))).size,
      waits.length,
    );
  });

  it("is refused when the row of that name is another one", () => {
    const two = {
      ...rows,
      Logical_Switch: [switchRow({ ports: [id(3), id(5)] })],
      Logical_Switch_Port: [{ ...old, name: "p0" }, portRow({ _uuid: id(5) })],
    };
    assert.throws(
      () => plan(two, desired),
      (error) =>
        error instanceof UsageError &&
        error.message.includes(`replaces ${id(3)}, but Logical_Switch_Port p1 is ${id(5)}`),
    );
  });

  it("takes over neither what is not to be in the row nor what gives way itself", () => {
    const switches = [
      switchRow({ _uuid: id(20), ports: [id(3), id(4)], load_balancer_group: [id(7), id(8)] }),
    ];
    const { operations } = plan({ ...rows, Logical_Switch: switches }, [
      wantedSwitch({ replaces: id(20), notElements: { load_balancer_group: [id(7)] } }),
      wantedPort({ replaces: id(3) }),
    ]);
    const inserted = operations.find((each) => each.op === "insert" && each.table === "Logical_Switch");
    const { ports, load_balancer_group } = (inserted?.op === "insert" && inserted.row) || {};
    assert.deepEqual(ports, [
      "set",
      [
        ["uuid", id(4)],
        ["uuid", id(2)],
      ],
    ]);
    assert.deepEqual(load_balancer_group, ["uuid", id(8)]);
  });

  it("is a plain insert when the old row is gone", () => {
    const gone = { Logical_Switch: [switchRow()] };
    assert.deepEqual(
      plan(gone, desired).changes.map(({ action }) => action),
      ["insert"],
    );
  });

  it("sets a reference of one element anew: adding to it would be refused", () => {
    const routers = {
      router: { table: "Logical_Router", columns: [], keys: {}, elements: [], root: true },
      "router port": { table: "Logical_Router_Port", columns: ["mac"], keys: {}, elements: [], root: false },
    };
    const { operations } = plan(
      {
        Logical_Router: [{ _uuid: id(50), name: "r", ports: [id(51)] }],
        Logical_Router_Port: [{ _uuid: id(51), name: "rp", mac: "0a:00:00:00:00:01" }],
        NAT: [{ _uuid: id(52), type: "snat", gateway_port: id(51) }],
      },
      [
        { key: "R", kind: "router", name: "r" },
        {
          key: "RP",
          kind: "router port",
          name: "rp",
          uuid: id(53),
          columns: { mac: "0a:00:00:00:00:02" },
          parent: { key: "R", column: "ports" },
          replaces: id(51),
        },
      ],
      [],
      {},
      routers,
    );
    assert.deepEqual(
      operations.find(({ op }) => op === "update"),
      { op: "update", table: "NAT", where: only(id(52)), row: { gateway_port: ["uuid", id(53)] } },
    );
  });

  it("leaves alone what only a newer server knows", () => {
    const { Port_Group: _, ...known } = northbound.tables;
    const { operations } = plan(rows, desired, [], { model: { ...northbound, tables: known } });
    assert.ok(operations.every((operation) => !("table" in operation) || operation.table !== "Port_Group"));
  });
});
