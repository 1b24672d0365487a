import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type Dial, dialSocket, UsageError } from "../../lib/jsonrpc/index.ts";
import { ConflictError } from "../../lib/ovsdb/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import {
  type ApplyOptions,
  layer2,
  layer3,
  type Network,
  type Northbound,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { catchUp, useTopologyBench } from "../support/topology.ts";

const DUAL = "10.1.0.0/16,fd00:1::/64";
const SWITCH = "net_ovn_layer2_switch";

// The second family is claimed by no uuid, so that each attachment depends on the `_version` of the switch.
describeWithOvn("attachments that depend on the version of one switch", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  async function network(name = "net"): Promise<Network> {
    const made = layer2({ name, nad: `default/${name}`, subnets: DUAL });
    await made.plan(bench.nb).apply();
    return made;
  }

  function attach(on: Network, name: string, options: ApplyOptions = {}, nb = bench.nb) {
    return on.attach(nb, { namespace: "default", name, node: "n1" }, options);
  }

  const names = (count: number, prefix = "p"): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  /** Turns of the event loop; in each at least one plan is made. */
  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** How many addresses the server holds, and how many different ones. */
  async function held(): Promise<readonly [number, number]> {
    const { value: ports, ...result } = await bench.nb.transact((tx) =>
      tx.select("Logical_Switch_Port", {}, ["addresses"]),
    );
    const addresses = result.rows(ports).flatMap((row) => row.addresses.join(" ").split(" ").slice(1));
    return [addresses.length, new Set(addresses).size];
  }

  async function other<T>(work: (nb: Northbound) => Promise<T>, dial: Dial = dialSocket): Promise<T> {
    const nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial });
    try {
      await catchUp(nb);
      return await work(nb);
    } finally {
      await nb.close();
    }
  }

  it("200 at once by one client go together, as many as go into one transaction, and none is planned in vain", async () => {
    const net = await network();
    const { messagesSent, conflicts } = bench.nb.status().counters;
    await Promise.all(names(200).map((name) => attach(net, name)));
    const { counters } = bench.nb.status();
    assert.equal(counters.conflicts, conflicts);
    // A version and a transaction each for the first, for a hundred, and for the rest, if those were planned by then: plans of
    // one turn of the event loop have a limited time. One by one it would be 400.
    const sent = counters.messagesSent - messagesSent;
    assert.ok(sent >= 6 && sent <= 40, `${sent} messages`);
    assert.deepEqual(await held(), [400, 400]);
  });

  it("pods that come and go at once have no conflicts, though those that go change the switch, too", async () => {
    const net = await network();
    const { messagesSent, conflicts } = bench.nb.status().counters;
    await Promise.all(
      names(40).map(async (name) => {
        for (const _ of "abc") {
          await attach(net, name);
          await net.detach(bench.nb, { namespace: "default", name });
        }
        await attach(net, name);
      }),
    );
    const { counters } = bench.nb.status();
    assert.equal(counters.conflicts, conflicts);
    // They come and go together; one by one those that come would take 320, and those that go 120.
    const sent = counters.messagesSent - messagesSent;
    assert.ok(sent >= 7 && sent < 60, `${sent} messages`);
    assert.deepEqual(await held(), [80, 80]);
  });

  it("two clients that attach 40 each at once have one conflict at a time, and all get theirs", async () => {
    const net = await network();
    await other(async (nb) => {
      await Promise.all([
        ...names(40).map((name) => attach(net, name)),
        ...names(40, "q").map((name) => attach(net, name, {}, nb)),
      ]);
      assert.ok(nb.status().counters.conflicts < 200, `${nb.status().counters.conflicts} conflicts`);
    });
    assert.deepEqual(await held(), [160, 160]);
  });

  it("plans over the same switches in different orders do not wait for each other for ever", async () => {
    const networks = await Promise.all(["a", "b", "c"].map((name) => network(name)));
    const { planTopology } = await import("../../lib/topology/index.ts");
    const both = (pods: string, order: readonly number[]) =>
      planTopology(bench.nb, {
        networks: order.flatMap((index) => {
          const spec = networks[index]?.spec;
          if (spec === undefined) return [];
          const nad = `default/${spec.name}`;
          return [
            { spec, nodes: [{ name: "n1" }], attachments: [{ namespace: "x", name: pods, node: "n1", nad }] },
          ];
        }),
      }).apply();
    const orders = [
      [0, 1],
      [1, 2],
      [2, 0],
      [1, 0],
      [2, 1],
      [0, 2],
      [0, 1, 2],
      [2, 1, 0],
    ];
    const { conflicts } = bench.nb.status().counters;
    await Promise.all(orders.map((order, index) => both(`p${index}`, order)));
    assert.equal(bench.nb.status().counters.conflicts, conflicts);
    assert.deepEqual(await held(), [36, 12]);
  });

  it("who is aborted or out of time while others are before it says so, and holds nobody up", async () => {
    const net = await network();
    const controller = new AbortController();
    const { northbound } = bench.sandbox;
    using clock = new Clock();
    northbound.signal("SIGSTOP");
    try {
      const first = attach(net, "first");
      const aborted = attach(net, "aborted", { signal: controller.signal });
      const late = attach(net, "late", { timeout: 20_000 });
      const last = attach(net, "last");
      await turns(20);
      clock.pass(20_000);
      await assert.rejects(late, (error) => {
        assert.ok(error instanceof ConflictError && error.retryable);
        assert.deepEqual([error.error, error.details, error.table], ["timed out", "", "Logical_Switch"]);
        assert.match(
          error.message,
          /^the turn on switch "net_ovn_layer2_switch" did not come within 20000 ms: /,
        );
        return true;
      });
      controller.abort(new UsageError("enough"));
      await assert.rejects(aborted, /enough/);
      // Those who gave up let nobody pass: of what is under way nothing is answered yet.
      assert.deepEqual(await Promise.race([first, last, Promise.resolve("nothing")]), "nothing");
      northbound.signal("SIGCONT");
      assert.deepEqual(
        (await Promise.all([first, last])).map(({ portName }) => portName),
        ["default.net_default_first", "default.net_default_last"],
      );
      await attach(net, "later");
    } finally {
      northbound.signal("SIGCONT");
    }
    assert.deepEqual(await held(), [6, 6]);
    assert.equal(bench.nb.status().counters.conflicts, 0);
  });

  it("one that was aborted takes nothing when the version that it had asked for comes after all", async () => {
    await using proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote);
    const net = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24,fd00:3::/48/64" });
    await net.addNode(bench.nb, "n1");
    await catchUp(nb);
    const pod = (name: string, node: string) => ({ namespace: "default", name, node });
    const pods = [pod("a", "n1"), pod("b", "n2")];
    proxy.setFaults({ toServer: { hold: true } });
    const abort = new AbortController();
    const plan = net.plan(nb, { nodes: [{ name: "n1" }, { name: "n2" }], pods });
    const aborted = assert.rejects(plan.apply({ signal: abort.signal }), { message: "enough" });
    await waitFor(() => nb.status().pendingTransactions === 1);
    // Now it would depend on the switch of this one, too.
    await net.addNode(bench.nb, "n2");
    await nb.until(() => nb.tables.Logical_Switch.size === 2, { timeout: 30_000 });
    abort.abort(new Error("enough"));
    await aborted;
    proxy.setFaults({});
    await nb.synced();
    await waitFor(() => nb.status().pendingTransactions === 0);
    await catchUp(nb);

    // Nobody has the switches, and nobody the addresses.
    for (const node of ["n1", "n2"]) {
      const { ips } = await net.attach(nb, pod(`later-${node}`, node), { timeout: 10_000 });
      const number = node === "n1" ? 0 : 1;
      assert.deepEqual(ips, [`10.3.${number}.3/24`, `fd00:3:0:${number + 1}::3/64`]);
    }
  });

  it("a pod that goes waits for the attachment under way alone, or says that its turn did not come", async () => {
    const net = await network();
    await Promise.all(names(3).map((name) => attach(net, name)));
    const { northbound } = bench.sandbox;
    const order: string[] = [];
    const told = (what: string) => (): number => order.push(what);
    using clock = new Clock();
    northbound.signal("SIGSTOP");
    try {
      const first = attach(net, "first").then(told("first"));
      const others = names(5, "q").map((name) => attach(net, name).then(told("other")));
      const gone = ["p0", "p1"].map((name) =>
        net.detach(bench.nb, { namespace: "default", name }).then(told("gone")),
      );
      const late = net.detach(bench.nb, { namespace: "default", name: "p2" }, { timeout: 20_000 });
      // The time has to pass in the queue, and not while the plans of all these are made.
      await turns(40);
      clock.pass(20_000);
      await assert.rejects(late, (error) => {
        assert.ok(error instanceof ConflictError && error.retryable, String(error));
        assert.match(error.message, /^the turn on switch "net_ovn_layer2_switch" did not come within \d+ ms/);
        return true;
      });
      northbound.signal("SIGCONT");
      await Promise.all([first, ...others, ...gone]);
    } finally {
      northbound.signal("SIGCONT");
    }
    assert.deepEqual(order.slice(0, 3), ["first", "gone", "gone"]);
    assert.equal(bench.nb.status().counters.conflicts, 0);
    assert.deepEqual(await held(), [14, 14]);
  });

  it("an attachment that waits for ovn-northd, which is not running, holds nobody up", async () => {
    const net = await network();
    const controller = new AbortController();
    const waiting = attach(net, "waiting", { wait: "sb", signal: controller.signal });
    await attach(net, "next");
    const why = new Error("enough");
    controller.abort(why);
    await assert.rejects(waiting, { code: "ERR_UNCONFIRMED", name: "UnconfirmedPlanError", cause: why });
    assert.deepEqual(await held(), [4, 4]);
  });

  it("one that fails lets the next one begin", async () => {
    const net = await network();
    const asking = { namespace: "default", name: "bad", node: "n1", ips: ["10.1.0.9"] };
    const results = await Promise.allSettled([
      attach(net, "a"),
      net.attach(bench.nb, asking),
      net.attach(bench.nb, { ...asking, name: "worse" }),
      attach(net, "b"),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
  });

  it("somebody who changes the switch all the time is told of at the end, and that another try may do", async () => {
    const net = await network();
    using clock = new Clock();
    let count = 0;
    /** A way to the server on which somebody else is faster each time. */
    const overtaken: Dial = async (endpoint, options) => {
      const inner = await dialSocket(endpoint, options);
      const overtake = async (): Promise<void> => {
        count += 1;
        const external_ids = { count: String(count) };
        await bench.nb.transact((tx) => {
          const [row] = bench.nb.tables.Logical_Switch.find({ name: SWITCH });
          if (row !== undefined) tx.setKeys(row, "external_ids", external_ids);
        });
        // Nearly all of the time is over then.
        if (count === 3) clock.pass(19_500);
      };
      // What comes later goes later, too: a `cancel` must not arrive before what it is about.
      let before: Promise<unknown> = Promise.resolve();
      return {
        send: (text) => {
          const isPlan = text.includes(`"op":"wait"`);
          before = before.then(() => (isPlan ? overtake() : undefined)).finally(() => inner.send(text));
        },
        get writableLength() {
          return inner.writableLength;
        },
        close: () => inner.close(),
        start: (handlers) => inner.start(handlers),
      };
    };
    await other(async (nb) => {
      // On a machine that is busy with something else the time may be over just when a reply is under way.
      let error: unknown;
      do error = await attach(net, "p", { timeout: 20_000 }, nb).catch((reason: unknown) => reason);
      while (error instanceof OutcomeUnknownError);
      assert.ok(error instanceof ConflictError && error.retryable, String(error));
      assert.match(
        error.message,
        /^somebody else changed switch "net_ovn_layer2_switch" each time .* 20000 ms/,
      );
    }, overtaken);
    assert.ok(count > 1);
    assert.deepEqual(await held(), [0, 0]);
    await waitFor(() => bench.nb.status().state === "live");
  });
});
