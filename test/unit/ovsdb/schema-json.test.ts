import assert from "node:assert/strict";
import fc from "fast-check";
import { type Json, parseJson, stringifyJson } from "../../../lib/jsonrpc/index.ts";
import {
  type ColumnSchema,
  compareSchemas,
  parseSchema,
  SchemaError,
  schemaToJson,
} from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/northbound/index.ts";
import { openvswitch } from "../../../lib/schemas/vswitch/index.ts";
import { schemas } from "./arbitraries.ts";

function schemaOf(type: Json, rest: { readonly [member: string]: Json } = {}): Json {
  return {
    name: "Db",
    version: "1.0.0",
    tables: { T: { columns: { c: { type, ...rest } }, isRoot: true } },
  };
}

function columnOf(type: Json, rest?: { readonly [member: string]: Json }): ColumnSchema | undefined {
  return parseSchema(schemaOf(type, rest)).tables["T"]?.columns["c"];
}

describe("parseSchema", () => {
  it("gives back what schemaToJson wrote", () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        assert.deepEqual(parseSchema(parseJson(stringifyJson(schemaToJson(schema)))), schema);
      }),
    );
  });

  it("gives back the generated models", () => {
    for (const model of [northbound, openvswitch]) {
      assert.ok(Object.keys(model.tables).length > 15);
      assert.deepEqual(parseSchema(parseJson(stringifyJson(schemaToJson(model)))), model);
    }
  });

  const forms: readonly (readonly [string, Json, ColumnSchema])[] = [
    ["a bare type", "string", { key: { type: "string" }, min: 1, max: 1 }],
    ["a key in words", { key: "uuid" }, { key: { type: "uuid" }, min: 1, max: 1 }],
    [
      "unlimited",
      { key: "real", min: 0, max: "unlimited" },
      { key: { type: "real" }, min: 0, max: "unlimited" },
    ],
    ["a number", { key: "boolean", min: 0, max: 3 }, { key: { type: "boolean" }, min: 0, max: 3 }],
    [
      "a map",
      { key: "string", value: { type: "integer" } },
      { key: { type: "string" }, value: { type: "integer" }, min: 1, max: 1 },
    ],
    [
      "an enum set",
      { key: { type: "string", enum: ["set", ["a", "b"]] } },
      { key: { type: "string", enum: ["a", "b"] }, min: 1, max: 1 },
    ],
    [
      "an enum of one, bare",
      { key: { type: "string", enum: "a" } },
      { key: { type: "string", enum: ["a"] }, min: 1, max: 1 },
    ],
    [
      "an enum of integers",
      { key: { type: "integer", enum: ["set", [1, 2]] } },
      { key: { type: "integer", enum: [1, 2] }, min: 1, max: 1 },
    ],
    [
      "bounds",
      { key: { type: "integer", minInteger: 0, maxInteger: 9223372036854775807n } },
      { key: { type: "integer", minInteger: 0, maxInteger: 9223372036854775807n }, min: 1, max: 1 },
    ],
    [
      "real bounds",
      { key: { type: "real", minReal: 0, maxReal: 0.5 } },
      { key: { type: "real", minReal: 0, maxReal: 0.5 }, min: 1, max: 1 },
    ],
    [
      "lengths",
      { key: { type: "string", minLength: 1, maxLength: 63 } },
      { key: { type: "string", minLength: 1, maxLength: 63 }, min: 1, max: 1 },
    ],
    [
      "a reference, strong unless said",
      { key: { type: "uuid", refTable: "T" } },
      { key: { type: "uuid", refTable: "T", refType: "strong" }, min: 1, max: 1 },
    ],
    [
      "a weak reference",
      { key: { type: "uuid", refTable: "T", refType: "weak" } },
      { key: { type: "uuid", refTable: "T", refType: "weak" }, min: 1, max: 1 },
    ],
  ];
  for (const [what, type, column] of forms) {
    it(`reads ${what}`, () => assert.deepEqual(columnOf(type), column));
  }

  it("reads ephemeral and mutable, and leaves out what is at its default", () => {
    assert.deepEqual(columnOf("string", { ephemeral: true, mutable: false }), {
      key: { type: "string" },
      min: 1,
      max: 1,
      ephemeral: true,
      mutable: false,
    });
    assert.deepEqual(columnOf("string", { ephemeral: false, mutable: true }), {
      key: { type: "string" },
      min: 1,
      max: 1,
    });
  });

  it("reads indexes, maxRows and isRoot", () => {
    const columns = { a: { type: "string" }, b: { type: "string" } };
    const schema = parseSchema({
      name: "Db",
      version: "1.0.0",
      cksum: "1 2",
      tables: { R: { columns, indexes: [["a", "b"], ["b"]], maxRows: 2, isRoot: true }, N: { columns } },
    });
    const { R, N } = schema.tables;
    assert.deepEqual([R?.indexes, R?.maxRows, R?.isRoot], [[["a", "b"], ["b"]], 2, true]);
    assert.deepEqual([N?.indexes, N?.maxRows, N?.isRoot], [[], undefined, false]);
  });

  it("takes every table for a root where none is marked", () => {
    const schema = parseSchema({ name: "Db", tables: { T: { columns: {} }, U: { columns: {} } } });
    assert.deepEqual(
      [schema.version, schema.tables["T"]?.isRoot, schema.tables["U"]?.isRoot],
      ["", true, true],
    );
  });

  const wrong: readonly (readonly [Json, RegExp])[] = [
    [[], /schema: expected an object/],
    [{ name: "Db" }, /Db.tables: expected an object/],
    [{ name: "1", tables: {} }, /schema.name/],
    [{ name: "Db", version: "1", tables: {} }, /Db.version: expected three numbers/],
    [{ name: "Db", tables: { _T: { columns: {} } } }, /_T begins with an underscore/],
    [{ name: "Db", tables: { "a-b": { columns: {} } } }, /table: expected letters/],
    [{ name: "Db", tables: { T: { columns: {}, maxRows: 0 } } }, /T.maxRows/],
    [{ name: "Db", tables: { T: { columns: {}, indexes: [["x"]] } } }, /T.indexes: no column x/],
    [
      { name: "Db", tables: { T: { columns: { name: { type: "string" } }, indexes: [["nmae"]] } } },
      /T.indexes: no column nmae; did you mean name\?$/,
    ],
    [schemaOf("text"), /T.c.type: expected an atomic type, got "text"/],
    [schemaOf({ key: "string", min: 2, max: 3 }), /T.c.min: must be 0 or 1, not 2/],
    [schemaOf({ key: "string", max: 0 }), /T.c.max/],
    [schemaOf({ key: "string", max: "many" }), /T.c.max/],
    [schemaOf({ key: { type: "string", enum: ["set", []] } }), /T.c.key.enum: allows no value/],
    [schemaOf({ key: { type: "string", enum: ["set", [1]] } }), /T.c.key.enum: 1 is not of type string/],
    [schemaOf({ key: { type: "string", minInteger: 1 } }), /T.c.key.minInteger: not for type string/],
    [
      schemaOf({ key: { type: "integer", minInteger: 2, maxInteger: 1 } }),
      /minInteger 2 is above maxInteger 1/,
    ],
    [schemaOf({ key: { type: "string", maxLength: -1 } }), /T.c.key.maxLength/],
    [schemaOf({ key: { type: "uuid", refTable: "Gone" } }), /T.c: refers to table Gone/],
    [schemaOf({ key: { type: "uuid", refTable: "t" } }), /table t, which does not exist; did you mean T\?$/],
    [schemaOf({ key: { type: "uuid", refTable: "T", refType: "soft" } }), /T.c.key.refType/],
    [schemaOf("string", { ephemeral: 1 }), /T.c.ephemeral: expected true or false/],
  ];
  for (const [json, message] of wrong) {
    it(`refuses with ${message}`, () => {
      assert.throws(
        () => parseSchema(json),
        (error) => error instanceof SchemaError && message.test(error.message),
      );
    });
  }
});

describe("compareSchemas", () => {
  it("finds nothing between equal schemas, in whatever order enums come", () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const nothing = { missingTables: [], missingColumns: [], changedColumns: [] };
        assert.deepEqual(compareSchemas(schema, parseSchema(schemaToJson(schema))), nothing);
      }),
    );
    const one = parseSchema(schemaOf({ key: { type: "string", enum: ["set", ["a", "b"]] } }));
    const other = parseSchema(schemaOf({ key: { type: "string", enum: ["set", ["b", "a"]] } }));
    assert.deepEqual(compareSchemas(one, other).changedColumns, []);
  });

  it("names what the server lacks or has otherwise", () => {
    const column = (type: Json): Json => ({ type });
    const model = parseSchema({
      name: "Db",
      tables: {
        A: { columns: { same: column("string"), gone: column("string"), wider: column("integer") } },
        B: { columns: {} },
      },
    });
    const server = parseSchema({
      name: "Db",
      tables: {
        A: {
          columns: {
            same: column("string"),
            wider: column({ key: "integer", min: 0 }),
            extra: column("real"),
          },
        },
      },
    });
    const { missingTables, missingColumns, changedColumns } = compareSchemas(model, server);
    assert.deepEqual(missingTables, ["B"]);
    assert.deepEqual(missingColumns, [{ table: "A", column: "gone" }]);
    assert.deepEqual(
      changedColumns.map((changed) => [changed.table, changed.column, changed.model.min, changed.server.min]),
      [["A", "wider", 1, 0]],
    );
  });

  it("does not take constructor for a table or column", () => {
    const model = parseSchema({
      name: "Db",
      tables: { constructor: { columns: {} }, T: { columns: { toString: { type: "real" } } } },
    });
    const server = parseSchema({ name: "Db", tables: { T: { columns: {} } } });
    const { missingTables, missingColumns } = compareSchemas(model, server);
    assert.deepEqual(
      [missingTables, missingColumns],
      [["constructor"], [{ table: "T", column: "toString" }]],
    );
  });
});
