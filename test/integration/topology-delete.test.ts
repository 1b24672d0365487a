import assert from "node:assert/strict";
import fc from "fast-check";
import { ConflictError } from "../../lib/ovsdb/index.ts";
import { ForeignRowsError, planDeletion } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";

describeWithOvn("deleting topologies", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const router = "net_ovn_cluster_router";

  it("rows of others are named and nothing is changed; force takes them along", async () => {
    await bench.apply(layer3Brief(["a"]));
    await bench.nbctl(`
      lsp-add net_n1 their-port
      acl-add net_n1 to-lport 1 ip4 drop
      qos-add net_n1 to-lport 1 ip4 dscp=1
      lr-route-add ${router} 192.0.2.0/24 10.3.0.9
      lr-policy-add ${router} 7 ip4 allow
      lrp-add ${router} their-router-port 0a:00:00:00:00:01 192.0.2.1/24
      lrp-set-gateway-chassis rtos-net_n1 their-chassis 20
      lb-add their-balancer 192.0.2.9:80 10.3.0.3:80
      ls-add their-switch
      --id=@lb create Load_Balancer name=another
      add Load_Balancer_Group net_clusterLBGroup load_balancer @lb
    `);
    const before = await bench.everything();
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof ForeignRowsError);
      assert.deepEqual(
        error.rows.map(({ table, parent }) => `${table} in ${parent.name} ${parent.column}`).sort(),
        [
          "ACL in net_n1 acls",
          "Gateway_Chassis in rtos-net_n1 gateway_chassis",
          "Load_Balancer in net_clusterLBGroup load_balancer",
          `Logical_Router_Policy in ${router} policies`,
          `Logical_Router_Port in ${router} ports`,
          `Logical_Router_Static_Route in ${router} static_routes`,
          "Logical_Switch_Port in net_n1 ports",
          "QoS in net_n1 qos_rules",
        ],
      );
      assert.match(error.message, /their-port in Logical_Switch net_n1/);
      return true;
    };
    await assert.rejects(bench.delete(["net"]), refused);
    assert.equal(await bench.everything(), before);
    await bench.delete(["net"], { force: true });
    const left = await bench.tables();
    assert.deepEqual(Object.keys(left).sort(), [
      "Copp",
      "Load_Balancer",
      "Logical_Switch",
      "Meter",
      "Meter_Band",
    ]);
    assert.deepEqual(
      left["Logical_Switch"]?.map(({ name }) => name),
      ["their-switch"],
    );
    assert.equal(left["Load_Balancer"]?.length, 2);
  });

  it("a group that a switch of others uses stays, and that is said", async () => {
    await bench.apply(layer2Brief());
    const group = await bench.nbctl(
      "--bare --columns=_uuid find Load_Balancer_Group name=net_clusterLBGroup",
    );
    await bench.nbctl(`create Logical_Switch name=theirs load_balancer_group=${group}`);
    const { kept } = await planDeletion(bench.nb, { networks: ["net"], pods: [] }).apply();
    assert.deepEqual(kept, ["load balancer group net_clusterLBGroup stays: Logical_Switch theirs not ours"]);
    assert.equal(await bench.nbctl("--bare --columns=name list Load_Balancer_Group"), "net_clusterLBGroup");
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "theirs");
  });

  it("the transaction itself fails when a foreign row came after the plan", async () => {
    await bench.apply(layer3Brief(["a"]));
    const { operations } = planDeletion(bench.nb, { networks: ["net"], pods: [] });
    const client = await OvsdbClient.of(bench.sandbox);
    const intrusions: readonly (readonly [come: string, go: string])[] = [
      ["lsp-add net_n2 foreign", "lsp-del foreign"],
      ["acl-add net_n1 to-lport 1 ip4 drop", "acl-del net_n1"],
      [`lr-route-add ${router} 192.0.2.0/24 10.3.0.9`, `lr-route-del ${router} 192.0.2.0/24`],
      [
        "--id=@b create Load_Balancer name=theirs\nadd Load_Balancer_Group net_clusterLBGroup load_balancer @b",
        "lb-del theirs",
      ],
    ];
    const whole = await bench.everything();
    for (const [come, go] of intrusions) {
      await bench.nbctl(come);
      const before = await bench.everything();
      await assert.rejects(client.transact(operations), ConflictError, come);
      assert.equal(await bench.everything(), before);
      await bench.nbctl(go);
    }
    assert.equal(await bench.everything(), whole);
    await client.transact(operations);
    assert.equal((await bench.tables())["Logical_Switch"], undefined);
  });

  it("what is absent is said; pods go without their network, also when their marks are gone", async () => {
    await bench.apply(layer2Brief(["a", "b"]));
    await bench.nbctl(`clear Logical_Switch_Port ${portOf("a")} external_ids`);
    const pod = { namespace: "default", nad: "default/net" };
    const request = {
      networks: ["none"],
      pods: [
        { ...pod, name: "a" },
        { ...pod, name: "z" },
      ],
    };
    const { absent } = await planDeletion(bench.nb, request).apply();
    assert.deepEqual(absent, ['network "none"', "pod default/z on default/net"]);
    assert.deepEqual(Object.keys(await bench.addresses()), [portOf("b")]);
    await bench.nbctl(`
      ls-add elsewhere
      lsp-add elsewhere ${portOf("a")}
    `);
    const again = planDeletion(bench.nb, { networks: [], pods: [{ ...pod, name: "a" }] });
    assert.deepEqual(
      [again.operations, again.absent.length],
      [[], 1],
      "a port of the same name elsewhere is not ours",
    );
  });

  it("a port that somebody made by hand under a pod's name is not the pod's", async () => {
    await bench.apply(layer2Brief([]));
    await bench.nbctl(`lsp-add net_ovn_layer2_switch ${portOf("hand")}`);
    const plan = planDeletion(bench.nb, {
      networks: [],
      pods: [{ namespace: "default", name: "hand", nad: "default/net" }],
    });
    assert.deepEqual([plan.changes, plan.absent], [[], ["pod default/hand on default/net"]]);
    await bench.nbctl(`lsp-del ${portOf("hand")}`);
  });

  it("switches that lost their marks go too", async () => {
    await bench.apply([layer3Brief(["a"])]);
    await bench.nbctl(`
      clear Logical_Switch net_n1 external_ids
      clear Logical_Router ${router} external_ids
    `);
    await bench.delete(["net"]);
    assert.deepEqual(Object.keys(await bench.tables()).sort(), ["Copp", "Meter", "Meter_Band"]);
  });

  it("a network whose name gives the same prefix keeps its groups", async () => {
    await bench.apply(layer2Brief(["a"], { name: "a-b" }));
    const before = await bench.everything();
    const { absent, operations } = planDeletion(bench.nb, { networks: ["a.b"], pods: [] });
    assert.deepEqual([absent, operations], [['network "a.b"'], []]);
    assert.equal(await bench.everything(), before);
  });

  it("several networks above the size limit go in several transactions", async () => {
    const briefs = ["a", "b", "c"].map((name) => layer2Brief(["x"], { name }));
    await bench.apply(briefs);
    const progress: (readonly string[])[] = [];
    const applied = await planDeletion(bench.nb, { networks: ["a", "b", "none", "c"], pods: [] }).apply({
      maxBytes: 1,
      onProgress: (networks) => progress.push(networks),
    });
    assert.deepEqual([applied.transactions, applied.absent], [3, ['network "none"']]);
    assert.deepEqual(progress, [["a"], ["b"], ["none"], ["c"]]);
    assert.equal((await bench.tables())["Logical_Switch"], undefined);
  });

  it("deleting what was applied restores every row and column, whatever else is in the database", async () => {
    await bench.nbctl(`
      ls-add their-switch
      lsp-add their-switch their-port
      lsp-set-addresses their-port "0a:00:00:00:00:01 10.1.0.1"
      acl-add their-switch to-lport 1 ip4 drop
      lr-add their-router
      lrp-add their-router their-router-port 0a:00:00:00:00:02 10.1.0.1/24
      lr-route-add their-router 0.0.0.0/0 10.1.0.9
      lb-add their-balancer 192.0.2.9:80 10.1.0.3:80
      pg-add their-group their-port
      create Load_Balancer_Group name=theirs
    `);
    // Copp and meters are everybody's, and stay.
    await bench.apply(layer3Brief([], { name: "first" }));
    await bench.delete(["first"]);
    const before = await bench.everything();
    const podNames = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    const subnets = fc.constantFrom("10.1.0.0/16", "fd00:1::/48", "10.1.0.0/16,fd00:1::/48");
    const brief = fc.record({
      topology: fc.constantFrom(layer3Brief, layer2Brief, localnetBrief),
      pods: podNames,
      subnets,
      nodes: fc.constantFrom(["n1"], ["n1", "n2"]),
    });
    const scenario = fc.tuple(fc.array(brief, { minLength: 1, maxLength: 3 }), fc.constantFrom(...profiles));
    await fc.assert(
      fc.asyncProperty(scenario, async ([made, profile]) => {
        const briefs = made.map(
          ({ topology, pods, subnets: given, nodes }, index): Brief => ({
            ...topology(pods, { name: `net${index}`, subnets: given }),
            nodes,
          }),
        );
        await bench.apply(briefs, { profile });
        await bench.delete(briefs.map(({ input }) => input.name));
        assert.equal(await bench.everything(), before);
      }),
      { numRuns: 25 },
    );
  });
});
