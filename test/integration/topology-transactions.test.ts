import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { insertOp, type MonitorTables, type Operation } from "../../lib/ovsdb/index.ts";
import { layer2, layer3, type Network, planTopology } from "../../lib/topology/index.ts";
import { countingDial } from "../support/count-requests.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  node,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const withoutMeters: MonitorTables = {
  Logical_Switch: true,
  Logical_Switch_Port: true,
  Logical_Router: true,
  Logical_Router_Port: true,
  Gateway_Chassis: true,
  Load_Balancer_Group: true,
  Copp: true,
  Meter: { where: [["name", "==", "none"]] },
  Meter_Band: true,
  Port_Group: true,
  Address_Set: true,
  ACL: true,
  DHCP_Options: true,
};

describeWithOvn("transactions of topologies", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const briefs: readonly Brief[] = [
    layer3Brief(["a", "b"], { name: "l3" }),
    layer2Brief(["a", "b"], { name: "l2", subnets: "10.1.0.0/24,fd00:1::/64" }),
    localnetBrief(["a", "b"], { name: "ln" }),
  ];

  it("one apply is one transaction, and the second sends nothing; with wait exactly one", async () => {
    const { dial, requests } = countingDial();
    // Any call of ovn-nbctl makes the row of NB_Global; had it to be made by us, the first one to ask could be faster.
    await bench.nbctl("init");
    const nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial });
    try {
      const first = await planTopology(nb, requestFor(briefs)).apply();
      assert.deepEqual([first.transactions, first.attempts, requests.transacts.length], [1, 1, 1]);
      const second = await planTopology(nb, requestFor(briefs)).apply();
      assert.deepEqual([second.changed, second.transactions, requests.transacts.length], [false, 0, 1]);
      const waiting = planTopology(nb, requestFor(briefs)).apply({ wait: "sb" });
      // No ovn-northd runs here: this test is it.
      await waitFor(async () => (await bench.nbctl("--bare --columns=nb_cfg list NB_Global")) === "1");
      await bench.nbctl("set NB_Global . sb_cfg=1");
      assert.equal((await waiting).changed, false);
      assert.equal(requests.transacts.length, 2);
      assert.match(requests.transacts[1] ?? "", /NB_Global/);
      assert.doesNotMatch(requests.transacts[1] ?? "", /Logical_/);
    } finally {
      await nb.close();
      await bench.nbctl("--all destroy NB_Global");
    }
  });

  it("two clients that wait on a database without NB_Global both succeed", async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => connectNorthbound(bench.sandbox.northbound.remote)),
    );
    assert.ok(one && two);
    try {
      const both = Promise.all(
        [one, two].map((nb, index) =>
          planTopology(nb, requestFor(layer2Brief([], { name: `net${index}` }))).apply({ wait: "sb" }),
        ),
      );
      await waitFor(async () => Number(await bench.nbctl("--bare --columns=nb_cfg list NB_Global")) >= 2);
      await bench.nbctl("set NB_Global . sb_cfg=2");
      assert.deepEqual(
        (await both).map(({ changed }) => changed),
        [true, true],
      );
    } finally {
      await Promise.all([one.close(), two.close()]);
      await bench.nbctl("--all destroy NB_Global");
    }
  });

  it("above the size limit each network is a transaction; cut off between two, the rest follows later", async () => {
    await bench.apply(briefs);
    const whole = await bench.tables();
    await bench.close();
    await bench.open();
    const abort = new AbortController();
    const seen: (readonly string[])[] = [];
    const cut = bench.plan(briefs).apply({
      maxBytes: 1,
      signal: abort.signal,
      onProgress: (networks) => {
        seen.push(networks);
        abort.abort(new Error("killed"));
      },
    });
    await assert.rejects(cut, /killed/);
    assert.deepEqual(seen, [["l3"]]);
    const half = await bench.tables();
    assert.deepEqual(half["Logical_Router"], whole["Logical_Router"]);
    assert.equal(half["Logical_Switch"]?.length, 2);
    const rest = await bench.plan(briefs).apply({ maxBytes: 1 });
    assert.equal(rest.transactions, 2);
    assert.deepEqual(await bench.tables(), whole);
  });

  it("a limit that holds two networks makes two transactions of three", async () => {
    const { bytes } = bench.plan(briefs);
    const seen: (readonly string[])[] = [];
    const applied = await bench.plan(briefs).apply({
      maxBytes: bytes - 1,
      onProgress: (networks) => seen.push(networks),
    });
    assert.deepEqual([applied.transactions, seen], [2, [["l3", "l2"], ["ln"]]]);
  });

  it("no transaction is larger than the limit, and no two could have been one", async () => {
    const { dial, requests } = countingDial();
    const nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial });
    try {
      const sizes = [18, 6, 12, 36, 6, 6, 30, 6];
      const many = sizes.map((count, index) =>
        layer3Brief(
          Array.from({ length: count }, (_, each) => `n${each}`),
          { name: `net${index}` },
        ),
      );
      const plan = planTopology(nb, requestFor(many));
      const maxBytes = Math.ceil(plan.bytes * 0.4);
      const seen: string[] = [];
      const applied = await plan.apply({ maxBytes, onProgress: (networks) => seen.push(...networks) });
      assert.deepEqual(
        seen,
        sizes.map((_, index) => `net${index}`),
      );
      const sent = requests.transacts.map((text) => {
        const [, ...operations] = (JSON.parse(text) as { readonly params: readonly unknown[] }).params;
        return Buffer.byteLength(JSON.stringify(operations));
      });
      assert.equal(sent.length, applied.transactions);
      assert.ok(sent.length > 2);
      for (const [index, bytes] of sent.entries()) {
        assert.ok(bytes <= maxBytes, `${sent.join()} with the limit ${maxBytes}`);
        const next = sent[index + 1];
        // Rows that several networks share are told of in each transaction.
        assert.ok(
          next === undefined || bytes + next > maxBytes * 0.9,
          `${sent.join()} with the limit ${maxBytes}`,
        );
      }
      assert.equal((await planTopology(nb, requestFor(many)).apply()).changed, false);
    } finally {
      await nb.close();
    }
  });

  it("a transaction that the server refuses leaves nothing, and is not repeated for ever", async () => {
    // A Meter of our name that this client does not replicate: planning again does not help.
    const blind = await connectNorthbound(bench.sandbox.northbound.remote, { tables: withoutMeters });
    try {
      const client = await OvsdbClient.of(bench.sandbox);
      const band: Operation = insertOp("Meter_Band", { action: "drop", rate: 1 }, { uuidName: "b" });
      const meter = insertOp("Meter", {
        name: "arp-rate-limiter",
        unit: "pktps",
        bands: ["set", [["named-uuid", "b"]]],
      });
      await client.transact([band, meter]);
      const before = await bench.everything();
      await assert.rejects(planTopology(blind, requestFor(layer3Brief(["a"]))).apply({ timeout: 30_000 }), {
        code: "ERR_CONSTRAINT",
      });
      assert.equal(await bench.everything(), before);
    } finally {
      await blind.close();
    }
  });

  it("a signal that comes while the plan is made stops it before anything is sent", async () => {
    const controller = new AbortController();
    const applied = planTopology(bench.nb, requestFor(layer2Brief(["late"]))).apply({
      signal: controller.signal,
    });
    // Planning is under way, and synchronous: this is as early as a signal's handler can run.
    setImmediate(() => controller.abort(new Error("interrupted")));
    await assert.rejects(applied, /interrupted/);
    assert.equal(await bench.nbctl("--bare --columns=name find Logical_Switch_Port"), "");
  });

  it("options that cannot be are refused by name", () => {
    const request = requestFor(layer3Brief([]));
    for (const [wrong, path] of [
      [{ profile: "zz" }, "profile"],
      [{ gatewayMode: "zz" }, "gatewayMode"],
      [{ clusterMtu: -5 }, "clusterMtu"],
    ] as const) {
      const given = { ...request, ...wrong } as typeof request;
      assert.throws(() => planTopology(bench.nb, given), { code: "ERR_SPEC", path });
    }
  });

  it("a dry run changes nothing, and tells what a real one would", async () => {
    const before = await bench.everything();
    const dry = await bench.plan(briefs).apply({ dryRun: true });
    assert.equal(dry.changed, true);
    assert.equal(await bench.everything(), before);
    const real = await bench.plan(briefs).apply();
    assert.deepEqual(real.changes.length, dry.changes.length);
  });

  for (const topology of ["layer2", "layer3"] as const) {
    it(`${topology}: attaching costs the same on a network of 10 and of 1000 ports`, async () => {
      const subnets = topology === "layer2" ? "10.0.0.0/16,fd00:1::/64" : "10.0.0.0/8/16,fd00:1::/48/64";
      const network: Network = (topology === "layer2" ? layer2 : layer3)({
        name: "net",
        nad: "default/net",
        subnets,
      });
      const costs: [requests: number, operations: number, bytes: number][] = [];
      for (const size of [10, 1000]) {
        const nodes = Array.from({ length: size / 10 }, (_, index) =>
          node(`m${String(index).padStart(4, "0")}`),
        );
        const pods = Array.from({ length: size }, (_, index) => ({
          namespace: "default",
          name: `p${String(index).padStart(4, "0")}`,
          node: nodes[index % nodes.length] ?? "",
        }));
        await network.plan(bench.nb, { nodes, pods }).apply();
        const { dial, requests } = countingDial();
        const nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial });
        const pod = { namespace: "default", name: `x${String(size).padStart(4, "0")}`, node: node("m0000") };
        const { addresses } = await network.attach(nb, {
          ...pod,
          ips: ["10.0.9.9", "fd00:1:0:1::99"].slice(0, 1),
        });
        await nb.close();
        assert.match(addresses, /10\.0\.9\.9/);
        const sent = requests.transacts.map((text) => JSON.parse(text) as { id: number; params: unknown[] });
        const bytes = sent.reduce((sum, { params }) => sum + JSON.stringify(params).length, 0);
        costs.push([sent.length, sent.reduce((sum, { params }) => sum + params.length - 1, 0), bytes]);
        await bench.nbctl(`lsp-del ${portOf(pod.name)}`);
      }
      const [small, large] = costs;
      assert.deepEqual(large?.slice(0, 2), small?.slice(0, 2));
      // The second address, which is the next one, may have more digits.
      assert.ok(Math.abs((large?.[2] ?? 0) - (small?.[2] ?? 0)) < 20, JSON.stringify(costs));
    });
  }
});
