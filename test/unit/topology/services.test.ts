import assert from "node:assert/strict";
import fc from "fast-check";
import { isWholeMap } from "../../../lib/reconcile/whole-map.ts";
import {
  type BuiltServices,
  buildServices,
  loadBalancerUuid,
  type NodeInput,
  noServicesObserved,
  type ObservedBalancer,
  parseNetwork,
  type ServiceInput,
  SpecError,
} from "../../../lib/topology/index.ts";
import { readJson } from "./support.ts";

interface GoldenRow {
  readonly name: string;
  readonly protocol: string;
  readonly vips: Readonly<Record<string, string>>;
  /** Keys of the switches, routers and groups that have it. */
  readonly at: readonly string[];
  readonly selection_fields?: readonly string[];
  /** What differs from the options that all have. */
  readonly options?: Readonly<Record<string, string>>;
}

interface Golden {
  readonly nodes: readonly NodeInput[];
  readonly cases: readonly {
    readonly upstream: string;
    readonly service: ServiceInput;
    readonly nodes?: readonly NodeInput[];
    readonly subnets?: string;
    readonly rows: readonly GoldenRow[];
  }[];
}

const primary = { name: "net", role: "primary", networkId: 1 } as const;
const spec = parseNetwork("layer3", { ...primary, subnets: "10.128.0.0/16" });
const node: NodeInput = { name: "n1", hostAddresses: ["172.18.0.2/16"] };

const gateway = {
  mode: "shared",
  bridge: "br",
  mac: "02:00:00:00:00:01",
  ips: ["172.18.0.9/16"],
  nextHops: [],
} as const;

const service: ServiceInput = {
  namespace: "shop",
  name: "web",
  clusterIPs: ["10.96.0.1"],
  ports: [{ port: 80 }],
  slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: [{ addresses: ["10.128.0.3"], node: "n1" }] }],
};

function build(
  services: readonly ServiceInput[],
  more: Parameters<typeof buildServices>[5] = {},
): BuiltServices {
  return buildServices(spec, [node], [], services, noServicesObserved, more);
}

/** What is written, in the form of the golden file. */
function rendered(built: BuiltServices): GoldenRow[] {
  return built.rows.map((row) => {
    const vips = row.columns?.["vips"];
    const fields = row.columns?.["selection_fields"];
    const { external_ids: ids, options = {} } = row.keys ?? {};
    assert.deepEqual(ids, {
      "k8s.ovn.org/kind": "Service",
      "k8s.ovn.org/owner": "testns/foo",
      "k8s.ovn.org/network": "net",
      "k8s.ovn.org/role": "primary",
    });
    const usual: Readonly<Record<string, string>> = {
      event: "false",
      reject: "true",
      skip_snat: "false",
      neighbor_responder: "none",
      hairpin_snat_ip: "169.254.169.5 fd69::5",
    };
    for (const key of Object.keys(usual)) assert.ok(Object.hasOwn(options, key), key);
    const other = Object.entries(options).filter(([key, value]) => usual[key] !== value);
    return {
      name: row.name,
      protocol: String(row.columns?.["protocol"]),
      vips: isWholeMap(vips) ? vips.map : {},
      at: [...built.holders]
        .filter(([, { elements }]) => elements.some(({ ref }) => ref === row.key))
        .map(([key]) => key)
        .sort(),
      ...(Array.isArray(fields) && fields.length > 0 && { selection_fields: fields.map(String).sort() }),
      ...(other.length > 0 && { options: Object.fromEntries(other) }),
    };
  });
}

describe("rows of services", () => {
  const golden = readJson<Golden>("test/golden/services.json");
  for (const {
    upstream,
    service: given,
    nodes = golden.nodes,
    subnets = "10.128.0.0/16",
    rows,
  } of golden.cases) {
    it(`as upstream: ${upstream}`, () => {
      const network = parseNetwork("layer3", { ...primary, subnets });
      const built = buildServices(network, nodes, [], [given], noServicesObserved);
      assert.deepEqual(rendered(built), rows);
      assert.deepEqual([built.removals, built.notes, built.kept], [[], [], []]);
    });
  }

  it("on layer2 are at the one switch", () => {
    const network = parseNetwork("layer2", { ...primary, subnets: "10.128.0.0/16" });
    const given: ServiceInput = { ...service, ports: [{ port: 80, nodePort: 30080 }] };
    const built = buildServices(network, [node], [], [given], noServicesObserved);
    assert.deepEqual([...built.holders.keys()].sort(), [
      "Load_Balancer_Group/net_clusterLBGroup",
      "Logical_Router/GR_net_n1",
      "Logical_Switch/net_ovn_layer2_switch",
    ]);
  });

  it("without groups are at every switch and router", () => {
    assert.deepEqual([...build([service], { groups: false }).holders.keys()].sort(), [
      "Logical_Router/GR_net_n1",
      "Logical_Switch/net_n1",
    ]);
  });

  it("have the masquerade addresses of the nodes, and node ports only where nodes serve them", () => {
    const port = { ...service, ports: [{ port: 80, nodePort: 30080 }] };
    const masqueradeSubnets = ["169.254.0.0/17", "fd00:6::/112"];
    const at = (more: Partial<NodeInput>): readonly (readonly [string, unknown, string | undefined])[] =>
      buildServices(
        spec,
        [{ name: "n1", gateway, masqueradeSubnets, ...more }],
        [],
        [port],
        noServicesObserved,
      ).rows.map(({ name, columns, keys }) => [
        name,
        columns?.["vips"],
        keys?.["options"]?.["hairpin_snat_ip"],
      ]);
    const hairpin = "169.254.0.5 fd00:6::5";
    const cluster = [
      "net_Service_shop/web_TCP_cluster",
      { map: { "10.96.0.1:80": "10.128.0.3:8080" } },
      hairpin,
    ];
    assert.deepEqual(at({}), [
      cluster,
      [
        "net_Service_shop/web_TCP_node_router+switch_n1",
        { map: { "172.18.0.9:30080": "10.128.0.3:8080" } },
        hairpin,
      ],
    ]);
    assert.deepEqual(at({ gateway: { ...gateway, nodePort: false } }), [cluster]);
  });

  it("know the host by the addresses of its gateway, of which its gateway router has none but these", () => {
    const given: ServiceInput = {
      ...service,
      slices: [
        {
          family: 4,
          ports: [{ port: 8080 }],
          endpoints: [{ addresses: ["172.18.0.9"] }, { addresses: ["192.0.2.9"] }],
        },
      ],
    };
    const hostAddresses = ["172.18.0.9/16", "192.0.2.9/24"];
    const at = (more: Partial<NodeInput>): unknown =>
      buildServices(spec, [{ name: "n1", hostAddresses, ...more }], [], [given], noServicesObserved).rows.map(
        ({ columns }) => columns?.["vips"],
      );
    const toPods = { map: { "10.96.0.1:80": "172.18.0.9:8080,192.0.2.9:8080" } };
    assert.deepEqual(at({ gateway }), [
      { map: { "10.96.0.1:80": "169.254.169.2:8080,192.0.2.9:8080" } },
      toPods,
    ]);
    // Without a gateway, as only `buildServices` takes a node, all addresses are the host's.
    assert.deepEqual(at({}), [{ map: { "10.96.0.1:80": "169.254.169.2:8080,169.254.169.2:8080" } }, toPods]);
  });

  it("send to the pods of the request, to those in the database, and tell of those that are nowhere", () => {
    const pods = ["a", "b", "c"].map((pod) => ({ pod, node: "n1" }));
    const given: ServiceInput = {
      ...service,
      slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: pods }],
    };
    const attachment = {
      input: { namespace: "shop", name: "a", node: "n1", nad: "shop/net" },
      portName: "",
      addresses: "",
      mac: "",
      ips: ["10.128.0.9/24", "fd00::9/64"],
      exclusive: false,
      unseen: false,
      switchKey: "",
      isRemote: false,
    };
    const observed = {
      balancers: [],
      addressesOf: (_: string, pod: string) => (pod === "b" ? ["10.128.0.4"] : []),
    };
    const built = buildServices(spec, [node], [attachment], [given], observed);
    assert.deepEqual(built.rows[0]?.columns?.["vips"], {
      map: { "10.96.0.1:80": "10.128.0.4:8080,10.128.0.9:8080" },
    });
    assert.deepEqual(built.notes, [
      'service shop/web: pod shop/c has no address on network "net", so nothing is sent to it',
    ]);
  });

  it("do not depend on the order of services, nodes and endpoints", () => {
    const many = ["a", "b", "c"].map((name) => ({
      ...service,
      name,
      clusterIPs: [`10.96.0.${name.charCodeAt(0)}`],
      ports: [{ port: 80, nodePort: 30_000 + name.charCodeAt(0) }],
    }));
    const nodes = ["n1", "n2", "n3"].map((name, index) => ({ name, hostAddresses: [`172.18.0.${index}`] }));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(many, { minLength: 3 }),
        fc.shuffledSubarray(nodes, { minLength: 3 }),
        (one, other) => {
          const built = buildServices(spec, other, [], one, noServicesObserved);
          const usual = buildServices(
            spec,
            nodes,
            [],
            one.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
            noServicesObserved,
          );
          assert.deepEqual(built.rows, usual.rows);
          assert.deepEqual([...built.holders], [...usual.holders]);
        },
      ),
    );
  });

  const refused: readonly (readonly [Partial<ServiceInput>, string, RegExp])[] = [
    [{ clusterIPs: [] }, "clusterIPs", /must not be empty/],
    [{ clusterIPs: ["None"] }, "clusterIPs[0]", /must be an IP address/],
    [{ externalIPs: ["1.2.3.4", "1.2.3"] }, "externalIPs[1]", /must be an IP address/],
    [{ ports: [{ port: 0 }] }, "ports[0].port", /from 1 to 65535/],
    [{ ports: [{ port: 80, nodePort: 70_000 }] }, "ports[0].nodePort", /from 1 to 65535/],
    [
      {
        ports: [
          { name: "a", port: 80, nodePort: 30_080 },
          { name: "b", port: 80, nodePort: 30_080, protocol: "UDP" },
          { name: "c", port: 81, nodePort: 0 },
          { name: "d", port: 82, nodePort: 0 },
          { name: "e", port: 83, nodePort: 30_080 },
        ],
      },
      "ports[4].nodePort",
      /another port of the service \(TCP node port 30080\)/,
    ],
    [
      {
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      },
      "ports[1]",
      /of another one/,
    ],
    [{ ports: [{ port: 80 }, { port: 81 }] }, "ports[1]", /of another one/],
    [{ affinityTimeout: 86_401 }, "affinityTimeout", /from 1 to 86400/],
    [{ namespace: "a/b" }, "namespace", /must be a name/],
    [
      { slices: [{ family: 6, ports: [], endpoints: [{ addresses: ["10.0.0.1"] }] }] },
      "slices[0].endpoints[0].addresses",
      /must be addresses of IPv6/,
    ],
  ];
  for (const [wrong, field, message] of refused)
    it(`refuse ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => build([{ ...service, ...wrong }]),
        (error) =>
          error instanceof SpecError && error.path.endsWith(`].${field}`) && message.test(error.message),
      );
    });

  it("are refused where another one is, by address or by node port, and not beside it", () => {
    const dual = { ...service, clusterIPs: ["10.96.0.1", "fd00:96::1"] };
    const other = { ...service, name: "x", source: "x.yaml:1" };
    const at = (nodePort: number, protocol: "TCP" | "UDP" = "TCP"): Partial<ServiceInput> => ({
      ports: [{ protocol, port: 80, nodePort }],
    });
    const wrong: readonly (readonly [ServiceInput, ServiceInput, string, RegExp])[] = [
      [service, other, "port", /services\[shop\/web\] too \(TCP 10\.96\.0\.1 port 80\): 80/],
      [
        dual,
        { ...other, clusterIPs: ["fd00:0096:0::1"] },
        "port",
        /web\] too \(TCP fd00:96::1 port 80\): 80/,
      ],
      [
        { ...service, ...at(30080) },
        { ...other, ...at(30080), clusterIPs: ["10.96.0.2"] },
        "nodePort",
        /web\] too \(TCP node port 30080\): 30080/,
      ],
    ];
    for (const [one, two, field, message] of wrong)
      assert.throws(
        () => build([two, one]),
        (error) =>
          error instanceof SpecError &&
          error.path === `services[shop/x].ports[0].${field}` &&
          error.source === "x.yaml:1" &&
          message.test(error.message),
      );
    build([
      { ...service, ...at(30080) },
      { ...other, ...at(30080, "UDP") },
    ]);
    build([
      { ...service, ports: [{ port: 80 }] },
      { ...other, ports: [{ port: 81 }] },
    ]);
  });

  it("are refused twice, and on secondary networks", () => {
    assert.throws(() => build([service, service]), /is there twice/);
    const secondary = parseNetwork("layer2", { name: "l2", subnets: "10.0.0.0/24" });
    assert.throws(
      () => buildServices(secondary, [node], [], [service], noServicesObserved),
      (error) =>
        error instanceof SpecError &&
        error.path === "services[shop/web]" &&
        /only primary/.test(error.message),
    );
    assert.deepEqual(buildServices(secondary, [node], [], [], noServicesObserved).rows, []);
  });
});

describe("services that are in the database", () => {
  const name = (rest: string): string => `net_Service_${rest}`;
  const balancer = (rest: string, owner: string, more: Partial<ObservedBalancer> = {}): ObservedBalancer => ({
    uuid: loadBalancerUuid(name(rest)),
    name: name(rest),
    owner,
    holders: [],
    ...more,
  });
  const observing = (
    balancers: readonly ObservedBalancer[],
    services: readonly ServiceInput[] | undefined,
    prune = false,
  ): BuiltServices =>
    buildServices(spec, [node], [], services, { ...noServicesObserved, balancers }, { prune });

  it("lose load balancers that they need no more, and leave places where those are not to be", () => {
    const stale = balancer("shop/web_TCP_node_router+switch_n1", "shop/web", { uuid: "by upstream" });
    const moved = balancer("shop/web_TCP_cluster", "shop/web", {
      holders: ["Logical_Switch/net_n1", "Load_Balancer_Group/net_clusterLBGroup"],
    });
    const built = observing([stale, moved], [service]);
    assert.deepEqual(
      built.removals.map(({ uuid }) => uuid),
      ["by upstream"],
    );
    assert.deepEqual(built.holders.get("Logical_Switch/net_n1"), { elements: [], notElements: [moved.uuid] });
    assert.deepEqual(built.holders.get("Load_Balancer_Group/net_clusterLBGroup")?.notElements, []);
  });

  it("stay when nobody asks for them, and go by prune if they are ours", () => {
    const ours = balancer("shop/old_TCP_cluster", "shop/old");
    const theirs = balancer("shop/other_TCP_cluster", "shop/other", { uuid: "by upstream" });
    assert.deepEqual(observing([ours, theirs], undefined, true).removals, []);
    const told = observing([ours, theirs], []);
    assert.deepEqual(told.removals, []);
    assert.deepEqual(told.notes, [
      'network "net" has services in the database that were not asked for, which stay as they are: shop/old, shop/other',
    ]);
    const pruned = observing([ours, theirs], [], true);
    assert.deepEqual(
      pruned.removals.map((each) => each.name),
      [ours.name],
    );
    assert.deepEqual(pruned.kept, ['service shop/other of network "net" stays: not made by us']);
  });
});
