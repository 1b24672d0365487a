import assert from "node:assert/strict";
import { UnsupportedError } from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { type GatewayMode, layer2, layer3, SpecError } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, layer3Brief, portOf, useTopologyBench } from "../support/topology.ts";

/** Both topologies in both gateway modes, with one family and with two. */
function variants(): readonly {
  readonly title: string;
  readonly mode: GatewayMode;
  readonly brief: Brief;
}[] {
  return (["shared", "local"] as const).flatMap((mode) =>
    ([[4], [4, 6]] as const).flatMap((families) => {
      const nodes = [primaryNode("n1", 2, { mode, families }), primaryNode("n2", 3, { mode, families })];
      const ipv6 = families.length > 1;
      const also = ipv6 ? ", dual stack" : "";
      return [
        {
          title: `layer3, ${mode} gateway mode${also}`,
          mode,
          brief: primaryLayer3Brief(["a"], ipv6 ? { subnets: "10.3.0.0/16/24,fd00:3::/48" } : {}, nodes),
        },
        {
          title: `layer2, ${mode} gateway mode${also}`,
          mode,
          brief: primaryLayer2Brief(
            ["a"],
            ipv6 ? { subnets: "10.1.0.0/16,fd00:1::/64" } : {},
            nodes.slice(0, 1),
          ),
        },
      ];
    }),
  );
}

const [shared = "Copp", ...others] = ["Copp", "Meter", "Meter_Band"];

describeWithOvn("primary networks on today's schema", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  for (const { title, mode, brief } of variants())
    it(`${title}: a second apply does nothing, delete leaves nothing`, async () => {
      await bench.apply(brief, { gatewayMode: mode });
      const { changes, notes, omitted } = bench.plan(brief, { gatewayMode: mode });
      assert.deepEqual([changes, notes, omitted], [[], [], []]);
      await bench.delete(["net"]);
      assert.deepEqual(Object.keys(await bench.tables()).sort(), [shared, ...others]);
    });

  it("layer2 that was written without a transit router is refused, and can be attached to and deleted", async () => {
    const home = "net_ovn_layer2_switch";
    const ids = (role: string): string =>
      `external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/topology=layer2 ${role}`;
    const primary = ids("external_ids:k8s.ovn.org/role=primary");
    const former = [
      `lrp-add GR_net_n1 rtos-${home} 0a:58:64:41:00:02 100.65.0.2/16 10.1.0.1/16
       set Logical_Router_Port rtos-${home} ${ids("")}`,
      `lsp-add ${home} stotr-${home}-upgrade -- set Logical_Switch_Port stotr-${home}-upgrade ${ids("")}`,
    ];
    for (const rows of former) {
      await bench.nbctl(`
        ls-add ${home}
        set Logical_Switch ${home} ${primary} other_config:subnet=10.1.0.0/16
        lr-add GR_net_n1
        set Logical_Router GR_net_n1 ${primary}
        ${rows}
      `);
      assert.throws(
        () => bench.plan(primaryLayer2Brief()),
        (error) =>
          error instanceof SpecError &&
          error.path === "topology" &&
          /without a transit router/.test(error.message),
      );
      const network = layer2({
        name: "net",
        nad: "default/net",
        role: "primary",
        networkId: 1,
        subnets: "10.1.0.0/16",
      });
      await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
      await network.detach(bench.nb, { namespace: "default", name: "a" });
      await bench.delete(["net"]);
      assert.deepEqual(await bench.tables(), {});
    }
  });

  it("the other gateway mode changes routes and options in place, and back", async () => {
    const both = (mode: GatewayMode): Brief =>
      primaryLayer3Brief([], {}, [primaryNode("n1", 2, { mode }), primaryNode("n2", 3, { mode })]);
    await bench.apply(both("shared"));
    const before = await bench.everything();
    const changes = await bench.apply(both("local"), { gatewayMode: "local" });
    assert.deepEqual(changes, [
      "update Logical_Router net_ovn_cluster_router: options:ct-commit-all",
      "update Logical_Router_Static_Route 10.3.0.0/24 (source) by 10.3.0.2: nexthop",
      "update Logical_Router_Static_Route 10.3.1.0/24 (source) by 10.3.1.2: nexthop",
    ]);
    await bench.apply(both("shared"));
    assert.equal(await bench.everything(), before);
  });

  it("a node's new addresses and gateway replace the old ones everywhere", async () => {
    await bench.apply(primaryLayer3Brief());
    const moved = primaryNode("n1", 2);
    const { gateway } = moved;
    assert.ok(gateway);
    const nodes = [
      { ...moved, gateway: { ...gateway, ips: ["192.0.2.9/24"], nextHops: ["192.0.2.1"] } },
      primaryNode("n2", 3),
    ];
    await bench.apply(primaryLayer3Brief([], {}, nodes));
    const all = await bench.everything();
    assert.doesNotMatch(all, /172\.18\.0\.2\b/);
    assert.match(all, /172\.18\.0\.3/);
    assert.match(all, /192\.0\.2\.1/);
    const fresh = await bench.nbctl("lr-route-list GR_net_n1");
    assert.doesNotMatch(fresh, /172\.18\.0\.1/);
  });

  it("a node that is pruned takes along all that led to it, and nothing of the other", async () => {
    const one = primaryLayer3Brief([], {}, [primaryNode("n1", 2)]);
    await bench.apply(one);
    const before = await bench.everything();
    await bench.apply(primaryLayer3Brief(["a", { name: "b", node: "n2" }]));
    assert.notEqual(await bench.everything(), before);
    await bench.apply(one, { prune: true });
    assert.equal(await bench.everything(), before);
  });

  it("a layer2 network moves to another node by prune; two at once are refused", async () => {
    await bench.apply(primaryLayer2Brief(["a"]));
    const other = primaryLayer2Brief([{ name: "a", node: "n2" }], {}, [primaryNode("n2", 3)]);
    const refused = (brief: Brief): void =>
      assert.throws(
        () => bench.plan(brief),
        (error) => error instanceof SpecError && /only one in mode central/.test(error.message),
      );
    refused(other);
    refused(primaryLayer2Brief([], {}, [primaryNode("n1", 2), primaryNode("n2", 3)]));
    await bench.apply(other, { prune: true });
    assert.doesNotMatch(await bench.everything(), /n1\b/);
    await bench.delete(["net"]);
    assert.deepEqual(Object.keys(await bench.tables()).sort(), [shared, ...others]);
  });

  it("drift is repaired, and what others added stays", async () => {
    await bench.apply(primaryLayer3Brief());
    const before = await bench.everything();
    await bench.nbctl(`
      lr-route-del GR_net_n1 0.0.0.0/0
      lr-policy-del net_ovn_cluster_router 1004
      lr-nat-del GR_net_n2
      clear Logical_Router GR_net_n1 copp
      set Logical_Switch_Port k8s-net_n1 addresses=unknown
      lrp-set-gateway-chassis rtos-net_n1 chassis-of-n1 1
      --all destroy Static_MAC_Binding
    `);
    await bench.apply(primaryLayer3Brief());
    assert.equal(await bench.everything(), before);
    await bench.nbctl(`
      lr-route-add GR_net_n1 198.51.100.0/24 172.18.0.9
      lr-nat-add GR_net_n1 dnat_and_snat 172.18.0.77 10.3.0.3
      lr-policy-add net_ovn_cluster_router 7 ip4 allow
      acl-add net_n1 to-lport 1 ip4 drop`);
    const touched = await bench.everything();
    assert.deepEqual(await bench.apply(primaryLayer3Brief()), []);
    assert.equal(await bench.everything(), touched);
    await assert.rejects(bench.delete(["net"]), { code: "ERR_FOREIGN_ROWS" });
  });

  it("layer2: a chassis that somebody else gave to the port to the switch stays, a former one of ours goes", async () => {
    const port = "trtos-net_ovn_layer2_switch";
    await bench.apply(primaryLayer2Brief());
    const before = await bench.everything();
    await bench.nbctl(`lrp-set-gateway-chassis ${port} former 1`);
    await bench.apply(primaryLayer2Brief());
    assert.equal(await bench.everything(), before);
    await bench.nbctl(`lrp-set-gateway-chassis ${port} theirs 20`);
    assert.deepEqual(await bench.apply(primaryLayer2Brief()), []);
    assert.match(await bench.nbctl(`lrp-get-gateway-chassis ${port}`), /-theirs +20/);
  });

  it("a pod is attached without the nodes' gateways being looked at", async () => {
    await bench.apply([primaryLayer3Brief()]);
    const network = layer3({ ...primaryLayer3Brief().input, nad: "default/net" });
    const port = await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1" });
    assert.deepEqual([port.portName, port.ips], [portOf("a"), ["10.3.0.3/24"]]);
    assert.deepEqual(await bench.apply(primaryLayer3Brief(["a"])), []);
  });

  it("two networks with one id are refused, whether both are asked for or one is there", async () => {
    const other = primaryLayer2Brief([], { name: "other" });
    const refused = (briefs: Brief | readonly Brief[]): void =>
      assert.throws(
        () => bench.plan(briefs),
        (error) =>
          error instanceof SpecError &&
          error.path === "networkId" &&
          error.value === 1 &&
          /^networkId is also the number of network "\w+".*masquerade address 169\.254\.0\.11: 1$/.test(
            error.message,
          ),
      );
    refused([primaryLayer3Brief(), other]);
    await bench.apply(primaryLayer3Brief());
    refused(other);
    await bench.apply(other, { pruneNetworks: true });
    const swapped = { ...other, input: { ...other.input, networkId: 2 } };
    await bench.apply([other, primaryLayer3Brief([], { networkId: 2 })]);
    await bench.apply([swapped, primaryLayer3Brief()]);
  });

  it("a network keeps its role", async () => {
    await bench.apply(layer3Brief());
    assert.throws(() => bench.plan(primaryLayer3Brief()), /is a secondary network in the database/);
  });
});

describeWithOvn("primary networks on the installed schema, which may lack NAT.match and ACL.tier", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  it("what cannot be held is said before anything is written, and refused where nothing works without", async () => {
    const lacks = !bench.nb.view.supports("NAT", "match");
    const { notes, omitted } = bench.plan(primaryLayer3Brief());
    assert.equal(
      omitted.some(({ table, column }) => `${table}.${column}` === "NAT.match"),
      lacks,
    );
    assert.equal(
      notes.some((note) => /has no NAT\.match: pods of primary networks/.test(note)),
      lacks,
    );
    await bench.apply(primaryLayer3Brief(["a"]));
    const local = primaryLayer3Brief([], { name: "other", networkId: 2 }, [
      primaryNode("n1", 2, { mode: "local" }),
    ]);
    const plan = (): unknown => bench.plan(local, { gatewayMode: "local" });
    if (lacks)
      assert.throws(plan, (error) => error instanceof UnsupportedError && /NAT\.match/.test(error.message));
    else plan();
    await bench.delete(["net"]);
    assert.deepEqual(Object.keys(await bench.tables()).sort(), [shared, ...others]);
  });
});
