import assert from "node:assert/strict";
import {
  layer2,
  layer3,
  localnet,
  type Network,
  type NetworkInput,
  type Northbound,
  type PodAttachment,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

const mac = "02:00:00:00:00:01";
const nodes = ["n1", "n2"].map((name) => ({ name, chassisId: `chassis-of-${name}` }));
const topologies: Readonly<Record<string, (input: NetworkInput) => Network>> = { layer3, layer2, localnet };

describeWithOvn("a pod that is attached with the MAC of another port", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  const pod = (name: string, more: Partial<PodAttachment> = {}): PodAttachment => ({
    namespace: "shop",
    name,
    node: nodes[0] ?? "n1",
    mac,
    ...more,
  });

  /** What an attachment, carried out or not, says of MACs. */
  async function told(
    nb: Northbound,
    network: Network,
    input: PodAttachment,
    dryRun = false,
  ): Promise<readonly string[]> {
    const { notes } = await network.attach(nb, input, { dryRun });
    return notes;
  }

  for (const [topology, make] of Object.entries(topologies))
    it(`is noted in the words of a plan: ${topology}`, async () => {
      const { nb } = bench;
      const network = make({ name: "net", nad: "shop/net", subnets: "10.3.0.0/16" });
      await network.plan(nb, { nodes }).apply();
      const switchName =
        { layer3: "net_n1", layer2: "net_ovn_layer2_switch" }[topology] ?? "net_ovn_localnet_switch";
      assert.deepEqual(await told(nb, network, pod("a")), []);
      assert.deepEqual(await told(nb, network, pod("a")), [], "its own");
      const plain = { namespace: "shop", name: "made", node: nodes[0] ?? "n1" };
      assert.deepEqual(await told(nb, network, plain), []);
      const both =
        `network "net": ports "shop.net_shop_a", "shop.net_shop_b" have ${mac}: ` +
        "of several ports with one MAC on a switch one is reached";
      const asked = pod("b", { mac: mac.toUpperCase() });
      assert.deepEqual(await told(nb, network, asked, true), [both]);
      assert.deepEqual(network.plan(nb, { nodes, pods: [pod("a"), asked] }).notes, [both]);
      assert.deepEqual(
        await told(nb, network, { ...asked, node: nodes[1] ?? "n2" }, true),
        topology === "layer3" ? [] : [both],
        "on another node",
      );
      // Somebody else's port, and what is there no more.
      await bench.nbctl(
        `lsp-add ${switchName} theirs\nlsp-set-addresses theirs "02:00:00:00:00:09 10.9.9.9"`,
      );
      const taken = pod("c", { mac: "02:00:00:00:00:09" });
      assert.match(
        (await told(nb, network, taken, true)).join(),
        /ports "shop.net_shop_c", "theirs" have 02:00:00:00:00:09:/,
      );
      await bench.nbctl('lsp-set-addresses theirs "02:00:00:00:00:08 10.9.9.9"');
      assert.deepEqual(await told(nb, network, taken, true), []);
      await network.detach(nb, { namespace: "shop", name: "a" });
      assert.deepEqual(await told(nb, network, asked), []);
      await network.delete(nb, { force: true });
    });

  it("is no conflict between the pods of one virtual machine", async () => {
    const { nb } = bench;
    const network = layer2({
      name: "net",
      nad: "shop/net",
      subnets: "10.3.0.0/16",
      allowPersistentIPs: true,
    });
    await network.plan(nb, { nodes }).apply();
    const vm = (peer: string, active: boolean): object => ({ vm: { name: "vm", peer, active } });
    assert.deepEqual(await told(nb, network, pod("old", vm("new", true))), []);
    assert.deepEqual(await told(nb, network, pod("new", vm("old", false))), []);
  });
});
