import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { layer3, planDeletion, type ServiceInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, changesOf, layer2Brief, portOf, useTopologyBench } from "../support/topology.ts";

const pods = [
  { name: "a", node: "n1" },
  { name: "b", node: "n2" },
] as const;

/** A service that leads to both pods. */
function web(more: Partial<ServiceInput> = {}): ServiceInput {
  return {
    namespace: "default",
    name: "web",
    clusterIPs: ["10.96.0.1"],
    ports: [{ port: 80 }],
    slices: [
      {
        family: 4,
        ports: [{ port: 8080 }],
        endpoints: pods.map(({ name, node }) => ({ pod: name, node })),
      },
    ],
    ...more,
  };
}

function withServices(services: readonly ServiceInput[], nodes?: Brief["nodes"]): Brief {
  return { ...primaryLayer3Brief([...pods], {}, nodes), services };
}

const nodePort = { ports: [{ port: 80, nodePort: 30080 }] };
const cluster = "net_Service_default/web_TCP_cluster";

describeWithOvn("services of primary networks on today's schema", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  /** `protocol vip targets`, as ovn-nbctl tells what a group, a switch or a router has. */
  async function balancersAt(command: string, holder: string): Promise<string[]> {
    const text = await bench.nbctl(`${command} ${holder}`);
    return text
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/).slice(-3).join(" "))
      .sort();
  }

  async function inGroup(name = "net_clusterLBGroup"): Promise<string[]> {
    const uuids = await bench.nbctl(`--bare --columns=load_balancer find Load_Balancer_Group name=${name}`);
    const names = uuids.split(/\s+/).filter((uuid) => uuid !== "");
    return Promise.all(names.map((uuid) => bench.get("Load_Balancer", uuid, "name")));
  }

  it("are load balancers at all switches and gateway routers, a second apply does nothing, delete leaves nothing", async () => {
    const families = { subnets: "10.3.0.0/16/24,fd00:3::/48" };
    const dual = web({
      clusterIPs: ["10.96.0.1", "fd00:96::1"],
      externalIPs: ["203.0.113.9"],
      ports: [
        { name: "http", port: 80, nodePort: 30080 },
        { name: "dns", protocol: "UDP", port: 53 },
        { name: "s1ap", protocol: "SCTP", port: 36412 },
      ],
      externalTrafficPolicy: "Local",
      affinityTimeout: 600,
      slices: ([4, 6] as const).map((family) => ({
        family,
        ports: [
          { name: "http", port: 8080 },
          { name: "dns", protocol: "UDP" as const, port: 5353 },
          { name: "s1ap", protocol: "SCTP" as const, port: 36412 },
        ],
        endpoints: pods.map(({ name, node }) => ({ pod: name, node })),
      })),
    });
    const nodes = [primaryNode("n1", 2, { families: [4, 6] }), primaryNode("n2", 3, { families: [4, 6] })];
    const layer3Net = { ...primaryLayer3Brief([...pods], families, nodes), services: [dual] };
    await bench.apply(layer3Net);
    const { changes, notes, omitted } = bench.plan(layer3Net);
    assert.deepEqual([changes, notes, omitted], [[], [], []]);
    assert.deepEqual((await inGroup()).sort(), [
      `"net_Service_default/web_SCTP_cluster"`,
      `"${cluster}"`,
      `"net_Service_default/web_UDP_cluster"`,
    ]);
    // With an external traffic policy the external address is not for everybody.
    assert.equal(
      await bench.get("Load_Balancer", "net_Service_default/web_UDP_cluster", "vips"),
      '{"10.96.0.1:53"="10.3.0.3:5353,10.3.1.3:5353", "[fd00:96::1]:53"="[fd00:3:0:1::3]:5353,[fd00:3:0:2::3]:5353"}',
    );
    assert.equal(await bench.get("Load_Balancer", cluster, "options:affinity_timeout"), '"600"');
    const everywhere = (protocol: string, port: number, target: number): string[] => [
      `${protocol} 10.96.0.1:${port} 10.3.0.3:${target},10.3.1.3:${target}`,
      `${protocol} [fd00:96::1]:${port} [fd00:3:0:1::3]:${target},[fd00:3:0:2::3]:${target}`,
    ];
    assert.deepEqual(
      await balancersAt("lr-lb-list", "GR_net_n2"),
      [
        ...everywhere("sctp", 36_412, 36_412),
        ...everywhere("tcp", 80, 8080),
        ...everywhere("udp", 53, 5353),
        "sctp 203.0.113.9:36412 10.3.1.3:36412",
        "tcp 172.18.0.3:30080 10.3.1.3:8080",
        "tcp 203.0.113.9:80 10.3.1.3:8080",
        "tcp [fc00:f853:ccd:e793::3]:30080 [fd00:3:0:2::3]:8080",
        "udp 203.0.113.9:53 10.3.1.3:5353",
      ].sort(),
    );
    const layer2Net = {
      ...primaryLayer2Brief([{ name: "a", node: "n1" }], { name: "l2", networkId: 2 }),
      services: [web(nodePort)],
    };
    const both = [layer3Net, layer2Net];
    await bench.apply(both);
    assert.deepEqual(await balancersAt("ls-lb-list", "l2_ovn_layer2_switch"), [
      "tcp 10.96.0.1:80 10.1.0.3:8080",
      "tcp 172.18.0.2:30080 10.1.0.3:8080",
    ]);
    await bench.delete(["net", "l2"]);
    assert.deepEqual(Object.keys(await bench.tables()).sort(), ["Copp", "Meter", "Meter_Band"]);
  });

  it("change with their endpoints, ports and policies in one transaction, and back", async () => {
    await bench.apply(withServices([web()]));
    const before = await bench.everything();
    assert.deepEqual(
      await bench.apply(
        withServices([
          web({ slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: [{ pod: "b", node: "n2" }] }] }),
        ]),
      ),
      [`update Load_Balancer ${cluster}: vips`],
    );
    assert.equal(await bench.get("Load_Balancer", cluster, "vips"), '{"10.96.0.1:80"="10.3.1.3:8080"}');
    assert.deepEqual(await bench.apply(withServices([web(nodePort)])), [
      "insert Load_Balancer net_Service_default/web_TCP_node_router+switch_n1",
      "insert Load_Balancer net_Service_default/web_TCP_node_router+switch_n2",
      `update Load_Balancer ${cluster}: vips`,
      ...["GR_net_n1", "GR_net_n2"].map((name) => `update Logical_Router ${name}: load_balancer`),
      ...["net_n1", "net_n2"].map((name) => `update Logical_Switch ${name}: load_balancer`),
    ]);
    // Local to the node: the cluster's load balancer gives way to those of nodes.
    await bench.apply(withServices([web({ internalTrafficPolicy: "Local" })]));
    assert.deepEqual(await inGroup(), []);
    assert.deepEqual(await balancersAt("ls-lb-list", "net_n2"), ["tcp 10.96.0.1:80 10.3.1.3:8080"]);
    assert.deepEqual(await balancersAt("lr-lb-list", "GR_net_n2"), [
      "tcp 10.96.0.1:80 10.3.0.3:8080,10.3.1.3:8080",
    ]);
    await bench.apply(withServices([web()]));
    assert.equal(await bench.everything(), before);
  });

  it("are repaired, and what others did to them beside it stays", async () => {
    await bench.apply(withServices([web(nodePort)]));
    const before = await bench.everything();
    const node1 = "net_Service_default/web_TCP_node_router+switch_n1";
    await bench.nbctl(`
      set Load_Balancer ${cluster} vips={} protocol=udp options:reject=false
      remove Load_Balancer ${cluster} options hairpin_snat_ip
      set Load_Balancer_Group net_clusterLBGroup load_balancer=[]
      ls-lb-add net_n2 ${cluster}
      lr-lb-del GR_net_n1 ${node1}
    `);
    assert.deepEqual(changesOf(bench.plan(withServices([web(nodePort)]))), [
      `update Load_Balancer ${cluster}: options:hairpin_snat_ip options:reject protocol vips`,
      "update Load_Balancer_Group net_clusterLBGroup: load_balancer",
      "update Logical_Router GR_net_n1: load_balancer",
      "update Logical_Switch net_n2: load_balancer",
    ]);
    await bench.apply(withServices([web(nodePort)]));
    assert.equal(await bench.everything(), before);
    await bench.nbctl(`
      set Load_Balancer ${cluster} options:theirs=1 external_ids:theirs=1
      lb-add theirs 10.96.0.9:80 10.3.0.9:80
      ls-lb-add net_n1 theirs
      lr-lb-add GR_net_n1 theirs
      add Load_Balancer_Group net_clusterLBGroup load_balancer @lb -- --id=@lb create Load_Balancer name=theirs2
    `);
    const marked = await bench.everything();
    assert.deepEqual(await bench.apply(withServices([web(nodePort)])), []);
    assert.equal(await bench.everything(), marked);
  });

  it("that OVN-Kubernetes wrote are equal, and become ours without another uuid", async () => {
    await bench.apply(withServices([]));
    await bench.nbctl(`
      --id=@lb create Load_Balancer name=${cluster} protocol=tcp 'vips={"10.96.0.1:80"="10.3.0.3:8080,10.3.1.3:8080"}' options:reject=true options:event=false options:skip_snat=false options:neighbor_responder=none 'options:hairpin_snat_ip="169.254.0.5 fd69::5"' external_ids:k8s.ovn.org/kind=Service external_ids:k8s.ovn.org/owner=default/web external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/role=primary
      add Load_Balancer_Group net_clusterLBGroup load_balancer @lb
    `);
    const before = await bench.everything();
    assert.deepEqual(await bench.apply(withServices([web()])), []);
    assert.equal(await bench.everything(), before);
    // Those of a service that is not asked for are none of ours to prune.
    const { changes, kept } = bench.plan(withServices([]), { prune: true });
    assert.deepEqual([changes, kept], [[], ['service default/web of network "net" stays: not made by us']]);
  });

  it("stay when nobody asks, go by prune, and by name from every network", async () => {
    await bench.apply(withServices([web(), web({ name: "old", clusterIPs: ["10.96.0.2"] })]));
    const { services, ...without } = withServices([]);
    assert.deepEqual(services, []);
    assert.deepEqual(await bench.apply(without, { prune: true }), []);
    const { notes, changes } = bench.plan(withServices([web()]));
    assert.deepEqual(
      [notes, changes],
      [
        [
          'network "net" has services in the database that were not asked for, which stay as they are: default/old',
        ],
        [],
      ],
    );
    assert.deepEqual(await bench.apply(withServices([web()]), { prune: true }), [
      "delete Load_Balancer net_Service_default/old_TCP_cluster",
    ]);
    await bench.nbctl("lb-add Service_default/web_TCP_cluster 10.96.0.1:80 10.244.0.3:80");
    await bench.nbctl(
      "set Load_Balancer Service_default/web_TCP_cluster external_ids:k8s.ovn.org/owner=default/web external_ids:k8s.ovn.org/kind=Service",
    );
    const request = { networks: [], pods: [], services: [{ namespace: "default", name: "web" }] };
    const deletion = planDeletion(bench.nb, request);
    assert.deepEqual(changesOf(deletion), [`delete Load_Balancer ${cluster}`]);
    await deletion.apply();
    assert.deepEqual(await inGroup(), []);
    // That of the cluster's own network is not ours.
    const again = planDeletion(bench.nb, request);
    assert.deepEqual([again.changes, again.absent], [[], ["service default/web"]]);
  });

  it("lose what was for a node that goes, also when nobody asks for services", async () => {
    const one = [primaryNode("n1", 2)];
    const local = withServices([web(nodePort)]);
    await bench.apply(withServices([web(nodePort)], one.concat(primaryNode("n2", 3))));
    const before = await bench.tables();
    assert.ok(JSON.stringify(before).includes("switch_n2"));
    const { services: _, ...rest } = { ...local, ...primaryLayer3Brief([pods[0]], {}, one) };
    await bench.apply(rest, { prune: true });
    assert.ok(!JSON.stringify(await bench.tables()).includes("switch_n2"));
    await bench.apply(
      { ...primaryLayer3Brief([pods[0]], {}, one), services: [web(nodePort)] },
      { prune: true },
    );
    assert.equal(await bench.get("Load_Balancer", cluster, "vips"), '{"10.96.0.1:80"="10.3.0.3:8080"}');
  });

  it("of a node that goes: those of every protocol, and none of a node whose name begins alike, or that several share", async () => {
    const nodes = ["n2", "n22", "n3"].map((name, index) => primaryNode(name, index + 2));
    const local = web({
      externalTrafficPolicy: "Local",
      ports: [
        { name: "http", port: 80, nodePort: 30_080 },
        { name: "s1ap", protocol: "SCTP", port: 36_412, nodePort: 30_081 },
      ],
      slices: [
        {
          family: 4,
          ports: [
            { name: "http", port: 8080 },
            { name: "s1ap", protocol: "SCTP", port: 36_412 },
          ],
          endpoints: [{ pod: "b", node: "n2" }],
        },
      ],
    });
    const host = web({
      name: "host",
      clusterIPs: ["10.96.0.3"],
      slices: [{ family: 4, ports: [{ port: 80 }], endpoints: [{ addresses: ["172.18.0.200"] }] }],
    });
    const names = async (): Promise<string[]> =>
      (await bench.nbctl("--bare --columns=name list Load_Balancer")).split(/\s+/).sort();
    await bench.apply({ ...primaryLayer3Brief([pods[1]], {}, nodes), services: [local, host] });
    const before = await names();
    const own = before.filter((name) => /_n2$/.test(name));
    assert.ok(own.some((name) => name.includes("_SCTP_")));
    assert.ok(
      before.some((name) => name.endsWith("_n2_merged")) && before.some((name) => /_n22$/.test(name)),
    );
    await bench.nbctl("ls-del net_n2");
    await planDeletion(bench.nb, {
      networks: [],
      pods: [],
      nodes: [{ network: "net", name: "n2" }],
    }).apply();
    assert.deepEqual(
      await names(),
      before.filter((name) => !own.includes(name)),
    );
  });

  it("lead to no pod that goes in the same plan, and are no load balancers of others on the network", async () => {
    await bench.apply(withServices([web()]));
    await bench.nbctl(`
      lb-add theirs 10.96.0.9:80 10.3.0.9:80
      set Load_Balancer theirs external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/owner=default/theirs
    `);
    await bench.apply({ ...primaryLayer3Brief([pods[0]]), services: [web()] }, { prune: true });
    assert.equal(await bench.get("Load_Balancer", cluster, "vips"), '{"10.96.0.1:80"="10.3.0.3:8080"}');
    await bench.delete(["net"]);
    assert.equal(await bench.nbctl("--bare --columns=name list Load_Balancer"), "theirs");
  });

  it("outlive pods that come and go, and are refused on secondary networks", async () => {
    await bench.apply(withServices([web(nodePort)]));
    const network = layer3({
      name: "net",
      nad: "default/net",
      role: "primary",
      networkId: 1,
      subnets: "10.3.0.0/16/24",
    });
    const before = await bench.everything();
    await network.attach(bench.nb, { namespace: "default", name: "c", node: "n1" });
    assert.equal(await bench.get("Logical_Switch_Port", portOf("c"), "external_ids:pod"), '"true"');
    await network.detach(bench.nb, { namespace: "default", name: "c", nad: "default/net" });
    assert.equal(await bench.everything(), before);
    assert.throws(
      () => bench.plan({ ...layer2Brief([], { name: "l2" }), services: [web()] }),
      /only primary networks/,
    );
  });
});
