import type { RowKind, RowKindOf } from "../../reconcile/index.ts";
import type { NorthboundTables } from "../../schemas/index.ts";
import type { NetworkRowKind } from "./network-row-kind.ts";

type OurKind = RowKindOf<NorthboundTables>;

const network: readonly string[] = ["k8s.ovn.org/network", "k8s.ovn.org/topology"];
const marked: readonly string[] = [...network, "k8s.ovn.org/role", "k8s-ovn-topo-version"];

const transitConfig: readonly string[] = [
  "interconn-ts",
  "requested-tnl-key",
  "mcast_snoop",
  "mcast_querier",
  "mcast_flood_unregistered",
];

const owner: readonly string[] = [
  "k8s.ovn.org/owner-controller",
  "k8s.ovn.org/owner-type",
  "k8s.ovn.org/name",
  "k8s.ovn.org/id",
];

const aclIds: readonly string[] = [
  ...owner,
  "direction",
  "ip",
  "type",
  "gress-index",
  "port-policy-protocol",
  "ip-block-index",
];

const meter: OurKind = {
  table: "Meter",
  columns: ["unit", "fair", "bands"],
  keys: {},
  elements: [],
  shared: true,
  root: true,
};

const meterBand: OurKind = {
  table: "Meter_Band",
  columns: ["action", "rate"],
  keys: {},
  elements: [],
  shared: true,
  root: false,
};

const snat: OurKind = {
  table: "NAT",
  columns: [
    "type",
    "logical_ip",
    "logical_port",
    "external_ip",
    "external_port_range",
    "match",
    "gateway_port",
  ],
  keys: { options: ["stateless"], external_ids: network },
  elements: [],
  root: false,
};

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
    elements: ["ports", "static_routes", "policies", "nat"],
    root: true,
  },
  "transit router": {
    table: "Logical_Router",
    columns: ["copp"],
    keys: {
      options: ["always_learn_from_arp_request", "ct-commit-all", "requested-tnl-key"],
      external_ids: [...network, "k8s-cluster-router"],
    },
    elements: ["ports", "static_routes", "policies", "nat"],
    root: true,
  },
  "gateway router": {
    table: "Logical_Router",
    columns: ["copp"],
    keys: {
      options: [
        "always_learn_from_arp_request",
        "dynamic_neigh_routers",
        "chassis",
        "lb_force_snat_ip",
        "mac_binding_age_threshold",
        "disable_garp_rarp",
      ],
      external_ids: [...network, "k8s.ovn.org/role", "physical_ip", "physical_ips"],
    },
    elements: ["ports", "static_routes", "nat", "load_balancer_group", "load_balancer"],
    root: true,
  },
  "node switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { other_config: ["subnet", "exclude_ips", "ipv6_prefix"], external_ids: marked },
    elements: ["ports", "load_balancer_group", "load_balancer", "acls"],
    root: true,
  },
  "layer2 switch": {
    table: "Logical_Switch",
    columns: [],
    keys: {
      other_config: ["subnet", "ipv6_prefix", ...transitConfig],
      external_ids: marked,
    },
    elements: ["ports", "load_balancer_group", "load_balancer", "acls"],
    root: true,
  },
  "join switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { external_ids: network },
    elements: ["ports"],
    root: true,
  },
  "external switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { external_ids: [...network, "k8s.ovn.org/role"] },
    elements: ["ports"],
    root: true,
  },
  "transit switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { other_config: transitConfig, external_ids: marked },
    elements: ["ports"],
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
  "router port as found": { table: "Logical_Router_Port", columns: [], keys: {}, elements: [], root: false },
  "switch-to-gateway port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    keys: { options: ["router-port"], external_ids: network },
    elements: [],
    root: false,
  },
  "gateway router port": {
    table: "Logical_Router_Port",
    columns: ["mac", "networks", "peer"],
    keys: {
      options: ["gateway_mtu", "requested-tnl-key", "requested-chassis"],
      external_ids: [...network, "k8s.ovn.org/node"],
    },
    elements: [],
    root: false,
  },
  "transit-to-switch port": {
    table: "Logical_Router_Port",
    columns: ["mac", "networks"],
    keys: {
      options: ["gateway_mtu", "requested-tnl-key"],
      ipv6_ra_configs: [
        "address_mode",
        "send_periodic",
        "max_interval",
        "min_interval",
        "router_preference",
        "mtu",
      ],
    },
    elements: ["gateway_chassis"],
    root: false,
  },
  "transit switch port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    keys: { options: ["router-port", "requested-tnl-key", "requested-chassis"], external_ids: ["node"] },
    elements: [],
    root: false,
  },
  "router-to-transit port": {
    table: "Logical_Router_Port",
    columns: ["mac", "networks"],
    keys: { options: ["mcast_flood"] },
    elements: [],
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
    onDemand: ["tag"],
    keys: { options: ["network_name"] },
    elements: [],
    root: false,
  },
  "external localnet port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    onDemand: ["tag"],
    keys: { options: ["network_name"], external_ids: network },
    elements: [],
    root: false,
  },
  "management port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security", "tag_request"],
    keys: {},
    elements: [],
    root: false,
  },
  "static route": {
    table: "Logical_Router_Static_Route",
    columns: ["ip_prefix", "policy", "output_port", "nexthop"],
    keys: { external_ids: [...network, "k8s.ovn.org/node", "ic-node"] },
    elements: [],
    root: false,
  },
  "router policy": {
    table: "Logical_Router_Policy",
    columns: ["priority", "match", "action", "nexthops"],
    keys: { external_ids: network },
    elements: [],
    root: false,
  },
  snat,
  // The same rows; a server without `NAT.match` can do without the one and not without the other, see fit-schema.ts.
  "management snat": snat,
  "egress snat": snat,
  // Of a node that the plan is not about: only which router port it is for.
  "snat as found": { table: "NAT", columns: ["gateway_port"], keys: {}, elements: [], root: false },
  "static mac binding": {
    table: "Static_MAC_Binding",
    columns: ["logical_port", "ip", "mac", "override_dynamic_mac"],
    keys: {},
    elements: [],
    root: true,
  },
  acl: {
    table: "ACL",
    columns: ["direction", "priority", "match", "action", "tier", "meter", "log", "severity", "name"],
    keys: { options: ["apply-after-lb"], external_ids: aclIds },
    elements: [],
    root: false,
  },
  "port group": {
    table: "Port_Group",
    columns: [],
    keys: { external_ids: [...owner, "direction"] },
    elements: ["ports", "acls"],
    root: true,
  },
  // Where ports leave a group and nothing else of it is looked at.
  "port group as found": { table: "Port_Group", columns: [], keys: {}, elements: ["ports"], root: true },
  "address set": {
    table: "Address_Set",
    columns: [],
    keys: { external_ids: [...owner, "ip-family"] },
    elements: [],
    members: ["addresses"],
    root: true,
  },
  // Where addresses change and nothing else of the set is looked at.
  "address set as found": {
    table: "Address_Set",
    columns: [],
    keys: {},
    elements: [],
    members: ["addresses"],
    root: true,
  },
  // On the cluster's own network, whose rows have no marks.
  "default pod port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security"],
    keys: { options: ["requested-chassis", "iface-id-ver"], external_ids: ["namespace", "pod"] },
    elements: [],
    root: false,
  },
  "dhcp options": {
    table: "DHCP_Options",
    columns: ["cidr"],
    keys: {
      options: [
        "lease_time",
        "server_id",
        "server_mac",
        "router",
        "mtu",
        "dns_server",
        "hostname",
        "domain_name",
        "fqdn",
      ],
      external_ids: [...owner, "k8s.ovn.org/cidr", "k8s.ovn.org/zone"],
    },
    elements: [],
    root: true,
  },
  "pod port": {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "port_security"],
    // DHCP where somebody asks for it, the other for virtual machines; else they are somebody else's to give.
    onDemand: ["dhcpv4_options", "dhcpv6_options", "enabled"],
    keys: {
      options: ["requested-chassis", "iface-id-ver", "requested-tnl-key"],
      external_ids: [...network, "k8s.ovn.org/nad", "namespace", "pod"],
    },
    elements: [],
    root: false,
  },
  "load balancer": {
    table: "Load_Balancer",
    columns: ["protocol", "vips", "selection_fields"],
    keys: {
      options: ["reject", "event", "skip_snat", "neighbor_responder", "hairpin_snat_ip", "affinity_timeout"],
      external_ids: ["k8s.ovn.org/kind", "k8s.ovn.org/owner", "k8s.ovn.org/network", "k8s.ovn.org/role"],
    },
    elements: [],
    root: true,
  },
  "load balancer group": {
    table: "Load_Balancer_Group",
    columns: [],
    keys: {},
    elements: ["load_balancer"],
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
  meter,
  "meter band": meterBand,
  // Those of the log of ACLs, which stay where a server has no place for the ones of Copp.
  "log meter": meter,
  "log meter band": meterBand,
} satisfies Readonly<Record<NetworkRowKind, OurKind>>;
