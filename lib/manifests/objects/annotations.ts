/** Subnets per network of a node: JSON map from network name to a CIDR or a list of them (OVN-Kubernetes, `node_annotations`). */
export const NODE_SUBNETS = "k8s.ovn.org/node-subnets";
/** The `system-id` of the node's ovn-controller (OVN-Kubernetes). */
export const NODE_CHASSIS_ID = "k8s.ovn.org/node-chassis-id";
/** `false` on nodes whose kernel cannot check packet sizes at the gateway (OVN-Kubernetes). */
export const GATEWAY_MTU_SUPPORT = "k8s.ovn.org/gateway-mtu-support";
/** The label by which a nodeSelector names one node (Kubernetes, well-known labels). */
export const HOSTNAME = "kubernetes.io/hostname";
/** Networks that a pod asks for (Network Plumbing Working Group, multi-net-spec, section 4). */
export const NETWORKS = "k8s.v1.cni.cncf.io/networks";
/** What a pod was given, per key of its NetworkAttachmentDefinitions (OVN-Kubernetes, `pod_annotation`). */
export const POD_NETWORKS = "k8s.ovn.org/pod-networks";
/** The networks of a MultiNetworkPolicy: keys of NetworkAttachmentDefinitions (Network Plumbing Working Group, multi-networkpolicy). */
export const POLICY_FOR = "k8s.v1.cni.cncf.io/policy-for";
/** `true` on policies whose rules let packets pass, not connections (OVN-Kubernetes). */
export const ACL_STATELESS = "k8s.ovn.org/acl-stateless";
/** What policies of a namespace log: JSON with severities `allow` and `deny` (OVN-Kubernetes). */
export const ACL_LOGGING = "k8s.ovn.org/acl-logging";
/** `true` on namespaces whose pods may send to many at once (OVN-Kubernetes). */
export const MULTICAST = "k8s.ovn.org/multicast-enabled";
/** The label of namespaces whose pods have a primary network of their own (OVN-Kubernetes). Its value does not count. */
export const PRIMARY_NAMESPACE = "k8s.ovn.org/primary-user-defined-network";
/** The number of a node, from 1, in decimal (OVN-Kubernetes, `node_annotations`). */
export const NODE_ID = "k8s.ovn.org/node-id";
/** How a node reaches the outside: JSON map from network, always `default`, to its gateway (OVN-Kubernetes). */
export const GATEWAY_CONFIG = "k8s.ovn.org/l3-gateway-config";
/** The range of addresses between host and routers: JSON map with `ipv4` and `ipv6` (OVN-Kubernetes). */
export const MASQUERADE_SUBNET = "k8s.ovn.org/node-masquerade-subnet";
/** Numbers of networks, in decimal: JSON map from network name (OVN-Kubernetes). */
export const NETWORK_IDS = "k8s.ovn.org/network-ids";
/** The zone of a node; today's OVN-Kubernetes has one for each node and does not write it (OVN-Kubernetes, `node_annotations`). */
export const ZONE_NAME = "k8s.ovn.org/zone-name";
/** A node's addresses between the zones: JSON map with `ipv4` and `ipv6` (OVN-Kubernetes, `node_annotations`). */
export const TRANSIT_ADDRESSES = "k8s.ovn.org/node-transit-switch-port-ifaddr";
/** Keys of the switch and the router of a NetworkAttachmentDefinition's network: JSON list of two numbers (OVN-Kubernetes). */
export const TUNNEL_KEYS = "k8s.ovn.org/tunnel-keys";
/** The RouteAdvertisements that make a network known to the outside: JSON list of their names (OVN-Kubernetes). */
export const ROUTE_ADVERTISEMENTS = "k8s.ovn.org/route-advertisements";
/** The number of the network of a NetworkAttachmentDefinition, in decimal (OVN-Kubernetes). */
export const NETWORK_ID = "k8s.ovn.org/network-id";
/** `true`, or JSON with what is told: ports of the network are served by DHCP (ours). */
export const DHCP = "ovn-northbound/dhcp";
/** The name of the virtual machine that a pod runs (KubeVirt, `DomainAnnotation`). */
export const DOMAIN = "kubevirt.io/domain";
/** The label of pods that run virtual machines, with the value `virt-launcher` (KubeVirt, `AppLabel`). */
export const KUBEVIRT = "kubevirt.io";
/** Since when the machine may run in the pod that it moves to; absent before that (KubeVirt, `MigrationTargetReadyTimestamp`). */
export const MIGRATION_READY = "kubevirt.io/migration-target-ready-timestamp";
/** The IPAMClaim of a pod's primary network, by its older name (OVN-Kubernetes). */
export const PRIMARY_CLAIM = "k8s.ovn.org/primary-udn-ipamclaim";
/** What a pod asks of the network that its default route leads to (Multus). */
export const DEFAULT_NETWORK = "v1.multus-cni.io/default-network";
/** Ports of a pod that are open to the cluster's own network: a list in YAML (OVN-Kubernetes). */
export const OPEN_PORTS = "k8s.ovn.org/open-default-ports";
/** All addresses of a node: JSON list of address/length (OVN-Kubernetes, `node_annotations`). */
export const HOST_CIDRS = "k8s.ovn.org/host-cidrs";
/** The label of EndpointSlices with the name of their Service (Kubernetes, well-known labels). */
export const SERVICE_NAME = "kubernetes.io/service-name";
/** The same label of those that OVN-Kubernetes mirrors for a primary network. */
export const MIRRORED_FOR = "k8s.ovn.org/service-name";
/** The network that a mirrored EndpointSlice is for (OVN-Kubernetes). */
export const SLICE_NETWORK = "k8s.ovn.org/endpointslice-network";
/** The label of Services that another proxy serves (Kubernetes, well-known labels). Its value does not count. */
export const SERVICE_PROXY = "service.kubernetes.io/service-proxy-name";
