import assert from "node:assert/strict";
import type { Pod } from "../../lib/testing/index.ts";
import { layer2, localnet, type Network, type PlannedAttachment } from "../../lib/topology/index.ts";
import { describeWithCluster, isUnreachable, ping } from "../support/multinode.ts";
import { attachPod, twoNodes, useTwoNodes } from "../support/multinode-pods.ts";

describeWithCluster("live migration", () => {
  const ovn = useTwoNodes();

  const networks: readonly Network[] = [
    layer2({ name: "flat", nad: "default/flat", subnets: "10.110.0.0/24" }),
    localnet({
      name: "wire",
      nad: "default/wire",
      subnets: "10.111.0.0/24",
      physicalNetworkName: "physnet",
    }),
  ];

  for (const network of networks) {
    const { name: networkName, topology } = network.spec;
    it(`${topology}: a machine takes its address from one node to the other, and back when it does not arrive`, async () => {
      const attach = (
        pod: string,
        node: string,
        peer: string,
        active?: boolean,
      ): Promise<PlannedAttachment> =>
        network.attach(
          ovn.nb,
          {
            namespace: "default",
            name: pod,
            node,
            vm: { name: "vm", peer, ...(active !== undefined && { active }) },
          },
          { wait: "hv" },
        );
      const start = ({ portName, mac, ips, input }: PlannedAttachment): Promise<Pod> =>
        ovn.cluster.addPod(input.node, {
          name: `${networkName}.${input.name}`,
          port: portName,
          interface: "eth1",
          mac,
          addresses: ips,
          // A disabled port is bound and gets no flows that could be waited for.
          wait: false,
        });
      await network.plan(ovn.nb, { nodes: twoNodes }).apply();
      const client = await attachPod(ovn.cluster, ovn.nb, network, { name: "client", node: "node2" });
      const source = await attach("source", "node1", "target");
      const ip = source.ips[0]?.replace(/\/.*/, "") ?? "";
      const here = await start(source);
      const answers = (): Promise<number> => ping(client.pod, ip);
      /** Whether anybody answers while this pod does not. */
      const isSilentWithout = async (pod: Pod): Promise<boolean> => {
        await pod.exec("ip", ["link", "set", "eth1", "down"]);
        const silent = await isUnreachable(client.pod, ip);
        await pod.exec("ip", ["link", "set", "eth1", "up"]);
        return silent;
      };
      assert.equal(await answers(), 64);

      // The other pod is there and the machine is not in it yet: it neither gets nor sends anything.
      const there = await start(await attach("target", "node2", "source", false));
      assert.equal(await answers(), 64);
      assert.ok(await isUnreachable(there, client.ip));
      assert.ok(await isSilentWithout(here));
      assert.equal(await answers(), 64);

      // It has arrived. Now that is so for the first pod.
      await attach("target", "node2", "source", true);
      await attach("source", "node1", "target", false);
      assert.equal(await answers(), 64);
      assert.ok(await isUnreachable(here, client.ip));
      assert.ok(await isSilentWithout(there));
      assert.equal(await answers(), 64);

      // It failed there after all: back to the first.
      await attach("source", "node1", "target", true);
      await network.detach(ovn.nb, { namespace: "default", name: "target" }, { wait: "hv" });
      await there.remove();
      assert.equal(await answers(), 64);
    });
  }
});
