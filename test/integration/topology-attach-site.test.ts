import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import { layer3, type Network, type Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

describeWithOvn("what is kept of where pods are attached", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  /** How the attachment of one more pod on n1 would end. */
  async function outcome(nb: Northbound, network: Network): Promise<string> {
    try {
      const pod = { namespace: "default", name: "one-more", node: "n1" };
      const { addresses } = await network.attach(nb, pod, { dryRun: true });
      return addresses;
    } catch (error) {
      return String(error);
    }
  }

  it("is forgotten when something changes that tells of it, and not when ports come", async () => {
    const { nb } = bench;
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    const nodes = ["n1", "n2"].map((name) => ({ name, chassisId: `chassis-of-${name}` }));
    await network.plan(nb, { nodes }).apply();
    const router = "Logical_Router net_ovn_cluster_router";
    const steps: readonly (readonly [script: string, expected: RegExp])[] = [
      ["lsp-add net_n1 somebody\nlsp-set-addresses somebody '0a:00:00:00:00:01 10.3.0.3'", /10\.3\.0\.4$/],
      [`set ${router} external_ids:k8s-ovn-topo-version=5`, /10\.3\.0\.4$/],
      // Two of three signs of the profile are another one's.
      ["remove Logical_Switch net_n1 external_ids k8s.ovn.org/role", /10\.3\.0\.4$/],
      ["set Logical_Switch net_n1 external_ids:k8s.ovn.org/network=nobody", /nobody/],
      [
        "set Logical_Switch net_n1 external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/role=primary",
        /a role cannot be changed/,
      ],
      ["set Logical_Switch net_n1 external_ids:k8s.ovn.org/role=secondary", /10\.3\.0\.4$/],
      ["set Logical_Switch net_n1 name=net_n3", /node n1 is not part of network "net": addNode adds it/],
      ["set Logical_Switch net_n3 name=net_n1", /10\.3\.0\.4$/],
      [
        "ls-add net_ovn_layer2_switch\nset Logical_Switch net_ovn_layer2_switch external_ids:k8s.ovn.org/network=net",
        /is a layer2 network/,
      ],
      ["ls-del net_ovn_layer2_switch", /10\.3\.0\.4$/],
      [`set ${router} name=other`, /is not in the database/],
      [`set Logical_Router other name=net_ovn_cluster_router`, /10\.3\.0\.4$/],
    ];
    assert.match(await outcome(nb, network), /10\.3\.0\.3$/);
    for (const [script, expected] of steps) {
      await bench.nbctl(script);
      const own = await outcome(nb, network);
      assert.match(own, expected, script);
      await using fresh = await connectNorthbound(bench.sandbox.northbound.remote);
      assert.equal(own, await outcome(fresh, network), script);
    }
  });

  it("does not make a pod's port ask for the chassis that its node had", async () => {
    const { nb } = bench;
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    await network.plan(nb, { nodes: [{ name: "n1", chassisId: "first" }] }).apply();
    const requested = async (name: string): Promise<string> => {
      await network.attach(nb, { namespace: "default", name, node: "n1" });
      return bench.nbctl(`get Logical_Switch_Port default.net_default_${name} options:requested-chassis`);
    };
    assert.equal(await requested("a"), "first");
    await bench.nbctl(
      `set Gateway_Chassis ${await bench.nbctl("--bare --columns=_uuid list Gateway_Chassis")} chassis_name=second`,
    );
    assert.equal(await requested("b"), "second");
  });

  it("leaves a node's router port as it is, whether that tells of packets that are too large or not", async () => {
    const { nb } = bench;
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24", mtu: 1400 });
    await network.plan(nb, { nodes: [{ name: "n1" }, { name: "n2", gatewayMtuSupport: false }] }).apply();
    const told = async (): Promise<string> =>
      bench.nbctl("--columns=name,options,mac,networks list Logical_Router_Port");
    const before = await told();
    assert.equal(before.match(/gateway_mtu/g)?.length, 1);
    for (const node of ["n1", "n2"])
      await network.attach(nb, { namespace: "default", name: `on-${node}`, node });
    assert.equal(await told(), before);
  });
});
