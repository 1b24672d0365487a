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

const nodes = [primaryNode("node1", 2, { families: [4, 6] }), primaryNode("node2", 3, { families: [4, 6] })];

/** What differs between the address families of the one network. */
const families = [
  {
    title: "IPv4",
    isOwn: (address: string) => !address.includes(":"),
    outside: "203.0.113.1",
    echo: "icmp[icmptype] == icmp-echo",
    masqueraded: " 169.254.0.11 > 203.0.113.1: ICMP echo request",
  },
  {
    title: "IPv6",
    isOwn: (address: string) => address.includes(":"),
    outside: "2001:db8::1",
    echo: "icmp6[icmp6type] == icmp6-echo",
    masqueraded: " fd69::b > 2001:db8::1: ICMP6, echo request",
  },
];

describeWithCluster("a dual-stack primary layer3 network with packets", () => {
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
      subnets: "10.3.0.0/16/24,fd00:10:3::/48/64",
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
      pods.set(
        input.node,
        await ovn.cluster.addPod(input.node, {
          name: input.name,
          port: portName,
          mac,
          addresses: ips,
          routes: ips.map((ip) => ({ to: "default", via: ip.replace(/[^.:]+$/, "1") })),
        }),
      );
    }
    // It is the nodes' next hop. What is asked is an address of it that only their default route leads to.
    const nextHops = ["172.18.0.1/16", "fc00:f853:ccd:e793::1/64"];
    const addresses = [...nextHops, ...families.map(({ outside }) => outside)];
    machine = await ovn.cluster.addPhysicalHost({ name: "machine", addresses });
  });
  after(() => nb?.close());

  function pod(node: string): Pod {
    const found = pods.get(node);
    assert.ok(found, node);
    return found;
  }

  for (const { title, isOwn, outside, echo, masqueraded } of families) {
    it(`routes ${title} between nodes`, async () => {
      const ip = bare((await pod("node2").addresses()).find(isOwn));
      assert.equal(await ping(pod("node1"), ip), 63);
      await tcpEcho(pod("node1"), pod("node2"), ip);
    });

    for (const { name, gateway } of nodes) {
      it(`lets ${title} out through the gateway router of ${name}, under the network's masquerade address, and answers in`, async () => {
        await masqueradeBehind(machine, bare(gateway?.ips.find(isOwn)));
        const frame = await seenOnWire(machine, machine.interface, echo, () =>
          ping(pod(name), outside, 2_000),
        );
        assert.ok(frame.includes(`${gateway?.mac} > `), frame);
        assert.ok(frame.includes(masqueraded), frame);
        // The pod, its node's switch, the cluster router and the gateway router: two of them routed the answer.
        assert.equal(await ping(pod(name), outside), 62);
        await tcpEcho(pod(name), machine, outside);
      });
    }
  }
});

function bare(address = ""): string {
  return address.replace(/\/.*/, "");
}
