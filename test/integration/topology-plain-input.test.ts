import assert from "node:assert/strict";
import {
  layer2,
  layer3,
  listNetworks,
  localnet,
  planDeletion,
  planTopology,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

describeWithOvn("plans and attachments from plain JavaScript", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
  const pod = { namespace: "default", name: "a", node: "n1" };

  it("a plan of a pod on a switched network gives the port that attaching it gives, without nodes", async () => {
    await network.plan(bench.nb, { pods: [pod] }).apply();
    const planned = await bench.tables();
    await network.detach(bench.nb, pod);
    await network.attach(bench.nb, pod);
    assert.deepEqual(await bench.tables(), planned);
  });

  it("on layer3 it names the list that lacks the node", () => {
    const routed = layer3({ name: "l3", nad: "default/net", subnets: "10.3.0.0/16/24" });
    assert.throws(() => routed.plan(bench.nb, { pods: [pod] }), {
      code: "ERR_SPEC",
      message: 'pods[default/a].node is not among `nodes`: "n1"',
    });
  });

  it("nodes that are bare names, and addresses that are no list, are told of by name", async () => {
    for (const value of ["n1", null]) {
      assert.throws(() => network.plan(bench.nb, { nodes: [value] as never }), {
        code: "ERR_SPEC",
        path: "nodes[0]",
        value,
      });
    }
    await network.plan(bench.nb).apply();
    const before = await bench.tables();
    await assert.rejects(network.attach(bench.nb, { ...pod, ips: "10.1.0.77" as never }), {
      code: "ERR_SPEC",
      path: "pods[default/a].ips",
      value: "10.1.0.77",
    });
    assert.deepEqual(await bench.tables(), before);
  });

  it("a plan that is given the database once more says that it has one", async () => {
    const plan = network.plan(bench.nb);
    await assert.rejects(plan.apply(bench.nb as never), {
      code: "ERR_USAGE",
      message: "a plan writes to the database that it was made for: apply takes options, or nothing",
    });
    assert.equal((await plan.apply()).changed, true);
  });

  it("pods as `listNetworks` tells of them can be planned, detached and attached again", async () => {
    await network.plan(bench.nb, { pods: [pod] }).apply();
    const [listed] = listNetworks(bench.nb.view).flatMap(({ pods }) => pods);
    assert.ok(listed);
    assert.deepEqual(network.plan(bench.nb, { pods: [listed] }).changes, []);
    const before = await bench.tables();
    await network.detach(bench.nb, listed);
    await network.attach(bench.nb, listed);
    assert.deepEqual(await bench.tables(), before);
    await planDeletion(bench.nb, { networks: [], pods: [listed] }).apply();
    assert.deepEqual(
      listNetworks(bench.nb.view).flatMap(({ pods }) => pods),
      [],
    );
  });

  it("a key that nobody reads is told of, and nothing is written: a transaction for trial would be made", async () => {
    await network.plan(bench.nb).apply();
    const before = await bench.tables();
    const trial = { wait: "none", dryrun: true } as const;
    const call = bench.nb.transact((tx) => tx.insert("Logical_Switch", { name: "trial" }), trial);
    await assert.rejects(call, { code: "ERR_USAGE", message: /dryrun .* did you mean dryRun\?/ });
    await assert.rejects(network.attach(bench.nb, pod, trial), { code: "ERR_USAGE" });
    const misspelt = { ...pod, ip: ["10.1.0.77"] };
    await assert.rejects(network.attach(bench.nb, misspelt), {
      code: "ERR_SPEC",
      path: "pods[default/a].ip",
    });
    assert.deepEqual(await bench.tables(), before);
  });

  it("a NAD that is none of the network's is told of: detaching would not find the port", async () => {
    await network.plan(bench.nb).apply();
    const before = await bench.tables();
    await assert.rejects(network.attach(bench.nb, { ...pod, nad: "default/zzz" }), {
      code: "ERR_SPEC",
      path: "pods[default/a].nad",
      value: "default/zzz",
      message: /which has default\/net only/,
    });
    await network.attach(bench.nb, pod);
    await network.attach(bench.nb, { ...pod, nad: "default/net/1" });
    await network.detach(bench.nb, pod);
    assert.deepEqual(await bench.tables(), before);
  });

  it("pods that are none are told of, also where their ports shall go", async () => {
    await network.plan(bench.nb, { pods: [pod] }).apply();
    const before = await bench.tables();
    for (const value of [null, undefined, "a"]) {
      const of = (path: string): object => ({ code: "ERR_SPEC", path, value });
      assert.throws(() => network.plan(bench.nb, { pods: [pod, value] as never }), of("pods[1]"));
      await assert.rejects(network.attach(bench.nb, value as never), of("pod"));
      await assert.rejects(network.detach(bench.nb, value as never), of("pod"));
      const request = { networks: [], pods: [value] as never };
      assert.throws(() => planDeletion(bench.nb, request), of("pods[0]"));
    }
    const unnamed: readonly (readonly [string, object])[] = [
      ["pod.namespace", { name: "a" }],
      ["pod.name", { namespace: "default" }],
      ["pod.name", { ...pod, name: "" }],
      ["pods[default/a].nad", { ...pod, nad: 5 }],
    ];
    for (const [path, input] of unnamed) {
      await assert.rejects(network.attach(bench.nb, { node: "n1", ...input } as never), {
        code: "ERR_SPEC",
        path,
      });
      await assert.rejects(network.detach(bench.nb, input as never), { code: "ERR_SPEC", path });
      const listed = { code: "ERR_SPEC", path: path.replace(/^pod\./, "pods[1].") };
      assert.throws(() => network.plan(bench.nb, { pods: [pod, { node: "n1", ...input }] as never }), listed);
    }
    assert.deepEqual(await bench.tables(), before);
  });

  it("requests that are none are told of by place, and so are networks without a name that shall go", async () => {
    const before = await bench.tables();
    const { spec } = network;
    const whole = { spec, nodes: [], attachments: [] };
    const requests: readonly (readonly [string, object])[] = [
      ["networks", {}],
      ["networks[1]", { networks: [whole, null] }],
      ["networks[0].spec", { networks: [{ nodes: [], attachments: [] }] }],
      ["networks[1].spec.name", { networks: [whole, { ...whole, spec: localnet({ name: "net" }).spec }] }],
      ["networks[0].nodes", { networks: [{ spec, attachments: [] }] }],
      ["networks[0].nodes[0]", { networks: [{ ...whole, nodes: [null] }] }],
      ["networks[0].attachments[0]", { networks: [{ ...whole, attachments: ["a"] }] }],
      ["networks[0].claims[0].ips", { networks: [{ ...whole, claims: [{ namespace: "a", name: "b" }] }] }],
    ];
    for (const [path, request] of requests)
      assert.throws(() => planTopology(bench.nb, request as never), { code: "ERR_SPEC", path });
    for (const name of [null, "", 5])
      assert.throws(() => planDeletion(bench.nb, { networks: [name as never], pods: [] }), {
        code: "ERR_SPEC",
        path: "networks[0]",
        value: name,
      });
    assert.throws(() => planDeletion(bench.nb, { networks: [network as never], pods: [] }), {
      message: "networks[0] must be the name of a network: an Object",
    });
    const removals: readonly (readonly [string, object])[] = [
      ["networks", { networks: "net" }],
      ["networks[2]", { networks: ["net", "net", null] }],
      ["pods", { pods: {} }],
    ];
    for (const [path, request] of removals)
      assert.throws(() => planDeletion(bench.nb, { networks: [], pods: [], ...request } as never), {
        code: "ERR_SPEC",
        path,
      });
    assert.deepEqual(await bench.tables(), before);
  });
});
