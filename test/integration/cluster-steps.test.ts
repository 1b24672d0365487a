import assert from "node:assert/strict";
import type { ConnectOptions } from "../../lib/database/index.ts";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type DatabaseCluster, startCluster } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { smallSchema } from "../support/faults/content.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

const options: ConnectOptions = {
  probeInterval: 300,
  dialTimeout: 500,
  syncIdleTimeout: 1_000,
  minBackoff: 10,
  maxBackoff: 200,
};

/** How many transactions went how. */
interface Tally {
  done: number;
  unknown: number;
  /** The uuid of each inserted row by name; without one its transaction is of unknown outcome. */
  readonly inserted: Map<string, string | undefined>;
}

describeWithOvn("steps of a counter on a cluster", function (this: Mocha.Suite) {
  let cluster: DatabaseCluster;
  let observer: Northbound;
  let clients: readonly Northbound[];

  before(async () => {
    cluster = await startCluster({ servers: 3, tcp: true, schema: smallSchema });
    observer = await connectNorthbound(cluster.tcp, options);
    clients = await Promise.all([0, 1, 2].map(() => connectNorthbound(cluster.tcp, options)));
    await observer.transact((tx) => tx.insert("Logical_Switch", { name: "counter" }));
    for (const nb of clients) await nb.until(() => counterOf(nb) !== undefined, { timeout: 30_000 });
  });
  after(async () => {
    for (const nb of [observer, ...(clients ?? [])]) await nb?.close();
    await cluster?.close();
  });

  function counterOf(nb: Northbound) {
    return nb.tables.Logical_Switch.find({ name: "counter" })[0];
  }

  function numberOf(nb: Northbound): number {
    return Number(counterOf(nb)?.external_ids["n"] ?? 0);
  }

  /** One step, every other time with a row beside it. */
  async function step(nb: Northbound, name: string | undefined, tally: Tally): Promise<void> {
    if (name !== undefined) tally.inserted.set(name, undefined);
    try {
      const result = await nb.transact((tx) => {
        const row = counterOf(nb);
        assert.ok(row !== undefined);
        tx.verify(row, "external_ids");
        tx.setKeys(row, "external_ids", { n: String(numberOf(nb) + 1) });
        return name === undefined ? undefined : tx.insert("Logical_Switch", { name });
      });
      tally.done += 1;
      if (name !== undefined && result.value !== undefined)
        tally.inserted.set(name, result.uuid(result.value));
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      tally.unknown += 1;
    }
  }

  /** All clients step on while something is done to the cluster. */
  async function stepDuring(prefix: string, disturb: () => Promise<void>): Promise<Tally> {
    const tally: Tally = { done: 0, unknown: 0, inserted: new Map() };
    let over = false;
    const stepping = clients.map(async (nb, index) => {
      for (let round = 0; !over; round += 1) {
        await step(nb, round % 2 === 0 ? undefined : `${prefix}-${index}-${round}`, tally);
      }
    });
    try {
      await disturb();
    } finally {
      over = true;
    }
    await Promise.all(stepping);
    await cluster.settled();
    return tally;
  }

  /** The counter with all that was committed before: what is written after it tells that it was read from there. */
  async function numberNow(): Promise<number> {
    await observer.transact((tx) => tx.insert("Logical_Switch", { name: "seen" }));
    return numberOf(observer);
  }

  it("are done once each and none is of unknown outcome while the cluster is well", async () => {
    const before = await numberNow();
    const tally = await stepDuring("well", async () => {
      await observer.until(() => numberOf(observer) >= before + 60, { timeout: 30_000 });
    });
    assert.equal(tally.unknown, 0);
    assert.equal((await numberNow()) - before, tally.done);
  });

  it("are done at most once each while leaders resign, die, and lose their quorum", async () => {
    const before = await numberNow();
    const tally = await stepDuring("ill", async () => {
      await cluster.transferLeadership();
      const old = await cluster.leader();
      await old.kill();
      await cluster.leader({ otherThan: old });
      await old.start();
      await cluster.settled();
      const [leader, followers] = [await cluster.leader(), await cluster.followers()];
      await Promise.all(followers.map((server) => server.kill()));
      // It has begun what it cannot finish, and does it again when it can.
      await waitFor(async () => (await cluster.status(leader)).role !== "leader", { timeout: 30_000 });
      await Promise.all(followers.map((server) => server.start()));
      await cluster.settled();
    });
    const steps = (await numberNow()) - before;
    assert.ok(
      steps >= tally.done && steps <= tally.done + tally.unknown,
      `${steps} steps, ${tally.done} done, ${tally.unknown} unknown`,
    );
    assert.ok(tally.done > 0);
    for (const [name, uuid] of tally.inserted) {
      const found = observer.tables.Logical_Switch.find({ name }).map((row) => row._uuid);
      if (uuid === undefined) assert.ok(found.length <= 1, `${name} is there twice`);
      else assert.deepEqual(found, [uuid]);
    }
  });

  it("are done at most once each when the leader has begun them and lost its quorum", async () => {
    for (let round = 0; round < 4; round += 1) {
      const before = await numberNow();
      const tally: Tally = { done: 0, unknown: 0, inserted: new Map() };
      const [leader, followers] = [await cluster.leader(), await cluster.followers()];
      await waitFor(() => clients.every(({ remote }) => remote === leader.tcp));
      await Promise.all(followers.map((server) => server.kill()));
      // One of them comes into the leader's log, which may win the next election.
      const steps = clients.map((nb) => step(nb, undefined, tally));
      await waitFor(async () => (await cluster.status(leader)).role !== "leader", { timeout: 30_000 });
      await Promise.all(followers.map((server) => server.start()));
      await Promise.all(steps);
      await cluster.settled();
      const more = (await numberNow()) - before;
      assert.ok(
        more >= tally.done && more <= tally.done + tally.unknown,
        `${more}, ${JSON.stringify(tally)}`,
      );
    }
  });
});
