import assert from "node:assert/strict";
import {
  type ColumnSchema,
  connectDatabase,
  type DatabaseSchema,
  EndpointError,
  readSchema,
  UnsupportedError,
  ValidationError,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

const text: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
const lanes: ColumnSchema = { key: { type: "integer", minInteger: 1, maxInteger: 8 }, min: 0, max: 1 };
const houses: ColumnSchema = {
  key: { type: "uuid", refTable: "House", refType: "strong" },
  min: 0,
  max: "unlimited",
};

/** A database that no model of this library knows. */
const town: DatabaseSchema = {
  name: "Town",
  version: "1.2.3",
  tables: {
    Street: {
      columns: {
        name: text,
        lanes,
        houses,
        notes: { ...text, value: { type: "string" }, min: 0, max: "unlimited" },
      },
      indexes: [["name"]],
      isRoot: true,
    },
    House: { columns: { number: { key: { type: "integer" }, min: 1, max: 1 } }, indexes: [], isRoot: false },
  },
};

describeWithOvn("a database without a model", () => {
  const ovn = useSandbox({ northbound: true, databases: { town } });
  const remote = (): string => ovn.sandbox.database("town").remote;

  it("is read, followed and changed, with values checked", async () => {
    await using db = await connectDatabase("Town", remote());
    assert.deepEqual([db.schema.version, Object.keys(db.tables).sort()], ["1.2.3", ["House", "Street"]]);
    const { value: street } = await db.transact((tx) => {
      const made = tx.insert("Street", { name: "Elm", notes: { a: "1" } });
      tx.add(made, "houses", [tx.insert("House", { number: 1n }), tx.insert("House", { number: 2 })]);
      tx.setKeys(made, "notes", { b: "2" });
      return made;
    });
    assert.equal(street.table, "Street");
    const row = db.tables["Street"]?.get({ name: "Elm" });
    assert.ok(row !== undefined);
    assert.deepEqual([row["lanes"], row["notes"]], [null, { a: "1", b: "2" }]);
    const numbers = db.deref(row, "houses").map(({ number }) => number);
    assert.deepEqual(numbers.sort(), [1n, 2n]);
    const [house] = db.tables["House"]?.find({ number: 2n }) ?? [];
    assert.ok(house !== undefined);
    assert.deepEqual(db.referrers(house, "Street", "houses"), [row]);

    const changes = db.changes(["Street"]);
    await db.transact((tx) => {
      tx.verify(row, "name");
      tx.update(row, { lanes: 2 });
      tx.remove(row, "houses", house);
      tx.removeKeys(row, "notes", ["a"]);
    });
    await db.transact((tx) => tx.mutate(row, "lanes", "+=", 1));
    const seen: unknown[] = [];
    for await (const { rows } of changes) {
      for (const change of rows) if (change.kind === "modify") seen.push(change.new["lanes"]);
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, [2, 3]);
    const select = { op: "select", table: "Street", where: [], columns: ["name", "lanes", "notes"] };
    const answer = await ovn.sandbox.run("ovsdb-client", [
      "transact",
      remote(),
      JSON.stringify(["Town", select]),
    ]);
    assert.deepEqual(JSON.parse(answer), [
      { rows: [{ name: "Elm", lanes: 3, notes: ["map", [["b", "2"]]] }] },
    ]);

    await assert.rejects(
      db.transact((tx) => tx.update(row, { lanes: 9 })),
      new ValidationError("Street", "lanes", 9, "9 is above the maximum 8"),
    );
    await assert.rejects(
      db.transact((tx) => tx.insert("Street", { colour: "red" })),
      UnsupportedError,
    );
  });

  it("may be replicated in part", async () => {
    await using db = await connectDatabase("OVN_Northbound", ovn.sandbox.northbound.remote, {
      tables: { NB_Global: ["nb_cfg"] },
    });
    await db.transact((tx) => tx.insert("NB_Global", { nb_cfg: 7 }), { timeout: 30_000 });
    assert.equal(db.tables["NB_Global"]?.only()["nb_cfg"], 7n);
    assert.throws(() => db.tables["Logical_Switch"]?.find({}), /not monitored/);
  });

  it("has a schema to be asked for", async () => {
    assert.deepEqual(await readSchema("Town", remote()), town);
    await assert.rejects(readSchema("Village", remote()), (error) => {
      assert.ok(error instanceof EndpointError);
      assert.match(error.message, /serves no database Village \(it serves: Town\)/);
      return true;
    });
    await assert.rejects(connectDatabase("Village", remote()), EndpointError);
    // @ts-expect-error the name was forgotten, as plain JavaScript may
    await assert.rejects(connectDatabase(undefined, remote()), {
      name: "UsageError",
      message: 'a database is given by its name, as "OVN_Northbound", and not by nothing',
    });
    // @ts-expect-error the remote alone
    await assert.rejects(connectDatabase("tcp:127.0.0.1:6641"), {
      name: "UsageError",
      message: 'a database is given by its name, as "OVN_Northbound", and not by "tcp:127.0.0.1:6641"',
    });
  });
});
