import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Pod } from "../../lib/testing/index.ts";
import { layer3 } from "../../lib/topology/index.ts";
import { describeWithCluster, isUnreachable, ping, tcpEcho, useCluster } from "../support/multinode.ts";
import { primaryNode } from "../support/primary.ts";
import { nbctlArguments } from "../support/topology.ts";

describeWithCluster("a pod of a primary network on the cluster's own network", () => {
  const ovn = useCluster({ gateways: 0, chassis: ["node1"] });

  it("answers its node, and others only at its open ports", async () => {
    const { cluster } = ovn;
    const port = (name: string, last: number): string => `lsp-add node1 ${name}
      lsp-set-addresses ${name} "0a:58:0a:80:00:0${last} 10.128.0.${last}"`;
    // The cluster's own network as it is without us: a node's switch, its management port, a pod.
    await cluster.run("ovn-nbctl", [
      "--wait=hv",
      ...nbctlArguments(`ls-add node1
        set Logical_Switch node1 other_config:subnet=10.128.0.0/24
        ${port("k8s-node1", 2)}
        ${port("default_other", 9)}`),
    ]);
    const start = (name: string, last: number, version?: string): Promise<Pod> =>
      cluster.addPod("node1", {
        name: `default.${name}`,
        port: name,
        interface: "eth1",
        mac: `0a:58:0a:80:00:0${last}`,
        addresses: [`10.128.0.${last}/24`],
        ...(version === undefined ? {} : { version }),
      });
    const host = await start("k8s-node1", 2);
    const other = await start("default_other", 9);
    assert.equal(await ping(host, "10.128.0.9"), 64);

    await using nb = await connectNorthbound(cluster.northbound);
    const network = layer3({
      name: "blue",
      role: "primary",
      networkId: 1,
      nad: "default/blue",
      subnets: "10.200.0.0/16/24",
    });
    const node = primaryNode("node1", 2, {
      chassisId: "node1",
      subnets: { default: ["10.128.0.0/24"] },
    });
    const web = (openPorts: readonly { readonly protocol: "tcp"; readonly port: number }[]): object => ({
      namespace: "default",
      name: "web",
      node: "node1",
      uid: "uid-of-web",
      defaultPort: { ips: ["10.128.0.7/24"], openPorts },
    });
    const apply = (pod: object): Promise<unknown> =>
      network
        .plan(nb, { nodes: [node], pods: [pod as Parameters<typeof network.attach>[1]] })
        .apply({ wait: "hv" });
    await apply(web([]));
    const pod = await start("default_web", 7, "uid-of-web");
    assert.equal(await ping(host, "10.128.0.7"), 64);
    await tcpEcho(host, pod, "10.128.0.7");
    assert.ok(await isUnreachable(other, "10.128.0.7"));
    // Not even its own way out is open.
    assert.ok(await isUnreachable(pod, "10.128.0.9"));

    await apply(web([{ protocol: "tcp", port: 8081 }]));
    await tcpEcho(other, pod, "10.128.0.7", 8081);
    assert.ok(await isUnreachable(other, "10.128.0.7"));
  });
});
