import type { AnyRow } from "../../lib/database/index.ts";
import type { MemoryRows } from "./memory-view.ts";

/** `external_ids` of a row of a network. */
export function networkIds(
  network: string,
  topology: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { "k8s.ovn.org/network": network, "k8s.ovn.org/topology": topology, ...more };
}

/** A layer3 network "net" with so many nodes, n1 and on, and on each of them so many pods. */
export function layer3Rows(nodes: number, pods: number): MemoryRows {
  const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
  const podsOf = numbers.flatMap((node) => Array.from({ length: pods }, (_, index) => ({ node, index })));
  return {
    Logical_Router: [
      {
        _uuid: "router",
        name: "net_ovn_cluster_router",
        ports: numbers.map((node) => `rp${node}`),
        external_ids: networkIds("net", "layer3"),
      },
    ],
    Logical_Router_Port: numbers.map((node) => ({
      _uuid: `rp${node}`,
      name: `rtos-net_n${node}`,
      networks: [`10.1.${node}.1/24`],
    })),
    Logical_Switch: numbers.map((node) => ({
      _uuid: `s${node}`,
      name: `net_n${node}`,
      ports: [
        `sp${node}`,
        ...podsOf.filter((pod) => pod.node === node).map(({ index }) => `p${node}.${index}`),
      ],
      other_config: { subnet: `10.1.${node}.0/24` },
      external_ids: networkIds("net", "layer3", { "k8s.ovn.org/role": "secondary" }),
    })),
    Logical_Switch_Port: [
      ...numbers.map((node) => ({
        _uuid: `sp${node}`,
        name: `stor-net_n${node}`,
        type: "router",
        options: { "router-port": `rtos-net_n${node}` },
      })),
      ...podsOf.map(({ node, index }) => ({
        _uuid: `p${node}.${index}`,
        name: `default.net_default_web-${node}-${index}`,
        addresses: [`0a:58:0a:01:00:01 10.1.${node}.${index + 3}`],
        external_ids: networkIds("net", "layer3", {
          "k8s.ovn.org/nad": "default/net",
          namespace: "default",
          pod: "true",
        }),
      })),
    ],
  };
}

/** The same rows in another order. */
export function reversed(rows: MemoryRows): MemoryRows {
  return Object.fromEntries(
    Object.entries(rows)
      .toReversed()
      .map(([table, list]) => [
        table,
        list.toReversed().map((row): AnyRow => {
          const { ports } = row;
          return Array.isArray(ports) ? { ...row, ports: ports.toReversed() } : row;
        }),
      ]),
  );
}
