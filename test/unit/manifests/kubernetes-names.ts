/**
 * The names of fields in Kubernetes' own types, of all versions since 1.4: by kind and path, `[]` for each element of a list
 * (kubernetes/api, core/v1, discovery/v1, v1beta1 and v1alpha1).
 */
export const FIELD_NAMES: Readonly<Record<string, string>> = {
  "Pod ": "apiVersion kind metadata spec status",
  "Pod spec":
    "volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds " +
    "dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC " +
    "shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases " +
    "priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead " +
    "topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride " +
    "workloadRef schedulingGroup evictionResponders hostMappings",
  "Pod spec.containers[]":
    "name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules volumeMounts " +
    "volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy " +
    "imagePullPolicy securityContext stdin stdinOnce tty",
  "Pod spec.containers[].ports[]": "name hostPort containerPort protocol hostIP",
  "Pod status":
    "observedGeneration phase conditions message reason nominatedNodeName hostIP hostIPs podIP podIPs startTime " +
    "initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses resize resourceClaimStatuses " +
    "extendedResourceClaimStatus allocatedResources resources nodeAllocatableResourceClaimStatuses volumeHealth",
  "Service ": "apiVersion kind metadata spec status",
  "Service spec":
    "ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName " +
    "externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig topologyKeys ipFamily ipFamilies " +
    "ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution " +
    "deprecatedPublicIPs",
  "Service spec.ports[]": "name protocol appProtocol port targetPort nodePort",
  "Service spec.sessionAffinityConfig": "clientIP",
  "Service spec.sessionAffinityConfig.clientIP": "timeoutSeconds",
  "Service status": "loadBalancer conditions",
  "Service status.loadBalancer": "ingress",
  "Service status.loadBalancer.ingress[]": "ip hostname ipMode ports routeType",
  "EndpointSlice ": "apiVersion kind metadata addressType endpoints ports",
  "EndpointSlice endpoints[]":
    "addresses conditions hostname targetRef deprecatedTopology nodeName zone hints topology",
  "EndpointSlice endpoints[].conditions": "ready serving terminating",
  "EndpointSlice endpoints[].targetRef": "kind namespace name uid apiVersion resourceVersion fieldPath",
  "EndpointSlice ports[]": "name protocol port appProtocol",
};

/** The same of the metadata of every object (kubernetes/apimachinery, `ObjectMeta`). */
export const META_NAMES =
  "annotations clusterName creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation " +
  "initializers labels managedFields name namespace ownerReferences resourceVersion selfLink uid";

/** Keys that others write on objects or in rows, of today and of long ago, with the prefixes of those that are read. */
const OWN: Readonly<Record<string, string>> = {
  // OVN-Kubernetes, go-controller, all of its history.
  "k8s.ovn.org":
    "acl-logging acl-stateless allowed-addresses allow-mac-spoofing bfd-enabled bridge-egress-ips cidr connect-router-tunnel-key " +
    "dpu dpu-host dpu.connection-details dpu.connection-status egress-assignable egress-service egress-service-host " +
    "egressip-mark egressip-owner-ref endpointslice-network external-gw-pod-finalizer external-gw-pod-ips gateway-mtu-support " +
    "host-addresses host-cidrs hybrid-overlay-distributed-router-gateway-ip hybrid-overlay-distributed-router-gateway-mac " +
    "hybrid-overlay-node-subnet id idled-at ipFamily ipsec-csr kind l3-gateway-config layer2-topology-version " +
    "mac-security-override managed-bgp managed-internal-fabric managed-network management-port-name mtu-too-small " +
    "multicast-enabled nad name namespace network network-connect-subnet network-id network-ids network-name network-subnets " +
    "node node-chassis-id node-encap-ips node-gateway-iface-id node-gateway-ip node-gateway-mac-address node-gateway-mode " +
    "node-gateway-next-hop node-gateway-router-lrp-ifaddr node-gateway-router-lrp-ifaddrs node-gateway-vlan-id node-id " +
    "node-ingress-snat-exclude-subnets node-join-subnets node-local-nat-ip node-masquerade-subnet node-mgmt-port " +
    "node-mgmt-port-mac-address node-mgmt-port-mac-addresses node-network-subnets node-primary-ifaddr node-subnets " +
    "node-transit-switch-port-ifaddr non-ovn-egress-ips open-default-ports ovn-node-id ovn-node-transit-switch-port-ifaddr " +
    "ovnkube-master-leader owner owner-controller owner-type pod-networks primary-dpu-host-addr primary-udn-ipamclaim " +
    "primary-user-defined-network qos-external remote-zone-migrated role route-advertisements routing-external-gws " +
    "routing-namespaces routing-network secondary-host-egress-ips service-name smartnic.connection-details " +
    "smartnic.connection-status source-endpointslice source-endpointslice-version topo-version topology topology-version " +
    "tunnel-keys udn-enabled-default-service udn-layer2-node-gateway-router-lrp-tunnel-ids unidled-at uplink-poke " +
    "uplink-protection user-defined-network user-defined-network-protection vm vtep-protection vteps zone zone-name",
  // Network Plumbing Working Group and Multus.
  "k8s.v1.cni.cncf.io": "networks network-status networks-status policy-for resourceName nodeSelector",
  "v1.multus-cni.io": "default-network",
  // KubeVirt, staging/src/kubevirt.io/api.
  "kubevirt.io":
    "allow-pod-bridge-network-live-migration cluster-instancetype-name cpumanager create-migration-target created-by " +
    "customizer-identifier domain ephemeral-provisioning evacuationMigration eviction-source generation heartbeat ignitiondata " +
    "keep-launcher-alive-after-failure ksm-enabled memfd memory-dump migration-target-ready-timestamp migrationJobName " +
    "migrationJobUID migrationName migrationTargetNodeName migrationTransportUnix nodeName nonroot owner-vmi-name owner-vmi-uid " +
    "pci-topology-version preference-name qgs-socket-path realtime s390-pv schedulable sev sev-es sev-snp tdx " +
    "virtual-machine-unpaused vm-generation vmi-name volume-update-migration workloadUpdateMigration",
};

/** See {@link OWN}, with their prefixes. */
export const ANNOTATION_KEYS: readonly string[] = Object.entries(OWN).flatMap(([prefix, names]) =>
  names.split(" ").map((name) => `${prefix}/${name}`),
);

/** Kinds of the groups of which some are read, by group with a slash, and a few of others: none of them is one of those misspelt. */
export const OTHER_KINDS: Readonly<Record<string, string>> = {
  "": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange PersistentVolume PersistentVolumeClaim PodTemplate ReplicationController ResourceQuota Secret ServiceAccount",
  "networking.k8s.io/": "Ingress IngressClass IPAddress ServiceCIDR",
  "k8s.ovn.org/":
    "AdminPolicyBasedExternalRoute ClusterNetworkConnect EgressFirewall EgressIP EgressQoS EgressService NetworkQoS " +
    "RouteAdvertisements Uplink UplinkState VTEP",
  "apps/":
    "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet Job CronJob Lease Role RoleBinding ClusterRole",
};
