import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { planDeletion } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { useTopologyBench } from "../support/topology.ts";
import { primaryZoneNode, zoneBriefs } from "../support/zones.ts";

describeWithOvn("what leads to the nodes of a primary network", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));
  const router = "net_ovn_cluster_router";

  it("is told from routes and ACLs that others put beside it", async () => {
    await bench.apply(primaryLayer3Brief());
    const controller = "external_ids:k8s.ovn.org/owner-controller=net-network-controller";
    await bench.nbctl(`
      lr-route-add ${router} 198.51.100.0/24 10.3.0.2
      --id=@route create Logical_Router_Static_Route ip_prefix=192.0.2.0/24 nexthop=10.3.0.2 external_ids:k8s.ovn.org/network=net external_ids:theirs=1
      add Logical_Router ${router} static_routes @route
      --id=@acl create ACL direction=to-lport priority=7 match=ip4 action=drop ${controller} external_ids:k8s.ovn.org/owner-type=Other
      add Logical_Switch net_n1 acls @acl
    `);
    const before = await bench.everything();
    assert.deepEqual(await bench.apply(primaryLayer3Brief()), []);
    assert.equal(await bench.everything(), before);
  });

  it("goes with a subnet that the node had, though its gateway router is gone and it has another number", async () => {
    const node = (id: number, subnet: string): ReturnType<typeof primaryNode> =>
      primaryNode("n1", id, { subnets: { net: [subnet] } });
    await bench.apply(primaryLayer3Brief([], {}, [node(2, "10.3.0.0/24")]));
    await bench.nbctl("lr-del GR_net_n1");
    await bench.apply(primaryLayer3Brief([], {}, [node(5, "10.3.9.0/24")]));
    const routes = await bench.nbctl(`lr-route-list ${router}`);
    assert.match(routes, /10\.3\.9\.0\/24/);
    assert.doesNotMatch(routes, /10\.3\.0\.0\/24/);
  });

  it("of layer2 is the next node's, whatever is left of the one before", async () => {
    const brief = (name: string, id: number): ReturnType<typeof primaryLayer2Brief> =>
      primaryLayer2Brief([], {}, [primaryNode(name, id, { mode: "local" })]);
    const options = { gatewayMode: "local" } as const;
    await bench.apply(brief("n1", 2), options);
    await bench.nbctl("lr-del GR_net_n1");
    await bench.apply(brief("n2", 3), options);
    await planDeletion(bench.nb, {
      networks: [],
      pods: [],
      nodes: [{ network: "net", name: "n1" }],
    }).apply();
    assert.deepEqual(await bench.apply(brief("n2", 3), options), []);
  });

  it("of layer2 has the MAC of the IPv4 address, whichever family is named first", async () => {
    const nodes = [primaryNode("n1", 2, { families: [4, 6] })];
    await bench.apply(primaryLayer2Brief([], { subnets: "fd00:1::/64,10.1.0.0/16" }, nodes));
    const port = "trtos-net_ovn_layer2_switch";
    assert.equal(await bench.get("Logical_Router_Port", port, "mac"), '"0a:58:0a:01:00:01"');
  });

  it("in another zone goes where the node has another number and another subnet", async () => {
    const options = { mode: "interconnect", zone: "n1" } as const;
    const brief = zoneBriefs["primary layer3"];
    const first = primaryZoneNode("n1", 2);
    await bench.apply({ ...brief([first, primaryZoneNode("n2", 3)]), pods: [] }, options);
    const moved = { subnets: { net: ["10.3.9.0/24"] } };
    await bench.apply({ ...brief([first, primaryZoneNode("n2", 7, moved)]), pods: [] }, options);
    const routes = await bench.nbctl(`lr-route-list ${router}`);
    assert.match(routes, /10\.3\.9\.0\/24 +100\.88\.0\.7/);
    assert.doesNotMatch(routes, /100\.88\.0\.3/);
  });
});
