import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import {
  type GatewayInput,
  type GatewayMode,
  localnet,
  type NodeInput,
  type PolicyRequest,
  type ServiceInput,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { withoutUuids } from "../support/other-uuids.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, emptying, layer2Brief, useTopologyBench } from "../support/topology.ts";

describeWithOvn("what is applied over something else", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  /** Fails unless `to` over `from` leaves the rows of `to` in an empty database; `apply` itself proves that it is done then. */
  async function check(
    from: Brief | readonly Brief[],
    to: Brief,
    gatewayMode: GatewayMode = "shared",
  ): Promise<void> {
    const options = { prune: true, gatewayMode };
    await bench.nbctl(emptying);
    for (const each of [from, to].flat()) await bench.apply(each, options);
    const rows = withoutUuids(await bench.tables());
    await bench.nbctl(emptying);
    await bench.apply(to, options);
    assert.deepEqual(rows, withoutUuids(await bench.tables()));
  }

  const one = (id: number, more: Partial<NodeInput> = {}, mode: GatewayMode = "shared"): NodeInput => ({
    ...primaryNode("n1", id, { mode }),
    ...more,
  });
  const own = (subnet: string): Partial<NodeInput> => ({ subnets: { net: [subnet] } });

  for (const mode of ["shared", "local"] as const) {
    it(`another number of a node takes the routes to its old join addresses along (${mode})`, async () => {
      const layer3 = (id: number): Brief =>
        primaryLayer3Brief([], {}, [one(id, {}, mode), primaryNode("n2", 3, { mode })]);
      const layer2 = (id: number): Brief => primaryLayer2Brief([], {}, [one(id, {}, mode)]);
      await check(layer3(2), layer3(4), mode);
      await check(layer2(2), layer2(4), mode);
    });

    it(`other join subnets do so, too (${mode})`, async () => {
      const nodes = [one(2, {}, mode), primaryNode("n2", 3, { mode })];
      const from = primaryLayer3Brief([], {}, nodes);
      await check(from, primaryLayer3Brief([], { joinSubnet: "100.70.0.0/16" }, nodes), mode);
    });

    it(`another subnet of a node takes routes and ACLs of its old management address along (${mode})`, async () => {
      const nodes = (a: string, b: string): NodeInput[] => [
        one(2, own(a), mode),
        { ...primaryNode("n2", 3, { mode }), ...own(b) },
      ];
      const from = primaryLayer3Brief([], {}, nodes("10.3.0.0/24", "10.3.1.0/24"));
      await check(from, primaryLayer3Brief([], {}, nodes("10.3.7.0/24", "10.3.1.0/24")), mode);
      await check(from, primaryLayer3Brief([], {}, nodes("10.3.1.0/24", "10.3.0.0/24")), mode);
    });
  }

  it("another management address of a layer2 network does so", async () => {
    const infrastructureSubnets = ["10.1.9.0/28"];
    await check(primaryLayer2Brief(), primaryLayer2Brief([], { infrastructureSubnets }));
  });

  it("a gateway router without node ports leaves the load balancers of gateway routers", async () => {
    const { gateway } = primaryNode("n1", 2);
    assert.ok(gateway);
    const without: GatewayInput = { ...gateway, nodePort: false };
    for (const make of [primaryLayer2Brief, primaryLayer3Brief])
      await check(make([], {}, [one(2)]), make([], {}, [one(2, { gateway: without })]));
  });

  it("a pod with another address and another label leaves the groups of policies that select it no more", async () => {
    const policies: PolicyRequest = {
      namespaces: [{ name: "default" }],
      policies: [
        {
          namespace: "default",
          name: "closed",
          podSelector: { matchLabels: { app: "x" } },
          policyTypes: ["Ingress"],
        },
      ],
    };
    const brief = (app: string, ip: string): Brief => ({
      ...layer2Brief([{ name: "a", labels: { app }, ips: [ip] }]),
      policies,
    });
    await check(brief("x", "10.1.0.7"), brief("y", "10.1.0.8"));
    await check(brief("y", "10.1.0.7"), brief("x", "10.1.0.8"));
  });

  const service: ServiceInput = {
    namespace: "default",
    name: "web",
    clusterIPs: ["10.96.0.1"],
    internalTrafficPolicy: "Local",
    ports: [{ port: 80, nodePort: 30_000 }],
    slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: [{ pod: "a", node: "n1" }] }],
  };

  it("a service sends nothing to a pod that is pruned in the same plan", async () => {
    const services = [service];
    await check({ ...primaryLayer3Brief(["a"]), services }, { ...primaryLayer3Brief(), services });
  });

  it("a load balancer that goes leaves no trace in a router that changes otherwise, too", async () => {
    const { gateway } = primaryNode("n1", 2);
    assert.ok(gateway);
    const brief = (nodePort: boolean, services: readonly ServiceInput[]): Brief => ({
      ...primaryLayer3Brief(["a"], {}, [one(2, { gateway: { ...gateway, nodePort } })]),
      services,
    });
    await check(brief(true, [service]), brief(false, []));
  });
});

describeWithOvn("a VLAN that a network had", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true, southbound: true, northd: true }));

  it("is gone when it has none any more: ovn-northd leaves it in the port that had it", async () => {
    const tag = async (vlanID: number): Promise<readonly string[]> => {
      await localnet({ name: "net", vlanID }).plan(bench.nb).apply({ wait: "sb" });
      const port = "net_ovn_localnet_port";
      const bound = ["--bare", "--columns=tag", "find", "Port_Binding", `logical_port=${port}`];
      const bindings = await bench.sandbox.run("ovn-sbctl", bound);
      return [await bench.get("Logical_Switch_Port", port, "tag"), bindings.trim()];
    };
    assert.deepEqual(await tag(20), ["20", "20"]);
    assert.deepEqual(await tag(30), ["30", "30"]);
    assert.deepEqual(await tag(0), ["[]", ""]);
    assert.deepEqual(await tag(20), ["20", "20"]);
    assert.deepEqual(localnet({ name: "net", vlanID: 20 }).plan(bench.nb).changes, []);
  });
});
