import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type Faults, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import { AddressError, layer2, type Network, type PodAttachment } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { catchUp, node, portOf, useTopologyBench } from "../support/topology.ts";

/** How many ports of pods a message inserts. */
function portsIn({ method, params }: ProxyMessage): number {
  if (method !== "transact") return 0;
  return JSON.stringify(params).split('"op":"insert","table":"Logical_Switch_Port"').length - 1;
}

// Whoever hears that nothing was done may do something else in its place; and what was sent may still be done.
describeWithOvn("calls whose transaction of several was lost", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  /**
   * Begins calls, loses the first transaction of several before the server has it, and says what to do with each later one.
   *
   * @param lost done before the connection is there again.
   * @param sent told which attempt it is, from 1; gives the faults from then on. With `giveUp` the time of all calls is over.
   */
  async function outcomes(
    network: Network,
    pods: readonly Partial<PodAttachment>[],
    lost: () => Promise<unknown>,
    sent: (attempt: number, resume: () => void, giveUp: () => void) => Faults | undefined,
  ): Promise<readonly PromiseSettledResult<unknown>[]> {
    await network.plan(bench.nb).apply();
    await using proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    await catchUp(nb);
    using clock = new Clock();
    let attempts = 0;
    const faults: Faults = {
      toServer: {
        rewrite: (message, connection) => {
          const isFirst = attempts === 0;
          if (portsIn(message) < (isFirst ? 2 : 1)) return message;
          attempts += 1;
          if (!isFirst) {
            const next = sent(
              attempts - 1,
              () => proxy.setOpenFaults(faults),
              () => clock.pass(20_000),
            );
            if (next !== undefined) proxy.setOpenFaults(next);
            return message;
          }
          proxy.refuse();
          connection.cut();
          void lost().then(() => proxy.accept());
          return undefined;
        },
      },
    };
    proxy.setFaults(faults);
    const results = await Promise.allSettled(
      pods.map((pod, index) =>
        network.attach(
          nb,
          { namespace: "default", name: `p${index}`, node: node("n1"), ...pod },
          { timeout: 20_000 },
        ),
      ),
    );
    assert.ok(attempts > 1, String(attempts));
    return results;
  }

  const thief = (network: Network, more: Partial<PodAttachment> = {}): Promise<unknown> =>
    network.attach(bench.nb, { namespace: "default", name: "thief", node: node("n1"), ...more });

  const classes = (results: readonly PromiseSettledResult<unknown>[]): string[] =>
    results.map((each) => (each.status === "fulfilled" ? "" : String(each.reason.name)));

  it("are in doubt although they were parted for the sake of one, and had no time to be tried again", async () => {
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    const ips = ["10.1.0.99"];
    const results = await outcomes(
      network,
      [{}, {}, {}, { ips }],
      () => thief(network, { ips }),
      // The first half is never answered, and the second waits for it.
      (_attempt, _resume, giveUp) => {
        giveUp();
        return { toClient: { hold: true } };
      },
    );
    const { name } = OutcomeUnknownError;
    assert.deepEqual(classes(results.slice(0, 3)), [name, name, name]);
    // The one that is wrong hears so where there is a moment left for its own plan.
    assert.ok([AddressError.name, name].includes(classes(results)[3] ?? ""));
    for (const each of results.slice(0, 3))
      assert.ok(each.status === "rejected" && each.reason.retryable === true);
  });

  it("are in doubt although somebody else was faster then, and they were left out", async () => {
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24,fd00:1::/64" });
    const results = await outcomes(
      network,
      [{}, {}, {}, {}, {}],
      async () => undefined,
      (attempt, resume, giveUp) => {
        if (attempt > 1) {
          giveUp();
          return { toClient: { hold: true } };
        }
        void thief(network).then(resume);
        return { toServer: { hold: true } };
      },
    );
    const { name } = OutcomeUnknownError;
    assert.deepEqual(classes(results), ["", name, name, name, name]);
    await waitFor(async () => portOf("thief") in (await bench.addresses()));
  });

  it("hear what the lost one did for them, although they were left out of a later one", async () => {
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    const pods = ["p0", "p1", "p2", "p3"].map((name) => ({ namespace: "default", name, node: node("n1") }));
    await network.plan(bench.nb, { pods }).apply();
    await using proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    await catchUp(nb);
    const [again] = pods;
    assert.ok(again);
    // One is there again when the connection is, and goes while the second transaction is on its way: so that one is refused.
    const comesAgain = async (): Promise<void> => {
      await waitFor(() => bench.nb.tables.Logical_Switch_Port.size === 0);
      await network.attach(bench.nb, again);
      await proxy.accept();
    };
    let attempts = 0;
    const faults: Faults = {
      toServer: {
        rewrite: (message, connection) => {
          const { method, params } = message;
          if (method !== "transact" || !JSON.stringify(params).includes('"mutate"')) return message;
          attempts += 1;
          if (attempts === 1) {
            proxy.refuse();
            connection.setFaults({ dropReply: { from: "request", cut: true } });
            void comesAgain();
          } else if (attempts === 2) {
            proxy.setOpenFaults({ toServer: { hold: true } });
            void network.detach(bench.nb, again).then(() => proxy.setOpenFaults({}));
          }
          return message;
        },
      },
    };
    proxy.setFaults(faults);
    const results = await Promise.all(pods.map((pod) => network.detach(nb, pod)));
    assert.equal(attempts, 2);
    for (const [index, { changed, changes, absent }] of results.entries()) {
      const told = changes.map(({ action, table, name }) => `${action} ${table} ${name}`);
      assert.deepEqual(told, [`delete Logical_Switch_Port ${portOf(`p${index}`)}`]);
      assert.deepEqual([changed, absent], [true, []]);
    }
  });
});
