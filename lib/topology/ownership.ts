import type { RowKind } from "../reconcile/index.ts";

/** What a row is in a network. */
export type NetworkRowKind =
  | "cluster router"
  | "node switch"
  | "layer2 switch"
  | "localnet switch"
  | "switch as found"
  | "switch-to-router port"
  | "router-to-switch port"
  | "gateway chassis"
  | "localnet port"
  | "pod port"
  | "load balancer group"
  | "copp"
  | "meter"
  | "meter band";

const network: readonly string[] = ["k8s.ovn.org/network", "k8s.ovn.org/topology"];
const marked: readonly string[] = [...network, "k8s.ovn.org/role", "k8s-ovn-topo-version"];

/**
 * What this library owns in the rows of its networks: the union over all profiles and modes, so that a change of either
 * takes back what the other wrote. Everything that is not listed is somebody else's and stays as it is.
 *
 * Columns and keys are those of upstream's update lists
 * (go-controller/pkg/libovsdb/ops).
 */
export const rowKinds: Readonly<Record<NetworkRowKind, RowKind>> = {
  "cluster router": {
    table: "Logical_Router",
    columns: ["copp"],
    keys: {
      options: ["always_learn_from_arp_request", "ct-commit-all"],
      external_ids: [...network, "k8s-cluster-router", "k8s-ovn-topo-version"],
    },
    elements: ["ports", "static_routes"],
    root: true,
  },
  "node switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { other_config: ["subnet", "exclude_ips", "ipv6_prefix"], external_ids: marked },
    elements: ["ports", "load_balancer_group"],
    root: true,
  },
  "layer2 switch": {
    table: "Logical_Switch",
    columns: [],
    keys: {
      other_config: [
        "subnet",
        "ipv6_prefix",
        "interconn-ts",
        "requested-tnl-key",
        "mcast_snoop",
        "mcast_querier",
        "mcast_flood_unregistered",
      ],
      external_ids: marked,
    },
    elements: ["ports", "load_balancer_group"],
    root: true,
  },
  "localnet switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { other_config: ["subnet", "ipv6_prefix"], external_ids: marked },
    elements: ["ports"],
    root: true,
  },
  // Where a single port is put: nothing else of the switch is looked at.
  "switch as found": { table: "Logical_Switch", columns: [], keys: {}, elements: ["ports"], root: true },
  "switch-to-router port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    keys: { options: ["router-port"] },
    elements: [],
    root: false,
  },
  "router-to-switch port": {
    table: "Logical_Router_Port",
    columns: ["mac", "networks"],
    keys: { options: ["gateway_mtu"] },
    elements: ["gateway_chassis"],
    root: false,
  },
  "gateway chassis": {
    table: "Gateway_Chassis",
    columns: ["chassis_name", "priority"],
    keys: {},
    elements: [],
    root: false,
  },
  "localnet port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    keys: { options: ["network_name"] },
    elements: [],
    root: false,
  },
  "pod port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security"],
    keys: {
      options: ["requested-chassis", "iface-id-ver", "requested-tnl-key"],
      external_ids: [...network, "k8s.ovn.org/nad", "namespace", "pod"],
    },
    elements: [],
    root: false,
  },
  "load balancer group": {
    table: "Load_Balancer_Group",
    columns: [],
    keys: {},
    elements: [],
    root: true,
  },
  copp: {
    table: "Copp",
    columns: [],
    keys: {
      meters: [
        "arp",
        "arp-resolve",
        "bfd",
        "event-elb",
        "icmp4-error",
        "icmp6-error",
        "reject",
        "tcp-reset",
        "svc-monitor",
      ],
    },
    elements: [],
    shared: true,
    root: true,
  },
  meter: {
    table: "Meter",
    columns: ["unit", "fair", "bands"],
    keys: {},
    elements: [],
    shared: true,
    root: true,
  },
  "meter band": {
    table: "Meter_Band",
    columns: ["action", "rate"],
    keys: {},
    elements: [],
    shared: true,
    root: false,
  },
};
