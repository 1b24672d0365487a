import assert from "node:assert/strict";
import {
  layer3,
  type NetworkRowKind,
  planTopology,
  rowKinds,
  type TopologyRequest,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  changesOf,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";

/** Rows of the briefs below, by kind. */
const rows: Readonly<Record<Brief["topology"], readonly (readonly [NetworkRowKind, string])[]>> = {
  layer3: [
    ["cluster router", "net_ovn_cluster_router"],
    ["node switch", "net_n1"],
    ["switch-to-router port", "stor-net_n1"],
    ["router-to-switch port", "rtos-net_n1"],
    ["pod port", portOf("a")],
  ],
  layer2: [
    ["layer2 switch", "net_ovn_layer2_switch"],
    ["pod port", portOf("a")],
  ],
  localnet: [
    ["localnet switch", "net_ovn_localnet_switch"],
    ["localnet port", "net_ovn_localnet_port"],
    ["pod port", portOf("a")],
  ],
};

/** A value that each owned column never has in these briefs, as ovn-nbctl takes it. */
const wrong: Readonly<Record<string, string>> = {
  addresses: "192.0.2.9",
  port_security: "192.0.2.9",
  type: "vtep",
  tag_request: "99",
  mac: '"0a:00:00:00:00:99"',
  networks: "192.0.2.1/24",
};

const mayBeEmpty: readonly string[] = ["addresses", "port_security", "tag_request"];

describeWithOvn("topologies that drifted", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const pods = [
    { name: "a", uid: "uid-a" },
    { name: "b", uid: "uid-b" },
  ];
  const subnets6 = "fd00:1::/64";
  const briefs: readonly Brief[] = [
    layer3Brief(pods, { subnets: "10.3.0.0/16/24,fd00:3::/48/64" }),
    layer2Brief(pods, { subnets: `10.1.0.0/24,${subnets6}` }),
    localnetBrief(pods, { subnets: `10.4.0.0/24,${subnets6}` }),
  ];

  for (const profile of profiles) {
    for (const brief of briefs) {
      it(`${profile} ${brief.topology}: every owned column and key is repaired, and nothing else touched`, async () => {
        await bench.apply(brief, { profile });
        const whole = await bench.everything();
        for (const [kind, name] of rows[brief.topology]) {
          const { table } = rowKinds[kind];
          for (const [what, command] of driftsOf(kind, name)) {
            await bench.nbctl(command);
            const plan = bench.plan(brief, { profile });
            assert.deepEqual(changesOf(plan), [`update ${table} ${name}: ${what}`], command);
            await plan.apply();
            assert.deepEqual(bench.plan(brief, { profile }).changes, [], command);
          }
          assert.equal(await bench.everything(), whole, name);
        }
      });
    }
  }

  /** Every way in which one column or key of a row can be wrong: what is wrong, and the command that makes it so. */
  function driftsOf(kind: NetworkRowKind, name: string): (readonly [what: string, command: string])[] {
    const { table, columns, keys } = rowKinds[kind];
    const [row] = bench.nb.view.find(table, { name });
    const isEmpty = (column: string): boolean => [row?.[column]].flat().every((value) => value === null);
    const ofColumns = columns.flatMap((column) => {
      const set = [column, `set ${table} ${name} ${column}=${wrong[column]}`] as const;
      const clear = [column, `clear ${table} ${name} ${column}`] as const;
      if (column === "copp") return isEmpty(column) ? [] : [clear];
      return mayBeEmpty.includes(column) && !isEmpty(column) ? [set, clear] : [set];
    });
    const ofKeys = Object.entries(keys).flatMap(([column, names]) =>
      names
        .filter((key) => key !== "k8s.ovn.org/network") // then it is somebody else's, see neighbours
        .flatMap((key) => {
          // A port without that one keeps none: the interface that is bound to it may have none either.
          const has = key !== "iface-id-ver" && Object.hasOwn(Object(row?.[column]), key);
          const set = [`${column}:${key}`, `set ${table} ${name} ${column}:${key}=wrong`] as const;
          return has
            ? [set, [`${column}:${key}`, `remove ${table} ${name} ${column} ${key}`] as const]
            : [set];
        }),
    );
    return [...ofColumns, ...ofKeys];
  }

  it("shared rows: a key, a column and a band are repaired for all networks", async () => {
    const brief = briefs[0] as Brief;
    await bench.apply(brief);
    const before = await bench.tables();
    await bench.nbctl(`
      set Meter arp-rate-limiter unit=kbps fair=false
      --id=@b create Meter_Band action=drop rate=7
      set Meter bfd-rate-limiter bands=@b
      destroy Meter reject-rate-limiter
    `);
    const [copp] = before["Copp"] ?? [];
    assert.ok(copp);
    const uuid = (await bench.nbctl("--bare --columns=_uuid list Copp")).trim();
    await bench.nbctl(`set Copp ${uuid} meters:arp=other`);
    assert.deepEqual(await bench.apply(brief), [
      "insert Meter reject-rate-limiter",
      "update Copp ovnkube-default: meters:arp",
      "update Meter arp-rate-limiter: fair unit",
      "update Meter bfd-rate-limiter: bands",
    ]);
    assert.deepEqual(await bench.tables(), before);
    const band = (await bench.nbctl("--bare --columns=_uuid list Meter_Band")).trim();
    await bench.nbctl(`set Meter_Band ${band} rate=7`);
    await bench.apply(brief);
    assert.deepEqual(await bench.tables(), before, "all meters have a right band again");
  });

  it("a plan of one more node repairs what all nodes share, whatever happened to it since the plan before", async () => {
    const { spec } = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    const request = (name: string): TopologyRequest => ({
      networks: [{ spec, nodes: [{ name, chassisId: name }], attachments: [] }],
    });
    let nodes = 0;
    /** Adds a node, and tells what changed besides its own rows. */
    const addNode = async (): Promise<readonly string[]> => {
      nodes += 1;
      const changes = changesOf(await planTopology(bench.nb, request(`n${nodes}`)).apply());
      const own = [`net_n${nodes}`, `net_n${nodes}-n${nodes}`];
      return changes.filter((change) => !own.some((name) => change.endsWith(name)));
    };
    await addNode();
    assert.deepEqual(await addNode(), []);
    const copp = (): string => String(bench.nb.tables.Copp.find({ name: "ovnkube-default" })[0]?._uuid);
    const drifts: readonly (readonly [script: () => string, repaired: readonly string[]])[] = [
      [() => "destroy Meter reject-rate-limiter", ["insert Meter reject-rate-limiter"]],
      [() => "set Meter arp-rate-limiter unit=kbps", ["update Meter arp-rate-limiter: unit"]],
      [() => `set Copp ${copp()} meters:arp=other`, ["update Copp ovnkube-default: meters:arp"]],
      [
        () => `clear Logical_Router net_ovn_cluster_router copp\nset Copp ${copp()} name=other`,
        ["insert Copp ovnkube-default", "update Logical_Router net_ovn_cluster_router: copp"],
      ],
      [
        () =>
          [
            ...Array.from(
              { length: nodes },
              (_, index) => `clear Logical_Switch net_n${index + 1} load_balancer_group`,
            ),
            "--all destroy Load_Balancer_Group",
          ].join("\n"),
        ["Switch", "Router", ""]
          .map((what) => `insert Load_Balancer_Group net_cluster${what}LBGroup`)
          .toSorted(),
      ],
    ];
    for (const [script, repaired] of drifts) {
      await bench.nbctl(script());
      assert.deepEqual(await addNode(), repaired);
      assert.deepEqual(await addNode(), []);
    }
    const { Meter = [], Meter_Band: bands = [], Copp = [] } = await bench.tables();
    assert.deepEqual([Meter.length, bands.length, Copp.length], [9, 1, 2]);
  });

  it("rows that are gone are made again, pods with the same addresses", async () => {
    const brief = briefs[0] as Brief;
    await bench.apply(brief);
    const before = await bench.tables();
    const drifts: readonly string[] = [
      `lsp-del ${portOf("a")}`,
      "lsp-del stor-net_n1",
      "lrp-del rtos-net_n1",
      "lrp-del-gateway-chassis rtos-net_n1 chassis-of-n1",
      "clear Logical_Switch net_n1 load_balancer_group",
      "ls-del net_n1",
      "lr-del net_ovn_cluster_router",
      "ls-del net_n1\nls-del net_n2\nlr-del net_ovn_cluster_router\n--all destroy Load_Balancer_Group",
    ];
    for (const drift of drifts) {
      await bench.nbctl(drift);
      assert.ok((await bench.apply(brief)).length > 0);
      assert.deepEqual(await bench.tables(), before, drift);
    }
  });

  it("a load balancer group that is gone is made again and joined again", async () => {
    const brief = briefs[1] as Brief;
    await bench.apply(brief);
    const before = await bench.tables();
    await bench.nbctl(`
      clear Logical_Switch net_ovn_layer2_switch load_balancer_group
      --all destroy Load_Balancer_Group
    `);
    assert.deepEqual(await bench.apply(brief), [
      "insert Load_Balancer_Group net_clusterLBGroup",
      "insert Load_Balancer_Group net_clusterRouterLBGroup",
      "insert Load_Balancer_Group net_clusterSwitchLBGroup",
      "update Logical_Switch net_ovn_layer2_switch: load_balancer_group",
    ]);
    assert.deepEqual(await bench.tables(), before);
  });

  it("a port that sits in another switch of the network moves back, with its uuid", async () => {
    const brief = briefs[0] as Brief;
    await bench.apply(brief);
    const before = await bench.everything();
    const port = await bench.get("Logical_Switch_Port", "stor-net_n1", "_uuid");
    const move = `
      remove Logical_Switch net_n1 ports ${port}
      add Logical_Switch net_n2 ports ${port}
    `;
    await bench.nbctl(move);
    assert.deepEqual(await bench.apply(brief), ["update Logical_Switch_Port stor-net_n1"]);
    assert.equal(await bench.everything(), before);
    await bench.nbctl(`${move}
      remove Logical_Switch net_n2 external_ids k8s.ovn.org/network
    `);
    await bench.apply(brief);
    assert.equal(await bench.everything(), before, "though that switch lost its mark");
  });

  it("an address that both columns agree on is a decision of somebody, and stays", async () => {
    const brief = briefs[1] as Brief;
    await bench.apply(brief);
    const uuid = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    const moved = "0a:58:0a:01:00:09 10.1.0.9 fd00:1::1";
    await bench.nbctl(`
      lsp-set-addresses ${portOf("a")} "${moved}"
      lsp-set-port-security ${portOf("a")} "${moved}"
    `);
    assert.deepEqual(await bench.apply(brief), []);
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "_uuid"), uuid);
    await bench.apply({ ...brief, pods: [...pods, { name: "c", ips: ["10.1.0.1"] }, "d"] });
    const { [portOf("c")]: c, [portOf("d")]: d } = await bench.addresses();
    assert.deepEqual(
      [c, d],
      ["0a:58:0a:01:00:01 10.1.0.1 fd00:1::3", "0a:58:0a:01:00:03 10.1.0.3 fd00:1::4"],
      "its old address can be had again by asking for it",
    );
  });

  it("a port that has lost its addresses has them again, whoever comes before it", async () => {
    const input = { subnets: "10.1.0.0/24" };
    await bench.apply(layer2Brief(["z"], input));
    const uuid = await bench.get("Logical_Switch_Port", portOf("z"), "_uuid");
    await bench.nbctl(`
      lsp-set-addresses ${portOf("z")}
      lsp-set-port-security ${portOf("z")}
    `);
    await bench.apply(layer2Brief(["x", "y", "z"], input));
    assert.equal((await bench.addresses())[portOf("z")], "0a:58:0a:01:00:01 10.1.0.1");
    assert.equal(await bench.get("Logical_Switch_Port", portOf("z"), "_uuid"), uuid);
  });

  it("an address that no host can have is replaced; the one that a port was made for is given to nobody else", async () => {
    const input = { subnets: "10.1.0.0/30" };
    const set = (address: string): string => {
      const element = `"0a:58:0a:01:00:09 ${address}"`;
      return `lsp-set-addresses ${portOf("a")} ${element}\nlsp-set-port-security ${portOf("a")} ${element}`;
    };
    await bench.apply(layer2Brief(["a"], input));
    await bench.nbctl(set("10.1.0.2"));
    assert.throws(() => bench.plan(layer2Brief(["b"], input)), /10\.1\.0\.0\/30 has no free address left/);
    await bench.nbctl(set("10.1.0.3"));
    await bench.apply(layer2Brief(["a"], input));
    assert.equal((await bench.addresses())[portOf("a")], "0a:58:0a:01:00:01 10.1.0.1");
  });

  it("without subnets the MAC that a pod has stays with it", async () => {
    const { subnets: _, ...input } = layer2Brief().input;
    const brief: Brief = { ...layer2Brief(["a"]), input };
    await bench.apply(brief);
    await bench.nbctl(`
      lsp-set-addresses ${portOf("a")} 02:00:00:00:00:07
      lsp-set-port-security ${portOf("a")} 02:00:00:00:00:07
    `);
    assert.deepEqual(await bench.apply(brief), []);
  });
});
