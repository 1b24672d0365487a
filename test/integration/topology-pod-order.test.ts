import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, TimeoutError } from "../../lib/index.ts";
import {
  AddressError,
  type AttachedPort,
  type AttachOptions,
  layer2,
  layer3,
  type Network,
  type Northbound,
  planDeletion,
  UnconfirmedPlanError,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { gatedDial } from "../support/gated-dial.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { portOf, useTopologyBench } from "../support/topology.ts";

const kinds: Readonly<Record<string, () => Network>> = {
  layer2: () => layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/16" }),
  "dual-stack layer2": () => layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/16,fd00:1::/64" }),
  layer3: () => layer3({ name: "net", nad: "default/net", subnets: "10.0.0.0/8/16" }),
};
const web = { namespace: "default", name: "web" };

describeWithOvn("calls about one pod that are begun without waiting for each other", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let nb: Northbound;
  let net: Network;

  beforeEach(async () => {
    nb = await connectNorthbound(bench.sandbox.northbound.remote);
  });
  afterEach(() => nb.close());

  async function use(kind = "layer2"): Promise<void> {
    net = (kinds[kind] ?? assert.fail(kind))();
    await net.plan(nb, { nodes: [{ name: "n1" }] }).apply();
  }

  function attach(options: AttachOptions = {}, more: { nad?: string } = {}): Promise<AttachedPort> {
    return net.attach(nb, { ...web, node: "n1", ...more }, options);
  }

  for (const kind of Object.keys(kinds))
    it(`${kind}: are carried out in their order`, async () => {
      await use(kind);
      const [, went] = await Promise.all([attach(), net.detach(nb, web)]);
      const { [portOf("web")]: address } = await bench.addresses();
      assert.deepEqual([went.changed, went.absent, address], [true, [], undefined]);
      await attach();
      const [left, came] = await Promise.all([net.detach(nb, web), attach()]);
      assert.equal(left.changed, true);
      assert.equal((await bench.addresses())[portOf("web")], came.addresses);
    });

  it("so are plans that name the pod", async () => {
    await use();
    const pods = [{ ...web, node: "n1" }];
    const plan = () => net.plan(nb, { nodes: [{ name: "n1" }], pods });
    const [, went] = await Promise.all([plan().apply(), net.detach(nb, web)]);
    assert.deepEqual([went.changed, await bench.addresses()], [true, {}]);
    await attach();
    const [left, came] = await Promise.all([net.detach(nb, web), plan().apply()]);
    assert.deepEqual([left.changed, came.changed], [true, true]);
    assert.equal((await bench.addresses())[portOf("web")], came.attachments[0]?.addresses);
    const nad = "default/net";
    const removal = planDeletion(nb, { networks: [], pods: [{ ...web, nad }] });
    await Promise.all([removal.apply(), attach()]);
    assert.deepEqual(Object.keys(await bench.addresses()), [portOf("web")]);
    await Promise.all([
      removal.apply(),
      attach(),
      planDeletion(nb, { networks: [], pods: [{ ...web, nad }] }).apply(),
    ]);
    assert.deepEqual(await bench.addresses(), {});
  });

  it("so is the deletion of the network", async () => {
    await use();
    const [came] = await Promise.all([attach(), net.delete(nb)]);
    assert.equal(came.portName, portOf("web"));
    assert.deepEqual([await bench.addresses(), await bench.nbctl("ls-list")], [{}, ""]);
  });

  it("so are plans that prune: what is attached after them stays", async () => {
    await use();
    const gate = gatedDial();
    await using own = await connectNorthbound(bench.sandbox.northbound.remote, { dial: gate.dial });
    gate.close();
    const pods = [{ ...web, node: "n1" }];
    const pruning = net.plan(own, { nodes: [{ name: "n1" }], pods, prune: true }).apply();
    const came = net.attach(own, { namespace: "default", name: "later", node: "n1" });
    await waitFor(() => gate.held > 0);
    // Takes the address that the plan has chosen, so that it is made again.
    await net.attach(nb, { namespace: "default", name: "third", node: "n1" });
    gate.open();
    assert.equal((await pruning).attempts, 2);
    await came;
    assert.deepEqual(Object.keys(await bench.addresses()).sort(), [portOf("later"), portOf("web")]);
  });

  it("do not wait for plans that are about other pods, nor for dry runs", async () => {
    await use();
    await attach();
    bench.sandbox.northbound.pause();
    const plan = net.plan(nb, { nodes: [{ name: "n1" }], pods: [{ ...web, name: "other", node: "n1" }] });
    const dry = net.plan(nb, { nodes: [{ name: "n1" }], pods: [{ ...web, name: "more", node: "n1" }] });
    const calls = [plan.apply(), dry.apply({ dryRun: true }), net.detach(nb, web)];
    try {
      await waitFor(() => nb.status().pendingTransactions === calls.length);
    } finally {
      bench.sandbox.northbound.resume();
    }
    await Promise.all(calls);
  });

  it("so that detach finds ports of other NAD keys, too", async () => {
    await use();
    await Promise.all([attach(), attach({}, { nad: "default/net/1" }), net.detach(nb, web)]);
    assert.deepEqual(await bench.addresses(), {});
  });

  it("go on when the one before has failed", async () => {
    await use();
    const failed = net.attach(nb, { ...web, node: "n1", ips: ["192.168.0.1"] });
    const came = attach();
    await assert.rejects(failed, AddressError);
    const { addresses } = await came;
    assert.equal((await bench.addresses())[portOf("web")], addresses);
  });

  it("need not wait for what writes nothing, nor does that for them", async () => {
    await use();
    bench.sandbox.northbound.pause();
    const calls = [attach({ dryRun: true }), attach(), attach({ dryRun: true })];
    try {
      await waitFor(() => nb.status().pendingTransactions === calls.length);
    } finally {
      bench.sandbox.northbound.resume();
    }
    await Promise.all(calls);
  });

  it("end at once when the signal aborts or the time is over while they wait, and let nobody pass those before", async () => {
    await use();
    bench.sandbox.northbound.pause();
    const controller = new AbortController();
    const came = attach();
    const aborted = net.detach(nb, web, { signal: controller.signal });
    const late = net.detach(nb, web, { timeout: 100 });
    const last = net.detach(nb, web);
    try {
      controller.abort(new RangeError("enough"));
      await assert.rejects(aborted, /enough/);
      await assert.rejects(late, (error) => {
        assert.ok(error instanceof TimeoutError);
        const what = 'the end of the call before for pod default/web on network "net"';
        assert.equal(error.message, `${what} did not come within 100 ms`);
        return true;
      });
    } finally {
      bench.sandbox.northbound.resume();
    }
    await came;
    assert.deepEqual([(await last).changed, await bench.addresses()], [true, {}]);
  });

  /** Begins one while the server does nothing, waits in vain for it, and begins the next before the server goes on. */
  async function givenUp<R>(
    one: (options: AttachOptions) => Promise<unknown>,
    next: () => Promise<R>,
  ): Promise<R> {
    using clock = new Clock();
    bench.sandbox.northbound.pause();
    let coming: Promise<R>;
    try {
      const gone = assert.rejects(one({ timeout: 20_000 }), OutcomeUnknownError);
      await waitFor(() => nb.status().pendingTransactions === 1);
      clock.pass(20_000);
      await gone;
      coming = next();
      // By then what need not wait has made its plan.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      bench.sandbox.northbound.resume();
    }
    return await coming;
  }

  it("come after what was sent before and given up, of which nobody knows yet what becomes", async () => {
    await use();
    const went = await givenUp(attach, () => net.detach(nb, web));
    assert.deepEqual([went.changed, await bench.addresses()], [true, {}]);
    await attach();
    const came = await givenUp((options) => net.detach(nb, web, options), attach);
    assert.equal((await bench.addresses())[portOf("web")], came.addresses);
    const pods = [{ ...web, node: "n1" }];
    const planned = await givenUp(
      (options) => net.detach(nb, web, options),
      () => net.plan(nb, { nodes: [{ name: "n1" }], pods }).apply(),
    );
    assert.equal((await bench.addresses())[portOf("web")], planned.attachments[0]?.addresses);
  });

  it("do not wait for ovn-northd to confirm what is committed", async () => {
    await use();
    const controller = new AbortController();
    const waits = attach({ wait: "sb", signal: controller.signal });
    const unconfirmed = assert.rejects(waits, UnconfirmedPlanError);
    await waitFor(() => nb.tables.Logical_Switch_Port.find({ name: portOf("web") }).length === 1);
    assert.equal((await net.detach(nb, web)).changed, true);
    controller.abort();
    await unconfirmed;
  });
});
