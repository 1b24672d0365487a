import assert from "node:assert/strict";
import { layer2, layer3, localnet, SpecError } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  layer2Brief,
  layer3Brief,
  localnetBrief,
  node,
  portOf,
  useTopologyBench,
} from "../support/topology.ts";

describeWithOvn("the life of a topology", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const net = (topology: typeof layer2, subnets = "10.1.0.0/24"): ReturnType<typeof layer2> =>
    topology({ name: "net", nad: "default/net", subnets });

  async function addressOf(name: string, nad?: string): Promise<string | undefined> {
    return (await bench.addresses())[portOf(name, nad)];
  }

  it("nodes, pods and networks come and go; what stays is not touched", async () => {
    await bench.apply(layer3Brief(["a"]));
    const port = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    await bench.apply({ ...layer3Brief(["a", { name: "b", node: "n3" }]), nodes: ["n1", "n2", "n3"] });
    assert.equal(await addressOf("b"), "0a:58:0a:03:02:03 10.3.2.3");
    const changes = await bench.apply({ ...layer3Brief(["a"]), nodes: ["n1"] }, { prune: true });
    assert.deepEqual(
      changes.filter((line) => !line.startsWith("delete")),
      [],
    );
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_n1");
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Router_Port"), "rtos-net_n1");
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "_uuid"), port);
    await bench.apply([layer3Brief(["a"]), layer2Brief(["x"], { name: "other" })]);
    await bench.delete(["net"]);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "other_ovn_layer2_switch");
  });

  it("shows of a port what the pages tell, in plans, of what was applied and of what was attached", async () => {
    const network = net(layer2);
    const pod = { namespace: "default", name: "a", node: "n1" };
    const port = {
      input: { ...pod, nad: "default/net" },
      portName: portOf("a"),
      addresses: "0a:58:0a:01:00:01 10.1.0.1",
      mac: "0a:58:0a:01:00:01",
      ips: ["10.1.0.1/24"],
      isRemote: false,
      network: "net",
    };
    const plan = network.plan(bench.nb, { pods: [pod] });
    assert.deepEqual(plan.attachments, [port]);
    assert.deepEqual((await plan.apply()).attachments, [port]);
    const { notes, ...attached } = await network.attach(bench.nb, pod);
    assert.deepEqual(attached, port);
    assert.deepEqual(notes, plan.notes);
  });

  it("whose ranges the cluster has is not planned, but one that is there can be used and taken away", async () => {
    const described = { name: "net", nad: "default/net", subnets: "100.64.0.0/16" };
    const network = layer2(described);
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof SpecError, String(error));
      assert.deepEqual([error.network, error.path, error.value], ["net", "subnets", "100.64.0.0/16"]);
      return true;
    };
    assert.throws(() => network.plan(bench.nb), refused);
    // Made without the check: nobody is to have the range, so that it is no matter.
    await layer2({ ...described, excludeSubnets: "100.64.0.0/16" })
      .plan(bench.nb)
      .apply();
    assert.throws(() => network.plan(bench.nb), refused);
    const pod = { namespace: "default", name: "a" };
    const { ips } = await network.attach(bench.nb, { ...pod, node: "n1" });
    assert.deepEqual(ips, ["100.64.0.1/16"]);
    assert.equal(await addressOf("a"), "0a:58:64:40:00:01 100.64.0.1");
    await network.detach(bench.nb, pod);
    assert.equal(await addressOf("a"), undefined);
    await network.delete(bench.nb);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "");
  });

  for (const [topology, name] of [
    [layer2, "layer2"],
    [localnet, "localnet"],
    [layer3, "layer3"],
  ] as const) {
    it(`${name}: attach, detach, and the freed address is the next one given out`, async () => {
      const network = net(topology, name === "layer3" ? "10.1.0.0/16/24" : "10.1.0.0/24");
      await network.plan(bench.nb, { nodes: [node("n1"), node("n2")] }).apply();
      const place = { namespace: "default", node: node("n1") };
      const attached = [];
      for (const pod of ["a", "b", "c"])
        attached.push(await network.attach(bench.nb, { ...place, name: pod }));
      const base = name === "layer3" ? 3 : 1;
      assert.deepEqual(
        attached.map(({ ips, mac }) => [ips, mac]),
        [0, 1, 2].map((n) => [[`10.1.0.${base + n}/24`], `0a:58:0a:01:00:0${base + n}`]),
      );
      const again = await network.attach(bench.nb, { ...place, name: "b" });
      assert.deepEqual([again.ips, again.portName], [[`10.1.0.${base + 1}/24`], portOf("b")]);
      assert.equal((await network.detach(bench.nb, { namespace: "default", name: "b" })).changed, true);
      const nothing = await network.detach(bench.nb, { namespace: "default", name: "b" });
      assert.deepEqual([nothing.changed, nothing.absent], [false, ["pod default/b on default/net"]]);
      const next = await network.attach(bench.nb, { ...place, name: "d" });
      assert.deepEqual(next.ips, [`10.1.0.${base + 1}/24`]);
      assert.equal(await addressOf("d"), `0a:58:0a:01:00:0${base + 1} 10.1.0.${base + 1}`);
      await network.delete(bench.nb);
      await assert.rejects(network.attach(bench.nb, { ...place, name: "e" }), { code: "ERR_SPEC" });
    });
  }

  it("attach leaves the rest of the network as it was made, and does not take away another network's port", async () => {
    const network = net(layer3, "10.1.0.0/16/24");
    const special = { gatewayMode: "local", clusterMtu: 8900 } as const;
    await network.plan(bench.nb, { nodes: [node("n1")], ...special }).apply();
    await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
    assert.deepEqual(
      network.plan(bench.nb, {
        nodes: [node("n1")],
        pods: [{ namespace: "default", name: "a", node: "n1" }],
        ...special,
      }).changes,
      [],
    );
    await assert.rejects(network.attach(bench.nb, { namespace: "default", name: "a", node: "n9" }), /n9/);
    const other = layer2({ name: "other", nad: "default/net", subnets: "10.9.0.0/24" });
    await other.plan(bench.nb, {}).apply();
    const { changed } = await other.detach(bench.nb, { namespace: "default", name: "a" });
    assert.equal(changed, false);
    assert.equal(await addressOf("a"), "0a:58:0a:01:00:03 10.1.0.3");
  });

  it("a recorded address that differs is a new row in one transaction, with all that others gave the old one", async () => {
    await bench.apply(layer2Brief(["a", "b"]));
    const old = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    await bench.nbctl(`
      set Logical_Switch_Port ${portOf("a")} external_ids:theirs=1 options:theirs=2 enabled=true
      --id=@d create DHCP_Options cidr=10.1.0.0/24
      set Logical_Switch_Port ${portOf("a")} dhcpv4_options=@d
      pg-add theirs ${portOf("a")} ${portOf("b")}
    `);
    const plan = bench.plan(layer2Brief([{ name: "a", recorded: { ips: ["10.1.0.77/24"] } }, "b"]));
    const applied = await plan.apply();
    assert.equal(applied.transactions, 1);
    const uuid = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    assert.notEqual(uuid, old);
    assert.equal(await addressOf("a"), "0a:58:0a:01:00:4d 10.1.0.77");
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "external_ids:theirs"), '"1"');
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "options:theirs"), '"2"');
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "enabled"), "true");
    assert.match(await bench.get("Logical_Switch_Port", portOf("a"), "dhcpv4_options"), /-/);
    const b = await bench.get("Logical_Switch_Port", portOf("b"), "_uuid");
    const members = (await bench.get("Port_Group", "theirs", "ports")).slice(1, -1).split(", ");
    assert.deepEqual(members.toSorted(), [uuid, b].toSorted());
    await bench.nbctl("--all destroy DHCP_Options");
  });

  it("an address is handed over from one pod to another, and two pods swap theirs, in one apply", async () => {
    await bench.apply(layer2Brief(["a", "b"]));
    await bench.apply(layer2Brief([{ name: "a", ips: ["10.1.0.9"] }, { name: "c", ips: ["10.1.0.1"] }, "b"]));
    const [a, b, c] = [await addressOf("a"), await addressOf("b"), await addressOf("c")];
    assert.deepEqual(
      [a, b, c],
      ["0a:58:0a:01:00:09 10.1.0.9", "0a:58:0a:01:00:02 10.1.0.2", "0a:58:0a:01:00:01 10.1.0.1"],
    );
    await bench.apply(
      layer2Brief([
        { name: "a", ips: ["10.1.0.2"] },
        { name: "b", ips: ["10.1.0.9"] },
      ]),
    );
    assert.deepEqual(
      [await addressOf("a"), await addressOf("b")],
      ["0a:58:0a:01:00:02 10.1.0.2", "0a:58:0a:01:00:09 10.1.0.9"],
    );
  });

  it("a pod on another node: a new address on layer3, the same row on layer2", async () => {
    await bench.apply([layer3Brief(["a"]), layer2Brief(["a"], { name: "flat" })]);
    const flat = portOf("a", "default/flat");
    const uuid = await bench.get("Logical_Switch_Port", flat, "_uuid");
    const moved = { name: "a", node: "n2" };
    await bench.apply([layer3Brief([moved]), layer2Brief([moved], { name: "flat" })]);
    assert.equal(await addressOf("a"), "0a:58:0a:03:01:03 10.3.1.3");
    assert.equal(
      await bench.nbctl("lsp-list net_n1"),
      `${await bench.get("Logical_Switch_Port", "stor-net_n1", "_uuid")} (stor-net_n1)`,
    );
    assert.equal(await bench.get("Logical_Switch_Port", flat, "_uuid"), uuid);
    assert.equal(await bench.get("Logical_Switch_Port", flat, "options:requested-chassis"), "chassis-of-n2");
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    const { ips } = await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
    assert.deepEqual(ips, ["10.3.0.3/24"], "attach moves it back");
    assert.equal((await bench.nbctl("lsp-list net_n2")).includes(portOf("a")), false);
  });

  it("a node with a new chassis id: its pods ask for that, and the old gateway chassis goes", async () => {
    await bench.apply(layer3Brief(["a"]));
    await bench.nbctl("lrp-set-gateway-chassis rtos-net_n1 theirs 20");
    await bench.apply({ ...layer3Brief(["a"]), nodes: [{ name: "n1", chassisId: "new" }, "n2"] });
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "options:requested-chassis"), "new");
    const list = await bench.nbctl("lrp-get-gateway-chassis rtos-net_n1");
    assert.match(list, /^rtos-net_n1-theirs\s+20\s+rtos-net_n1-new\s+1$/);
  });

  it("other subnets for a network whose pods run: the plan says how many ports get new addresses", async () => {
    const change = { subnets: "10.9.0.0/24" };
    await bench.apply(layer2Brief(["a", "b"]));
    const { notes } = bench.plan(layer2Brief(["a", "b", "c"], change));
    assert.deepEqual(notes, [
      'network "net": 2 ports get new addresses: their own are outside of the subnets',
    ]);
    await bench.apply(layer2Brief(["a", "b", "c"], change));
    assert.deepEqual(bench.plan(layer2Brief(["a", "b", "c"], change)).notes, []);
  });

  it("many nodes without a chassis id get one note in all", () => {
    const nodes = ["n1", "n2", "n3", "n4"].map((name) => ({ name }));
    const both = [
      { ...layer3Brief(["a"]), nodes },
      { ...layer3Brief(["a"], { name: "two" }), nodes },
    ];
    assert.deepEqual(bench.plan(both).notes, [
      "4 nodes have no chassis id; their names are used instead (n1, n2, n3, ...)",
    ]);
  });

  it("an address that was excluded since stays with the pod that has or had it", async () => {
    await bench.apply(localnetBrief(["a"]));
    const excluded = { excludeSubnets: "10.4.0.0/30" };
    await bench.apply(localnetBrief(["a", { name: "b", recorded: { ips: ["10.4.0.2/24"] } }, "c"], excluded));
    const [a, b, c] = [await addressOf("a"), await addressOf("b"), await addressOf("c")];
    assert.deepEqual(
      [a, b, c],
      ["0a:58:0a:04:00:01 10.4.0.1", "0a:58:0a:04:00:02 10.4.0.2", "0a:58:0a:04:00:04 10.4.0.4"],
    );
    assert.throws(() => bench.plan(localnetBrief([{ name: "d", ips: ["10.4.0.3"] }], excluded)), {
      code: "ERR_ADDRESS",
    });
  });

  it("IPv6 alone, dual stack, several subnets", async () => {
    await bench.apply([
      layer3Brief(["a"], { subnets: "fd00:3::/48/64" }),
      layer2Brief(["a"], { name: "two", subnets: "10.5.0.0/24,fd00:5::/64" }),
      localnetBrief(["a"], { name: "six", subnets: "fd00:6::/64" }),
      layer2Brief(["a"], { name: "many", subnets: "10.7.0.0/30,10.8.0.0/30" }),
    ]);
    const plain = await bench.addresses();
    const nads = ["net", "two", "six", "many"].map((name) => portOf("a", `default/${name}`));
    assert.deepEqual(
      nads.map((name) => plain[name]?.split(" ").slice(1).join(" ")),
      ["fd00:3:0:1::3", "10.5.0.1 fd00:5::1", "fd00:6::1", "10.7.0.1 10.8.0.1"],
    );
    assert.equal(await bench.get("Logical_Switch", "net_n1", "other_config"), '{ipv6_prefix="fd00:3:0:1::"}');
    assert.match(await bench.get("Logical_Router_Port", "rtos-net_n1", "networks"), /fd00:3:0:1::1\/64/);
  });

  it("ports without IPAM, the same NAD twice, VLAN 0 and 100, a physical network by name", async () => {
    const twice = [{ name: "a" }, { name: "a", nad: "default/net/1" }, { name: "a", nad: "default/net/3" }];
    await bench.apply([
      localnetBrief(twice, { vlanID: 0, physicalNetworkName: "tenantblue" }),
      localnetBrief([{ name: "x", mac: "02:00:00:00:00:07" }, "y"], {
        name: "bare",
        subnets: "",
        vlanID: 100,
      }),
    ]);
    const addresses = await bench.addresses();
    assert.equal(addresses[portOf("a")], "0a:58:0a:04:00:01 10.4.0.1");
    assert.equal(addresses["default.net.1_default_a"], "0a:58:0a:04:00:02 10.4.0.2");
    assert.equal(addresses[portOf("x", "default/bare")], "02:00:00:00:00:07");
    assert.match(addresses[portOf("y", "default/bare")] ?? "", /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
    assert.equal(await bench.get("Logical_Switch_Port", "net_ovn_localnet_port", "tag_request"), "[]");
    assert.equal(
      await bench.get("Logical_Switch_Port", "net_ovn_localnet_port", "options"),
      "{network_name=tenantblue}",
    );
    assert.equal(await bench.get("Logical_Switch_Port", "bare_ovn_localnet_port", "tag_request"), "100");
    const network = localnet({ name: "net", nad: "default/net", subnets: "10.4.0.0/24" });
    // Those that are left are not found one after the other.
    await network.detach(bench.nb, { namespace: "default", name: "a", nad: "default/net" });
    await network.detach(bench.nb, { namespace: "default", name: "a" });
    assert.equal(
      Object.keys(await bench.addresses()).filter((name) => name.endsWith("_default_a")).length,
      0,
    );
  });

  it("a subnet exactly full, then one too many; with pruning the place of one that goes is free at once", async () => {
    const full = (names: string[], more = {}): ReturnType<typeof layer2Brief> =>
      layer2Brief(names, { subnets: "10.1.0.0/29", ...more });
    await bench.apply(full(["a", "b", "c", "d", "e", "f"]));
    const before = await bench.everything();
    assert.throws(() => bench.plan(full(["a", "b", "c", "d", "e", "f", "g"])), /no free address left/);
    await assert.rejects(
      layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/29" }).attach(bench.nb, {
        namespace: "default",
        name: "g",
        node: "n1",
      }),
      { code: "ERR_ADDRESS" },
    );
    assert.equal(await bench.everything(), before);
    await bench.apply(full(["a", "b", "d", "e", "f", "g"]), { prune: true });
    assert.equal(await addressOf("g"), "0a:58:0a:01:00:03 10.1.0.3");
  });

  it("a network with no room for another node gives the subnet of one that is pruned", async () => {
    const brief = (nodes: string[]): ReturnType<typeof layer3Brief> => ({
      ...layer3Brief([], { subnets: "10.3.0.0/23/24" }),
      nodes,
    });
    await bench.apply(brief(["n1", "n2"]));
    assert.throws(() => bench.plan(brief(["n1", "n2", "n3"])), { code: "ERR_ADDRESS" });
    await bench.apply(brief(["n2", "n3"]), { prune: true });
    assert.equal(await bench.get("Logical_Switch", "net_n3", "other_config:subnet"), '"10.3.0.0/24"');
  });
});
