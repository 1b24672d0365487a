import assert from "node:assert/strict";
import { layer2, layer3 } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  node,
  portOf,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";

describeWithOvn("topologies and their neighbours", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const layer2Switch = "net_ovn_layer2_switch";

  const briefs: readonly (readonly [brief: Brief, home: string])[] = [
    [layer3Brief(["a", "b"]), "net_n1"],
    [layer2Brief(["a", "b"]), layer2Switch],
    [localnetBrief(["a", "b"]), "net_ovn_localnet_switch"],
  ];

  for (const [brief, home] of briefs) {
    it(`${brief.topology}: rows and keys of others survive apply, prune and apply again`, async () => {
      await bench.apply(brief);
      await bench.nbctl(`
        lsp-add ${home} foreign
        lsp-set-addresses foreign "0a:00:00:00:00:09 10.99.0.9"
        lsp-add ${home} foreign-pod
        set Logical_Switch_Port foreign-pod external_ids:pod=true
        set Logical_Switch ${home} other_config:theirs=1 external_ids:theirs=2 other_config:mcast_eth_src=x
        set Logical_Switch_Port ${portOf("a")} options:theirs=1 external_ids:theirs=2 enabled=true
        acl-add ${home} to-lport 1000 ip4 drop
        ls-add foreign-switch
        lr-add foreign-router
        lsp-add foreign-switch foreign-elsewhere
        pg-add theirs ${portOf("a")} foreign
        --id=@g create Load_Balancer_Group name=theirs
        add Logical_Switch ${home} load_balancer_group @g
      `);
      if (brief.topology === "layer3") {
        await bench.nbctl(`
          lr-route-add net_ovn_cluster_router 192.0.2.0/24 10.3.0.9
          lr-policy-add net_ovn_cluster_router 7 ip4 allow
          --id=@n create NAT type=snat external_ip=192.0.2.1 logical_ip=10.3.0.0/24
          add Logical_Router net_ovn_cluster_router nat @n
          lrp-add net_ovn_cluster_router foreign-port 0a:00:00:00:00:08 10.3.2.1/24
          set Logical_Router net_ovn_cluster_router options:theirs=1 external_ids:theirs=2
          set Logical_Router_Port rtos-net_n1 options:theirs=1 external_ids:theirs=2
          lrp-set-gateway-chassis rtos-net_n1 their-chassis 20
        `);
      }
      const before = await bench.everything();
      assert.deepEqual(await bench.apply(brief), [], "apply finds nothing to do");
      assert.deepEqual(
        await bench.apply(brief, { prune: true, pruneNetworks: true }),
        [],
        "nor does pruning",
      );
      assert.equal(await bench.everything(), before);
    });

    it(`${brief.topology}: they survive repairs of the rows they are in`, async () => {
      await bench.apply(brief);
      const port = portOf("a");
      await bench.nbctl(`
        set Logical_Switch ${home} other_config:theirs=1 external_ids:theirs=2 other_config:subnet=192.0.2.0/24
        remove Logical_Switch ${home} external_ids k8s.ovn.org/topology
        set Logical_Switch_Port ${port} options:theirs=1 external_ids:theirs=2 options:requested-chassis=x
        remove Logical_Switch_Port ${port} external_ids namespace
        set Logical_Switch_Port ${port} port_security=[] enabled=false
        pg-add theirs ${port}
      `);
      assert.deepEqual(await bench.apply(brief), [
        `update Logical_Switch ${home}: external_ids:k8s.ovn.org/topology other_config:subnet`,
        `update Logical_Switch_Port ${port}: external_ids:namespace options:requested-chassis port_security`,
      ]);
      assert.equal(await bench.get("Logical_Switch", home, "other_config:theirs"), '"1"');
      assert.equal(await bench.get("Logical_Switch", home, "external_ids:theirs"), '"2"');
      assert.equal(await bench.get("Logical_Switch_Port", port, "options:theirs"), '"1"');
      assert.equal(await bench.get("Logical_Switch_Port", port, "external_ids:theirs"), '"2"');
      assert.equal(await bench.get("Logical_Switch_Port", port, "enabled"), "false");
      const uuid = await bench.get("Logical_Switch_Port", port, "_uuid");
      assert.equal(await bench.get("Port_Group", "theirs", "ports"), `[${uuid}]`);
    });
  }

  for (const profile of profiles) {
    it(`${profile}: load balancer groups and shared rows of others stay as they are`, async () => {
      await bench.nbctl(`
        create Load_Balancer_Group name=net_clusterLBGroup
        --id=@b create Meter_Band action=drop rate=7
        create Meter name=theirs unit=kbps bands=@b
        create Copp name=ovnkube-default meters:dhcpv4-opts=theirs
      `);
      await bench.apply(layer3Brief(["a"]), { profile });
      const { Copp: copps = [], Meter: meters = [], Load_Balancer_Group: groups = [] } = await bench.tables();
      const protocols = copps.map((copp) => copp["meters"] as Record<string, string>);
      assert.deepEqual(
        protocols.map(({ "dhcpv4-opts": theirs, arp }) => [theirs, arp]),
        [["theirs", "arp-rate-limiter"]],
      );
      assert.equal(meters.find(({ name }) => name === "theirs")?.["unit"], "kbps");
      assert.equal(groups.filter(({ name }) => name === "net_clusterLBGroup").length, 1);
    });
  }

  it("addresses of others on the switch are never given out, however they are written", async () => {
    await bench.apply(layer2Brief());
    await bench.nbctl(`
      lsp-add ${layer2Switch} f1
      lsp-set-addresses f1 "0a:00:00:00:00:01 10.1.0.1" unknown
      lsp-add ${layer2Switch} f2
      lsp-set-port-security f2 "0a:00:00:00:00:02 10.1.0.2/24"
      lsp-add ${layer2Switch} f3
      set Logical_Switch_Port f3 'dynamic_addresses="0a:00:00:00:00:03 10.1.0.3"'
      lr-add r
      lrp-add r rp 0a:00:00:00:00:04 10.1.0.4/24
      lsp-add ${layer2Switch} f4
      lsp-set-type f4 router
      lsp-set-options f4 router-port=rp
      lsp-set-addresses f4 router
      lsp-add ${layer2Switch} f5
      lsp-set-type f5 virtual
      lsp-set-options f5 virtual-ip=10.1.0.5
      lsp-add ${layer2Switch} f6
      lsp-set-addresses f6 "dynamic 10.1.0.6"
    `);
    await bench.apply(layer2Brief(["a", "b"]));
    const { [portOf("a")]: a, [portOf("b")]: b } = await bench.addresses();
    assert.deepEqual([a, b], ["0a:58:0a:01:00:07 10.1.0.7", "0a:58:0a:01:00:08 10.1.0.8"]);
    assert.throws(() => bench.plan(layer2Brief([{ name: "c", ips: ["10.1.0.4"] }])), /taken by port "f4"/);
  });

  it("no node gets a subnet in which somebody's port on the router is", async () => {
    await bench.apply(layer3Brief());
    await bench.nbctl("lrp-add net_ovn_cluster_router foreign 0a:00:00:00:00:01 10.3.2.77/24");
    await bench.apply({ ...layer3Brief(), nodes: ["n1", "n2", "n3"] });
    assert.equal(await bench.get("Logical_Switch", "net_n3", "other_config:subnet"), '"10.3.3.0/24"');
  });

  it("a node whose switch lost its marks keeps its subnet although the request does not name it", async () => {
    await bench.apply(layer3Brief());
    await bench.nbctl("clear Logical_Switch net_n1 external_ids");
    await bench.apply({ ...layer3Brief(), nodes: ["n0"] });
    assert.equal(await bench.get("Logical_Switch", "net_n0", "other_config:subnet"), '"10.3.2.0/24"');
  });

  it("a row of our name that belongs to another network, or hangs in a switch of others, is refused", async () => {
    await bench.apply(layer2Brief());
    await bench.nbctl(`
      ls-add theirs
      lsp-add theirs ${portOf("a")}
    `);
    assert.throws(() => bench.plan(layer2Brief(["a"])), { code: "ERR_FOREIGN_PARENT" });
    const mark = (network: string): Promise<string> =>
      bench.nbctl(`set Logical_Switch ${layer2Switch} external_ids:k8s.ovn.org/network=${network}`);
    await mark("other");
    assert.throws(() => bench.plan(layer2Brief()), { code: "ERR_NAME_COLLISION" });
  });

  it("two switches of our name that others made are not guessed at", async () => {
    await bench.nbctl(`
      create Logical_Switch name=${layer2Switch}
      create Logical_Switch name=${layer2Switch}
    `);
    assert.throws(() => bench.plan(layer2Brief()), { code: "ERR_AMBIGUOUS_ROW" });
  });

  for (const [topology, subnets, home, taken, next] of [
    [layer2, "10.1.0.0/24", layer2Switch, "10.1.0.1", "10.1.0.2/24"],
    [layer3, "10.3.0.0/16/24", "net_n1", "10.3.0.3", "10.3.0.4/24"],
  ] as const)
    it(`beside a ${home} of others attach goes on with the one that a plan made, as plans do`, async () => {
      const network = topology({ name: "net", nad: "default/net", subnets });
      await network.plan(bench.nb, { nodes: [node("n1")] }).apply();
      const ours = await bench.get("Logical_Switch", home, "_uuid");
      await bench.nbctl(`
        ls-add second
        lsp-add second theirs
        lsp-set-addresses theirs "02:00:00:00:00:01 ${taken}"
        set Logical_Switch second name=${home}
      `);
      const { ips } = await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
      assert.deepEqual(ips, [next], "an address that is on none of the two");
      assert.match(await bench.nbctl(`lsp-list ${ours}`), /default\.net_default_a/);
    });

  it("a bare switch of our name is taken over, with what hangs on it", async () => {
    await bench.nbctl(`
      ls-add ${layer2Switch}
      lsp-add ${layer2Switch} theirs
    `);
    const uuid = await bench.get("Logical_Switch", layer2Switch, "_uuid");
    await bench.apply(layer2Brief(["a"]));
    assert.equal(await bench.get("Logical_Switch", layer2Switch, "_uuid"), uuid);
    assert.match(await bench.nbctl(`lsp-list ${layer2Switch}`), /theirs/);
  });

  it("a switch that somebody marked as the network's does not make it one of the other profile", async () => {
    await bench.nbctl("create Logical_Switch name=theirs external_ids:k8s.ovn.org/network=net");
    for (const profile of profiles) {
      await bench.apply(layer2Brief(["a"]), { profile });
      await bench.nbctl(`ls-del ${layer2Switch}`);
      await bench.nbctl("--all destroy Load_Balancer_Group");
    }
  });

  it("attach leaves alone a switch of its name that belongs to another network", async () => {
    await bench.apply(layer3Brief());
    await bench.nbctl("set Logical_Switch net_n1 external_ids:k8s.ovn.org/network=other");
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    const pod = { namespace: "default", name: "a", node: "n1" };
    await assert.rejects(network.attach(bench.nb, pod), { code: "ERR_NAME_COLLISION" });
  });

  it("a network of another topology in the database is refused", async () => {
    await bench.apply(layer3Brief(["a"]));
    assert.throws(() => bench.plan(layer2Brief(["a"])), { code: "ERR_SPEC", path: "topology" });
  });

  it("a router that others connect has its address to itself, also after it was given another one", async () => {
    const brief = layer2Brief(["a"]);
    await bench.apply(layer2Brief());
    await bench.nbctl(`
      lr-add theirs
      lrp-add theirs to-net 0a:00:00:00:00:08 10.1.0.1/24
      lsp-add ${layer2Switch} from-theirs
      set Logical_Switch_Port from-theirs type=router options:router-port=to-net
    `);
    const planned = (): string => String(bench.plan(brief).attachments?.[0]?.ips);
    assert.equal(planned(), "10.1.0.2/24");
    await bench.nbctl("set Logical_Router_Port to-net networks=10.1.0.2/24");
    assert.equal(planned(), "10.1.0.1/24");
  });
});
