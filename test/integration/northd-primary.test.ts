import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand, typeTiers } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { primaryByHand } from "../support/primary-by-hand.ts";
import { requestFor } from "../support/topology.ts";

// What a server without NAT.match cannot hold, nobody can type into it either: the same test for every installed OVN.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;
const shared = { mode: "shared", families: [4], natMatch: false } as const;

describeWithOvn("ovn-northd makes the same of primary networks and of what an administrator types", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  before(async () => {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      const request = requestFor([
        primaryLayer3Brief([], { name: "p3", subnets: "10.5.0.0/16" }),
        primaryLayer2Brief([], { name: "p2", subnets: "10.6.0.0/16", networkId: 2 }, [primaryNode("n1", 2)]),
      ]);
      await planTopology(nb, request).apply({ wait: "sb" });
    } finally {
      await nb.close();
    }
    await nbctl(
      theirs.sandbox,
      `${sharedByHand}${primaryByHand({ topology: "layer3", nodes: ["n1", "n2"], ...shared })}${primaryByHand({ topology: "layer2", ...shared })}`,
    );
    await typeTiers(theirs.sandbox);
  });

  it("logical flows", async () => {
    const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
    assert.ok(made.length > 500, `${made.length} flows`);
    for (const datapath of ["GR_p3_n1", "GR_p3_n2", "p3_join", "ext_p3_n1", "GR_p2_n1", "p2_transit_router"])
      assert.ok(
        made.some((line) => line.includes(`"${datapath}"`)),
        datapath,
      );
    assert.deepEqual(made, typed);
  });

  it("port bindings, gateway chassis and meters", async () => {
    const [made, typed] = [await bindings(ours.sandbox), await bindings(theirs.sandbox)];
    assert.ok(made.length > 20);
    assert.deepEqual(made, typed);
  });

  it("and the comparison sees a route, a policy and a NAT that differ", async () => {
    const before = await flows(theirs.sandbox);
    await nbctl(theirs.sandbox, "lr-route-del GR_p3_n1 0.0.0.0/0");
    const without = await flows(theirs.sandbox);
    assert.notDeepEqual(without, before);
    await nbctl(theirs.sandbox, "lr-nat-del GR_p2_n1 snat 10.6.0.0/16");
    assert.notDeepEqual(await flows(theirs.sandbox), without);
  });
});
