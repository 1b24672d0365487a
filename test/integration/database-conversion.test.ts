import assert from "node:assert/strict";
import {
  type ChangeBatch,
  type ChangeOf,
  type ColumnSchema,
  connectNorthbound,
  type DatabaseSchema,
  type MonitorTables,
  type NorthboundTables,
  NotSyncedError,
  northbound,
  OperationError,
} from "../../lib/index.ts";
import { schemaToJson } from "../../lib/ovsdb/index.ts";
import {
  type ProxyMessage,
  type SchemaJson,
  startCluster,
  startFaultProxy,
  startSandbox,
} from "../../lib/testing/index.ts";
import { type Northbound, planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { layer2Brief, requestFor } from "../support/topology.ts";

const text: ColumnSchema = { key: { type: "string" }, min: 0, max: 1 };

/** What the server begins with: nothing that the topology below needs is missing. */
const present = schemaWithout("7.10.0", ["Network_Function", "Logical_Router.policies"]);
/** Everything that we know, and more. */
const newer: DatabaseSchema = {
  ...northbound,
  version: "99.0.0",
  tables: {
    ...Object.fromEntries(
      Object.entries(northbound.tables).map(([name, table]) => [
        name,
        { ...table, columns: { ...table.columns, of_tomorrow: text } },
      ]),
    ),
    Tomorrow: { columns: { name: text }, indexes: [], isRoot: true },
  },
};
/** Less than at the beginning, a column that is read and written by the clients among it. */
const older = schemaWithout("5.0.0", [
  ...["Network_Function", "Network_Function_Group", "Logical_Router.policies", "BFD", "Mirror", "DNS"],
  ...["Logical_Switch.forwarding_groups", "ACL.tier", "Logical_Router_Port.hosting-chassis"],
]);

/** ACL.action may have one more value than ours. */
const moreActions = JSON.parse(
  JSON.stringify(schemaToJson(northbound)).replace('"allow-related",', '"allow-related","of-tomorrow",'),
) as SchemaJson;

/** Writes switches until it is stopped, and remembers which the server acknowledged. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly #nb: Northbound;
  readonly #name: string;
  readonly #writing: Promise<void>;
  #stopped = false;

  constructor(nb: Northbound, name: string) {
    this.#nb = nb;
    this.#name = name;
    this.#writing = this.#write();
    // It is looked at when the writer is stopped.
    this.#writing.catch(() => undefined);
  }

  async #write(): Promise<void> {
    for (let number = 0; !this.#stopped; number += 1) {
      const name = `${this.#name}-${number}`;
      await this.#nb.transact((tx) => {
        tx.insert("Logical_Switch", { name, other_config: { number: String(number) } });
        const [earlier] = this.#nb.tables.Logical_Switch.find({ name: `${this.#name}-${number - 2}` });
        if (earlier !== undefined) tx.update(earlier, { external_ids: { seen: "yes" } });
      });
      this.acknowledged.push(name);
    }
  }

  async more(): Promise<void> {
    const before = this.acknowledged.length;
    await Promise.race([
      waitFor(() => this.acknowledged.length >= before + 5, {
        timeout: 30_000,
        what: `${this.#name} writes on`,
      }),
      this.#writing,
    ]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }
}

/** Follows a stream of changes and holds what they lead to. */
class Follower {
  readonly names = new Map<string, unknown>();
  readonly faults: string[] = [];
  readonly reading: Promise<void>;

  constructor(nb: Northbound) {
    const changes = nb.changes(["Logical_Switch"], { initial: true });
    this.reading = this.#read(changes);
  }

  async #read(
    changes: AsyncIterable<ChangeBatch<ChangeOf<NorthboundTables, "Logical_Switch">>>,
  ): Promise<void> {
    for await (const { rows } of changes) {
      for (const { uuid, kind, old, new: row } of rows) {
        const known = this.names.get(uuid);
        if (known !== old?.["name"])
          this.faults.push(`${kind} ${uuid}: from ${String(old?.["name"])}, held ${String(known)}`);
        if (row === undefined) this.names.delete(uuid);
        else this.names.set(uuid, row["name"]);
      }
    }
  }
}

function rows(nb: Northbound): string {
  return JSON.stringify([...nb.tables.Logical_Switch].map(({ _uuid, name }) => [_uuid, name]).sort());
}

/** Clients of several kinds work while the schema goes to a newer one, to an older one, and back. */
async function workThroughConversions(
  remote: string,
  convert: (schema: DatabaseSchema) => Promise<void>,
): Promise<void> {
  const soon = { minBackoff: 5, maxBackoff: 50 };
  await using writing = await connectNorthbound(remote, soon);
  await using topologies = await connectNorthbound(remote, soon);
  await using narrow = await connectNorthbound(remote, {
    ...soon,
    tables: {
      Logical_Switch: ["name", "forwarding_groups"],
      BFD: true,
      Logical_Switch_Port: { where: [["type", "==", ""]] },
    },
  });
  const handles = [writing, topologies, narrow];
  const request = requestFor(layer2Brief(["a", "b"]), {});
  await planTopology(topologies, request).apply();
  const followers = [new Follower(topologies), new Follower(narrow)];
  const writer = new Writer(writing, "w");
  try {
    for (const schema of [newer, older, present, older, newer]) {
      await writer.more();
      await convert(schema);
      for (const nb of handles) {
        await waitFor(() => nb.schema.version === schema.version, { timeout: 30_000, what: schema.version });
        await nb.synced({ timeout: 30_000 });
      }
      assert.deepEqual(planTopology(topologies, request).operations, [], "the topology is as it was");
      const known = schema.tables["BFD"] !== undefined;
      assert.equal(topologies.supports("BFD"), known);
      assert.deepEqual([...narrow.tables.BFD], []);
      assert.deepEqual(topologies.supports("Logical_Switch", "forwarding_groups"), known);
      await writer.more();
    }
  } finally {
    await writer.stop();
  }
  const name = "the last one";
  await topologies.transact((tx) => tx.insert("Logical_Switch", { name }));
  for (const nb of handles) await nb.until((view) => view.tables.Logical_Switch.find({ name }).length === 1);
  const [expected, ...others] = handles.map(rows);
  for (const other of others) assert.equal(other, expected);
  const names = [...writing.tables.Logical_Switch].map((row) => row.name);
  const written = names.filter((each) => each.startsWith("w-"));
  assert.equal(new Set(written).size, written.length, "nothing was written twice");
  assert.deepEqual(
    writer.acknowledged.filter((each) => !written.includes(each)),
    [],
    "nothing is lost",
  );
  for (const follower of followers) {
    await waitFor(() => JSON.stringify([...follower.names].sort()) === expected, { timeout: 30_000 });
    assert.deepEqual(follower.faults, []);
  }
  await Promise.all(handles.map((nb) => nb.close()));
  await Promise.all(followers.map(({ reading }) => reading));
}

describeWithOvn("clients at work while the schema is converted to a newer and to an older one", () => {
  it("lose nothing and need no restart, on a server alone", async () => {
    await using sandbox = await startSandbox({ northbound: present });
    const { northbound: server } = sandbox;
    await workThroughConversions(server.remote, (schema) => server.convert(schema));
  });

  it("need no restart when the columns that they name are gone for a while", async () => {
    await using sandbox = await startSandbox({ northbound: newer });
    const { northbound: server } = sandbox;
    const soon = { minBackoff: 5, maxBackoff: 50 };
    const wide: MonitorTables = { Logical_Switch: ["name", "of_tomorrow"] };
    const narrow: MonitorTables = {
      Logical_Switch: { columns: ["name"], where: [["of_tomorrow", "==", "yes"]] },
    };
    await using nb = await connectNorthbound(server.remote, { ...soon, tables: wide });
    await using some = await connectNorthbound(server.remote, { ...soon, tables: narrow });
    await server.convert(older);
    const codes: readonly (readonly [Northbound, string])[] = [
      [nb, "ERR_USAGE"],
      [some, "ERR_UNSUPPORTED"],
    ];
    for (const [handle, code] of codes) {
      await waitFor(() => handle.status().lastRefusal?.code === code, { timeout: 30_000 });
      assert.throws(() => handle.tables.Logical_Switch.size, NotSyncedError);
      assert.equal(handle.status().endedBy, null);
    }
    await server.convert(newer);
    for (const handle of [nb, some]) await handle.synced({ timeout: 30_000 });
    assert.equal(nb.status().lastRefusal, null);
    await nb.transact((tx) => {
      tx.insert("Logical_Switch", { name: "again" });
      tx.raw({ op: "insert", table: "Logical_Switch", row: { name: "chosen", of_tomorrow: "yes" } });
    });
    assert.equal(nb.tables.Logical_Switch.find({ name: "again" }).length, 1);
    await waitFor(() => some.tables.Logical_Switch.size === 1);
    assert.equal(some.tables.Logical_Switch.only().name, "chosen");
  });

  it("make a transaction again that the server refused since it was of the schema before", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const { northbound: server } = sandbox;
    await using proxy = await startFaultProxy(server.remote);
    await using nb = await connectNorthbound(proxy.remote);
    proxy.setFaults({ toClient: { hold: true } });
    await server.convert(schemaWithout("5.0.0", ["Logical_Switch.other_config"]));
    const known: boolean[] = [];
    const written = nb.transact((tx) => {
      const isKnown = nb.supports("Logical_Switch", "other_config");
      known.push(isKnown);
      tx.insert("Logical_Switch", { name: "sw", ...(isKnown && { other_config: { n: "1" } }) });
    });
    proxy.setFaults({});
    assert.deepEqual([(await written).attempts, known], [2, [true, false]]);
    const wrong = { op: "insert", table: "Logical_Switch", row: { other_config: ["map", []] } } as const;
    await assert.rejects(
      nb.transact((tx) => tx.raw(wrong)),
      OperationError,
    );
  });

  it("have the rows of conditions that were asked for just then", async () => {
    await using sandbox = await startSandbox({ northbound: present });
    const { northbound: server } = sandbox;
    await using proxy = await startFaultProxy(server.remote);
    await using nb = await connectNorthbound(proxy.remote, {
      tables: { Logical_Switch: { columns: ["name"], where: [["name", "==", "a"]] } },
    });
    await nb.transact((tx) => {
      for (const name of ["a", "b"]) tx.insert("Logical_Switch", { name });
    });
    proxy.setFaults({ toClient: { hold: true } });
    await server.convert(newer);
    // The server does not know the monitor any more.
    const { frames } = proxy.counts.toServer;
    const changed = nb.setConditions({ Logical_Switch: [["name", "==", "b"]] }, { timeout: 30_000 });
    await proxy.until(({ toServer }) => toServer.frames > frames);
    proxy.setFaults({});
    await changed;
    assert.deepEqual(
      [...nb.tables.Logical_Switch].map(({ name }) => name),
      ["b"],
    );
    assert.equal(nb.status().counters.losses, 0);
  });

  it("have the new schema when it comes between their reading it and their monitor", async () => {
    await using sandbox = await startSandbox({ northbound: newer });
    const { northbound: server } = sandbox;
    await using proxy = await startFaultProxy(server.remote);
    const holdBehindSchema = (): Promise<void> =>
      new Promise((resolve) => {
        const rewrite = (message: ProxyMessage): ProxyMessage => {
          const { result } = message as { readonly result?: { readonly tables?: unknown } };
          if (result?.tables === undefined) return message;
          proxy.setFaults({ toServer: { hold: true } });
          resolve();
          return message;
        };
        proxy.setFaults({ toClient: { rewrite } });
      });
    for (const schema of [older, newer]) {
      const held = holdBehindSchema();
      const connecting = connectNorthbound(proxy.remote);
      await held;
      await server.convert(schema);
      proxy.setFaults({});
      await using nb = await connecting;
      await waitFor(() => nb.schema.version === schema.version, { timeout: 30_000 });
      assert.equal(nb.supports("ACL", "tier"), schema === newer);
      assert.equal(nb.status().counters.connections, 1);
    }
  });

  it("are told of no change where a column takes other values now, and a row has the same as before", async () => {
    await using sandbox = await startSandbox({ northbound });
    const { northbound: server } = sandbox;
    await using nb = await connectNorthbound(server.remote, { tables: { Logical_Switch: true, ACL: true } });
    const acl = { direction: "to-lport", match: "ip4", priority: 1 } as const;
    await nb.transact((tx) => {
      const acls = [tx.insert("ACL", { ...acl, action: "drop", name: "first" })];
      tx.insert("Logical_Switch", { name: "s", acls });
    });
    const changes = nb.changes(["ACL"]);
    await server.convert(moreActions);
    await nb.transact((tx) => {
      const [found] = nb.tables.Logical_Switch.find({ name: "s" });
      assert.ok(found !== undefined);
      tx.add(found, "acls", tx.insert("ACL", { ...acl, action: "drop", name: "second" }));
    });
    const told: string[] = [];
    for await (const { rows } of changes) {
      told.push(
        ...rows.map(({ kind, old, new: now }) => `${kind} ${now?.name} ${old?.action} ${now?.action}`),
      );
      if (rows.some((row) => row.new?.name === "second")) break;
    }
    assert.deepEqual(told, ["insert second undefined drop"]);
  });

  it("lose nothing and need no restart, on a cluster", async () => {
    await using cluster = await startCluster({ schema: present });
    await workThroughConversions(cluster.remote, (schema) => cluster.convert(schema));
  });
});
