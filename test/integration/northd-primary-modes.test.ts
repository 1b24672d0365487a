import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { macByHand, type PrimaryVariant, primaryAnyByHand } from "../support/primary-any-by-hand.ts";
import { type Brief, requestFor } from "../support/topology.ts";

// Today's schema, with NAT.match: local gateway mode is refused without it. A northd that does not know the column leaves it
// out on both sides.
const options = { northbound, southbound: true, northd: true } as const;

const variants: readonly PrimaryVariant[] = (["layer3", "layer2"] as const).flatMap((topology) =>
  (["shared", "local"] as const).flatMap((mode) =>
    [[4], [6], [4, 6]].map((families) => ({ topology, mode, families: families as (4 | 6)[] })),
  ),
);

function briefOf({ topology, mode, families }: PrimaryVariant): Brief {
  const has = (text: string): boolean => families.includes(text.includes(":") ? 6 : 4);
  const { gateway, ...node } = primaryNode("n1", 2, { mode, ipv6: true });
  assert.ok(gateway);
  const { ips, nextHops } = gateway;
  const nodes = [{ ...node, gateway: { ...gateway, ips: ips.filter(has), nextHops: nextHops.filter(has) } }];
  return topology === "layer3"
    ? primaryLayer3Brief([], { name: "p3", subnets: ["10.5.0.0/16", "fd00:5::/60"].filter(has) }, nodes)
    : primaryLayer2Brief(
        [],
        { name: "p2", networkId: 2, subnets: ["10.6.0.0/16", "fd00:6::/64"].filter(has) },
        nodes,
      );
}

const main = { layer3: "p3_ovn_cluster_router", layer2: "p2_transit_router" } as const;
const toSwitch = { layer3: "rtos-p3_n1", layer2: "trtos-p2_ovn_layer2_switch" } as const;
const management = { layer3: ["10.5.0.2", "fd00:5::2"], layer2: ["10.6.0.2", "fd00:6::2"] } as const;

describeWithOvn(
  "ovn-northd makes the same of primary networks in every mode and of what an administrator types",
  () => {
    const ours = useSandbox(options);
    const theirs = useSandbox(options);

    afterEach(async () => {
      const tables = ["Logical_Switch", "Logical_Router", "Load_Balancer_Group", "Port_Group"];
      const all = [...tables, "Static_MAC_Binding", "Copp", "Meter"];
      for (const { sandbox } of [ours, theirs])
        await nbctl(sandbox, all.map((table) => `--all destroy ${table}`).join("\n"));
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
        await nbctl(theirs.sandbox, `${sharedByHand}${primaryAnyByHand(variant)}`);
        // Of what ovn-nbctl(8) has no command for on an older OVN: to the node itself only, by its management port's MAC.
        const [v4, v6] = management[topology];
        const match = `eth.dst == ${macByHand(families.includes(4) ? v4 : v6)}`;
        const where = [["logical_port", "==", toSwitch[topology]]];
        const { remote } = theirs.sandbox.northbound;
        const update = ["OVN_Northbound", { op: "update", table: "NAT", where, row: { match } }];
        const answer = await theirs.sandbox.run("ovsdb-client", ["transact", remote, JSON.stringify(update)]);
        assert.match(answer, new RegExp(`"count":${families.length}\\b`));
        await nbctl(theirs.sandbox, `set Logical_Router ${main[topology]} external_ids:seen=true`);

        const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
        assert.ok(made.length > 300, `${made.length} flows`);
        assert.deepEqual(made, typed);
        assert.deepEqual(await bindings(ours.sandbox), await bindings(theirs.sandbox));
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
      await nbctl(theirs.sandbox, `${sharedByHand}${primaryAnyByHand(variant)}`);
      const before = await flows(theirs.sandbox);
      await nbctl(theirs.sandbox, "--policy=src-ip lr-route-del p3_ovn_cluster_router fd00:5::/64");
      const without = await flows(theirs.sandbox);
      assert.notDeepEqual(without, before);
      await nbctl(theirs.sandbox, "lr-nat-del p3_ovn_cluster_router snat fd00:5::/64");
      assert.notDeepEqual(await flows(theirs.sandbox), without);
    });
  },
);
