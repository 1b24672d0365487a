import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, TimeoutError } from "../../lib/index.ts";
import { type DatabaseCluster, type DatabaseServer, startCluster } from "../../lib/testing/index.ts";
import { layer2 } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

describeWithOvn("promise P4 on a cluster", () => {
  let cluster: DatabaseCluster;
  before(async () => {
    cluster = await startCluster({ servers: 3, tcp: true });
  });
  after(() => cluster?.close());

  /** The names of all switches, as a member has them; it must have all that was committed before. */
  async function switchesOf(server: DatabaseServer): Promise<readonly string[]> {
    using client = await DialledPeer.dial(server.remote);
    return await client.switches();
  }

  it("does not take a cancelled transaction for one that was not done", async () => {
    const leader = await cluster.leader();
    const followers = await cluster.followers();
    await using nb = await connectNorthbound(leader.remote);
    using clock = new Clock();
    for (const server of followers) server.signal("SIGSTOP");
    try {
      const gone = assert.rejects(
        nb.transact((tx) => tx.insert("Logical_Switch", { name: "cancelled" }), { timeout: 20_000 }),
        (error) => error instanceof OutcomeUnknownError && !error.lost && error.cause instanceof TimeoutError,
      );
      // So that it is cancelled, and a second is left for the reply to that. Soon: without followers it gives up its leadership.
      clock.pass(19_000);
      await gone;
    } finally {
      for (const server of followers) server.signal("SIGCONT");
    }
    await cluster.settled();
    // This is why: it is committed as soon as there is a majority again.
    await waitFor(async () => (await switchesOf(leader)).includes("cancelled"), { timeout: 30_000 });
  });

  it("does once what a stopped leader forwards after it was sent to the next one", async () => {
    await cluster.settled();
    const old = await cluster.leader();
    const fast = { probeInterval: 300, syncIdleTimeout: 2_000, minBackoff: 50, maxBackoff: 100 };
    await using nb = await connectNorthbound(cluster.tcp, fast);
    assert.equal(nb.remote, old.tcp);
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    await network.plan(nb, { nodes: [{ name: "n1", chassisId: "c1" }] }).apply();
    const pods = Array.from({ length: 10 }, (_, index) => ({
      namespace: "default",
      name: `p${index}`,
      node: "n1",
    }));
    old.signal("SIGSTOP");
    // All of these are in the stopped server's socket, and go to the next leader too.
    const inserted = Promise.all(
      pods.map(({ name }) => nb.transact((tx) => tx.insert("Logical_Switch", { name: `sw-${name}` }))),
    );
    const attached = Promise.all(pods.map((pod) => network.attach(nb, pod)));
    try {
      const results = await inserted;
      assert.deepEqual([...new Set(results.map(({ changed }) => changed))], [true]);
      assert.notEqual(nb.remote, old.tcp);
      const addresses = (await attached).flatMap(({ ips }) => ips);
      assert.equal(new Set(addresses).size, pods.length);
    } finally {
      old.signal("SIGCONT");
    }
    await cluster.settled();
    // What the old leader had in its socket is dealt with before what it is asked now, and forwarded.
    await using witness = await connectNorthbound(old.tcp, { leaderOnly: false });
    await witness.transact((tx) => tx.insert("Logical_Switch", { name: "last" }));
    const names = await switchesOf(old);
    const expected = ["cancelled", "last", "net_ovn_layer2_switch", ...pods.map(({ name }) => `sw-${name}`)];
    assert.deepEqual([...names].sort(), expected.sort());
    const ports = [...witness.tables.Logical_Switch_Port].map(({ name }) => name).sort();
    assert.deepEqual(ports, pods.map(({ name }) => `default.net_default_${name}`).sort());
  });
});
