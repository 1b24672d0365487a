import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import {
  localnetByHand,
  macAndAddresses,
  nodeSubnet,
  podByHand,
  secondaryLayer3ByHand,
  switchConfig,
} from "../support/by-hand.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { layer2Brief, layer3Brief, localnetBrief, requestFor } from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;

const families = [4, 6] as const;

/** The networks of the suite as an administrator would type them, from ovn-nbctl(8). */
const byHand = `${sharedByHand}
  ${secondaryLayer3ByHand("l3", 3, { families, nodes: ["n1", "n2"] })}
  ${(["n1", "n2"] as const)
    .map((node) =>
      podByHand({
        ...{ network: "l3", topology: "layer3", name: `${node}-pod`, node },
        addresses: macAndAddresses(families, nodeSubnet(3, node).host(3)),
      }),
    )
    .join("\n")}
  ls-add l2_ovn_layer2_switch
  ${switchConfig(families, "l2_ovn_layer2_switch", ["10.1.0.0/24", "fd00:1::"])}
  ${podByHand({ network: "l2", topology: "layer2", name: "a", addresses: "0a:58:0a:01:00:01 10.1.0.1 fd00:1::1" })}
  ${podByHand({ network: "l2", topology: "layer2", name: "b", node: "n2", addresses: "0a:58:0a:01:00:02 10.1.0.2 fd00:1::2" })}
  ${localnetByHand("ln", [4], ["10.4.0.0/24", ""])}
  ${podByHand({ network: "ln", topology: "localnet", name: "a", addresses: "0a:58:0a:04:00:01 10.4.0.1" })}
`;

describeWithOvn("ovn-northd makes the same of what we write and of what an administrator types", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  before(async () => {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      const pods = [
        { name: "n1-pod", node: "n1" },
        { name: "n2-pod", node: "n2" },
      ];
      const request = requestFor([
        layer3Brief(pods, { name: "l3", subnets: "10.3.0.0/16/24,fd00:3::/60" }),
        layer2Brief(["a", { name: "b", node: "n2" }], { name: "l2", subnets: "10.1.0.0/24,fd00:1::/64" }),
        localnetBrief(["a"], { name: "ln" }),
      ]);
      await planTopology(nb, request).apply({ wait: "sb" });
    } finally {
      await nb.close();
    }
    await nbctl(theirs.sandbox, byHand);
  });

  it("logical flows", async () => {
    const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
    assert.ok(made.length > 300, `${made.length} flows`);
    for (const datapath of [
      "l3_n1",
      "l3_ovn_cluster_router",
      "l2_ovn_layer2_switch",
      "ln_ovn_localnet_switch",
    ]) {
      assert.ok(
        made.some((line) => line.includes(`"${datapath}"`)),
        datapath,
      );
    }
    assert.deepEqual(made, typed);
  });

  it("port bindings, gateway chassis and meters", async () => {
    const [made, typed] = [await bindings(ours.sandbox), await bindings(theirs.sandbox)];
    assert.ok(made.length > 10);
    assert.deepEqual(made, typed);
  });

  it("and the comparison sees a difference", async () => {
    const before = [await flows(theirs.sandbox), await bindings(theirs.sandbox)];
    await nbctl(
      theirs.sandbox,
      `lsp-set-port-security default.l2_default_a
      lsp-set-addresses default.l2_default_b "0a:58:0a:01:00:02 10.1.0.3"`,
    );
    const after = [await flows(theirs.sandbox), await bindings(theirs.sandbox)];
    assert.notDeepEqual(after[0], before[0]);
    assert.notDeepEqual(after[1], before[1]);
  });
});
