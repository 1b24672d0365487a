import assert from "node:assert/strict";
import {
  ConstraintError,
  Database,
  type DatabaseModel,
  northbound,
  openvswitch,
  parseSchema,
  southbound,
  type TableTypes,
  ValidationError,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

type AnyTables = Record<string, TableTypes>;

/** What the schemas of OVN and Open vSwitch do not have. */
const limits = parseSchema({
  name: "Limits",
  version: "1.0.0",
  tables: {
    Short: { columns: { a: { type: { key: { type: "string", minLength: 2 } } } } },
    Large: { columns: { a: { type: { key: { type: "real", minReal: 0.5 } } } } },
    Full: { columns: { a: { type: { key: { type: "integer", minInteger: 1 }, min: 1, max: 3 } } } },
    Keyed: {
      columns: { a: { type: { key: { type: "string", enum: "k" }, value: "string", min: 1, max: 2 } } },
    },
    Free: { columns: { a: { type: { key: "string", min: 1, max: 2 } }, b: { type: "uuid" } } },
    Weak: {
      columns: { a: { type: { key: { type: "uuid", refTable: "Free", refType: "weak" }, min: 1, max: 2 } } },
    },
  },
});

describeWithOvn("columns whose defaults the server refuses", () => {
  const ovn = useSandbox({
    northbound: true,
    southbound: true,
    openvswitch: true,
    databases: { limits: limits as DatabaseModel<AnyTables> },
  });

  for (const [server, model] of Object.entries({ northbound, southbound, openvswitch, limits })) {
    it(`are those that an insert must not leave out: ${server}`, async () => {
      const remote = ovn.sandbox.database(server).remote;
      await using db = await Database.connect(model as DatabaseModel<AnyTables>, remote);
      const refused: string[] = [];
      for (const table of Object.keys(db.schema.tables)) {
        const byServer = await isRefused(db.transact((tx) => tx.raw({ op: "insert", table, row: {} })));
        const byUs = await isRefused(
          db.transact((tx) => {
            // What is named in another operation may be held by it.
            tx.comment(tx.insert(table, {}).ref);
          }),
        );
        assert.equal(byUs instanceof ValidationError, byServer instanceof ConstraintError, table);
        if (byUs instanceof ValidationError) refused.push(byUs.message);
      }
      assert.ok(refused.length > 0);
      assert.ok(refused.every((message) => /: is left out, and (its default|a row of)/.test(message)));
    });
  }

  it("are named with what is wrong", async () => {
    await using db = await Database.connect(northbound, ovn.sandbox.northbound.remote);
    await assert.rejects(
      db.transact((tx) => {
        // @ts-expect-error the compiler sees it as well; plain JavaScript has no compiler
        const acl = tx.insert("ACL", { direction: "to-lport", priority: 1, match: "1" });
        tx.insert("Logical_Switch", { name: "sw", acls: [acl] });
      }),
      {
        name: "ValidationError",
        // Newer schemas know more actions.
        message:
          /^ACL\.action: is left out, and its default "" is not one of "allow", "allow-related", .*"reject"$/,
      },
    );
    await assert.rejects(
      // @ts-expect-error seen by the compiler as well
      db.transact((tx) => tx.insert("Meter", { name: "m", unit: "kbps" })),
      { name: "ValidationError", message: "Meter.bands: is left out, and a row of Meter_Band is needed" },
    );
  });

  it("may be set after the insert, in the same transaction", async () => {
    await using db = await Database.connect(northbound, ovn.sandbox.northbound.remote);
    await db.transact((tx) => {
      // @ts-expect-error the compiler wants an action at once
      const band = tx.insert("Meter_Band", { rate: 1 });
      tx.update(band, { action: "drop" });
      // @ts-expect-error and these as well
      tx.update(tx.insert("Meter", { name: "m" }), { unit: "kbps", bands: [band] });
    });
    assert.equal(db.tables.Meter.get({ name: "m" })?.unit, "kbps");
  });
});

async function isRefused(transaction: Promise<unknown>): Promise<unknown> {
  try {
    await transaction;
    return undefined;
  } catch (error) {
    return error;
  }
}
