import assert from "node:assert/strict";
import { type Json, ProtocolError } from "../../../lib/jsonrpc/index.ts";
import {
  type DatabaseSchema,
  monitorRequests,
  normaliseUpdates,
  UnsupportedError,
} from "../../../lib/ovsdb/index.ts";

const string = { key: { type: "string" }, min: 1, max: 1 } as const;
const integer = { key: { type: "integer" }, min: 1, max: 1 } as const;
const someUuid = "00000000-0000-0000-0000-000000000001";
const schema: DatabaseSchema = {
  name: "Db",
  version: "1.0.0",
  tables: {
    A: { columns: { name: string, other: string }, indexes: [], isRoot: true },
    B: { columns: { name: string }, indexes: [], isRoot: true },
  },
};

describe("monitorRequests", () => {
  it("asks for everything unless told", () => {
    assert.deepEqual(monitorRequests(schema, undefined), {
      A: [{ columns: ["name", "other"] }],
      B: [{ columns: ["name"] }],
    });
  });

  it("leaves out what the server does not have", () => {
    const asked = { A: ["name", "newer"], Gone: true, constructor: true } as const;
    assert.deepEqual(monitorRequests(schema, asked), { A: [{ columns: ["name"] }] });
    assert.deepEqual(monitorRequests(schema, { ...asked, B: undefined }), { A: [{ columns: ["name"] }] });
  });

  it("takes columns and conditions", () => {
    const where = [["name", "==", "x"]] as const;
    assert.deepEqual(monitorRequests(schema, { A: { columns: [], where }, B: { columns: ["name"] } }), {
      A: [{ columns: [], where }],
      B: [{ columns: ["name"] }],
    });
  });

  it("asks for _uuid where conditions are about it, for the server or for us, and for no constant without need", () => {
    const name = ["name", "==", "x"] as const;
    const uuid = ["_uuid", "==", ["uuid", someUuid]] as const;
    const plain = ["name"];
    for (const [where, columns, sent] of [
      [
        [name, uuid],
        [...plain, "_uuid"],
        [name, uuid],
      ],
      [[], [...plain, "_uuid"], [false]],
      [[false], [...plain, "_uuid"], [false]],
      [[false, false], [...plain, "_uuid"], [false]],
      [[false, name], plain, [name]],
      [[true], plain, []],
      [[name, true, uuid, false], plain, []],
    ] as const) {
      assert.deepEqual(monitorRequests(schema, { B: { where } }), { B: [{ columns, where: sent }] });
      assert.deepEqual(monitorRequests(schema, { B: { where } }, 1), { B: [{ columns: plain }] });
    }
  });

  it("leaves conditions out for the monitor that knows none", () => {
    assert.deepEqual(monitorRequests(schema, { B: { where: [["name", "==", "x"]] } }, 1), {
      B: [{ columns: ["name"] }],
    });
  });

  it("takes every function that there is, and refuses what is no condition, whatever the monitor knows", () => {
    const all = ["<", "<=", "==", "!=", ">=", ">", "includes", "excludes"] as const;
    const where = all.map((test) => ["size", test, 1] as const);
    const numbers = { ...schema, tables: { B: { columns: { size: integer }, indexes: [], isRoot: true } } };
    assert.deepEqual(monitorRequests(numbers, { B: { where } }), { B: [{ columns: ["size"], where }] });
    const shape = "B: a condition is [column, function, value], true or false, not";
    const functions = "is no function of conditions, which are < <= == != >= > includes excludes";
    for (const [wrong, message] of [
      [[["name", "=", "x"]], `B.name: "=" ${functions}`],
      [[["name", "toString", "x"]], `B.name: "toString" ${functions}`],
      [[true, ["name", null, "x"]], `B.name: null ${functions}`],
      [[["name", "=="]], `${shape} ["name","=="]`],
      [[["name", "==", undefined]], `${shape} ["name","==",null]`],
      [[["name", "==", "x", "y"]], `${shape} ["name","==","x","y"]`],
      [["name", "==", "x"], `${shape} "name"`],
      [[null], `${shape} null`],
      ["name", 'B: conditions are a list, not "name"'],
      [null, "B: conditions are a list, not null"],
    ] as const) {
      for (const version of [1, 2] as const) {
        assert.throws(() => monitorRequests(schema, { B: { where: wrong } } as never, version), {
          name: "UsageError",
          message,
        });
      }
    }
  });

  it("lets a set that must not be empty be asked whether it includes nothing, as the server does, and not whether it is empty", () => {
    const list = { key: { type: "string" }, min: 1, max: "unlimited" } as const;
    const table = { columns: { list }, indexes: [], isRoot: true };
    const ask = (test: "includes" | "excludes" | "==") =>
      monitorRequests({ ...schema, tables: { L: table } }, { L: { where: [["list", test, ["set", []]]] } });
    for (const test of ["includes", "excludes"] as const) {
      const where = [["list", test, ["set", []]]];
      assert.deepEqual(ask(test), { L: [{ columns: ["list"], where }] });
    }
    assert.throws(() => ask("=="), /L\.list: 0 elements, at least 1 needed/);
  });

  it("lets optional numbers be compared with one number, and with none not, and a real with a long integer", () => {
    const columns = {
      tag: { key: { type: "integer" }, min: 0, max: 1 },
      load: { key: { type: "real" }, min: 1, max: 1 },
    } as const;
    const ask = (column: string, value: Json) =>
      monitorRequests(
        { ...schema, tables: { N: { columns, indexes: [], isRoot: true } } },
        { N: { where: [[column, "<", value]] } },
      );
    const long = 2n ** 60n;
    assert.deepEqual(ask("load", long), { N: [{ columns: ["tag", "load"], where: [["load", "<", long]] }] });
    assert.deepEqual(ask("tag", 5), { N: [{ columns: ["tag", "load"], where: [["tag", "<", 5]] }] });
    assert.throws(() => ask("tag", ["set", []]), /N\.tag: 0 elements, at least 1 needed/);
  });

  it("refuses values of conditions as rows hold them, and says how they are written", () => {
    const uuid = { key: { type: "uuid" }, min: 0, max: "unlimited" } as const;
    const map = { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" } as const;
    const typed: DatabaseSchema = {
      ...schema,
      tables: { B: { columns: { name: string, uuid, map }, indexes: [], isRoot: true } },
    };
    for (const [column, wrong, written, form] of [
      ["uuid", "u", ["uuid", someUuid], 'a uuid is ["uuid", text], and not "u"'],
      ["_uuid", "u", ["uuid", someUuid], 'a uuid is ["uuid", text], and not "u"'],
      ["uuid", ["u"], ["set", [["uuid", someUuid]]], 'several are ["set", [each, ...]], and not ["u"]'],
      ["name", ["x", "y"], ["set", ["x"]], 'several are ["set", [each, ...]], and not ["x","y"]'],
      ["map", { k: "v" }, ["map", [["k", "v"]]], 'a map is ["map", [[key, value], ...]], and not {"k":"v"}'],
    ] as const) {
      const asked = (value: Json): Json =>
        monitorRequests(typed, { B: { columns: [], where: [[column, "includes", value]] } });
      assert.throws(() => asked(wrong), {
        name: "UsageError",
        message: `B.${column}: in a condition ${form}`,
      });
      const columns = column === "_uuid" ? [column] : [];
      assert.deepEqual(asked(written), { B: [{ columns, where: [[column, "includes", written]] }] });
    }
  });

  it("refuses a condition on a column that the server does not have", () => {
    assert.throws(
      () => monitorRequests(schema, { A: { where: [["newer", "==", "x"]] } }),
      (error) =>
        error instanceof UnsupportedError && error.message === "column A.newer does not exist in Db 1.0.0",
    );
    assert.throws(() => monitorRequests(schema, { A: { where: [["nmae", "==", "x"]] } }), {
      message: "column A.nmae does not exist in Db 1.0.0; did you mean name?",
    });
  });
});

describe("normaliseUpdates", () => {
  it("reads version 1", () => {
    const updates = {
      A: {
        u1: { new: { name: "a" } },
        u2: { old: { name: "a" }, new: { name: "b", other: "o" } },
        u3: { old: { name: "c" } },
      },
    };
    assert.deepEqual(normaliseUpdates(1, updates), [
      { table: "A", uuid: "u1", kind: "insert", columns: { name: "a" } },
      { table: "A", uuid: "u2", kind: "replace", columns: { name: "b", other: "o" } },
      { table: "A", uuid: "u3", kind: "delete", columns: null },
    ]);
  });

  it("reads version 2", () => {
    const updates = {
      A: { u1: { initial: { name: "a" } }, u2: { insert: {} }, u3: { modify: { name: "b" } } },
      B: { u4: { delete: null } },
    };
    assert.deepEqual(normaliseUpdates(2, updates), [
      { table: "A", uuid: "u1", kind: "initial", columns: { name: "a" } },
      { table: "A", uuid: "u2", kind: "insert", columns: {} },
      { table: "A", uuid: "u3", kind: "modify", columns: { name: "b" } },
      { table: "B", uuid: "u4", kind: "delete", columns: null },
    ]);
  });

  it("reads an empty update", () => assert.deepEqual(normaliseUpdates(2, {}), []));

  const malformed: readonly (readonly [1 | 2, Json])[] = [
    [1, []],
    [1, { A: null }],
    [1, { A: { u: {} } }],
    [1, { A: { u: { new: 5 } } }],
    [2, { A: { u: {} } }],
    [2, { A: { u: { new: {} } } }],
    [2, { A: { u: { insert: null } } }],
    [2, { A: { u: { insert: {}, delete: null } } }],
  ];
  for (const [version, updates] of malformed) {
    it(`refuses ${JSON.stringify(updates)} as version ${version}`, () => {
      assert.throws(() => normaliseUpdates(version, updates), ProtocolError);
    });
  }
});
