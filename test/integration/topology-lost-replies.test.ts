import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, OvsdbError } from "../../lib/index.ts";
import { applyRows } from "../../lib/reconcile/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import {
  layer2,
  layer3,
  Network,
  type Northbound,
  planDeletion,
  planTopology,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { isDown } from "../support/is-down.ts";
import { loseReply, loseRequest } from "../support/lose.ts";
import {
  changesOf,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };

describeWithOvn("topologies whose replies are lost", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const all = [
    layer3Brief(["a", { name: "b", node: "n2" }], { name: "l3" }),
    layer2Brief(["a", { name: "b", ips: ["10.1.0.77"] }], { name: "l2", subnets: "10.1.0.0/24,fd00:1::/64" }),
    localnetBrief(["a"], { name: "ln" }),
  ];
  const pod = { namespace: "default", name: "web", node: "n1" };
  let proxy: FaultProxy;
  let nb: Northbound;

  beforeEach(async () => {
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    nb = await connectNorthbound(proxy.remote, soon);
  });
  afterEach(async () => {
    await nb.close();
    await proxy.close();
  });

  const losses: readonly (readonly [what: string, lose: (op: string) => void])[] = [
    ["reply", () => loseReply(proxy)],
    ["request", (op) => loseRequest(proxy, op)],
  ];
  const net = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });

  it("what ran out of time may be called again as it is, and does nothing twice", async () => {
    const { northbound } = bench.sandbox;
    const isRetryable = (code: string) => (error: unknown) =>
      error instanceof OvsdbError && error.code === code && error.retryable;
    proxy.refuse();
    proxy.cut();
    await waitFor(() => isDown(() => nb.tables.NB_Global.find({})));
    const plan = planTopology(bench.nb, requestFor(all));
    await assert.rejects(nb.synced({ timeout: 50 }), isRetryable("ERR_TIMEOUT"));
    await assert.rejects(net.delete(nb, { timeout: 50 }), isRetryable("ERR_TIMEOUT"));
    await assert.rejects(
      applyRows(nb, {}, () => ({ rows: [] }), { timeout: 50 }),
      isRetryable("ERR_TIMEOUT"),
    );
    await proxy.accept();
    await nb.synced();

    using clock = new Clock();
    northbound.pause();
    try {
      const gone = assert.rejects(plan.apply({ timeout: 20_000 }), isRetryable("ERR_OUTCOME_UNKNOWN"));
      await waitFor(() => bench.nb.status().pendingTransactions === 1);
      clock.pass(20_000);
      await gone;
      // What no plan stands behind might be done twice.
      const insert = nb.transact((tx) => tx.insert("Logical_Switch", { name: "twice" }), { timeout: 200 });
      await assert.rejects(insert, (error) => error instanceof OutcomeUnknownError && !error.retryable);
    } finally {
      northbound.resume();
    }
    await plan.apply();
    const expected = await bench.tables();
    assert.equal((await plan.apply()).changed, false);
    assert.deepEqual(await bench.tables(), expected);
  });

  for (const [what, lose] of losses) {
    it(`apply makes everything once, and says so, when the ${what} is lost`, async () => {
      await bench.apply(all);
      const expected = await bench.tables();
      await bench.close();
      await bench.open();
      const plan = planTopology(nb, requestFor(all));
      lose("insert");
      const applied = await plan.apply();
      assert.deepEqual(await bench.tables(), expected);
      assert.deepEqual(changesOf(applied), changesOf(plan));
      assert.deepEqual([applied.changed, applied.transactions, applied.attempts], [true, 1, 2]);
      assert.deepEqual(
        applied.attachments.map(({ portName, ips }) => [portName, ips]),
        planTopology(bench.nb, requestFor(all)).attachments.map(({ portName, ips }) => [portName, ips]),
      );
      const again = await planTopology(nb, requestFor(all)).apply();
      assert.deepEqual([again.changed, again.transactions], [false, 0]);
    });

    it(`apply in several transactions does the same when the ${what} is lost`, async () => {
      await bench.apply(all);
      const expected = await bench.tables();
      await bench.close();
      await bench.open();
      const plan = planTopology(nb, requestFor(all));
      lose("insert");
      const applied = await plan.apply({ maxBytes: 1 });
      assert.deepEqual(await bench.tables(), expected);
      assert.equal(applied.transactions, 3);
    });

    it(`a repair is told once when the ${what} is lost`, async () => {
      await bench.apply(layer2Brief(["a"]));
      await bench.nbctl(`lsp-set-addresses ${portOf("a")} unknown`);
      await nb.until(() => planTopology(nb, requestFor(layer2Brief(["a"]))).changes.length === 1, {
        timeout: 30_000,
      });
      lose("update");
      const applied = await planTopology(nb, requestFor(layer2Brief(["a"]))).apply();
      assert.deepEqual(changesOf(applied), [`update Logical_Switch_Port ${portOf("a")}: addresses`]);
      // The bench has a handle of its own, which learns of it when the server tells it.
      await waitFor(() => bench.plan(layer2Brief(["a"])).changes.length === 0);
    });

    it(`attach gives one port, and its addresses, when the ${what} is lost`, async () => {
      await bench.apply([layer2Brief(["a"]), layer3Brief([], { name: "l3" })]);
      const l3 = layer3({ name: "l3", nad: "default/l3", subnets: "10.3.0.0/16/24" });
      for (const [network, nad] of [
        [net, "default/net"],
        [l3, "default/l3"],
      ] as const) {
        await nb.until(() => nb.view.find("Logical_Switch", {}).length > 2, { timeout: 30_000 });
        lose("insert");
        const attached = await network.attach(nb, pod);
        const { [portOf("web", nad)]: shown } = await bench.addresses();
        assert.equal([attached.mac, ...attached.ips.map((ip) => ip.split("/")[0])].join(" "), shown);
        await nb.synced();
      }
      assert.equal(Object.keys(await bench.addresses()).filter((name) => name.includes("web")).length, 2);
    });

    it(`attach with an address that no uuid claims gives one port when the ${what} is lost`, async () => {
      await bench.apply(layer2Brief(["a"], { subnets: "10.1.0.0/24,fd00:1::/64" }));
      const dual = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24,fd00:1::/64" });
      await nb.until(() => nb.view.find("Logical_Switch_Port", { name: portOf("a") }).length > 0, {
        timeout: 30_000,
      });
      lose("insert");
      const attached = await dual.attach(nb, { ...pod, ips: ["10.1.0.50", "fd00:1::50"] });
      assert.deepEqual(attached.ips, ["10.1.0.50/24", "fd00:1::50/64"]);
      assert.equal(Object.keys(await bench.addresses()).length, 2);
    });

    it(`detach and delete say that it was us when the ${what} is lost`, async () => {
      await bench.apply([
        layer2Brief(["web", "a"]),
        layer2Brief(["a"], { name: "other", subnets: "10.9.0.0/24" }),
      ]);
      await nb.until(() => nb.view.find("Logical_Switch_Port", { name: portOf("web") }).length > 0, {
        timeout: 30_000,
      });
      lose("mutate");
      const detached = await net.detach(nb, pod);
      assert.deepEqual(
        [changesOf(detached), detached.absent],
        [[`delete Logical_Switch_Port ${portOf("web")}`], []],
      );
      await nb.synced();
      lose("delete");
      const deleted = await net.delete(nb);
      assert.deepEqual([deleted.changed, deleted.absent, deleted.transactions], [true, [], 1]);
      assert.ok(changesOf(deleted).some((line) => line.startsWith("delete Logical_Switch ")));
      const later = await net.delete(nb);
      assert.deepEqual([later.changed, later.absent], [false, ['network "net"']]);
      await nb.synced();
      lose("delete");
      const planned = await planDeletion(nb, { networks: ["other"], pods: [] }).apply();
      assert.deepEqual([planned.changed, planned.absent], [true, []]);
      assert.deepEqual(await bench.nbctl("ls-list"), "");
    });
  }

  it("apply waits for ovn-northd when its reply was lost", async () => {
    const brief = layer2Brief(["a"]);
    const plan = planTopology(nb, requestFor(brief));
    loseReply(proxy);
    const call = plan.apply({ wait: "sb", timeout: 30_000 });
    // The second plan has nothing to do, and raises the counter again.
    await bench.nb.until(() => bench.nb.tables.NB_Global.only().nb_cfg >= 2n, { timeout: 30_000 });
    const { nb_cfg } = bench.nb.tables.NB_Global.only();
    await bench.nbctl(`set NB_Global . sb_cfg=${nb_cfg}`);
    assert.deepEqual(changesOf(await call), changesOf(plan));
    await bench.nbctl("set NB_Global . nb_cfg=0 sb_cfg=0");
  });

  it("what somebody else did meanwhile is planned with, and not told as ours", async () => {
    await bench.apply(layer2Brief(["a"]));
    await nb.until(() => nb.view.find("Logical_Switch_Port", { name: portOf("a") }).length > 0, {
      timeout: 30_000,
    });
    const stolen: Promise<unknown>[] = [];
    proxy.refuse();
    loseRequest(proxy, "insert", () => {
      stolen.push(net.attach(bench.nb, { ...pod, name: "thief" }).finally(() => proxy.accept()));
    });
    const attached = await net.attach(nb, pod);
    await Promise.all(stolen);
    const { [portOf("web")]: web, [portOf("thief")]: thief } = await bench.addresses();
    assert.equal(`${attached.mac} ${attached.ips[0]?.split("/")[0]}`, web);
    assert.notEqual(web?.split(" ")[1], thief?.split(" ")[1]);
  });

  it("apply, attach, detach and delete that are begun while the connection is lost wait for it", async () => {
    const plan = net.plan(nb, { nodes: [{ name: "n1" }] });
    for (const begin of [
      async () => (await plan.apply()).changed,
      async () => (await net.attach(nb, pod)).portName === portOf("web"),
      async () => (await net.detach(nb, pod)).changed,
      async () => (await net.delete(nb)).changed,
    ]) {
      proxy.refuse();
      proxy.cut();
      await waitFor(() => isDown(() => nb.tables.NB_Global.size));
      const begun = begin();
      await proxy.accept();
      assert.equal(await begun, true);
    }
  });

  it("is unknown when the database does not come back in time", async () => {
    const plan = planTopology(nb, requestFor(layer2Brief(["a"])));
    using clock = new Clock();
    loseReply(proxy);
    proxy.refuse();
    const gone = assert.rejects(plan.apply({ timeout: 20_000 }), (error) => {
      assert.ok(error instanceof OutcomeUnknownError && error.lost, String(error));
      assert.match(error.message, /may have been committed/);
      return true;
    });
    await waitFor(() => !nb.status().synced);
    clock.pass(20_000);
    await gone;
  });

  it("is a timeout, and not unknown, when nothing was sent", async () => {
    const network = new Network(net.spec);
    proxy.refuse();
    proxy.cut();
    await waitFor(() => isDown(() => nb.tables.NB_Global.size));
    await assert.rejects(network.delete(nb, { timeout: 200 }), /did not come within/);
  });
});
