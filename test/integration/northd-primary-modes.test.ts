import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { all } from "../support/by-hand.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { assertSame, flows, nbctl, sharedByHand, typeNatMatches, typeTiers } from "../support/northd.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { management, type PrimaryVariant, primaryByHand } from "../support/primary-by-hand.ts";
import { type Brief, emptying, requestFor } from "../support/topology.ts";

// Today's schema, with NAT.match: local gateway mode is refused without it. A northd that does not know the column leaves it
// out on both sides.
const options = { northbound, southbound: true, northd: true } as const;

const variants: readonly PrimaryVariant[] = (["layer3", "layer2"] as const).flatMap((topology) =>
  (["shared", "local"] as const).flatMap((mode) =>
    ([[4], [6], [4, 6]] as const).map((families) => ({ topology, mode, families })),
  ),
);

function briefOf({ topology, mode, families }: PrimaryVariant): Brief {
  const of = (v4: string, v6: string): string[] => all(families, [v4, v6]).split(" ");
  const nodes = [primaryNode("n1", 2, { mode, families })];
  return topology === "layer3"
    ? primaryLayer3Brief([], { name: "p3", subnets: of("10.5.0.0/16", "fd00:5::/60") }, nodes)
    : primaryLayer2Brief([], { name: "p2", networkId: 2, subnets: of("10.6.0.0/16", "fd00:6::/64") }, nodes);
}

describeWithOvn(
  "ovn-northd makes the same of primary networks in every mode and of what an administrator types",
  () => {
    const ours = useSandbox(options);
    const theirs = useSandbox(options);

    afterEach(async () => {
      for (const { sandbox } of [ours, theirs]) await nbctl(sandbox, emptying);
    });

    for (const variant of variants) {
      const { topology, mode, families } = variant;
      it(`${topology}, ${mode} gateway mode, IPv${families.join(" and IPv")}`, async () => {
        const nb = await connectNorthbound(ours.sandbox.northbound.remote);
        try {
          await planTopology(nb, requestFor(briefOf(variant), { gatewayMode: mode })).apply({ wait: "sb" });
        } finally {
          await nb.close();
        }
        await nbctl(theirs.sandbox, `${sharedByHand}${primaryByHand(variant)}`);
        await typeTiers(theirs.sandbox);
        await typeNatMatches(theirs.sandbox, families, [topology]);
        const made = await assertSame(ours.sandbox, theirs.sandbox);
        assert.ok(made.length > 300, `${made.length} flows`);
        // In local mode pods leave by the management port of their node, in shared mode by its gateway router.
        const leaving = made.filter((line) => line.includes("lr_in_ip_routing") && /ip[46]\.src/.test(line));
        const hop =
          mode === "local" ? management[topology] : ["100.65.0.2", "100.88.0.5", "fd99::2", "fd97::5"];
        for (const family of families)
          assert.ok(
            leaving.some((line) =>
              hop.some((each) => each.includes(":") === (family === 6) && line.includes(`= ${each};`)),
            ),
            leaving.join("\n"),
          );
      });
    }

    it("and the comparison sees a source route and a NAT that differ", async () => {
      const variant = { topology: "layer3", mode: "local", families: [4, 6] } as const;
      await nbctl(theirs.sandbox, `${sharedByHand}${primaryByHand(variant)}`);
      const before = await flows(theirs.sandbox);
      await nbctl(theirs.sandbox, "--policy=src-ip lr-route-del p3_ovn_cluster_router fd00:5::/64");
      const without = await flows(theirs.sandbox);
      assert.notDeepEqual(without, before);
      await nbctl(theirs.sandbox, "lr-nat-del p3_ovn_cluster_router snat fd00:5::/64");
      assert.notDeepEqual(await flows(theirs.sandbox), without);
    });
  },
);
