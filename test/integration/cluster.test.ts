import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { northbound } from "../../lib/schemas/northbound/index.ts";
import type { DatabaseCluster, DatabaseServer } from "../../lib/testing/index.ts";
import { startCluster } from "../../lib/testing/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

describeWithOvn("a cluster", () => {
  let cluster: DatabaseCluster;
  before(async () => {
    cluster = await startCluster({ servers: 3, relays: 1, tls: true });
  });
  after(() => cluster?.close());

  /** Every server, members and relays, has exactly these switches. */
  async function everywhere(names: readonly string[]): Promise<void> {
    for (const server of [...cluster.servers, ...cluster.relays]) {
      using client = await DialledPeer.dial(server.remote);
      // A follower learns of a commit a moment after who made it.
      await waitFor(async () => (await client.switches()).join() === names.join(), {
        what: `${server.name} has ${names.join()}`,
      });
    }
  }

  async function isDisconnected(server: DatabaseServer): Promise<boolean> {
    using client = await DialledPeer.dial(server.remote);
    const where = [["name", "==", cluster.database]];
    const select = { op: "select", table: "Database", where, columns: ["connected"] };
    const reply = await client.call("transact", ["_Server", select]);
    return JSON.stringify(reply) === '[{"rows":[{"connected":false}]}]';
  }

  it("has one leader and takes writes at every server, over TLS and through a relay", async () => {
    const statuses = await Promise.all(cluster.servers.map((server) => cluster.status(server)));
    assert.deepEqual(statuses.map(({ role }) => role).sort(), ["follower", "follower", "leader"]);
    assert.ok(statuses.every(({ isMember }) => isMember));
    assert.equal(new Set(statuses.map(({ serverId }) => serverId)).size, 3);
    assert.equal((await cluster.followers()).length, 2);
    const remotes = cluster.ssl.split(",");
    assert.equal(remotes.length, 3);
    const [relay] = cluster.relays;
    for (const [index, remote] of [...remotes, relay?.ssl ?? ""].entries()) {
      using client = await DialledPeer.dial(remote, cluster.tls.client);
      await client.addSwitch(`sw${index}`);
    }
    await everywhere(["sw0", "sw1", "sw2", "sw3"]);
    assert.throws(() => cluster.tcp, /without `tcp`/);
  });

  it("elects another leader when one crashes, which comes back with all data", async () => {
    const old = await cluster.leader();
    await old.kill();
    const next = await cluster.leader();
    assert.notEqual(next, old);
    await cluster.run("ovn-nbctl", ["ls-add", "sw4"]);
    await old.start();
    await cluster.settled();
    await everywhere(["sw0", "sw1", "sw2", "sw3", "sw4"]);
  });

  it("elects another leader when one freezes, which gives in when it goes on", async () => {
    const old = await cluster.leader();
    old.pause();
    const next = await cluster.leader();
    assert.notEqual(next, old);
    old.resume();
    await cluster.settled();
    assert.equal((await cluster.status(old)).role, "follower");
  });

  it("hands leadership over when asked", async () => {
    const old = await cluster.leader();
    const next = await cluster.transferLeadership();
    assert.notEqual(next, old);
    assert.equal(await cluster.leader(), next);
    await cluster.settled();
  });

  it("goes on without a member that is cut off, and has it back", async () => {
    const old = await cluster.leader();
    await cluster.isolate(old);
    const next = await cluster.leader({ otherThan: old });
    assert.equal(await cluster.leader(), next, "the one elected last");
    using client = await DialledPeer.dial(next.remote);
    await client.addSwitch("sw5");
    using cutOff = await DialledPeer.dial(old.remote);
    // It may still say that it leads, but it cannot have the write.
    const seen: readonly string[] = await cutOff.switches().catch(() => []);
    assert.equal(seen.includes("sw5"), false);
    await waitFor(() => isDisconnected(old));
    await assert.rejects(cluster.settled({ timeout: 30 }), /not so after 30 ms: all servers are connected/);
    assert.equal(await cluster.leader(), next, "not one that stands for election again and again");
    await cluster.rejoin(old);
    await cluster.settled();
    await everywhere(["sw0", "sw1", "sw2", "sw3", "sw4", "sw5"]);
  });

  it("loses its majority and finds it again, with a write that waited", async () => {
    const [one, two] = await cluster.followers();
    assert.ok(one !== undefined && two !== undefined);
    const leader = await cluster.leader();
    using client = await DialledPeer.dial(leader.remote);
    await Promise.all([one.kill(), two.kill()]);
    await assert.rejects(
      cluster.leader({ otherThan: leader, timeout: 50 }),
      /not so after 50 ms: a member leads/,
    );
    const waiting = client.addSwitch("sw6").catch(() => "gave up");
    await Promise.all([one.start(), two.start()]);
    await cluster.settled();
    await waiting;
    using again = await DialledPeer.dial(leader.remote);
    await waitFor(async () => (await again.switches()).includes("sw6"));
  });

  it("converts its database", async () => {
    await cluster.convert(northbound);
    const version = await cluster.run("ovsdb-client", [
      "get-schema-version",
      cluster.remote,
      "OVN_Northbound",
    ]);
    assert.equal(version.trim(), northbound.version);
  });

  it("leaves nothing behind", async () => {
    const { directory } = cluster;
    const pids = cluster.servers.map(({ pid }) => pid ?? 0);
    assert.equal(pids.filter((pid) => pid > 0).length, 3);
    await cluster.close();
    assert.equal(existsSync(directory), false);
    for (const pid of pids) {
      assert.throws(() => process.kill(pid, 0), /ESRCH/);
    }
  });
});
