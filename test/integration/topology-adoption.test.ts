import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import {
  type PolicyRequest,
  parseNetwork,
  planTopology,
  type TopologyRequest,
} from "../../lib/topology/index.ts";
import { type Golden, type GoldenTables, goldenFiles, goldenInserts } from "../support/golden-rows.ts";
import { describeWithOvn, readGolden, useSandbox } from "../support/index.ts";
import { primaryNode } from "../support/primary.ts";
import { catchUp, pod, useTopologyBench } from "../support/topology.ts";

function idOf(externalIds: unknown): unknown {
  return Object.getOwnPropertyDescriptor(Object(externalIds), "k8s.ovn.org/id")?.value;
}

describeWithOvn("networks that OVN-Kubernetes made", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  /** Writes rows by a tool that knows nothing of us. */
  async function writeRows(tables: GoldenTables): Promise<void> {
    const { sandbox, nb } = bench;
    const operations = goldenInserts(tables, (table, name) => nb.view.find(table, { name })[0]?._uuid);
    const transaction = JSON.stringify(["OVN_Northbound", ...operations]);
    const reply = await sandbox.run("ovsdb-client", ["transact", sandbox.northbound.remote, transaction]);
    assert.doesNotMatch(reply, /"error"/);
    await catchUp(nb);
  }

  /** Without rows that the database holds: a primary network has ACLs and groups without any policy. */
  function withoutPresent(tables: GoldenTables): GoldenTables {
    const keyOf = (row: Readonly<Record<string, unknown>>): unknown =>
      idOf(row["external_ids"]) ?? row["name"];
    return Object.fromEntries(
      Object.entries(tables).map(([table, rows]) => {
        const present = new Set([...bench.nb.view.rows(table)].map(keyOf));
        return [table, rows.filter((row) => !present.has(keyOf(row)))];
      }),
    );
  }

  /**
   * What else OVN-Kubernetes has on its networks and of its own network, see sections 2 and 8.6 of the rows reference: an
   * ACL of multicast and a QoS on each switch, a reroute of an egress IP on each router, services, sets of namespaces.
   */
  async function writeMore(network: string): Promise<void> {
    const ids = (type: string, name: string): string =>
      `external_ids:k8s.ovn.org/owner-controller=${network}-network-controller external_ids:k8s.ovn.org/owner-type=${type} ` +
      `external_ids:k8s.ovn.org/name=${name} external_ids:k8s.ovn.org/id=${network}-network-controller:${type}:${name}`;
    const names = (table: string): string[] =>
      [...bench.nb.view.rows(table)].map((row) => String(row["name"]));
    const script = [
      ...names("Logical_Switch").flatMap((name, index) => [
        `--id=@acl${index} create ACL direction=to-lport priority=1011 match=ip4.mcast action=drop ${ids("MulticastCluster", "DefaultDeny")}`,
        `add Logical_Switch ${name} acls @acl${index}`,
        `--id=@qos${index} create QoS priority=1 direction=to-lport match=ip4 action:dscp=46 ${ids("NetworkQoS", "gold")}`,
        `add Logical_Switch ${name} qos_rules @qos${index}`,
      ]),
      ...names("Logical_Router").flatMap((name, index) => [
        `--id=@policy${index} create Logical_Router_Policy priority=100 'match="ip4.src==10.0.0.9"' action=reroute nexthops=100.65.0.9 ${ids("EgressIP", "eip")}`,
        `add Logical_Router ${name} policies @policy${index}`,
        `--id=@nat${index} create NAT type=snat logical_ip=10.0.0.9 external_ip=172.18.0.99 ${ids("EgressIP", "eip")}`,
        `add Logical_Router ${name} nat @nat${index}`,
      ]),
      ...names("Load_Balancer_Group").map((name, index) =>
        [
          `--id=@lb${index} create Load_Balancer name=Service_ns1/web_TCP_${index} protocol=tcp external_ids:k8s.ovn.org/network=${network} external_ids:k8s.ovn.org/kind=Service external_ids:k8s.ovn.org/owner=ns1/web`,
          `add Load_Balancer_Group ${name} load_balancer @lb${index}`,
        ].join("\n"),
      ),
      `create Port_Group name=a1 ${ids("Namespace", "ns1")}`,
      `create Address_Set name=a2 addresses=10.0.0.9 ${ids("EgressIP", "served-pods")}`,
      // The cluster's own network.
      "lr-add ovn_cluster_router",
      "lr-add GR_n1",
      "ls-add join",
      "ls-add elsewhere",
      "lsp-add elsewhere stor-elsewhere",
      "lrp-add ovn_cluster_router rtos-elsewhere 0a:58:0a:f4:00:01 10.244.0.1/24",
      "lr-route-add ovn_cluster_router 100.64.0.2 100.64.0.2",
    ];
    await bench.nbctl(script.join("\n"));
  }

  async function nothingToDo(request: TopologyRequest, title: string): Promise<void> {
    const before = await bench.everything();
    for (const more of [{}, { prune: true }, { prune: true, merge: true }]) {
      const plan = planTopology(bench.nb, { ...request, ...more });
      assert.deepEqual([plan.changes, plan.operations], [[], []], `${title} ${Object.keys(more).join()}`);
      assert.equal((await plan.apply()).changed, false);
    }
    // A network whose switches we did not make is not ours to take away.
    const { changes } = planTopology(bench.nb, { ...request, networks: [], pruneNetworks: true });
    assert.deepEqual(changes, [], title);
    assert.equal(await bench.everything(), before);
  }

  for (const file of goldenFiles) {
    const golden = readGolden<Golden>(file);
    for (const { topology, input, attachments, rows } of golden.networks) {
      it(`${file}, ${topology} ${input.name}: nothing is changed, nor anything else that is there`, async () => {
        const spec = parseNetwork(topology, input);
        const request = { ...golden.options, networks: [{ spec, nodes: golden.nodes, attachments }] };
        await writeRows(rows);
        await nothingToDo(request, "its rows alone");
        await writeMore(input.name);
        await nothingToDo(request, "with all that upstream has beside them");
      });

      it(`${file}, ${topology} ${input.name}: what drifted is repaired in the row that is there`, async () => {
        const spec = parseNetwork(topology, input);
        const request = { ...golden.options, networks: [{ spec, nodes: golden.nodes, attachments }] };
        await writeRows(rows);
        const before = await bench.everything();
        const [port] = rows["Logical_Switch_Port"] ?? [];
        const [home] = rows["Logical_Switch"] ?? [];
        await bench.nbctl(`
          set Logical_Switch_Port ${port?.["name"]} type=vtep
          set Logical_Switch ${home?.["name"]} external_ids:k8s.ovn.org/topology=wrong
        `);
        assert.notEqual(await bench.everything(), before);
        await planTopology(bench.nb, request).apply();
        assert.equal(await bench.everything(), before);
      });
    }
  }

  const policies = readGolden<Golden<{ readonly policies?: PolicyRequest }>>("policies.json");
  for (const { topology, input, attachments, policies: asked, rows } of policies.networks) {
    it(`policies, ${topology} ${input.name}`, async () => {
      const part = { spec: parseNetwork(topology, input), nodes: policies.nodes, attachments };
      await planTopology(bench.nb, { ...policies.options, networks: [part] }).apply();
      await writeRows(withoutPresent(rows));
      assert.ok(asked);
      const request = { ...policies.options, networks: [{ ...part, policies: asked }] };
      const before = await bench.everything();
      for (const more of [{}, { prune: true }])
        assert.deepEqual(planTopology(bench.nb, { ...request, ...more }).changes, []);
      assert.equal(await bench.everything(), before);
    });
  }

  it("what closes pods of primary networks on the cluster's own network", async () => {
    const spec = parseNetwork("layer3", {
      name: "blue",
      nad: "default/net",
      role: "primary",
      networkId: 1,
      subnets: "10.200.0.0/16",
    });
    const nodes = [primaryNode("n1", 2, { subnets: { default: ["10.128.0.0/24", "fd00:10:244::/64"] } })];
    const bare = pod({ name: "web", uid: "uid-web" });
    const web = {
      ...bare,
      defaultPort: {
        ips: ["10.128.0.7/24", "fd00:10:244::7/64"],
        openPorts: [{ protocol: "tcp", port: 80 }, { protocol: "icmp" }],
      },
    } as const;
    await planTopology(bench.nb, { networks: [{ spec, nodes, attachments: [bare] }] }).apply();
    const { Meter: _meter, Meter_Band: _band, ...rows } = readGolden<GoldenTables>("isolation.json");
    const bands = { Meter: _meter ?? [], Meter_Band: _band ?? [] };
    await writeRows({
      ...rows,
      ...(bench.nb.view.find("Meter", { name: "acl-logging" }).length === 0 ? bands : {}),
    });
    const before = await bench.everything();
    assert.deepEqual(planTopology(bench.nb, { networks: [{ spec, nodes, attachments: [web] }] }).changes, []);
    assert.equal(await bench.everything(), before);
  });
});
