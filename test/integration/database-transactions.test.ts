import assert from "node:assert/strict";
import {
  ConflictError,
  ConstraintError,
  connectNorthbound,
  type Database,
  type InsertedRow,
  type NorthboundTables,
  OperationError,
  type Row,
  type Transaction,
  type Uuid,
} from "../../lib/index.ts";
import { type Dial, dialSocket } from "../../lib/jsonrpc/index.ts";
import type { Condition, Mutation } from "../../lib/ovsdb/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

describeWithOvn("transactions", () => {
  const ovn = useSandbox({ northbound: true });
  let nb: Database<NorthboundTables>;

  before(async () => {
    nb = await connectNorthbound(ovn.sandbox.northbound.remote);
  });
  after(() => nb.close());

  const chosen = "0a1b2c3d-0000-4000-8000-00000000cafe";

  it("insert under a uuid of the caller's choice, once", async () => {
    const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "mine" }, { uuid: chosen }));
    assert.equal(made.uuid(made.value), chosen);
    assert.equal(nb.tables.Logical_Switch.byUuid(chosen as Uuid<"Logical_Switch">)?.name, "mine");
    const again = nb.transact((tx) => tx.insert("Logical_Switch", { name: "mine" }, { uuid: chosen }));
    await assert.rejects(
      again,
      (error) => error instanceof ConflictError && error.error === "duplicate uuid",
    );
    assert.equal(nb.tables.Logical_Switch.find({ name: "mine" }).length, 1);
  });

  it("use named uuids on a server that does not know chosen ones", async () => {
    await using old = await connectNorthbound(ovn.sandbox.northbound.remote, { dial: dialAsOldServer });
    const made = await old.transact((tx) => {
      const ports = ["o1", "o2"].map((name) => tx.insert("Logical_Switch_Port", { name }));
      const sw = tx.insert("Logical_Switch", { name: "old", ports });
      const [first] = ports;
      if (first !== undefined) tx.insert("Port_Group", { name: "old", ports: [first] });
      return { sw, ports };
    });
    assert.equal(old.takesChosenUuids, false);
    const sw = old.tables.Logical_Switch.byUuid(made.uuid(made.value.sw));
    assert.ok(sw !== undefined);
    assert.deepEqual(new Set(sw.ports), new Set(made.value.ports.map((port) => made.uuid(port))));
    assert.equal(old.tables.Port_Group.get({ name: "old" })?.ports.length, 1);
    // The row that `wait` needs is inserted without a uuid, too.
    assert.equal(old.tables.NB_Global.size, 0);
    const controller = new AbortController();
    const waiting = old.transact(() => undefined, { wait: "sb", signal: controller.signal });
    await old.until((view) => view.tables.NB_Global.size === 1);
    await old.transact((tx) => tx.comment("after the reply to the other"));
    const why = new Error("enough");
    controller.abort(why);
    await assert.rejects(waiting, { code: "ERR_UNCONFIRMED", name: "UnconfirmedError", cause: why });
    assert.equal(old.tables.NB_Global.only().nb_cfg, 1n);
  });

  /** Refuses the `uuid` of inserts as ovsdb-server before 2.13 does: the real one is given a member it does not know. */
  const dialAsOldServer: Dial = async (endpoint, options) => {
    const transport = await dialSocket(endpoint, options);
    return {
      start: (handlers) =>
        transport.start({
          onData: (chunk) => {
            const text = new TextDecoder().decode(chunk).replaceAll("Member 'uuie'", "Member 'uuid'");
            handlers.onData(new TextEncoder().encode(text));
          },
          onClose: (error) => handlers.onClose(error),
        }),
      send: (text) => transport.send(text.replaceAll('"uuid":"', '"uuie":"')),
      close: () => transport.close(),
      get writableLength() {
        return transport.writableLength;
      },
    };
  };

  it("change nothing in a dry run, and fail in it where the real one would", async () => {
    const size = nb.tables.Logical_Switch.size;
    const dry = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "dry" }), { dryRun: true });
    assert.equal(dry.changed, false);
    assert.deepEqual(
      dry.operations.map(({ op }) => op),
      ["insert"],
    );
    assert.equal(nb.tables.Logical_Switch.size, size);
    await assert.rejects(
      nb.transact((tx) => tx.raw({ op: "delete", table: "Logical_Switch", where: [["nothing", "==", 1]] }), {
        dryRun: true,
      }),
      OperationError,
    );
  });

  it("run again when a row that they change was deleted meanwhile, and find it gone", async () => {
    await using other = await connectNorthbound(ovn.sandbox.northbound.remote);
    const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "short-lived" }));
    const uuid = made.uuid(made.value);
    await other.until((view) => view.tables.Logical_Switch.byUuid(uuid));
    let runs = 0;
    const result = await nb.transact(async (tx) => {
      runs += 1;
      const row = nb.tables.Logical_Switch.byUuid(uuid);
      // Behind this client's back, and before its own transaction is sent.
      if (runs === 1) await other.transact((theirs) => theirs.delete({ _uuid: uuid }));
      if (row === undefined) return "gone";
      tx.setKeys(row, "external_ids", { k: "v" });
      return "changed";
    });
    assert.deepEqual([result.value, runs], ["gone", 2]);
  });

  it("name the operation that the server refused, in its own words", async () => {
    const bad = nb.transact((tx) => {
      tx.comment("fine");
      tx.raw({ op: "update", table: "Logical_Switch", where: [], row: { nothing: 1 } });
    });
    await assert.rejects(bad, (error) => {
      assert.ok(error instanceof OperationError && !(error instanceof ConflictError));
      assert.deepEqual([error.operationIndex, error.operation, error.table], [1, "update", "Logical_Switch"]);
      assert.match(error.details, /nothing/);
      return true;
    });
  });

  it("fail as a whole at the commit", async () => {
    const size = nb.tables.Logical_Switch.size;
    const bad = nb.transact((tx) => {
      tx.insert("Logical_Switch", { name: "half" });
      tx.insert("Address_Set", { name: "twice" });
      tx.insert("Address_Set", { name: "twice" });
    });
    await assert.rejects(bad, (error) => error instanceof ConstraintError && error.operationIndex === null);
    assert.equal(nb.tables.Logical_Switch.size, size);
  });

  it("insert children with their parents, move them, and drop them with the last reference", async () => {
    const made = await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "child", addresses: ["dynamic"], tag: 5 });
      return {
        port,
        a: tx.insert("Logical_Switch", { name: "a", ports: [port] }),
        b: tx.insert("Logical_Switch", { name: "b" }),
      };
    });
    const [a, b] = [made.value.a, made.value.b].map((row) => nb.tables.Logical_Switch.byUuid(made.uuid(row)));
    const port = nb.tables.Logical_Switch_Port.get({ name: "child" });
    assert.ok(a !== undefined && b !== undefined && port !== undefined);
    await nb.transact((tx) => {
      tx.remove(a, "ports", port);
      tx.add(b, "ports", port);
      tx.update(port, { tag: null });
    });
    assert.deepEqual([nb.deref(a, "ports"), nb.deref(b, "ports").map(({ name }) => name)], [[], ["child"]]);
    assert.equal(nb.tables.Logical_Switch_Port.get({ name: "child" })?.tag, null);
    await nb.transact((tx) => tx.remove(b, "ports", port));
    assert.equal(nb.tables.Logical_Switch_Port.get({ name: "child" }), undefined);
  });

  describe("that take back what held a row which they insert", () => {
    type Describe = (tx: Transaction<NorthboundTables>, port: InsertedRow<"Logical_Switch_Port">) => unknown;
    let sw: Row<NorthboundTables, "Logical_Switch">;
    before(async () => {
      const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "taking back" }));
      const row = nb.tables.Logical_Switch.byUuid(made.uuid(made.value));
      assert.ok(row !== undefined);
      sw = row;
    });

    const dropped: Readonly<Record<string, Describe>> = {
      "by setting the column": (tx, port) => {
        tx.add(sw, "ports", port);
        tx.update(sw, { ports: [] });
      },
      "by setting it twice": (tx, port) => {
        tx.update(sw, { ports: [port] });
        tx.update(sw, { ports: [] });
      },
      "by removing it from the set": (tx, port) => {
        tx.add(sw, "ports", port);
        tx.remove(sw, "ports", port);
      },
      "by removing it from what the set was set to": (tx, port) => {
        tx.update(sw, { ports: [port] });
        tx.remove(sw, "ports", port);
      },
      "by removing it, where a weak reference is left": (tx, port) => {
        tx.add(sw, "ports", port);
        tx.insert("Port_Group", { name: "weak", ports: [port] });
        tx.remove(sw, "ports", port);
      },
      "by removing what was never added": (tx, port) => tx.remove(sw, "ports", port),
      "by deleting the row that holds it": (tx, port) => {
        tx.add(sw, "ports", port);
        tx.delete(sw);
      },
      "by deleting an inserted row that holds it": (tx, port) =>
        tx.delete(tx.insert("Logical_Switch", { name: "never", ports: [port] })),
    };
    for (const [how, undo] of Object.entries(dropped)) {
      it(`${how}, are refused: the server would drop the row without a word`, async () => {
        for (const dial of [dialSocket, dialAsOldServer]) {
          await using handle = await connectNorthbound(ovn.sandbox.northbound.remote, { dial });
          // Of a server that takes no chosen uuids, which shows at the first insert.
          await handle.transact((tx) => tx.insert("Address_Set", { name: `as${Math.random()}` }));
          await assert.rejects(
            handle.transact((tx) => undo(tx, tx.insert("Logical_Switch_Port", { name: "lost" }))),
            { code: "ERR_USAGE", message: /no row holds the row inserted into Logical_Switch_Port/ },
          );
        }
        assert.deepEqual(nb.tables.Logical_Switch.byUuid(sw._uuid)?.ports, []);
      });
    }

    it("go through when another row holds it, or the same row again", async () => {
      const held: Readonly<Record<string, Describe>> = {
        again: (tx, port) => {
          tx.update(sw, { ports: [port] });
          tx.remove(sw, "ports", port);
          tx.add(sw, "ports", port);
        },
        other: (tx, port) => {
          tx.delete(tx.insert("Logical_Switch", { name: "never", ports: [port] }));
          tx.insert("Logical_Switch", { name: "other", ports: [port] });
        },
        raw: (tx, port) => {
          tx.remove(sw, "ports", port);
          const where: readonly [Condition] = [["_uuid", "==", ["uuid", sw._uuid]]];
          const mutations: readonly [Mutation] = [["ports", "insert", ["uuid", port.ref]]];
          tx.raw({ op: "mutate", table: "Logical_Switch", where, mutations });
        },
      };
      for (const [name, hold] of Object.entries(held)) {
        await nb.transact((tx) => hold(tx, tx.insert("Logical_Switch_Port", { name })));
        assert.equal(nb.tables.Logical_Switch_Port.find({ name }).length, 1, name);
      }
    });

    it("may come back under the uuids that they had, as what refers to them says", async () => {
      const { value: port, uuid } = await nb.transact((tx) => {
        const inserted = tx.insert("Logical_Switch_Port", { name: "back" });
        tx.add(sw, "ports", inserted);
        return inserted;
      });
      const before = nb.tables.Logical_Switch.byUuid(sw._uuid)?.ports ?? [];
      await nb.transact((tx) => tx.remove(sw, "ports", uuid(port)));
      assert.equal(nb.tables.Logical_Switch_Port.byUuid(uuid(port)), undefined);
      await nb.transact((tx) => {
        tx.insert("Logical_Switch_Port", { name: "back" }, { uuid: uuid(port) });
        tx.update(sw, { ports: before });
      });
      assert.equal(nb.tables.Logical_Switch_Port.byUuid(uuid(port))?.name, "back");
    });
  });

  it("select what the transaction itself has changed, and what is not monitored", async () => {
    await using partial = await connectNorthbound(ovn.sandbox.northbound.remote, {
      tables: { Logical_Switch: ["name"] },
    });
    const result = await partial.transact((tx) => {
      tx.insert("Logical_Switch", { name: "seen", external_ids: { k: "v", l: "w" } });
      tx.insert("Address_Set", { name: "seen" });
      return {
        sw: tx.select("Logical_Switch", { external_ids: { k: "v" } }, ["name", "external_ids", "copp"]),
        set: tx.select("Address_Set", { name: "seen" }),
        none: tx.select("Address_Set", { name: "unseen" }),
      };
    });
    const [row, ...others] = result.rows(result.value.sw);
    assert.deepEqual(
      [row?.name, row?.external_ids, row?.copp, others],
      ["seen", { k: "v", l: "w" }, null, []],
    );
    assert.equal(result.rows(result.value.set).length, 1);
    assert.deepEqual(result.rows(result.value.none), []);
  });

  it("tell who asks for rows of what is no select of theirs", async () => {
    const { rows } = await nb.transact((tx) => tx.select("Logical_Switch"));
    for (const other of [undefined, null, "Logical_Switch", {}])
      assert.throws(() => rows(other as never), { code: "ERR_USAGE", message: /no such select/ });
  });

  it("take rows that were read for references, alone and in sets", async () => {
    await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "taken" });
      tx.insert("Logical_Switch", { name: "taker", ports: [port] });
      tx.insert("DHCP_Options", { cidr: "10.7.0.0/24" });
    });
    const port = nb.tables.Logical_Switch_Port.get({ name: "taken" });
    const [options] = nb.tables.DHCP_Options.find({ cidr: "10.7.0.0/24" });
    assert.ok(port !== undefined && options !== undefined);
    await nb.transact((tx) => {
      tx.insert("Port_Group", { name: "takers", ports: [port] });
      tx.update(port, { dhcpv4_options: options });
    });
    const { remote } = ovn.sandbox.northbound;
    await using fresh = await connectNorthbound(remote);
    const group = fresh.tables.Port_Group.get({ name: "takers" });
    assert.deepEqual(group?.ports, [port._uuid]);
    assert.equal(fresh.tables.Logical_Switch_Port.byUuid(port._uuid)?.dhcpv4_options, options._uuid);
  });

  it("name what still refers to a row that was to be deleted", async () => {
    await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "kept" });
      const acl = tx.insert("ACL", { action: "drop", direction: "from-lport", match: "1", priority: 1 });
      tx.insert("Logical_Switch", { name: "keeper", ports: [port], acls: [acl] });
      for (const name of ["pg1", "pg2", "pg3"]) tx.insert("Port_Group", { name, acls: [acl], ports: [port] });
    });
    const { remote } = ovn.sandbox.northbound;
    await using partial = await connectNorthbound(remote, { tables: { Logical_Switch_Port: ["name"] } });
    const refusal = async (db: Database<NorthboundTables>, table: "Logical_Switch_Port" | "ACL") => {
      const row = [...db.tables[table]].find((each) => table === "ACL" || each.name === "kept");
      assert.ok(row !== undefined);
      const error: unknown = await db.transact((tx) => tx.delete(row)).catch((e: unknown) => e);
      assert.ok(error instanceof ConstraintError);
      assert.match(error.details, /^cannot delete \S+ row \S+ because of \d remaining reference\(s\)$/);
      return error.message.replace(/.*reference\(s\)/, "");
    };
    // Weak ones, as of a group's ports, are no hindrance.
    assert.equal(await refusal(nb, "Logical_Switch_Port"), ": ports of Logical_Switch keeper");
    const acl = await refusal(nb, "ACL");
    assert.match(
      acl,
      /^: acls of Logical_Switch keeper, acls of Port_Group pg\d, acls of Port_Group pg\d and 1 more$/,
    );
    assert.equal(await refusal(partial, "Logical_Switch_Port"), "");
  });

  it("say that a row still refers which the same transaction takes from its parent, and not one that it deletes", async () => {
    const names = ["one", "two", "three"] as const;
    await nb.transact((tx) => {
      const group = tx.insert("HA_Chassis_Group", { name: "held" });
      const ports = names.map((name) =>
        tx.insert("Logical_Switch_Port", { name, type: "external", ha_chassis_group: group }),
      );
      for (const [at, name] of names.entries())
        tx.insert("Logical_Switch", { name: `of-${name}`, ports: ports.slice(at, at + 1) });
    });
    const group = nb.tables.HA_Chassis_Group.get({ name: "held" });
    const [one, two, three] = names.map((name) => nb.tables.Logical_Switch_Port.get({ name }));
    const [ofOne, ofTwo, ofThree] = names.map(
      (name) => nb.tables.Logical_Switch.find({ name: `of-${name}` })[0],
    );
    assert.ok(group && one && two && three && ofOne && ofTwo && ofThree);
    const all = (tx: Transaction<NorthboundTables>): void => {
      tx.remove(ofOne, "ports", one);
      tx.remove(ofTwo, "ports", two);
      tx.delete(two);
      tx.delete(ofThree);
      tx.delete(group);
    };
    const error: unknown = await nb.transact(all).catch((e: unknown) => e);
    assert.ok(error instanceof ConstraintError);
    const goes = "which goes only when all is committed: delete it in this transaction, too";
    const held = ["one", "three"].map((name) => `ha_chassis_group of Logical_Switch_Port ${name}, ${goes}`);
    const told = error.message.replace(/.*because of 2 remaining reference\(s\): /, "");
    assert.deepEqual(told.split(/, (?=ha_)/).toSorted(), held);
    await nb.transact((tx) => {
      all(tx);
      tx.delete(one);
      tx.delete(three);
    });
    assert.equal(nb.tables.HA_Chassis_Group.get({ name: "held" }), undefined);
  });

  it("wait for a lock that this client does not own in vain", async () => {
    await assert.rejects(
      nb.transact((tx) => tx.assert("somebody_elses")),
      (error) => error instanceof OperationError && error.error === "not owner",
    );
  });
});
