import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { UsageError } from "../../lib/jsonrpc/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import {
  type AddedNode,
  type AddOptions,
  AddressError,
  layer2,
  layer3,
  type NodeInput,
  type Northbound,
  SpecError,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { errors, given, noteSizes } from "../support/crowds.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseFirstCrowd } from "../support/lose.ts";
import { node, useTopologyBench } from "../support/topology.ts";

const net = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });

/** How many node switches a message inserts. */
function switchesIn({ params }: ProxyMessage): number {
  return JSON.stringify(params).split('"op":"insert","table":"Logical_Switch",').length - 1;
}

describeWithOvn("nodes that are added one by one", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  let nb: Northbound;
  /** The switches in each transaction that was sent. */
  let sizes: number[];

  beforeEach(async () => {
    sizes = [];
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    watch();
  });
  afterEach(async () => {
    await nb.close();
    await proxy.close();
  });

  /** Notes sizes, and calls `sent` with each. */
  function watch(sent?: (size: number) => void): void {
    noteSizes(proxy, switchesIn, sizes, sent);
  }

  const add = (given: string | NodeInput, options: AddOptions = {}): Promise<AddedNode> =>
    net.addNode(nb, node(given), options);

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

  /** That each has the subnet that it was told, which no other has, and that the switches and router ports are those of these nodes. */
  async function check(nodes: readonly AddedNode[]): Promise<void> {
    const told = nodes.map(({ name, subnets }) => [`net_${name}`, subnets.join()]).toSorted();
    const text = await bench.nbctl("--format=json --columns=name,other_config list Logical_Switch");
    const { data } = JSON.parse(text) as { data: [string, ["map", [string, string][]]][] };
    const found = data.map(([name, [, pairs]]) => [name, new Map(pairs).get("subnet")]).toSorted();
    assert.deepEqual(found, told);
    assert.equal(new Set(told.map(([, subnets]) => subnets)).size, told.length);
    const ports = await bench.nbctl("--bare --columns=name list Logical_Router_Port");
    assert.deepEqual(ports.split(/\s+/).toSorted(), nodes.map(({ name }) => `rtos-net_${name}`).toSorted());
  }

  it("go together when they are begun in one turn, with the rows of one plan for all", async () => {
    const nodes = await Promise.all(names(250).map((name) => add(name)));
    // Each hundred also makes the network, until one has it: the others are planned again, in halves.
    assert.deepEqual([Math.max(...sizes), sizes.length < 20], [100, true], sizes.join());
    await check(nodes);
    assert.deepEqual(
      nodes.map(({ name, notes }) => [name, notes]),
      names(250).map((name) => [name, []]),
    );
    const added = await bench.tables();
    await net.delete(nb);
    await net
      .plan(nb, { nodes: nodes.map(({ name, subnets }) => ({ ...node(name), subnets: { net: subnets } })) })
      .apply();
    assert.deepEqual(added, await bench.tables());
  });

  it("wait for nobody: those of a later turn are sent before the first have their reply", async () => {
    await net.plan(nb).apply();
    const hold = (): void => proxy.setOpenFaults({ toClient: { hold: true } });
    watch(hold);
    const first = add("a");
    await waitFor(() => sizes.length === 1);
    watch(hold);
    const others = [add("b"), add("c")];
    await waitFor(() => sizes.length === 2);
    assert.deepEqual(sizes, [1, 2]);
    proxy.setOpenFaults({});
    await check(await Promise.all([first, ...others]));
    assert.deepEqual(await add("a"), { name: "a", subnets: (await first).subnets, notes: [] });
  });

  it("are told their own notes: without a chassis id each goes by itself", async () => {
    const nodes = await Promise.all([
      net.addNode(nb, "a"),
      net.addNode(nb, { name: "b", chassisId: "" }),
      add("c"),
      add("d"),
    ]);
    assert.deepEqual(
      nodes.map(({ notes }) => notes),
      [
        ["node a has no chassis id; its name is used instead"],
        ["node b has no chassis id; its name is used instead"],
        [],
        [],
      ],
    );
    await check(nodes);
  });

  it("are told what each would be told alone: of nodes with one chassis id nothing, as nobody sees both", async () => {
    await net.plan(nb).apply();
    const twin = { name: "twin", chassisId: "chassis-of-a" };
    const nodes = await Promise.all([add("a"), add("b"), add(twin)]);
    assert.deepEqual(sizes, [1, 2]);
    assert.deepEqual(
      nodes.map(({ name, notes }) => [name, notes]),
      ["a", "b", "twin"].map((name) => [name, []]),
    );
    await check(nodes);
  });

  it("fail alone when one cannot have its subnet", async () => {
    await add({ name: "old", chassisId: "old", subnets: { net: ["10.3.7.0/24"] } });
    const ask = (name: string): Promise<AddedNode> =>
      add(name === "n5" ? { name, chassisId: name, subnets: { net: ["10.3.7.0/24"] } } : name);
    const results = await Promise.allSettled(names(12).map(ask));
    const [error, ...more] = errors(results);
    assert.ok(error instanceof AddressError && more.length === 0, String(errors(results)));
    assert.match(error.message, /^node n5: subnet 10\.3\.7\.0\/24 of network "net" belongs to node old/);
    assert.equal(given(results).length, 11);
    await check([...given(results), { name: "old", subnets: ["10.3.7.0/24"], notes: [] }]);
  });

  it("fail alone when there is room for all but some", async () => {
    const small = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/22/24" });
    const results = await Promise.allSettled(names(6).map((name) => small.addNode(nb, node(name))));
    assert.equal(given(results).length, 4);
    for (const error of errors(results)) assert.ok(error instanceof AddressError, String(error));
    await check(given(results));
  });

  it("do not go together with other options, another signal, a wait or a dry run", async () => {
    await net.plan(nb).apply();
    const controller = new AbortController();
    const nodes = await Promise.all([
      add("a"),
      add("b", { clusterMtu: 1500 }),
      add("c", { signal: controller.signal }),
      add("d", { dryRun: true }),
      add("e", { signal: controller.signal }),
      add("f", { timeout: 70_000, signal: controller.signal }),
      add("g"),
    ]);
    assert.deepEqual(sizes.toSorted(), [1, 1, 1, 1, 1, 2]);
    await check(nodes.filter(({ name }) => name !== "d"));
    assert.equal(await bench.get("Logical_Router_Port", "rtos-net_b", "options:gateway_mtu"), '"1500"');
    assert.equal(await bench.get("Logical_Router_Port", "rtos-net_c", "options:gateway_mtu"), '"1400"');
  });

  it("are done in the order of the calls where they are about one node", async () => {
    const first = { ...node("a"), subnets: { net: ["10.3.1.0/24"] } };
    const second = { ...node("a"), subnets: { net: ["10.3.2.0/24"] } };
    const third = { name: "a", chassisId: "another" };
    const nodes = await Promise.all([first, second, third].map((each) => add(each)));
    assert.deepEqual(
      nodes.map(({ subnets }) => subnets),
      [["10.3.1.0/24"], ["10.3.2.0/24"], ["10.3.2.0/24"]],
    );
    assert.equal(await bench.nbctl("--bare --columns=chassis_name list Gateway_Chassis"), "another");
  });

  it("are gone, or there, as the last call says", async () => {
    await net.plan(nb).apply();
    const [, , absent] = await Promise.all([
      add("a"),
      net.removeNode(nb, "a"),
      net.removeNode(nb, "b"),
      add("b"),
    ]);
    assert.deepEqual(absent.absent.length, 1);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_b");
  });

  it("are gone with the network that is deleted after them, and there again where they come after that", async () => {
    await net.plan(nb).apply();
    await Promise.all([add("a"), add("b"), net.delete(nb)]);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "");
    await add("a");
    const [{ changed }, again] = await Promise.all([net.delete(nb), add("b"), net.removeNode(nb, "b")]);
    assert.deepEqual([changed, again.name], [true, "b"]);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "");
    await Promise.all([net.delete(nb), add("c")]);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_c");
  });

  it("come after a removal that was sent and given up, of which nobody knows yet what becomes", async () => {
    await net.plan(nb).apply();
    await add("a");
    using clock = new Clock();
    proxy.setOpenFaults({ toServer: { hold: true } });
    const gone = assert.rejects(net.removeNode(nb, "a", { timeout: 20_000 }), OutcomeUnknownError);
    await waitFor(() => nb.status().pendingTransactions === 1);
    clock.pass(20_000);
    await gone;
    const later = add("a");
    // By then what need not wait has found the node there.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    watch();
    await check([await later]);
    assert.deepEqual(sizes, [1, 1]);
  });

  it("are fewer each time that somebody else was faster, and none is lost", async () => {
    await net.plan(nb).apply();
    let overtaken = 0;
    const { sandbox } = bench;
    const overtake = (size: number): void => {
      if (size < 2 || overtaken >= 3) return;
      overtaken += 1;
      proxy.setOpenFaults({ toServer: { hold: true } });
      void sandbox
        .run("ovn-nbctl", ["set", "Logical_Router", "net_ovn_cluster_router", `external_ids:n=${overtaken}`])
        .then(() => watch(overtake));
    };
    watch(overtake);
    const nodes = await Promise.all(names(16).map((name) => add(name)));
    assert.equal(overtaken, 3);
    assert.equal(sizes[0], 16);
    await check(nodes);
    // Nobody looked past what others no longer were about to take.
    const subnets = new Set(nodes.flatMap((each) => each.subnets));
    assert.deepEqual(subnets, new Set(names(16).map((_, index) => `10.3.${index}.0/24`)));
  });

  for (const what of ["reply", "request"] as const) {
    it(`are there once when the ${what} is lost`, async () => {
      const isLost = loseFirstCrowd(proxy, what, switchesIn);
      const nodes = await Promise.all(names(12).map((name) => add(name)));
      assert.ok(isLost());
      await check(nodes);
    });
  }

  it("are in doubt together when the signal of all aborts while the transaction is under way", async () => {
    await net.plan(nb).apply();
    const controller = new AbortController();
    watch(() => {
      proxy.setOpenFaults({ toClient: { hold: true } });
      controller.abort(new UsageError("enough"));
    });
    const { signal } = controller;
    const results = await Promise.allSettled(names(4).map((name) => add(name, { signal })));
    assert.deepEqual(
      errors(results).map((error) => error instanceof OutcomeUnknownError),
      [true, true, true, true],
    );
  });

  it("hear of their own time: who has more goes on when the one that took it along gives up", async () => {
    await net.plan(nb).apply();
    using clock = new Clock();
    let held = 0;
    watch(() => {
      held += 1;
      if (held > 1) return;
      proxy.setOpenFaults({ toServer: { hold: true } });
      clock.pass(20_000);
    });
    const leader = add("a", { timeout: 20_000 });
    const guest = add("b", { timeout: 60_000 });
    await assert.rejects(leader, OutcomeUnknownError);
    proxy.setOpenFaults({});
    const nodes = [await guest];
    await waitFor(async () =>
      (await bench.nbctl("--bare --columns=name list Logical_Switch")).includes("net_a"),
    );
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["b"],
    );
    assert.equal((await bench.nbctl("--bare --columns=name find Logical_Switch name=net_b")).trim(), "net_b");
  });

  it("have no subnets on layer2, where a node has no rows", async () => {
    const flat = layer2({ name: "flat", nad: "default/flat", subnets: "10.1.0.0/24" });
    assert.deepEqual(await flat.addNode(nb, node("a")), { name: "a", subnets: [], notes: [] });
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "flat_ovn_layer2_switch");
  });

  it("are those that were given, whatever becomes of the objects later in that turn", async () => {
    const one = { name: "a", chassisId: "chassis-of-a" };
    const options: { clusterMtu?: number } = {};
    const first = net.addNode(nb, one, options);
    one.name = "b";
    one.chassisId = "chassis-of-b";
    options.clusterMtu = 1500;
    const second = net.addNode(nb, one, options);
    const nodes = await Promise.all([first, second]);
    await check(nodes);
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["a", "b"],
    );
    assert.equal(await bench.get("Logical_Router_Port", "rtos-net_a", "options:gateway_mtu"), '"1400"');
    const pod = { namespace: "default", name: "p", node: { name: "a" } };
    const ports = [net.attach(nb, pod)];
    pod.name = "q";
    pod.node.name = "b";
    ports.push(net.attach(nb, pod));
    const switches = (await Promise.all(ports)).map(({ portName }) => portName);
    assert.deepEqual(switches, ["default.net_default_p", "default.net_default_q"]);
    for (const [name, port] of [
      ["net_a", switches[0]],
      ["net_b", switches[1]],
    ])
      assert.match(await bench.nbctl(`lsp-list ${name}`), new RegExp(String(port)));
  });

  it("keep a pod that comes after them waiting when they leave, although they themselves wait for who came before", async () => {
    const added = await add("a");
    const again = add({ name: "a", chassisId: "another", subnets: { net: ["10.3.9.0/24"] } });
    const removed = net.removeNode(nb, "a");
    const pod = net.attach(nb, { namespace: "default", name: "p", node: "a" });
    const [, gone, attached] = await Promise.allSettled([again, removed, pod]);
    assert.deepEqual([added.name, gone.status], ["a", "fulfilled"]);
    assert.ok(attached.status === "rejected" && attached.reason instanceof SpecError, attached.status);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch_Port"), "");
  });

  it("are refused by their fields, before anything is sent", async () => {
    for (const [what, where] of [
      [{ name: 1 }, /^node\.name must/],
      [{ name: "a", chassisId: 1 }, /^nodes\[a\]\.chassisId must/],
      [null, /^node must be an object with a `name`/],
      ["", /^node\.name must not be empty/],
      [{ name: "a", colour: "red" }, /colour/],
    ] as const) {
      const error: unknown = await net.addNode(nb, what as never).catch((reason: unknown) => reason);
      assert.ok(error instanceof SpecError, String(error));
      assert.match(error.message, where);
    }
    await assert.rejects(net.addNode(nb, "a", { prune: true } as never), UsageError);
    await assert.rejects(net.addNode(nb, "a", { migrate: "yes" } as never), { code: "ERR_SPEC" });
    assert.deepEqual(sizes, []);
  });
});
