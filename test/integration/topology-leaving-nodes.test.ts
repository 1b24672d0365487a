import assert from "node:assert/strict";
import { ConflictError } from "../../lib/ovsdb/index.ts";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import {
  ForeignRowsError,
  type LeavingNode,
  layer2,
  layer3,
  listNodes,
  type Northbound,
  planDeletion,
  SpecError,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { flows } from "../support/northd.ts";
import { withoutUuids } from "../support/other-uuids.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import { primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import {
  type Brief,
  catchUp,
  changesOf,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  pod,
  portOf,
  useTopologyBench,
} from "../support/topology.ts";

const deletion = (nb: Northbound, ...nodes: readonly LeavingNode[]): ReturnType<typeof planDeletion> =>
  planDeletion(nb, { networks: [], pods: [], nodes });

describeWithOvn("nodes that leave networks", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const routed = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
  const switched = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
  const pods = ["a", { name: "b", node: "n2" }];

  /** Does something with a second connection, as another program would. */
  async function withOther<R>(work: (other: Northbound) => Promise<R>): Promise<R> {
    const other = await connectNorthbound(bench.sandbox.northbound.remote);
    try {
      return await work(other);
    } finally {
      await other.close();
      await catchUp(bench.nb);
    }
  }

  const ports = async (): Promise<string[]> =>
    (await bench.nbctl("--bare --columns=name find Logical_Switch_Port external_ids:pod=true"))
      .split(/\s+/)
      .filter((name) => name !== "")
      .sort();

  it("rows of others are named and nothing is changed; force takes them along", async () => {
    await bench.apply(layer3Brief(pods));
    await bench.nbctl(`
      lsp-add net_n2 theirs
      lsp-add net_n1 theirs-elsewhere
      acl-add net_n2 to-lport 1 ip4 drop
      lrp-set-gateway-chassis rtos-net_n2 their-chassis 20
    `);
    const before = await bench.everything();
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof ForeignRowsError);
      assert.deepEqual(error.rows.map(({ table, parent }) => `${table} in ${parent.name}`).sort(), [
        "ACL in net_n2",
        "Gateway_Chassis in rtos-net_n2",
        "Logical_Switch_Port in net_n2",
      ]);
      return true;
    };
    assert.throws(() => deletion(bench.nb, { network: "net", name: "n2" }), refused);
    await assert.rejects(routed.removeNode(bench.nb, "n2"), refused);
    assert.equal(await bench.everything(), before);
    const { changes } = await routed.removeNode(bench.nb, "n2", { force: true });
    assert.ok(changes.some(({ name }) => name === "theirs"));
    assert.deepEqual(await ports(), [portOf("a")]);
    assert.match(await bench.nbctl("lsp-list net_n1"), /theirs-elsewhere/);
  });

  it("what is not there is told, and is no error", async () => {
    await bench.apply([layer3Brief(pods), layer2Brief([], { name: "flat" })]);
    const before = await bench.everything();
    const { absent, changed } = await deletion(
      bench.nb,
      { network: "net", name: "n9" },
      { network: "none", name: "n1" },
      { network: "flat", name: "n1" },
      { name: "n9" },
      { name: "n9" },
    ).apply();
    assert.deepEqual(
      [absent, changed],
      [
        ['node n9 of network "net"', 'node n1 of network "none"', 'node n1 of network "flat"', "node n9"],
        false,
      ],
    );
    assert.deepEqual((await routed.removeNode(bench.nb, { name: "n9" })).absent, [
      'node n9 of network "net"',
    ]);
    assert.equal(await bench.everything(), before);
  });

  it("what is no node is refused by its place", () => {
    const given: readonly (readonly [node: unknown, message: RegExp])[] = [
      ["n1", /^nodes\[0\] must be an object/],
      [{ network: "net" }, /^nodes\[0\]\.name/],
      [{ name: "" }, /^nodes\[0\]\.name/],
      [{ name: "n1", network: "" }, /^nodes\[n1\]\.network/],
      [{ name: "n1", nework: "net" }, /^nodes\[0\]\.nework .*network/],
    ];
    for (const [node, message] of given)
      assert.throws(
        () => deletion(bench.nb, node as LeavingNode),
        (error) => error instanceof SpecError && message.test(error.message),
        String(message),
      );
  });

  it("one network of several, or all; a network whose names begin alike keeps its own", async () => {
    const by = (nad: string): Brief["pods"] => ["a", { name: "b", node: "n2" }].map((each) => pod(each, nad));
    const briefs = [
      layer3Brief(by("default/net")),
      layer3Brief(by("default/one"), { name: "a.b", nad: "default/one" }),
      localnetBrief(by("default/two"), { name: "a-b", nad: "default/two" }),
      layer2Brief(by("default/three"), { name: "flat", nad: "default/three" }),
    ];
    await bench.apply(briefs);
    await deletion(bench.nb, { network: "a-b", name: "n2" }).apply();
    assert.match(await bench.nbctl("lrp-list a.b_ovn_cluster_router"), /rtos-a\.b_n2/);
    assert.deepEqual(
      (await ports()).filter((name) => /_b$/.test(name)),
      ["default.net_default_b", "default.one_default_b", "default.three_default_b"],
    );
    const plan = deletion(bench.nb, { name: "n2" });
    assert.deepEqual(plan.networks, ["a-b", "a.b", "flat", "net"]);
    await plan.apply();
    assert.deepEqual(
      listNodes(bench.nb.view).map(({ name }) => name),
      ["n1", "n1"],
    );
    assert.deepEqual(
      (await ports()).filter((name) => /_b$/.test(name)),
      [],
    );
  });

  it("in several transactions the chassis is known as long as any network told it", async () => {
    await bench.apply([layer3Brief(pods), layer2Brief(pods, { name: "zz", nad: "default/zz" })]);
    const { transactions, absent } = await deletion(bench.nb, { name: "n2" }).apply({ maxBytes: 1 });
    assert.deepEqual([transactions, absent], [2, []]);
    assert.deepEqual(await ports(), ["default.net_default_a", "default.zz_default_a"]);
  });

  it("goes well with networks and pods of the same request", async () => {
    await bench.apply([layer3Brief(pods), layer2Brief(pods, { name: "two", nad: "default/two" })]);
    const own = { namespace: "default", name: "b" };
    const { absent } = await planDeletion(bench.nb, {
      networks: ["net"],
      pods: [
        { ...own, nad: "default/net" },
        { ...own, nad: "default/two" },
      ],
      nodes: [
        { name: "n2", chassisId: "chassis-of-n2" },
        { name: "n2", network: "two" },
        { ...listNodes(bench.nb.view)[0], name: "n2", network: "net" },
      ],
    }).apply();
    assert.deepEqual(absent, []);
    assert.deepEqual(await ports(), ["default.two_default_a"]);
  });

  it("the chassis that somebody else gave a node's port does not take pods of another node along", async () => {
    await bench.apply([layer3Brief(pods), layer2Brief(pods, { name: "two", nad: "default/two" })]);
    await bench.nbctl("lrp-set-gateway-chassis rtos-net_n2 chassis-of-n1 20");
    await deletion(bench.nb, { network: "two", name: "n2" }).apply();
    assert.deepEqual(
      (await ports()).filter((name) => name.startsWith("default.two")),
      ["default.two_default_a"],
    );
  });

  it("what comes there between the plan and its transaction makes this fail, and is not lost without a word", async () => {
    await bench.apply(layer3Brief(pods));
    const plan = deletion(bench.nb, { network: "net", name: "n2" });
    const { operations } = plan;
    await withOther((other) => routed.attach(other, { namespace: "default", name: "late", node: "n2" }));
    const client = await OvsdbClient.of(bench.sandbox);
    const before = await bench.everything();
    await assert.rejects(client.transact(operations), ConflictError);
    assert.equal(await bench.everything(), before);
    const applied = await plan.apply();
    assert.ok(changesOf(applied).includes(`delete Logical_Switch_Port ${portOf("late")}`));
    assert.deepEqual(await ports(), [portOf("a")]);
  });

  it("a pod that is back on another node under its name by then stays", async () => {
    await bench.apply(layer2Brief(pods));
    const plan = deletion(bench.nb, { network: "net", name: "n2", chassisId: "chassis-of-n2" });
    const { operations } = plan;
    const later = {
      namespace: "default",
      name: "b",
      uid: "later",
      node: { name: "n1", chassisId: "chassis-of-n1" },
    };
    await withOther((other) => switched.attach(other, later));
    const client = await OvsdbClient.of(bench.sandbox);
    await assert.rejects(client.transact(operations), ConflictError);
    assert.deepEqual((await plan.apply()).absent, ['node n2 of network "net"']);
    assert.deepEqual(await ports(), [portOf("a"), portOf("b")]);
  });

  it("of a pod that another program attaches at the same moment all is there, or nothing", async () => {
    const first = layer3Brief(["a"]);
    await withOther(async (other) => {
      for (let round = 0; round < 25; round += 1) {
        await bench.apply(first);
        await catchUp(other);
        const comer = { namespace: "default", name: `p${round}`, node: "n2" };
        const [removal, attachment] = await Promise.allSettled([
          routed.removeNode(bench.nb, "n2"),
          routed.attach(other, comer),
        ]);
        assert.equal(removal.status, "fulfilled");
        const told = removal.status === "fulfilled" ? changesOf(removal.value) : [];
        if (attachment.status === "fulfilled")
          assert.ok(told.includes(`delete Logical_Switch_Port ${portOf(comer.name)}`), told.join("\n"));
        else assert.ok(attachment.reason instanceof SpecError, String(attachment.reason));
        assert.deepEqual(await ports(), [portOf("a")]);
      }
    });
    const left = withoutUuids(await bench.tables());
    await bench.delete(["net"]);
    await bench.apply({ ...first, nodes: ["n1"] });
    assert.deepEqual(left, withoutUuids(await bench.tables()));
  });

  it("programs that add it, remove it and attach pods to it at once leave nothing of it half-done", async () => {
    const brief = layer3Brief([]);
    await bench.apply(brief);
    const again = async (work: (nb: Northbound, round: number) => Promise<unknown>): Promise<void> =>
      withOther(async (other) => {
        for (let round = 0; round < 20; round += 1)
          await work(other, round).catch((error: unknown) =>
            assert.ok(error instanceof SpecError, String(error)),
          );
      });
    const churn = async (nb: Northbound): Promise<void> => {
      await routed.removeNode(nb, "n2");
      await routed.addNode(nb, { name: "n2", chassisId: "chassis-of-n2" });
    };
    const attach = (nb: Northbound, round: number): Promise<unknown> =>
      routed.attach(nb, { namespace: "default", name: `p${round}`, node: "n2" });
    await Promise.all([again(churn), again(churn), again(attach)]);
    assert.deepEqual(await bench.apply({ ...brief, nodes: ["n1", "n2"] }), []);
    await routed.removeNode(bench.nb, "n2");
    const left = withoutUuids(await bench.tables());
    await bench.delete(["net"]);
    await bench.apply({ ...brief, nodes: ["n1"] });
    assert.deepEqual(left, withoutUuids(await bench.tables()));
  });

  it("pods of calls that were begun before on the same connection go along, later ones wait for it", async () => {
    await bench.apply(layer2Brief(["a"]));
    const node = { name: "n2", chassisId: "chassis-of-n2" };
    const done: string[] = [];
    const told = (what: string) => (): void => void done.push(what);
    await Promise.all([
      switched.attach(bench.nb, { namespace: "default", name: "early", node }).then(told("early")),
      switched.removeNode(bench.nb, node).then(told("removal")),
      switched.attach(bench.nb, { namespace: "default", name: "late", node }).then(told("late")),
    ]);
    assert.deepEqual(done, ["early", "removal", "late"]);
    assert.deepEqual(await ports(), [portOf("a"), portOf("late")]);
  });
});

describeWithOvn("ovn-northd, after a node has left a network", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true, southbound: true, northd: true }));

  it("has the logical flows of one where it never was", async () => {
    const nodes = [primaryNode("n1", 2), primaryNode("n2", 3)];
    const brief = (count: number): Parameters<typeof bench.apply>[0] => [
      primaryLayer3Brief(
        [{ name: "a", node: "n1" }, ...(count > 1 ? [{ name: "b", node: "n2" }] : [])],
        {},
        nodes.slice(0, count),
      ),
      {
        ...layer3Brief(["a", ...(count > 1 ? [{ name: "b", node: "n2" }] : [])], {
          name: "two",
          nad: "default/two",
        }),
        nodes: ["n1", "n2"].slice(0, count),
      },
    ];
    await bench.apply(brief(1));
    await bench.plan(brief(1)).apply({ wait: "sb" });
    const expected = await flows(bench.sandbox);
    await bench.plan(brief(2)).apply({ wait: "sb" });
    const both = await flows(bench.sandbox);
    assert.ok(both.length > expected.length + 50, `${expected.length}, then ${both.length} flows`);
    await deletion(bench.nb, { name: "n2" }).apply({ wait: "sb" });
    assert.deepEqual(await flows(bench.sandbox), expected);
  });
});
