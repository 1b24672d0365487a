import assert from "node:assert/strict";
import {
  dialSocket,
  type Json,
  Peer,
  parseEndpoints,
  parseJson,
  stringifyJson,
} from "../../lib/jsonrpc/index.ts";
import {
  applyDiff,
  type ColumnSchema,
  ConflictError,
  ConstraintError,
  checkResults,
  compareSchemas,
  type DatabaseSchema,
  decodeValue,
  defaultValue,
  encodeValue,
  everyRow,
  insertOp,
  monitorRequests,
  normaliseUpdates,
  type Operation,
  type OperationResult,
  parseSchema,
  type RowUpdate,
  selectOp,
  updateOp,
  type Value,
  valuesEqual,
  WrittenOperations,
} from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/northbound/index.ts";
import { southbound } from "../../lib/schemas/southbound/index.ts";
import { openvswitch } from "../../lib/schemas/vswitch/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

const uuid = "11111111-2222-4333-8444-555555555555";

/** A column of every kind, with two values of it. */
const kinds: Readonly<
  Record<string, { readonly column: ColumnSchema; readonly values: readonly [Value, Value] }>
> = {
  a_string: { column: { key: { type: "string" }, min: 1, max: 1 }, values: ["", 'ä\u{1f600}"\n\\'] },
  an_integer: {
    column: { key: { type: "integer", minInteger: -5, maxInteger: 5 }, min: 1, max: 1 },
    values: [-5, 5],
  },
  a_wide_integer: {
    column: { key: { type: "integer" }, min: 1, max: 1 },
    values: [-(2n ** 63n), 9007199254740993n],
  },
  a_real: { column: { key: { type: "real", minReal: 0 }, min: 1, max: 1 }, values: [0.1, 1e300] },
  a_boolean: { column: { key: { type: "boolean" }, min: 1, max: 1 }, values: [true, false] },
  a_uuid: { column: { key: { type: "uuid" }, min: 1, max: 1 }, values: [uuid, uuid.replace("1", "2")] },
  an_enum: { column: { key: { type: "string", enum: ["a", "b"] }, min: 0, max: 1 }, values: ["a", "b"] },
  an_integer_enum: { column: { key: { type: "integer", enum: [2, 10] }, min: 1, max: 1 }, values: [2, 10] },
  a_bounded_string: {
    column: { key: { type: "string", minLength: 1, maxLength: 2 }, min: 0, max: 1 },
    values: [null, "\u{1f600}\u{1f600}"],
  },
  an_optional: { column: { key: { type: "string" }, min: 0, max: 1 }, values: ["x", null] },
  a_set: {
    column: { key: { type: "string" }, min: 0, max: "unlimited" },
    values: [
      ["x", "y"],
      ["y", "z"],
    ],
  },
  a_set_of_one: { column: { key: { type: "uuid" }, min: 0, max: "unlimited" }, values: [[uuid], []] },
  a_small_set: { column: { key: { type: "integer" }, min: 1, max: 3 }, values: [[1n], [2n, 3n]] },
  a_map: {
    column: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
    values: [
      { a: "1", b: "2", ["__proto__"]: "p" },
      { a: "9", c: "3", ["__proto__"]: "q" },
    ],
  },
  an_integer_map: {
    column: {
      key: { type: "integer", minInteger: 0, maxInteger: 9 },
      value: { type: "real" },
      min: 0,
      max: 5,
    },
    values: [{ 1: 0.5 }, { 1: 0.5, 2: -1 }],
  },
  a_map_of_one: {
    column: { key: { type: "string" }, value: { type: "boolean" }, min: 0, max: 1 },
    values: [{ a: true }, { b: false }],
  },
};

const names = Object.keys(kinds);
const everyKind: DatabaseSchema = {
  name: "Every_Kind",
  version: "1.0.0",
  tables: {
    Thing: {
      columns: Object.fromEntries(Object.entries(kinds).map(([name, { column }]) => [name, column])),
      indexes: [["a_string"]],
      isRoot: true,
      maxRows: 2,
    },
    Part: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1, mutable: false },
        seen: { key: { type: "boolean" }, min: 1, max: 1, ephemeral: true },
        whole: { key: { type: "uuid", refTable: "Thing", refType: "strong" }, min: 0, max: 1 },
        peers: { key: { type: "uuid", refTable: "Part", refType: "weak" }, min: 0, max: "unlimited" },
      },
      indexes: [],
      isRoot: true,
    },
  },
};

describeWithOvn("schemas, on a real ovsdb-server", () => {
  const models = [northbound, southbound, openvswitch, everyKind];
  const ovn = useSandbox({ databases: { all: models } });

  for (const model of models) {
    it(`${model.name} is served and comes back equal`, async () => {
      const client = ["get-schema", ovn.sandbox.database("all").remote, model.name];
      const served = parseSchema(parseJson(await ovn.sandbox.run("ovsdb-client", client)));
      const nothing = { missingTables: [], missingColumns: [], changedColumns: [] };
      assert.deepEqual(compareSchemas(model, served), nothing);
      assert.deepEqual(compareSchemas(served, model), nothing);
      for (const [name, { isRoot, maxRows, indexes }] of Object.entries(model.tables)) {
        const table = served.tables[name];
        assert.deepEqual([table?.isRoot, table?.maxRows], [isRoot, maxRows], name);
        assert.deepEqual(sortedIndexes(table?.indexes), sortedIndexes(indexes), name);
      }
    });
  }
});

describeWithOvn("values, on a real ovsdb-server", () => {
  const ovn = useSandbox({ databases: { all: everyKind } });

  async function transact(...operations: Operation[]): Promise<OperationResult[]> {
    const request = stringifyJson(["Every_Kind", ...operations]);
    const reply = await ovn.sandbox.run("ovsdb-client", [
      "transact",
      ovn.sandbox.database("all").remote,
      request,
    ]);
    return checkResults(WrittenOperations.of(operations), parseJson(reply));
  }

  async function thing(): Promise<Readonly<Record<string, Value>>> {
    const [selected] = await transact(selectOp("Thing", everyRow));
    assert.ok(selected?.op === "select" && selected.rows.length === 1);
    return decoded(selected.rows[0] ?? {});
  }

  afterEach(async () => {
    await transact({ op: "delete", table: "Part", where: [] }, { op: "delete", table: "Thing", where: [] });
  });

  it("of every kind come back as they were written", async () => {
    for (const index of [0, 1] as const) {
      await transact({ op: "delete", table: "Thing", where: [] }, insertOp("Thing", encoded(index)));
      same(await thing(), index);
    }
  });

  it("are at their defaults when an insert does not mention them", async () => {
    const mentioned = { a_uuid: encoded(0)["a_uuid"] ?? null, an_integer_enum: 2 };
    await transact(insertOp("Thing", mentioned));
    const row = await thing();
    const silent = names.filter((name) => !(name in mentioned));
    assert.ok(silent.length > 10);
    for (const name of silent) assert.deepEqual(row[name], defaultValue(columnOf(name)), name);
  });

  it("become the new ones by the server's differences", async () => {
    await transact(insertOp("Thing", encoded(0)));
    const update = await changeWhileWatching(async () => {
      await transact(updateOp("Thing", everyRow, encoded(1)));
    });
    assert.equal(update.kind, "modify");
    const row = Object.fromEntries(
      names.map((name) => {
        const old = kinds[name]?.values[0] ?? null;
        const diff = update.columns?.[name];
        return [name, diff === undefined ? old : applyDiff(columnOf(name), old, diff)];
      }),
    );
    same(row, 1);
  });

  it("that break a constraint are refused with the right error", async () => {
    await assert.rejects(transact(insertOp("Thing", { ...encoded(0), an_integer: 6 })), ConstraintError);
    await transact(insertOp("Thing", encoded(0), { uuid }));
    await assert.rejects(transact(insertOp("Thing", encoded(1), { uuid })), ConflictError);
    await assert.rejects(transact(insertOp("Thing", encoded(0))), (error) => {
      // The unique index is checked at commit, behind all operations.
      return error instanceof ConstraintError && error.operationIndex === null;
    });
  });

  /** The one row update that `change` makes a monitor_cond tell. */
  async function changeWhileWatching(change: () => Promise<void>): Promise<RowUpdate> {
    const [endpoint] = parseEndpoints(ovn.sandbox.database("all").remote);
    assert.ok(endpoint !== undefined);
    const signal = AbortSignal.timeout(30_000);
    const transport = await dialSocket(endpoint, { signal });
    const notified = new Promise<Json>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      const peer = new Peer(transport, {
        onNotification: (method, params) => method === "update2" && resolve(params[1] ?? null),
        onClose: () => reject(new Error("the server hung up")),
      });
      peer
        .call("monitor_cond", ["Every_Kind", "watch", monitorRequests(everyKind, { Thing: true })])
        .then(change)
        .catch(reject);
    });
    try {
      const [update, ...others] = normaliseUpdates(2, await notified);
      assert.ok(update !== undefined && others.length === 0);
      return update;
    } finally {
      transport.close();
    }
  }
});

function columnOf(name: string): ColumnSchema {
  const kind = kinds[name];
  assert.ok(kind !== undefined);
  return kind.column;
}

function encoded(index: 0 | 1): Record<string, Json> {
  const write = ([column, kind]: [string, (typeof kinds)[string]]): [string, Json] => [
    column,
    encodeValue({ table: "Thing", column }, kind.column, kind.values[index], () =>
      assert.fail("no references here"),
    ),
  ];
  return Object.fromEntries(Object.entries(kinds).map(write));
}

function decoded(wire: { readonly [column: string]: Json }): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, decodeValue(columnOf(name), wire[name] ?? null)]));
}

function same(row: Readonly<Record<string, Value>>, index: 0 | 1): void {
  for (const [name, { column, values }] of Object.entries(kinds)) {
    const value = row[name] ?? null;
    assert.ok(valuesEqual(column, value, values[index]), `${name}: ${String(value)}`);
  }
}

function sortedIndexes(indexes: readonly (readonly string[])[] | undefined): string[] | undefined {
  return indexes?.map((columns) => columns.toSorted().join()).sort();
}
