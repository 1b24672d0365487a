import assert from "node:assert/strict";
import { layer2, planTopology } from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

describe("the NAD that a pod asks for", () => {
  const pod = { namespace: "s", name: "p", node: "n1", source: "pods.yaml:3" };

  it("is one of the network's, or a repetition of it", async () => {
    const { nb, sent } = await northboundWith({});
    const few = ["s/x", "t/x"];
    const many = Array.from({ length: 30 }, (_, index) => `n${index}/x`);
    for (const nads of [few, [...many, ...few]]) {
      const network = layer2({ name: "blue", nad: nads });
      const { spec } = network;
      for (const nad of ["s/zzz", "s/x/0", "s/x/y", "s/x/1/1", "s", ""]) {
        const refused = {
          code: "ERR_SPEC",
          path: "pods[s/p].nad",
          value: nad,
          source: "pods.yaml:3",
          message: `pods[s/p].nad is no NAD of the network "blue", which has ${nads[0]} and ${nads.length - 1} more: "${nad}"`,
        };
        const attachments = [{ ...pod, nad }];
        assert.throws(() => network.plan(nb, { pods: attachments }), refused);
        assert.throws(() => planTopology(nb, { networks: [{ spec, nodes: [], attachments }] }), refused);
        await assert.rejects(network.attach(nb, { ...pod, nad }), refused);
      }
      const pods = ["s/x", "s/x/1", "s/x/12", "t/x"].map((nad) => ({ ...pod, nad }));
      assert.deepEqual(
        network.plan(nb, { pods }).attachments.map(({ input }) => input.nad),
        ["s/x", "s/x/1", "s/x/12", "t/x"],
      );
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("may be any when the network was described without, and must be said then, also to detach the pod", async () => {
    const { nb } = await northboundWith({});
    const network = layer2({ name: "blue" });
    const needed = { code: "ERR_SPEC", path: "pods[s/p].nad", value: undefined };
    await assert.rejects(network.attach(nb, pod), needed);
    await assert.rejects(network.detach(nb, pod), needed);
    const { attachments } = network.plan(nb, { pods: [{ ...pod, nad: "s/zzz" }] });
    assert.deepEqual(
      attachments.map(({ portName }) => portName),
      ["s.zzz_s_p"],
    );
    await nb.close();
  });
});
