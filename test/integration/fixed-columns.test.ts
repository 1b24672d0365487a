import assert from "node:assert/strict";
import {
  type ColumnSchema,
  connectDatabase,
  connectOpenvswitch,
  type DatabaseSchema,
  UsageError,
  ValidationError,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

const text: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
const texts: ColumnSchema = { key: { type: "string" }, min: 0, max: "unlimited" };
const fixed = { mutable: false } as const;

const library: DatabaseSchema = {
  name: "Library",
  version: "1.0.0",
  tables: {
    Book: {
      columns: {
        title: { ...text, ...fixed },
        authors: { ...texts, ...fixed },
        marks: { ...texts, value: { type: "string" }, ...fixed },
        reader: { ...text, min: 0 },
      },
      indexes: [],
      isRoot: true,
    },
  },
};

describeWithOvn("columns that are fixed once inserted", () => {
  const ovn = useSandbox({ openvswitch: true, databases: { library } });

  it("may be in a copy of the row, and are refused with another value", async () => {
    await using ovs = await connectOpenvswitch(ovn.sandbox.openvswitch.remote);
    await ovs.transact((tx) => {
      const interfaces = [tx.insert("Interface", { name: "eth0" })];
      const ports = [tx.insert("Port", { name: "eth0", interfaces })];
      tx.insert("Open_vSwitch", { bridges: [tx.insert("Bridge", { name: "br0", ports })] });
    });
    // With its type the compiler would refuse it.
    const renamed: object = { name: "eth1" };
    const port = () => ovs.tables.Port.only({ name: "eth0" });
    for (const [tag, onlyChanges] of [
      [5, false],
      [6, true],
    ] as const) {
      await ovs.transact((tx) => tx.update(port(), { ...port(), tag }), { onlyChanges });
      const seen = await ovs.transact((tx) => tx.select("Port", {}, ["name", "tag"]));
      assert.deepEqual(
        seen.rows(seen.value).map(({ name, tag: is }) => [name, is]),
        [["eth0", tag]],
      );
      await assert.rejects(
        ovs.transact((tx) => tx.update(port(), { ...port(), ...renamed, tag: 7 }), { onlyChanges }),
        (error) => {
          assert.ok(error instanceof ValidationError);
          assert.deepEqual([error.table, error.column, error.value], ["Port", "name", "eth1"]);
          assert.match(error.message, /^Port\.name: cannot be changed after the insert: it is "eth0"$/);
          return true;
        },
      );
      assert.equal(port().tag, tag);
    }
  });

  it("are refused where they are not monitored, with any value", async () => {
    await using ovs = await connectOpenvswitch(ovn.sandbox.openvswitch.remote, {
      tables: { Port: ["tag"] },
    });
    const asked = ovs.transact((tx) => {
      const known = { name: "eth0" };
      for (const row of ovs.tables.Port) tx.update(row, { ...row, ...known });
    });
    await assert.rejects(
      asked,
      (error) => error instanceof ValidationError && /monitored/.test(error.message),
    );
  });

  it("are compared as sets and maps are, and not changed in part", async () => {
    await using db = await connectDatabase("Library", ovn.sandbox.database("library").remote);
    await db.transact((tx) =>
      tx.insert("Book", { title: "Emma", authors: ["a", "b"], marks: { x: "1", y: "2" } }),
    );
    const { Book } = db.tables;
    assert.ok(Book !== undefined);
    const book = () => Book.only();
    const turned = { authors: ["b", "a"], marks: { y: "2", x: "1" } };
    const nothing = await db.transact((tx) => tx.update(book(), { title: "Emma", ...turned }));
    assert.equal(nothing.changed, false);
    await db.transact((tx) => tx.update(book(), { ...book(), ...turned, reader: "me" }));
    assert.equal(book()["reader"], "me");
    for (const other of [{ authors: ["a"] }, { marks: { x: "1" } }, { marks: new Map() }]) {
      const asked = db.transact((tx) => tx.update(book(), { ...book(), ...(other as object) }));
      await assert.rejects(asked, ValidationError);
    }
    await assert.rejects(
      db.transact((tx) => tx.add(book(), "authors", "c")),
      UsageError,
    );
    await assert.rejects(
      db.transact((tx) => tx.setKeys(book(), "marks", { x: "1" })),
      UsageError,
    );
  });
});
