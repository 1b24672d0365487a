import assert from "node:assert/strict";
import type { ConnectOptions } from "../../lib/database/index.ts";
import { OutcomeUnknownError, TimeoutError } from "../../lib/index.ts";
import type { DatabaseCluster, DatabaseServer } from "../../lib/testing/index.ts";
import { startCluster } from "../../lib/testing/index.ts";
import { readRows, resetRows, smallSchema } from "../support/faults/content.ts";
import { finishAll, WatchedClient } from "../support/faults/watched-client.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

/** Little patience with what is silent: the tests are about what comes after it. */
const options: ConnectOptions = {
  probeInterval: 300,
  dialTimeout: 500,
  syncIdleTimeout: 1_000,
  minBackoff: 20,
  maxBackoff: 200,
};

describeWithOvn("handles on a cluster", function (this: Mocha.Suite) {
  let cluster: DatabaseCluster;
  const clients: WatchedClient[] = [];

  before(async () => {
    cluster = await startCluster({ servers: 3, relays: 1, tcp: true, schema: smallSchema });
  });
  beforeEach(async () => {
    await resetRows(await cluster.leader());
  });
  afterEach(async () => {
    for (const { nb } of clients.splice(0)) await nb.close();
    for (const server of [...cluster.servers, ...cluster.relays]) {
      server.resume();
      await server.start();
    }
    await cluster.settled();
  });
  after(() => cluster?.close());

  async function connect(
    more: { readonly remotes?: string; readonly partial?: boolean } & ConnectOptions = {},
  ) {
    const { remotes = cluster.tcp, partial = false, ...rest } = more;
    const name = `client ${clients.length}`;
    const client = await WatchedClient.connect(name, remotes, partial, { ...options, ...rest });
    clients.push(client);
    return client;
  }

  /** Every client holds what the cluster has, has told all changes, and exactly these switches are there. */
  async function finish(names: readonly string[]): Promise<void> {
    await cluster.settled();
    const rows = await finishAll(clients.splice(0), await cluster.leader());
    const found = (rows.get("Logical_Switch") ?? []).map((row) => String(row["name"]));
    assert.deepEqual(found.sort(), ["lasting", ...names].sort());
  }

  function insert({ nb }: WatchedClient, name: string, timeout = 30_000): Promise<unknown> {
    return nb.transact((tx) => tx.insert("Logical_Switch", { name }), { timeout });
  }

  function serverOf({ nb }: WatchedClient): DatabaseServer | undefined {
    return [...cluster.servers, ...cluster.relays].find((server) => server.tcp === nb.remote);
  }

  it("leave a leader that is cut off from the majority, with a write that was on its way", async () => {
    const client = await connect();
    const reader = await connect({ leaderOnly: false });
    const old = await cluster.leader();
    assert.equal(serverOf(client), old);
    await cluster.isolate(old);
    try {
      // The old leader takes it, and can have it by no other.
      await insert(client, "across the partition");
      assert.notEqual(serverOf(client), old);
      await insert(client, "in the majority");
      await waitFor(() => {
        reader.look();
        return reader.nb.tables.Logical_Switch.find({ name: "in the majority" }).length === 1;
      });
    } finally {
      await cluster.rejoin(old);
    }
    await finish(["across the partition", "in the majority"]);
  });

  it("have a write wait for the majority, and one that gives up settled or reported", async () => {
    const client = await connect();
    const [one, two] = await cluster.followers();
    assert.ok(one !== undefined && two !== undefined);
    await Promise.all([one.kill(), two.kill()]);
    // Whoever reads, steps and inserts: the server carries it out twice by itself, and refuses it the second time.
    const guarded = client.nb.transact((tx) => {
      const [row] = client.nb.tables.Logical_Switch.find({ name: "lasting" });
      assert.ok(row !== undefined);
      tx.verify(row, "other_config");
      tx.setKeys(row, "other_config", { n: String(Number(row.other_config["n"] ?? 0) + 1) });
      tx.insert("Logical_Switch", { name: "guarded" });
    });
    const waiting = insert(client, "waits");
    const error = await insert(client, "gives up", 1_200).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // Nothing can be committed by one of three.
    assert.ok(error instanceof OutcomeUnknownError || error instanceof TimeoutError, String(error));
    await Promise.all([one.start(), two.start()]);
    await Promise.all([waiting, guarded]);
    await cluster.settled();
    const rows = await readRows(await cluster.leader());
    const late = (rows.get("Logical_Switch") ?? []).filter((row) => row["name"] === "gives up");
    assert.ok(late.length <= (error instanceof OutcomeUnknownError ? 1 : 0));
    const lasting = (rows.get("Logical_Switch") ?? []).find((row) => row["name"] === "lasting");
    assert.deepEqual(lasting?.["other_config"], { n: "1" });
    await finish(["waits", "guarded", ...late.map(() => "gives up")]);
  });

  it("go on when the leader freezes, and when it goes on itself", async () => {
    const client = await connect();
    const old = await cluster.leader();
    old.pause();
    const written = insert(client, "while it is frozen");
    await cluster.leader({ otherThan: old });
    await written;
    old.resume();
    await insert(client, "afterwards");
    await finish(["while it is frozen", "afterwards"]);
  });

  it("wait at a relay for its servers to come back", async () => {
    const [relay] = cluster.relays;
    assert.ok(relay?.tcp !== undefined);
    const client = await connect({ remotes: relay.tcp, leaderOnly: false });
    await insert(client, "by the relay");
    await Promise.all(cluster.servers.map((server) => server.kill()));
    const written = insert(client, "while there was no server");
    await Promise.all(cluster.servers.map((server) => server.start()));
    await written;
    await insert(client, "by the relay again");
    await finish(["by the relay", "while there was no server", "by the relay again"]);
  });

  it("go elsewhere when their relay is gone", async () => {
    const [relay] = cluster.relays;
    assert.ok(relay?.tcp !== undefined);
    const client = await connect({
      remotes: `${relay.tcp},${cluster.tcp}`,
      shuffle: false,
      leaderOnly: false,
    });
    assert.equal(serverOf(client), relay);
    await relay.kill();
    await insert(client, "by a member");
    assert.notEqual(serverOf(client), relay);
    await finish(["by a member"]);
  });

  it("stay whole each for itself while the leadership is handed over, one of them with a condition", async () => {
    const all = [await connect(), await connect({ partial: true }), await connect({ leaderOnly: false })];
    const names: string[] = [];
    let over = false;
    const looking = (async () => {
      while (!over) {
        for (const client of all) client.look();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let round = 0; round < 5; round += 1) {
      const writes = all.map(async (client, index) => {
        const name = `round ${round} by ${index}`;
        names.push(name);
        await client.nb.transact((tx) => {
          const ports = ["router", ""].map((type) =>
            tx.insert("Logical_Switch_Port", { name: `${name} ${type}`, type }),
          );
          tx.insert("Logical_Switch", { name, ports });
        });
      });
      const [next] = await Promise.all([cluster.transferLeadership(), ...writes]);
      await waitFor(() => all.slice(0, 2).every((client) => serverOf(client) === next));
    }
    over = true;
    await looking;
    await finish(names);
  });
});
