import assert from "node:assert/strict";
import {
  type AttachmentInput,
  buildNetwork,
  checkCollisions,
  NameCollisionError,
  networkStatus,
  nothingObserved,
  parseNetwork,
  rowKinds,
  SpecError,
} from "../../../lib/topology/index.ts";
import { build, of2023, pod, port, rowOf, today } from "./support.ts";

describe("building a network", () => {
  it("refuses pods and nodes that make no sense", () => {
    const bad: [() => unknown, string, unknown][] = [
      [
        () => build("layer3", { subnets: "10.0.0.0/8" }, [pod("a", { node: "nowhere" })]),
        "pods[default/a].node",
        "nowhere",
      ],
      [() => build("layer2", {}, [pod("a"), pod("a")]), "pods[default/a].nad", "default/net"],
      [() => build("layer2", {}, [pod("a", { nad: "net" })]), "pods[default/a].nad", "net"],
      [() => build("layer2", {}, [pod("")]), "attachments[0].name", ""],
      [() => build("layer2", {}, [pod("a", { namespace: "x\u0007" })]), "pods.namespace", "x\u0007"],
      [() => build("layer2", {}, [], { nodes: [{ name: "" }] }), "nodes", ""],
      [() => build("layer2", {}, [], { nodes: [{ name: "a" }, { name: "a" }] }), "nodes", "a"],
      [() => build("layer2", {}, [], { options: { ...today, mode: "interconnect" } }), "zone", ""],
    ];
    for (const [run, path, value] of bad) {
      assert.throws(
        run,
        (error) => error instanceof SpecError && error.path === path && error.value === value,
        path,
      );
    }
  });

  it("says when a node's name stands in for its chassis id, once", () => {
    const nodes = [{ name: "n1" }, { name: "n2" }];
    const built = build("layer3", { subnets: "10.0.0.0/8" }, [pod("a"), pod("b")], { nodes });
    assert.deepEqual(built.notes, [
      "node n1 has no chassis id; its name is used instead",
      "node n2 has no chassis id; its name is used instead",
    ]);
    assert.equal(rowOf(built, "rtos-net_n1-n1").columns?.["chassis_name"], "n1");
    assert.equal(rowOf(built, "default.net_default_a").keys?.["options"]?.["requested-chassis"], "n1");
    assert.deepEqual(build("layer2", {}, [], { nodes }).notes, []);
    const old = build("layer3", { subnets: "10.0.0.0/8" }, [pod("a")], { nodes, options: of2023 });
    assert.deepEqual(old.notes, built.notes);
  });

  it("asks for chassis ids, but for pods of 2023 by the node's name", () => {
    const build2023 = build("layer3", { subnets: "10.0.0.0/8" }, [pod("a")], { options: of2023 });
    assert.equal(rowOf(build2023, "rtos-net_n1-C1").columns?.["chassis_name"], "C1");
    assert.equal(rowOf(build2023, "default.net_default_a").keys?.["options"]?.["requested-chassis"], "n1");
  });

  it("adds ct-commit-all in local gateway mode, today", () => {
    const router = (options: typeof today): unknown =>
      rowOf(build("layer3", { subnets: "10.0.0.0/8" }, [], { options }), "net_ovn_cluster_router").keys?.[
        "options"
      ];
    const plain = { always_learn_from_arp_request: "false" };
    assert.deepEqual(router({ ...today, gatewayMode: "local" }), { ...plain, "ct-commit-all": "true" });
    assert.deepEqual(router(today), plain);
    assert.deepEqual(router({ ...of2023, gatewayMode: "local" }), plain);
  });

  it("writes gateway_mtu of the cluster, unless the node cannot", () => {
    const nodes = [{ name: "n1", gatewayMtuSupport: false }, { name: "n2" }];
    const built = build("layer3", { subnets: "10.0.0.0/8", mtu: 9000 }, [], {
      nodes,
      options: { ...today, clusterMtu: 1300 },
    });
    assert.deepEqual(rowOf(built, "rtos-net_n1").keys, { options: {} });
    assert.deepEqual(rowOf(built, "rtos-net_n2").keys, { options: { gateway_mtu: "1300" } });
  });

  it("writes the last of several subnets of a family, and both families", () => {
    const subnets = "10.1.0.0/16,fd00:1::/64,10.2.0.0/16,fd00:2::/64";
    const expected = { subnet: "10.2.0.0/16", ipv6_prefix: "fd00:2::" };
    assert.deepEqual(
      rowOf(build("layer2", { subnets }), "net_ovn_layer2_switch").keys?.["other_config"],
      expected,
    );
    assert.deepEqual(
      rowOf(build("localnet", { subnets }, [], { options: of2023 }), "net_ovn_localnet_switch").keys?.[
        "other_config"
      ],
      expected,
    );
  });

  it("names the physical network as asked, in both profiles", () => {
    const name = (input: object, options: typeof today): unknown =>
      rowOf(build("localnet", input, [], { options }), "net_ovn_localnet_port").keys?.["options"];
    assert.deepEqual(name({}, today), { network_name: "net" });
    assert.deepEqual(name({}, of2023), { network_name: "net_br-localnet" });
    assert.deepEqual(name({ physicalNetworkName: "p" }, today), { network_name: "p" });
    assert.deepEqual(name({ physicalNetworkName: "p" }, of2023), { network_name: "p" });
  });

  it("uses the IPv6 gateway's MAC where there is no IPv4", () => {
    const built = build("layer3", { subnets: "fd00:10:244::/60" });
    assert.deepEqual(rowOf(built, "rtos-net_n1").columns, {
      mac: "0a:58:92:d0:fb:2e",
      networks: ["fd00:10:244::1/64"],
    });
    assert.deepEqual(rowOf(built, "net_n1").keys?.["other_config"], { ipv6_prefix: "fd00:10:244::" });
  });

  it("keeps a port's iface-id-ver when the pod's uid is not known", () => {
    const { uid: _, ...anonymous } = pod("a");
    const observed = {
      ports: [port("default.net_default_a", "02:00:00:00:00:01", { options: { "iface-id-ver": "known" } })],
    };
    const version = (input: AttachmentInput, more = {}): unknown =>
      rowOf(build("layer2", {}, [input], more), "default.net_default_a").keys?.["options"]?.["iface-id-ver"];
    // ovn-controller binds no interface to a port whose iface-id-ver is empty: none has such a one.
    const empty = { ...anonymous, uid: "" };
    assert.deepEqual(
      [anonymous, empty].map((input) => [version(input), version(input, { observed })]),
      [
        [undefined, "known"],
        [undefined, "known"],
      ],
    );
    assert.equal(version(pod("a"), { observed }), "uid-a");
  });

  it("gives a port that is there no iface-id-ver: the interface that is bound to it would be left", () => {
    const version = (input: AttachmentInput, address: string): unknown => {
      const ports = [port("default.net_default_a", `02:00:00:00:00:01 ${address}`, { options: { x: "y" } })];
      const built = build("layer2", { subnets: "10.22.0.0/24" }, [input], { observed: { ports } });
      return rowOf(built, "default.net_default_a").keys?.["options"]?.["iface-id-ver"];
    };
    assert.equal(version(pod("a"), "10.22.0.7"), undefined);
    // A port in its place is new, and so is the interface.
    assert.equal(version(pod("a", { ips: ["10.22.0.8"] }), "10.22.0.7"), "uid-a");
  });

  it("takes back what the other profile wrote beside the rows", () => {
    const groups = [
      { uuid: "11111111-1111-1111-1111-111111111111", name: "net_clusterLBGroup", loadBalancers: [] },
      {
        uuid: "22222222-2222-2222-2222-222222222222",
        name: "net_clusterRouterLBGroup",
        loadBalancers: ["33333333-3333-3333-3333-333333333333"],
      },
    ];
    const gatewayChassis = [
      { uuid: "44444444-4444-4444-4444-444444444444", name: "rtos-net_n1-C1" },
      { uuid: "55555555-5555-5555-5555-555555555555", name: "rtos-net_n1-n1" },
      { uuid: "66666666-6666-6666-6666-666666666666", name: "rtos-net_n1-other", priority: 20 },
      { uuid: "77777777-7777-7777-7777-777777777777", name: "somebody-elses" },
    ];
    const input = { subnets: "10.0.0.0/8" };
    const old = build("layer3", input, [], { options: of2023, observed: { groups, gatewayChassis } });
    assert.deepEqual(rowOf(old, "net_n1").notElements, {
      load_balancer_group: groups.map((group) => group.uuid),
    });
    assert.deepEqual(rowOf(old, "rtos-net_n1").notElements, { gateway_chassis: [gatewayChassis[1]?.uuid] });
    assert.deepEqual(
      old.removals.map((removal) => [removal.name, removal.guards]),
      [["net_clusterLBGroup", { load_balancer: [] }]],
    );
    assert.match(old.notes.join(), /net_clusterRouterLBGroup stays/);
    const now = build("layer3", input, [], { observed: { groups, gatewayChassis } });
    assert.deepEqual([now.removals, rowOf(now, "net_n1").notElements], [[], undefined]);
    assert.deepEqual(rowOf(now, "rtos-net_n1").notElements, { gateway_chassis: [gatewayChassis[1]?.uuid] });
  });

  it("writes nothing that it does not own", () => {
    const everything = [
      build("layer3", { subnets: "10.0.0.0/8,fd00::/48" }, [pod("a")], {
        options: { ...today, gatewayMode: "local" },
      }),
      build("layer2", {}, [pod("a")], { options: of2023 }),
      build("localnet", { vlanID: 7 }, [pod("a")]),
    ];
    for (const row of everything.flatMap((built) => built.rows)) {
      const kind = rowKinds[row.kind as keyof typeof rowKinds];
      for (const column of Object.keys(row.columns ?? {}))
        assert.ok(kind.columns.includes(column), `${row.kind} ${column}`);
      for (const [column, keys] of Object.entries(row.keys ?? {})) {
        for (const key of Object.keys(keys))
          assert.ok(kind.keys[column]?.includes(key), `${row.kind} ${column}:${key}`);
      }
      for (const column of Object.keys(row.elements ?? {}))
        assert.ok(kind.elements.includes(column), `${row.kind} ${column}`);
    }
  });
});

describe("name collisions", () => {
  it("of two networks are reported with both", () => {
    const built = (name: string): ReturnType<typeof buildNetwork> =>
      buildNetwork(parseNetwork("layer2", { name }), nothingObserved, [], [], today);
    assert.throws(
      () => checkCollisions([built("a-b"), built("c"), built("a.b")]),
      (error) =>
        error instanceof NameCollisionError &&
        /"a-b".*"a\.b"/.test(error.message) &&
        error.sources.length === 2,
    );
    assert.doesNotThrow(() => checkCollisions([built("a-b"), built("a_b")]));
  });

  it("of a network's parts with those of another are found too", () => {
    // The node ovn_layer2_switch of network x and the layer2 network x.
    const nodes = [{ name: "ovn_layer2_switch" }];
    const layer3 = build("layer3", { subnets: "10.0.0.0/8" }, [], { nodes });
    assert.throws(() => checkCollisions([layer3, build("layer2", {})]), NameCollisionError);
  });

  it("of two NADs of one network are reported with both pods", () => {
    assert.throws(
      () => build("layer2", {}, [pod("a", { nad: "x/y-z" }), pod("a", { nad: "x/y.z" })]),
      (error) =>
        error instanceof NameCollisionError &&
        error.sources[0].includes("x/y-z") &&
        error.sources[1].includes("x/y.z") &&
        error.objectName === "x.y.z_default_a",
    );
  });

  it("with a port in the database are told from drift", () => {
    const observed = (nad: string): object => ({
      observed: {
        ports: [port("x.y.z_default_a", "02:00:00:00:00:01", { externalIds: { "k8s.ovn.org/nad": nad } })],
      },
    });
    assert.throws(
      () => build("layer2", {}, [pod("a", { nad: "x/y-z" })], observed("x/y.z")),
      NameCollisionError,
    );
    assert.doesNotThrow(() => build("layer2", {}, [pod("a", { nad: "x/y-z" })], observed("changed")));
  });
});

describe("network-status", () => {
  it("has the entries a CNI plugin writes", () => {
    assert.deepEqual(
      networkStatus([
        { nad: "kube-system/l3-network", interface: "eth1", ips: ["10.33.2.3/24"], mac: "0a:58:0a:21:02:03" },
        { nad: "kube-system/l3-network/1", interface: "net2", ips: [], mac: "0a:58:0a:21:02:04" },
      ]),
      [
        {
          name: "kube-system/l3-network",
          interface: "eth1",
          ips: ["10.33.2.3"],
          mac: "0a:58:0a:21:02:03",
          dns: {},
        },
        { name: "kube-system/l3-network", interface: "net2", mac: "0a:58:0a:21:02:04", dns: {} },
      ],
    );
  });
});
