import assert from "node:assert/strict";
import { inspect } from "node:util";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import {
  type Applied,
  type ApplyOptions,
  layer2,
  Network,
  type Northbound,
  type PolicyRequest,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { errors, given, noteSizes } from "../support/crowds.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseFirstCrowd } from "../support/lose.ts";
import { primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import {
  type Brief,
  catchUp,
  changesOf,
  layer2Brief,
  layer3Brief,
  node,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const net = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/22" });

/** How many ports a message takes out of switches and groups. */
function portsIn({ params }: ProxyMessage): number {
  const taken = JSON.stringify(params).matchAll(
    /\["ports","delete",(?:\["set",\[)?((?:\["uuid","[^"]*"\],?)+)/g,
  );
  return [...taken].reduce((sum, [, uuids = ""]) => sum + uuids.split('"uuid"').length - 1, 0);
}

describeWithOvn("pods that are detached in one turn", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  let nb: Northbound;
  /** The ports in each transaction that was sent. */
  let sizes: number[];

  beforeEach(async () => {
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
    sizes = [];
    noteSizes(proxy, portsIn, sizes, sent);
  }

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);

  async function attach(...pods: readonly string[]): Promise<void> {
    await net.plan(bench.nb).apply();
    await Promise.all(
      pods.map((name) => net.attach(bench.nb, { namespace: "default", name, node: node("n1") })),
    );
    await catchUp(nb);
  }

  const detach = (name: string, options: ApplyOptions = {}, network = net): Promise<Applied> =>
    network.detach(nb, { namespace: "default", name }, options);

  const left = async (): Promise<string[]> => Object.keys(await bench.addresses()).toSorted();

  /** What a call tells. */
  const told = (applied: Applied): unknown => {
    const { changed, changes, transactions, omitted, notes, kept, absent, attachments, nodes } = applied;
    const columns = changes.map(({ table, name, columns: each }) => [table, name, each]);
    const rest = { changed, transactions, omitted, notes, kept, absent, attachments, nodes };
    return { lines: changesOf(applied), columns, ...rest };
  };

  it("go together, and each is told its own part", async () => {
    await attach(...names(250));
    const all = await Promise.all([...names(250), "absent"].map((name) => detach(name)));
    assert.deepEqual(sizes, [100, 100, 50]);
    assert.match(inspect(all[7]), /^Applied \{\n {2}changed: true,.*\bdefault\.net_default_p7\b/s);
    assert.deepEqual(
      all.map((each) => [changesOf(each), each.absent, each.changed, each.transactions]),
      [
        ...names(250).map((name) => [[`delete Logical_Switch_Port ${portOf(name)}`], [], true, 1]),
        [[], ["pod default/absent on default/net"], false, 0],
      ],
    );
    assert.deepEqual(await left(), []);
    assert.equal(nb.status().counters.conflicts, 0);
  });

  const nodes = [
    primaryNode("n1", 2, { subnets: { default: ["10.128.0.0/24"] } }),
    primaryNode("n2", 3, { subnets: { default: ["10.128.1.0/24"] } }),
  ];
  const machine = (name: string): object => ({ name, vm: { name } });
  const open = [{ protocol: "udp", port: 53 }] as const;
  const everybody: PolicyRequest = {
    policies: [
      {
        namespace: "default",
        name: "all",
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ podSelector: {} }] }],
      },
    ],
  };
  const briefs: Readonly<Record<string, Brief>> = {
    "layer3, on two nodes": layer3Brief(["a", { name: "b", node: "n2" }, "c"]),
    "several ports of one pod": layer2Brief([
      "a",
      { name: "b", nad: "default/net/1" },
      "b",
      { name: "c", nad: "default/net/9" },
      { name: "c", nad: "default/net/20" },
    ]),
    "policies, of which the address sets have the addresses": {
      ...layer2Brief(["a", "b", "c", { name: "stays", namespace: "other" }], {
        subnets: "10.1.0.0/24,fd00:1::/64",
      }),
      policies: everybody,
    },
    "machines, to which DHCP says something": layer2Brief([machine("a"), machine("b"), "c"], {
      subnets: "10.1.0.0/24,fd00:1::/64",
      dhcp: true,
    }),
    "a primary network, with ports on the cluster's own": primaryLayer3Brief(
      [
        { name: "a", defaultPort: { ips: ["10.128.0.7/24"], openPorts: open } },
        { name: "b", defaultPort: { ips: ["10.128.0.8/24"], openPorts: open } },
        "c",
      ],
      {},
      nodes,
    ),
  };
  for (const [what, brief] of Object.entries(briefs))
    it(`are told together what each would be told alone, also when it is lost: ${what}`, async () => {
      const request = requestFor(brief);
      const [{ spec } = assert.fail()] = request.networks;
      const network = new Network(spec);
      const pods = ["a", "b", "c", "nobody"];
      const outcomes: unknown[] = [];
      for (const how of ["alone", "together", "reply", "request"] as const) {
        await bench.nbctl("--may-exist ls-add n1\nset Logical_Switch n1 other_config:subnet=10.128.0.0/24");
        await bench.apply(brief);
        await catchUp(nb);
        const isLost = how === "reply" || how === "request" ? loseFirstCrowd(proxy, how, portsIn) : undefined;
        const all: Applied[] = [];
        if (how === "alone") for (const pod of pods) all.push(await detach(pod, {}, network));
        else all.push(...(await Promise.all(pods.map((pod) => detach(pod, {}, network)))));
        assert.notEqual(isLost?.(), false);
        for (const { attempts } of all) assert.equal(attempts, isLost === undefined ? 1 : 2);
        assert.ok(all.every(({ changed }, index) => changed === index < 3));
        assert.deepEqual(
          (await left()).filter((name) => /_default_[abc]$/.test(name)),
          [],
        );
        outcomes.push([all.map(told), await bench.tables()]);
        await bench.delete([spec.name]);
      }
      const [alone, ...together] = outcomes;
      for (const each of together) assert.deepEqual(each, alone);
      assert.equal(sizes.length, 4);
    });

  it("are told, both, of what goes with the last of the two pods of a machine", async () => {
    const vm = { name: "vm" };
    const brief: Brief = {
      ...layer2Brief(
        [
          { name: "a", vm },
          { name: "b", vm, node: "n2" },
          { name: "stays", namespace: "other" },
        ],
        {
          dhcp: true,
        },
      ),
      policies: everybody,
    };
    await bench.apply(brief);
    await catchUp(nb);
    const [{ spec } = assert.fail()] = requestFor(brief).networks;
    const all = await Promise.all(["a", "b"].map((name) => detach(name, {}, new Network(spec))));
    assert.deepEqual(
      all.map(({ changes }) => changes.map(({ action, table }) => `${action} ${table}`).toSorted()),
      all.map(() => ["delete DHCP_Options", "delete Logical_Switch_Port", "update Address_Set"]),
    );
    assert.equal(sizes.length, 1);
  });

  it("do not go together with other options, another signal, a wait or a dry run, or on another network", async () => {
    await attach(...names(8));
    const { signal } = new AbortController();
    const other = layer2({ name: "other", nad: "default/other", subnets: "10.2.0.0/24" });
    await other.plan(bench.nb).apply();
    await other.attach(bench.nb, { namespace: "default", name: "p0", node: node("n1") });
    await catchUp(nb);
    await Promise.all([
      detach("p0"),
      detach("p1", { timeout: 50_000 }),
      detach("p2", { signal }),
      detach("p3", { dryRun: true }),
      detach("p4", { signal }),
      detach("p5", { maxBytes: 1_000 }),
      detach("p6"),
      detach("p0", {}, other),
    ]);
    assert.deepEqual(sizes.toSorted(), [1, 1, 1, 1, 1, 1, 2]);
    assert.deepEqual(
      await left(),
      ["p3", "p7"].map((name) => portOf(name)),
    );
  });

  it("leave the port of a later pod of the same name, and take the others", async () => {
    await net.plan(bench.nb).apply();
    for (const name of ["a", "b", "c"])
      await net.attach(bench.nb, { namespace: "default", name, node: node("n1"), uid: `later-${name}` });
    await catchUp(nb);
    const uids = { a: "later-a", b: "earlier", c: "later-c" };
    const all = await Promise.all(
      Object.entries(uids).map(([name, uid]) => net.detach(nb, { namespace: "default", name, uid })),
    );
    assert.deepEqual(
      all.map(({ absent, changed }) => [absent, changed]),
      [
        [[], true],
        [["pod default/b on default/net: its port is that of a pod with another uid (later-b)"], false],
        [[], true],
      ],
    );
    assert.deepEqual(await left(), [portOf("b")]);
  });

  it("are fewer each time that somebody else was faster, and none is lost", async () => {
    await net.plan(bench.nb).apply();
    await Promise.all(
      names(16).map((name) =>
        net.attach(bench.nb, { namespace: "default", name, node: node("n1"), uid: name }),
      ),
    );
    await catchUp(nb);
    let overtaken = 0;
    const overtake = (size: number): void => {
      if (size < 2 || overtaken >= 3) return;
      overtaken += 1;
      proxy.setOpenFaults({ toServer: { hold: true } });
      // The port has become another pod's before the server looks.
      void bench
        .nbctl(`set Logical_Switch_Port ${portOf(`p${overtaken - 1}`)} options:iface-id-ver=later`)
        .then(() => watch(overtake));
    };
    watch(overtake);
    const all = await Promise.all(
      names(16).map((name) => net.detach(nb, { namespace: "default", name, uid: name })),
    );
    const kept = names(3);
    assert.equal(overtaken, 3);
    assert.ok(all.some(({ attempts }) => attempts > 1));
    assert.deepEqual(
      await left(),
      kept.map((name) => portOf(name)),
    );
    assert.deepEqual(
      all.map(({ absent, changed }) => absent.length === 0 && changed),
      names(16).map((name) => !kept.includes(name)),
    );
  });

  for (const what of ["reply", "request"] as const) {
    it(`are told that it was them when the ${what} is lost`, async () => {
      await attach(...names(12));
      const isLost = loseFirstCrowd(proxy, what, portsIn);
      const all = await Promise.all([...names(12), "absent"].map((name) => detach(name)));
      assert.ok(isLost());
      assert.deepEqual(
        all.map((each) => [changesOf(each), each.absent.length, each.changed]),
        [
          ...names(12).map((name) => [[`delete Logical_Switch_Port ${portOf(name)}`], 0, true]),
          [[], 1, false],
        ],
      );
      assert.deepEqual(await left(), []);
    });
  }

  it("are in doubt together when the time of all is over while the transaction is under way", async () => {
    await attach(...names(4));
    using clock = new Clock();
    watch(() => {
      proxy.setOpenFaults({ toServer: { hold: true } });
      clock.pass(20_000);
    });
    const results = await Promise.allSettled(names(4).map((name) => detach(name, { timeout: 20_000 })));
    assert.deepEqual(
      errors(results).map((error) => error instanceof OutcomeUnknownError),
      [true, true, true, true],
    );
    proxy.setOpenFaults({});
    await waitFor(async () => (await left()).length === 0);
  });

  it("keep the order of the calls about one pod, and with those about nodes", async () => {
    await attach("a", "b");
    const come = (name: string) => net.attach(nb, { namespace: "default", name, node: node("n1") });
    const [first, , second, gone, again] = await Promise.all([
      detach("a"),
      come("a"),
      detach("a"),
      net.removeNode(nb, node("n1")),
      detach("b"),
    ]);
    assert.deepEqual(
      [first, second, again].map(({ changed }) => changed),
      [true, true, false],
    );
    assert.deepEqual(changesOf(gone), [`delete Logical_Switch_Port ${portOf("b")}`]);
    assert.deepEqual(await left(), []);
  });

  it("are those that were given, whatever becomes of the objects later in that turn", async () => {
    await attach("a", "b", "c");
    const pod = { namespace: "default", name: "a" };
    const options: { dryRun?: boolean } = {};
    const calls = [net.detach(nb, pod, options)];
    pod.name = "b";
    options.dryRun = true;
    calls.push(net.detach(nb, pod, options));
    const results = await Promise.allSettled(calls);
    assert.deepEqual(
      given(results).map((each) => changesOf(each).join()),
      ["a", "b"].map((name) => `delete Logical_Switch_Port ${portOf(name)}`),
    );
    assert.deepEqual(
      await left(),
      ["b", "c"].map((name) => portOf(name)),
    );
  });
});
