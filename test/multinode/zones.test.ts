import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Pod } from "../../lib/testing/index.ts";
import {
  type NetworkSpec,
  type Northbound,
  type PlannedAttachment,
  planDeletion,
  planTopology,
} from "../../lib/topology/index.ts";
import {
  describeWithCluster,
  isUnreachable,
  ping,
  seenOnWire,
  tcpEcho,
  useCluster,
} from "../support/multinode.ts";
import { routesOf } from "../support/multinode-pods.ts";
import { requestFor } from "../support/topology.ts";
import { bindRemotePorts, divideIntoZones, type ZoneOfCluster } from "../support/zone-cluster.ts";
import { primaryZoneNode, zoneBriefs } from "../support/zones.ts";

const nodes = [primaryZoneNode("n1", 2), primaryZoneNode("n2", 3)];

describeWithCluster("two zones with packets", () => {
  const ovn = useCluster({
    gateways: 0,
    chassis: nodes.map(({ name, chassisId = "" }) => ({ name, chassisId })),
    physicalNetworks: ["net", "physnet"],
  });
  const databases = new Map<string, Northbound>();
  let zones: readonly ZoneOfCluster[];

  before(async () => {
    zones = await divideIntoZones(ovn.cluster);
    for (const { node, northbound } of zones) databases.set(node.name, await connectNorthbound(northbound));
  });
  after(async () => {
    for (const nb of databases.values()) await nb.close();
  });
  afterEach(async () => {
    for (const pod of ovn.cluster.pods) await pod.remove();
    for (const nb of databases.values()) await planDeletion(nb, { networks: ["net"], pods: [] }).apply();
  });

  /** Applies the same request in both zones, and starts each pod in its own. */
  async function start(topology: keyof typeof zoneBriefs): Promise<readonly [Started, Started]> {
    const request = requestFor(zoneBriefs[topology](nodes));
    const [{ spec } = {}] = request.networks;
    assert.ok(spec);
    const started: Started[] = [];
    for (const [zone, nb] of databases) {
      const options = { mode: "interconnect", zone } as const;
      const { attachments } = await planTopology(nb, { ...request, ...options }).apply({ wait: "hv" });
      for (const attachment of attachments.filter(({ isRemote }) => !isRemote))
        started.push(await startIn(zone, spec, attachment));
    }
    for (const zone of zones) await bindRemotePorts(zone);
    const [a, b] = started;
    assert.ok(a && b && started.length === 2);
    return [a, b];
  }

  interface Started {
    readonly pod: Pod;
    readonly ip: string;
  }

  async function startIn(zone: string, spec: NetworkSpec, attachment: PlannedAttachment): Promise<Started> {
    const { input, portName, mac, ips } = attachment;
    const pod = await ovn.cluster.addPod(zone, {
      name: input.name,
      port: portName,
      mac,
      addresses: ips,
      ...(input.uid !== undefined && { version: input.uid }),
      routes: routesOf(spec, attachment),
    });
    return { pod, ip: ips[0]?.replace(/\/.*/, "") ?? "" };
  }

  /** What leaves the node of a pod for another one, as the tunnel carries it. */
  async function tunnelled(from: Pod, to: string): Promise<string> {
    const [zone] = zones;
    assert.ok(zone);
    // Not what comes back: the capture may begin in the middle of a ping.
    const filter = `udp and src ${zone.node.address} and dst port 6081`;
    return await seenOnWire(zone.node, "eth1", filter, () => from.exec("ping", ["-c1", "-W1", to]));
  }

  for (const topology of ["layer3", "primary layer3"] as const)
    it(`${topology} routes from zone to zone`, async () => {
      const [a, b] = await start(topology);
      assert.deepEqual([a.ip, b.ip], ["10.3.0.3", "10.3.1.3"]);
      // Out of the one cluster router and through the other.
      assert.equal(await ping(a.pod, b.ip), 62);
      assert.equal(await ping(b.pod, a.ip), 62);
      await tcpEcho(a.pod, b.pod, b.ip);
      assert.match(
        await tunnelled(a.pod, b.ip),
        new RegExp(` ${zones[0]?.node.address}\\.\\d+ > ${zones[1]?.node.address}`),
      );
    });

  for (const topology of ["layer2", "primary layer2"] as const)
    it(`${topology} is one switch over both zones`, async () => {
      const [a, b] = await start(topology);
      assert.deepEqual([a.ip, b.ip], ["10.1.0.11", "10.1.0.12"]);
      assert.equal(await ping(a.pod, b.ip), 64);
      assert.equal(await ping(b.pod, a.ip), 64);
      await tcpEcho(a.pod, b.pod, b.ip);
      assert.match(await tunnelled(a.pod, b.ip), / > 170\.168\.0\.\d+\.6081/);
    });

  it("localnet meets on the physical network", async () => {
    const [a, b] = await start("localnet");
    assert.equal(await ping(a.pod, b.ip), 64);
    await tcpEcho(a.pod, b.pod, b.ip);
  });

  it("a zone that takes the way to another one away cuts only that", async () => {
    const [a, b] = await start("layer3");
    assert.equal(await ping(a.pod, b.ip), 62);
    const [first] = nodes;
    assert.ok(first);
    const nb = databases.get("n1");
    assert.ok(nb);
    const alone = requestFor(zoneBriefs.layer3([first]));
    await planTopology(nb, { ...alone, mode: "interconnect", zone: "n1", prune: true }).apply({ wait: "hv" });
    assert.ok(await isUnreachable(a.pod, b.ip));
    assert.equal(await ping(a.pod, "10.3.0.1"), 254);
  });
});
