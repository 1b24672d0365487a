import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ColumnSchema,
  connectNorthbound,
  type DatabaseSchema,
  UnsupportedError,
} from "../../lib/index.ts";
import { defaultValue } from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import {
  installedSchema,
  type SchemaSource,
  startFaultProxy,
  startSandbox,
} from "../../lib/testing/index.ts";
import { type Northbound, planDeletion, planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { lackedBy, releasedSchemas, schemaWithout } from "../support/other-schemas.ts";
import { layer2Brief, layer3Brief, localnetBrief, profiles, requestFor } from "../support/topology.ts";

const briefs = [
  layer3Brief(["a"], { name: "l3" }),
  layer2Brief(["a"], { name: "l2" }),
  localnetBrief(["a"], { name: "ln" }),
];

/** What a northbound database of one schema is good for, with today's model. */
async function tryOut(
  source: SchemaSource,
  test: (nb: Northbound, observer: Northbound, sent: () => number) => Promise<void>,
): Promise<void> {
  await using sandbox = await startSandbox({ northbound: source });
  await using proxy = await startFaultProxy(sandbox.northbound.remote);
  await using nb = await connectNorthbound(proxy.remote);
  await using observer = await connectNorthbound(sandbox.northbound.remote);
  await test(nb, observer, () => proxy.counts.toServer.methods["transact"] ?? 0);
}

/** Every name that the server lacks is refused by name, and nothing is sent. */
async function assertRefused(nb: Northbound, missing: readonly string[], sent: () => number): Promise<void> {
  const before = sent();
  for (const name of missing) {
    const [table = "", column] = name.split(".");
    assert.equal(supports(nb, table, column), false, name);
    const known = northbound.tables[table]?.columns[column ?? ""];
    const row = column === undefined || known === undefined ? {} : { [column]: someValue(known) };
    await assert.rejects(
      nb.transact((tx) => tx.insert(table as "Logical_Switch", row)),
      (error) => {
        assert.ok(error instanceof UnsupportedError, `${name}: ${String(error)}`);
        assert.deepEqual([error.table, error.column], [table, column], name);
        return true;
      },
    );
  }
  assert.equal(sent(), before);
}

function supports(nb: Northbound, table: string, column: string | undefined): boolean {
  return nb.supports(table as "Logical_Switch", ...((column === undefined ? [] : [column]) as ["name"]));
}

function someValue(column: ColumnSchema): unknown {
  return column.key.enum?.[0] ?? defaultValue(column);
}

/** A switch with a port is written and read back, columns that the server lacks as empty. */
async function assertWorks(nb: Northbound, observer: Northbound): Promise<void> {
  await nb.transact((tx) => {
    const port = tx.insert("Logical_Switch_Port", { name: "p", addresses: ["unknown"] });
    tx.insert("Logical_Switch", { name: "s", ports: [port] });
  });
  const [sw] = nb.tables.Logical_Switch.find({ name: "s" });
  assert.ok(sw !== undefined, "what was written is read at once");
  assert.deepEqual(
    nb.deref(sw, "ports").map(({ name, addresses }) => [name, addresses]),
    [["p", ["unknown"]]],
  );
  for (const [column, schema] of Object.entries(northbound.tables["Logical_Switch"]?.columns ?? {})) {
    if (["name", "ports"].includes(column)) continue;
    assert.deepEqual(Reflect.get(sw, column), defaultValue(schema), column);
  }
  await observer.until((view) => view.tables.Logical_Switch_Port.find({ name: "p" }).length === 1);
  await nb.transact((tx) => tx.delete(sw));
  assert.equal(nb.tables.Logical_Switch_Port.size, 0);
}

async function deleteAll(nb: Northbound): Promise<void> {
  await planDeletion(nb, { networks: ["l3", "l2", "ln"], pods: [] }).apply();
  assert.equal(nb.tables.Logical_Switch.size, 0);
}

const released = releasedSchemas();
if (released.length === 0) {
  process.stderr.write(
    "SKIPPED: northbound schemas of OVN's releases: there is no folder ../shared/schemas\n",
  );
}

describeWithOvn("today's model on the schema of an OVN release", () => {
  for (const { version, file } of [
    { version: "installed", file: installedSchema("northbound") },
    ...released,
  ]) {
    it(`${version}: reads, writes, refuses by name what is missing, holds topologies of both profiles`, async () => {
      await tryOut(file, async (nb, observer, sent) => {
        if (version !== "installed") assert.equal(nb.schema.version, version);
        await assertRefused(nb, lackedBy(nb.schema), sent);
        await assertWorks(nb, observer);
        for (const profile of profiles) {
          const request = requestFor(briefs, { profile });
          await planTopology(nb, request).apply();
          assert.deepEqual(planTopology(nb, request).operations, []);
          await waitFor(() => planTopology(observer, request).operations.length === 0);
          await deleteAll(nb);
        }
      });
    });
  }
});

/** What the other tests of this file need on the server. */
const kept = ["Logical_Switch", "Logical_Switch.name", "Logical_Switch.ports", "Logical_Switch_Port"];
const keptPorts = ["Logical_Switch_Port.name", "Logical_Switch_Port.addresses"];

/** Columns that no index is made of, and tables. */
const droppable = Object.entries(northbound.tables)
  .flatMap(([table, { columns, indexes }]) => [
    table,
    ...Object.keys(columns)
      .filter((column) => !indexes.some((index) => index.includes(column)))
      .map((column) => `${table}.${column}`),
  ])
  .filter((name) => ![...kept, ...keptPorts].includes(name));

const text: ColumnSchema = { key: { type: "string" }, min: 0, max: 1 };
const map: ColumnSchema = { key: { type: "integer" }, value: { type: "string" }, min: 0, max: "unlimited" };
const extras: { readonly [column: string]: ColumnSchema } = { of_tomorrow: text, constructor: map };

/** A server that lacks some things and knows others that we do not. */
const schemas: fc.Arbitrary<DatabaseSchema> = fc
  .record({
    missing: fc.oneof(fc.subarray(droppable, { maxLength: 8 }), fc.subarray(droppable)),
    extended: fc.subarray(Object.keys(northbound.tables)),
  })
  .map(({ missing, extended }) => {
    const schema = schemaWithout("1.2.3", missing);
    const tables = Object.entries(schema.tables).map(([name, table]) => [
      name,
      extended.includes(name) ? { ...table, columns: { ...table.columns, ...extras } } : table,
    ]);
    const tomorrow = { Tomorrow: { columns: extras, indexes: [["of_tomorrow"]], isRoot: true } };
    return { ...schema, tables: { ...Object.fromEntries(tables), ...(extended.length > 0 ? tomorrow : {}) } };
  });

describeWithOvn("today's model on any schema that lacks some of it and has more", () => {
  it("reads, writes, refuses by name, and holds topologies or says what it lacks for them, unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(schemas, async (schema) => {
        await tryOut(schema, async (nb, observer, sent) => {
          await assertRefused(nb, lackedBy(schema), sent);
          await assertWorks(nb, observer);
          const request = requestFor(briefs, {});
          const before = sent();
          try {
            await planTopology(nb, request).apply();
          } catch (error) {
            assert.ok(
              error instanceof UnsupportedError,
              String(error instanceof Error ? error.stack : error),
            );
            assert.ok(
              lackedBy(schema).some((name) => name.startsWith(error.table)),
              error.message,
            );
            assert.equal(sent(), before);
            return;
          }
          assert.deepEqual(planTopology(nb, request).operations, []);
          await deleteAll(nb);
        });
      }),
      { numRuns: 25 },
    );
  });
});
