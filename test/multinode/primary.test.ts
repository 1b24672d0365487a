import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { PhysicalHost, Pod } from "../../lib/testing/index.ts";
import { type Northbound, parseNetwork, planTopology } from "../../lib/topology/index.ts";
import {
  describeWithCluster,
  masqueradeBehind,
  ping,
  seenOnWire,
  tcpEcho,
  useCluster,
} from "../support/multinode.ts";
import { primaryNode } from "../support/primary.ts";

const nodes = [primaryNode("node1", 2), primaryNode("node2", 3)];

describeWithCluster("a primary layer3 network with packets", () => {
  const ovn = useCluster({
    gateways: 0,
    chassis: nodes.map(({ name, chassisId = "" }) => ({ name, chassisId })),
    physicalNetworks: ["physnet"],
  });
  let nb: Northbound;
  let machine: PhysicalHost;
  const pods = new Map<string, Pod>();

  before(async () => {
    nb = await connectNorthbound(ovn.cluster.northbound);
    const spec = parseNetwork("layer3", {
      name: "net",
      nad: "default/net",
      role: "primary",
      networkId: 1,
      subnets: "10.3.0.0/16/24",
    });
    const plan = planTopology(nb, {
      networks: [
        {
          spec,
          nodes,
          attachments: nodes.map(({ name }) => ({
            namespace: "default",
            name: `on-${name}`,
            node: name,
            nad: "default/net",
          })),
        },
      ],
    });
    const { attachments } = await plan.apply({ wait: "hv" });
    for (const { input, portName, mac, ips } of attachments) {
      const gateway = ips[0]?.replace(/\.\d+\/24$/, ".1") ?? "";
      pods.set(
        input.node,
        await ovn.cluster.addPod(input.node, {
          name: input.name,
          port: portName,
          mac,
          addresses: ips,
          routes: [{ to: "default", via: gateway }],
        }),
      );
    }
    machine = await ovn.cluster.addPhysicalHost({ name: "machine", addresses: ["172.18.0.1/16"] });
  });
  after(() => nb?.close());

  function pod(node: string): Pod {
    const found = pods.get(node);
    assert.ok(found, node);
    return found;
  }

  it("routes between nodes", async () => {
    const [address = ""] = await pod("node2").addresses();
    const ip = address.replace(/\/.*/, "");
    assert.equal(await ping(pod("node1"), ip), 63);
    await tcpEcho(pod("node1"), pod("node2"), ip);
  });

  for (const { name, gateway } of nodes) {
    it(`leaves through the gateway router of ${name}, under the network's masquerade address, and answers come back`, async () => {
      const router = gateway?.ips[0]?.replace(/\/.*/, "") ?? "";
      await masqueradeBehind(machine, router);
      const frame = await seenOnWire(machine, machine.interface, "icmp[icmptype] == icmp-echo", () =>
        ping(pod(name), "172.18.0.1", 2_000),
      );
      assert.ok(frame.includes(`${gateway?.mac} > `), frame);
      assert.match(frame, / 169\.254\.0\.11 > 172\.18\.0\.1: ICMP echo request/);
      // The pod, its node's switch, the cluster router and the gateway router: two of them routed the answer.
      assert.equal(await ping(pod(name), "172.18.0.1"), 62);
      await tcpEcho(pod(name), machine, "172.18.0.1");
    });
  }
});
