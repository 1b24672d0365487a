import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseReply } from "../support/lose.ts";

describeWithOvn("a write whose reply was lost, with nothing left but a relay that is behind", () => {
  const ovn = useSandbox({ northbound: true });
  /** In front of the server, for the client. */
  let direct: FaultProxy;
  /** The same for the relay. */
  let source: FaultProxy;
  let relay: ChildProcess;
  let relayed: string;
  let nb: Northbound;
  let other: Northbound;

  beforeEach(async () => {
    const { directory, northbound } = ovn.sandbox;
    direct = await startFaultProxy(northbound.remote);
    source = await startFaultProxy(northbound.remote);
    const socket = join(directory, "behind.sock");
    relayed = `unix:${socket}`;
    const database = `relay:OVN_Northbound:${source.remote}`;
    relay = spawn("ovsdb-server", [`--remote=punix:${socket}`, "--unixctl=none", database], {
      stdio: "ignore",
    });
    other = await connectNorthbound(northbound.remote);
    await using through = await connectNorthbound(relayed, { leaderOnly: false, connectTimeout: 10_000 });
    nb = await connectNorthbound([direct.remote, relayed], {
      leaderOnly: false,
      shuffle: false,
      minBackoff: 10,
      maxBackoff: 50,
    });
    await write("counter", { n: "1" });
    await through.until((view) => view.tables.Logical_Switch.size === 1, { timeout: 30_000 });
  });
  afterEach(async () => {
    await nb.close();
    await other.close();
    relay.kill();
    await source.close();
    await direct.close();
  });

  async function write(name: string, external_ids: Readonly<Record<string, string>>): Promise<void> {
    await other.transact((tx) => tx.insert("Logical_Switch", { name, external_ids }));
    await nb.until((view) => view.tables.Logical_Switch.find({ name }).length === 1, { timeout: 30_000 });
  }

  /** From now on the relay hears nothing; until a transaction comes through it. */
  function holdBack(): Promise<void> {
    return new Promise((resolve) => {
      source.setFaults({
        toClient: { hold: true },
        toServer: {
          rewrite: (message) => {
            if (message["method"] === "transact") resolve();
            return message;
          },
        },
      });
    });
  }

  it("is not done twice because the relay does not show it yet", async () => {
    const passedOn = holdBack();
    await write("new to the relay", {});
    direct.refuse();
    loseReply(direct);
    const written = nb.transact((tx) => {
      const [counter] = nb.tables.Logical_Switch.find({ name: "counter" });
      assert.ok(counter !== undefined);
      tx.verify(counter, "external_ids");
      tx.setKeys(counter, "external_ids", { n: String(Number(counter.external_ids["n"]) + 1) });
      for (const each of nb.tables.Logical_Switch.find({ name: "new to the relay" })) {
        tx.setKeys(each, "external_ids", { seen: "yes" });
      }
    });
    const outcome = assert.rejects(
      written,
      (error) => error instanceof OutcomeUnknownError && error.lookedUp,
    );
    await Promise.race([passedOn, outcome]);
    assert.equal(nb.remote, relayed);
    source.setFaults({});
    await outcome;
    await waitFor(() => other.tables.Logical_Switch.size === 2);
    assert.equal(other.tables.Logical_Switch.find({ name: "counter" })[0]?.external_ids["n"], "2");
  });
});
