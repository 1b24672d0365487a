import assert from "node:assert/strict";
import { layer2 } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief } from "../support/primary.ts";
import { type Brief, layer2Brief, localnetBrief, portOf, useTopologyBench } from "../support/topology.ts";

describeWithOvn("DHCP on a network", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const dual = "10.1.0.0/24,fd00:1::/64";
  const vm = { name: "vm-pod", vm: { name: "vm" } };
  /** The ids of all rows, and those of the rows that a port refers to. */
  const ids = async (): Promise<string[]> => {
    const text = await bench.nbctl("--bare --columns=external_ids list DHCP_Options");
    return [...text.matchAll(/k8s\.ovn\.org\/id=(\S+)/g)].map(([, id]) => id ?? "").sort();
  };
  const told = async (port: string): Promise<string[]> => {
    const found: string[] = [];
    for (const column of ["dhcpv4_options", "dhcpv6_options"]) {
      const uuid = await bench.get("Logical_Switch_Port", port, column);
      found.push(uuid === "[]" ? "" : await bench.get("DHCP_Options", uuid, "external_ids:k8s.ovn.org/id"));
    }
    return found.map((id) => id.replaceAll('"', ""));
  };
  const uuids = async (): Promise<string[]> =>
    (await bench.nbctl("--bare --columns=_uuid list DHCP_Options")).split(/\s+/);
  const net = "net-network-controller";

  it("serves nobody without being asked, and everybody when asked; and nobody again after that", async () => {
    await bench.apply(layer2Brief(["a"], { subnets: dual }));
    assert.deepEqual([await ids(), await told(portOf("a"))], [[], ["", ""]]);
    await bench.apply(layer2Brief(["a", vm], { subnets: dual, dhcp: true }));
    const own = [`${net}:NetworkDHCP:net:10.1.0.0/24`, `${net}:NetworkDHCP:net:fd00.1../64`];
    const vms = [
      `${net}:VirtualMachine:default/vm:10.1.0.0/24`,
      `${net}:VirtualMachine:default/vm:fd00.1../64`,
    ];
    assert.deepEqual(await ids(), [...own, ...vms]);
    assert.deepEqual(await told(portOf("a")), own);
    assert.deepEqual(await told(portOf("vm-pod")), vms);
    await bench.apply(layer2Brief(["a"], { subnets: dual }));
    assert.deepEqual([await ids(), await told(portOf("a"))], [[], ["", ""]]);
  });

  it("tells what the network is described by, and repairs what somebody changed", async () => {
    const brief: Brief = localnetBrief([vm], {
      mtu: 1300,
      dhcp: {
        dnsServers: "10.4.0.53,10.4.0.54",
        router: "10.4.0.1",
        leaseTime: 600,
        domainName: "example.org",
      },
    });
    await bench.apply(brief);
    const options = async (): Promise<unknown> =>
      (await bench.tables())["DHCP_Options"]
        ?.filter(({ external_ids: id }) => JSON.stringify(id).includes("VirtualMachine"))
        .map(({ cidr, options: map }) => ({ cidr, ...(map as object) }));
    const wanted = [
      {
        cidr: "10.4.0.0/24",
        dns_server: "{10.4.0.53, 10.4.0.54}",
        domain_name: '"example.org"',
        hostname: '"vm"',
        lease_time: "600",
        mtu: "1300",
        router: "10.4.0.1",
        server_id: "169.254.1.1",
        server_mac: "0a:58:a9:fe:01:01",
      },
    ];
    assert.deepEqual(await options(), wanted);
    await bench.nbctl(`
      clear Logical_Switch_Port ${portOf("vm-pod")} dhcpv4_options
      ${(await uuids()).map((uuid) => `set DHCP_Options ${uuid} cidr=192.0.2.0/24 options:mtu=9000 options:theirs=1`).join("\n")}
      ${(await uuids()).map((uuid) => `remove DHCP_Options ${uuid} options router`).join("\n")}
    `);
    await bench.apply(brief);
    assert.deepEqual(await options(), [{ ...wanted[0], theirs: "1" }]);
    assert.match((await told(portOf("vm-pod"))).join(), /VirtualMachine/);
    const before = await uuids();
    await bench.nbctl(before.map((uuid) => `set DHCP_Options ${uuid} external_ids={}`).join("\n"));
    await bench.apply(brief);
    assert.deepEqual(await uuids(), before);
    assert.deepEqual(await options(), [{ ...wanted[0], theirs: "1" }]);
    await bench.nbctl("--all destroy DHCP_Options");
    await bench.apply(brief);
    assert.deepEqual(await options(), wanted);
  });

  it("gives the router's address only to a pod that asks for it", async () => {
    const input = { dhcp: { router: "10.1.0.1" } };
    await bench.apply(layer2Brief(["a"], input));
    assert.match((await bench.addresses())[portOf("a")] ?? "", / 10\.1\.0\.2$/);
    await bench.apply(layer2Brief(["a", { name: "r", ips: ["10.1.0.1"] }], input));
    assert.match((await bench.addresses())[portOf("r")] ?? "", / 10\.1\.0\.1$/);
  });

  it("leaves to others what they gave to ports of a network without it", async () => {
    await bench.apply(layer2Brief(["a"]));
    await bench.nbctl(`
      --id=@d create DHCP_Options cidr=10.1.0.0/24
      set Logical_Switch_Port ${portOf("a")} dhcpv4_options=@d
    `);
    const before = await bench.everything();
    assert.deepEqual(await bench.apply(layer2Brief(["a"]), { prune: true }), []);
    assert.equal(await bench.everything(), before);
    const theirs = await uuids();
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    await network.detach(bench.nb, { namespace: "default", name: "a" });
    assert.deepEqual(await uuids(), theirs, "nor does it go with the port");
  });

  it("serves virtual machines on a primary layer2 network, and no other pods, as upstream does", async () => {
    await bench.apply(primaryLayer2Brief(["a", vm]));
    const own = [`${net}:VirtualMachine:default/vm:10.1.0.0/16`];
    assert.deepEqual(await ids(), own);
    assert.deepEqual(
      [await told(portOf("a")), await told(portOf("vm-pod"))],
      [
        ["", ""],
        [...own, ""],
      ],
    );
    // Upstream takes the name server from a Service. Without one in the request what is there stays.
    const [row = ""] = await uuids();
    await bench.nbctl(`set DHCP_Options ${row} options:dns_server=10.96.0.10`);
    assert.deepEqual(await bench.apply(primaryLayer2Brief(["a", vm])), []);
    assert.equal(await bench.get("DHCP_Options", row, "options:router"), '"10.1.0.1"');
    await bench.apply(primaryLayer2Brief(["a", vm], { dhcp: false }));
    assert.deepEqual(await ids(), []);
  });

  it("a machine's rows serve both of its pods, and go with the last", async () => {
    const both = layer2Brief([vm, { name: "next", node: "n2", vm: { name: "vm" } }], { dhcp: true });
    await bench.apply(both);
    const count = async (): Promise<number> => (await ids()).length;
    assert.equal(await count(), 2);
    await bench.apply(layer2Brief([{ name: "next", node: "n2", vm: { name: "vm" } }], { dhcp: true }), {
      prune: true,
    });
    assert.equal(await count(), 2);
    await bench.apply(layer2Brief([], { dhcp: true }), { prune: true });
    assert.deepEqual(await ids(), [`${net}:NetworkDHCP:net:10.1.0.0/24`]);
  });

  it("attach makes a machine's rows, detach takes them away with its last port, delete takes all", async () => {
    const network = layer2({ name: "net", nad: "default/net", subnets: dual, dhcp: true, mtu: 1300 });
    await network.plan(bench.nb, { nodes: [{ name: "n1" }], clusterMtu: 1200 }).apply();
    const pod = { namespace: "default", name: "vm-pod", node: "n1", vm: { name: "vm" } };
    await network.attach(bench.nb, pod);
    await network.attach(bench.nb, { ...pod, name: "next" });
    assert.equal((await ids()).length, 4);
    await network.attach(bench.nb, pod);
    assert.equal((await ids()).length, 4);
    await network.detach(bench.nb, pod);
    assert.equal((await ids()).length, 4);
    await network.detach(bench.nb, { ...pod, name: "next" });
    const own = [`${net}:NetworkDHCP:net:10.1.0.0/24`, `${net}:NetworkDHCP:net:fd00.1../64`];
    assert.deepEqual(await ids(), own);
    const plain = { namespace: "default", name: "a", node: "n1" };
    await network.attach(bench.nb, plain);
    assert.deepEqual(await told(portOf("a")), own);
    await network.detach(bench.nb, plain);
    assert.deepEqual(await ids(), own, "what all pods are told stays for the next one");
    await network.attach(bench.nb, pod);
    await network.delete(bench.nb);
    assert.deepEqual(await ids(), []);
  });

  it("attach leaves the rows of a machine that is in the pod no more, and the next plan takes them", async () => {
    const pod = { namespace: "default", name: "a", node: "n1" };
    const own = [`${net}:NetworkDHCP:net:10.1.0.0/24`];
    const machine = (name: string): string => `${net}:VirtualMachine:default/${name}:10.1.0.0/24`;
    for (const serves of ["all", "virtual-machines"] as const) {
      const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24", dhcp: { serves } });
      const nodes = [{ name: "n1" }];
      const all = serves === "all" ? own : [];
      await network.plan(bench.nb, { nodes }).apply();
      await network.attach(bench.nb, { ...pod, vm: { name: "vm" } });
      await network.attach(bench.nb, pod);
      assert.deepEqual(await ids(), [...all, machine("vm")]);
      await network.attach(bench.nb, { ...pod, vm: { name: "other" } });
      assert.deepEqual(await ids(), [...all, machine("other"), machine("vm")]);
      await network.plan(bench.nb, { nodes }).apply();
      assert.deepEqual(await ids(), [...all, machine("other")]);
      await network.attach(bench.nb, pod);
      await network.plan(bench.nb, { nodes, pods: [pod] }).apply();
      assert.deepEqual([await ids(), await told(portOf("a"))], [all, [...all, "", ""].slice(0, 2)]);
      await network.delete(bench.nb);
    }
  });

  it("attach knows no cluster MTU and leaves the one that is there", async () => {
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24", dhcp: true });
    await network.plan(bench.nb, { nodes: [{ name: "n1" }], clusterMtu: 1200 }).apply();
    await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
    const [row = ""] = await uuids();
    assert.equal(await bench.get("DHCP_Options", row, "options:mtu"), '"1200"');
    await bench.nbctl(`set DHCP_Options ${row} options:mtu=1250`);
    const vm = { namespace: "default", name: "vm-pod", node: "n1", vm: { name: "vm" } };
    await network.attach(bench.nb, vm);
    for (const uuid of await uuids()) {
      assert.equal(await bench.get("DHCP_Options", uuid, "options:mtu"), '"1250"');
      await bench.nbctl(`set DHCP_Options ${uuid} options:mtu=${uuid === row ? 1100 : 1150}`);
    }
    await network.attach(bench.nb, vm);
    for (const uuid of await uuids())
      assert.equal(await bench.get("DHCP_Options", uuid, "options:mtu"), uuid === row ? '"1100"' : '"1150"');
    await network.plan(bench.nb, { nodes: [{ name: "n1" }], clusterMtu: 1300 }).apply();
    assert.equal(await bench.get("DHCP_Options", row, "options:mtu"), '"1300"', "a plan does");
  });

  it("has one row for the last subnet of a family, and none for a subnet that was there before", async () => {
    await bench.apply(layer2Brief(["a"], { subnets: "10.1.0.0/24,10.2.0.0/24", dhcp: true }));
    assert.deepEqual(await ids(), [`${net}:NetworkDHCP:net:10.2.0.0/24`]);
    await bench.apply(layer2Brief(["a"], { subnets: "10.1.0.0/24", dhcp: true }));
    const own = [`${net}:NetworkDHCP:net:10.1.0.0/24`];
    assert.deepEqual([await ids(), await told(portOf("a"))], [own, [...own, ""]]);
  });

  it("says what an older OVN cannot tell", async () => {
    const plan = bench.plan(layer2Brief([vm], { subnets: dual, dhcp: true }));
    const { version } = bench.nb.schema;
    const isOld = version === "7.0.0";
    const told = ({ notes, omitted }: typeof plan): readonly [number, string[]] => [
      notes.filter((note) => note.includes("fqdn")).length,
      omitted.flatMap(({ table, column }) => (table === "DHCP_Options" ? [column] : [])),
    ];
    assert.deepEqual(told(plan), isOld ? [1, ["options"]] : [0, []]);
    const ipv4 = bench.plan(layer2Brief([vm], { subnets: "10.1.0.0/24", dhcp: true }));
    assert.deepEqual(told(ipv4), [0, []]);
    await plan.apply();
    const rows = (await bench.tables())["DHCP_Options"] ?? [];
    assert.equal(JSON.stringify(rows).includes("fqdn"), !isOld);
  });
});
