import assert from "node:assert/strict";
import type { AnyRow } from "../../../lib/database/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { listServices } from "../../../lib/topology/index.ts";
import { memoryView } from "../../support/memory-view.ts";

function balancer(
  network: string | undefined,
  owner: string,
  place: string,
  columns: { readonly vips?: Record<string, string>; readonly protocol?: string } = {},
): AnyRow {
  return {
    _uuid: `${network}${owner}${place}`,
    name: `${network}_Service_${owner}_${place}`,
    ...columns,
    external_ids: {
      "k8s.ovn.org/kind": "Service",
      "k8s.ovn.org/owner": owner,
      ...(network !== undefined && { "k8s.ovn.org/network": network }),
    },
  };
}

describe("listServices", () => {
  it("tells the services of networks in order, with the addresses of their load balancers", () => {
    const Load_Balancer = [
      balancer("blue", "shop/web", "TCP_node_n1", {
        vips: { "[fd00::2]:30080": "", "172.18.0.2:30080": "" },
      }),
      balancer("blue", "shop/web", "TCP_cluster", {
        protocol: "tcp",
        vips: { "10.96.0.10:80": "10.1.0.3:80" },
      }),
      balancer("blue", "shop/web", "UDP_cluster", { protocol: "udp", vips: { "10.96.0.10:53": "" } }),
      balancer("red", "shop/web", "TCP_cluster"),
      balancer("blue", "shop-a/web", "TCP_cluster"),
      balancer("blue", "shop/app", "TCP_cluster"),
      // That of the cluster's own network, and one that is no service's.
      balancer(undefined, "shop/web", "TCP_cluster", { vips: { "10.96.0.10:80": "" } }),
      { _uuid: "other", name: "other", external_ids: { "k8s.ovn.org/network": "blue" } },
    ];
    const services = listServices(memoryView(northbound, { Load_Balancer }));
    assert.deepEqual(
      services.map(({ namespace, name, network, balancers }) => [namespace, name, network, balancers]),
      [
        ["shop", "app", "blue", 1],
        ["shop", "web", "blue", 3],
        ["shop", "web", "red", 1],
        ["shop-a", "web", "blue", 1],
      ],
    );
    assert.deepEqual(services[1]?.addresses, [
      "10.96.0.10:80/tcp",
      "172.18.0.2:30080/tcp",
      "[fd00::2]:30080/tcp",
      "10.96.0.10:53/udp",
    ]);
  });
});
