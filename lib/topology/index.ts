/// <reference types="node" preserve="true" />
// Networks the way OVN-Kubernetes writes them: from descriptions to desired rows, and to a database.

export { addressClaim, subnetClaim } from "./addresses/checked-claims.ts";
export { readNodeSubnets } from "./addresses/node-subnets.ts";
export type { BuildScope } from "./assemble/build-network.ts";
export {
  buildIsolation,
  buildNetwork,
  buildPolicies,
  buildServices,
  checkCollisions,
  policyProblems,
  recogniseNetwork,
  withBalancers,
} from "./builders.ts";
export {
  type Address,
  type Cidr,
  containsAddress,
  containsRange,
  type Family,
  type Interval,
  overlaps,
  parseAddress,
  parseCidr,
} from "./description/address.ts";
export { cidrProblem } from "./description/cidr-problem.ts";
export { checkNetworkRanges } from "./description/cluster-ranges.ts";
export type { DhcpInput, DhcpSpec } from "./description/dhcp-spec.ts";
export {
  AddressError,
  NameCollisionError,
  ProfileMismatchError,
  SpecError,
} from "./description/errors.ts";
export {
  type LabelRequirement,
  type LabelSelector,
  type Labels,
  matchesLabels,
  selectorText,
} from "./description/label-selector.ts";
export { macOfAddress, macOfName, parseMac } from "./description/mac.ts";
export type {
  NetworkInput,
  NetworkRole,
  NetworkSpec,
  PrimarySpec,
  Subnet,
  SubnetSpec,
  TopologyName,
} from "./description/network-spec.ts";
export { PRIMARY_FIELDS } from "./description/primary-spec.ts";
export { networkDifference, parseNetwork } from "./description/spec.ts";
export type {
  GraphBox,
  GraphBoxKind,
  GraphLink,
  GraphNetwork,
  GraphOptions,
  TopologyGraph,
} from "./graph/graph.ts";
export { graphToDot } from "./graph/graph-dot.ts";
export { graphToMermaid } from "./graph/graph-mermaid.ts";
export { graphToSvg } from "./graph/graph-svg.ts";
export { graphTopology } from "./graph/graph-topology.ts";
export { listNetworks } from "./inspect/inspect.ts";
export type { PodOnNetwork } from "./inspect/known-pods.ts";
export { listNodes, type NodeSummary } from "./inspect/list-nodes.ts";
export {
  graphTables,
  inspectedTables,
  nodeTables,
  podTables,
  policyTables,
  serviceTables,
  summarisedTables,
} from "./inspect/monitored-tables.ts";
export { type NetworkStatus, networkStatus } from "./inspect/network-status.ts";
export { type PodDifference, PodWatch } from "./inspect/pod-watch.ts";
export { listPolicies, type PolicySummary } from "./inspect/policies.ts";
export { listServices, type ServiceSummary } from "./inspect/services.ts";
export { type NetworkSummary, summariseNetworks } from "./inspect/summary.ts";
export type { BuiltIsolation, IsolatedNetwork } from "./isolation/build-isolation.ts";
export type { ObservedDefaultPort, ObservedIsolation } from "./isolation/observed-isolation.ts";
export {
  addressSetUuid,
  chosenUuid,
  keyedUuid,
  loadBalancerGroupUuid,
  loadBalancerUuid,
  logicalRouterUuid,
  logicalSwitchUuid,
  portGroupUuid,
  uuidNamespace,
} from "./naming/ids.ts";
export {
  clusterRouterName,
  externalPortName,
  externalSwitchName,
  gatewayChassisName,
  gatewayRouterName,
  hashedName,
  joinSwitchName,
  layer2SwitchName,
  legacyPhysicalNetworkName,
  loadBalancerGroupNames,
  localnetPortName,
  localnetSwitchName,
  managementPortName,
  nadOfKey,
  namePrefix,
  nodeSwitchName,
  podPortName,
  routerToSwitchPortName,
  switchToRouterPortName,
  transitRouterName,
  transitRouterPortName,
  transitSwitchName,
  transitSwitchPortName,
} from "./naming/names.ts";
export {
  type AddOptions,
  type AttachOptions,
  layer2,
  layer3,
  localnet,
  Network,
} from "./network.ts";
export { type ForeignRow, ForeignRowsError } from "./observe/foreign-rows.ts";
export type {
  NetworkOverview,
  NodeOverview,
  PolicyOverview,
  RouterOverview,
  ServiceOverview,
  SwitchOverview,
  SwitchPortOverview,
} from "./observe/network-overview.ts";
export type { NetworkRows, RecognisedNetwork } from "./observe/profile.ts";
export { recognise } from "./observe/profile-check.ts";
export { type Applied, type ApplyOptions, DEFAULT_MAX_BYTES, UnconfirmedPlanError } from "./plan/apply.ts";
export type { AttachedPort } from "./plan/attach-call.ts";
export { planDeletion } from "./plan/deletion.ts";
export type { PlannedAttachment, PlannedNode } from "./plan/draft-network.ts";
export type { ExclusiveRow } from "./plan/exclusive-rows.ts";
export type { AddedNode } from "./plan/node-call.ts";
export { Plan, planTopology } from "./plan/plan.ts";
export type { BuiltPolicies, PolicyScope } from "./policies/build-policies.ts";
export {
  noPoliciesObserved,
  type ObservedGroup as ObservedPortGroup,
  type ObservedPolicies,
  type ObservedSet as ObservedAddressSet,
} from "./policies/observed-policies.ts";
export { denyGroupIds, peerSetIds, policyGroupIds } from "./policies/policy-ids.ts";
export type { DeletionRequest, LeavingNode, PolicyName, ServiceName } from "./request/deletion-request.ts";
export type {
  AttachmentInput,
  DefaultPortInput,
  FormerWays,
  GatewayInput,
  GatewayMode,
  IpamClaimInput,
  Mode,
  NodeInput,
  Observed,
  ObservedChild,
  ObservedDhcp,
  ObservedGatewayChassis,
  ObservedGroup,
  ObservedNode,
  ObservedPort,
  ObservedRouter,
  ObservedRouterPorts,
  OpenPort,
  PodRecord,
  Profile,
  TopologyOptions,
  VirtualMachineInput,
} from "./request/inputs.ts";
export { nothingObserved } from "./request/inputs.ts";
export type { NetworkPlanInput, PodAttachment } from "./request/network-plan-input.ts";
export type { PodOverview } from "./request/pod-overview.ts";
export type { PolicyProblem } from "./request/policy-check.ts";
export {
  type ContainerPort,
  type EgressRule,
  type IngressRule,
  LOG_SEVERITIES,
  type LogSeverity,
  type NamespaceInput,
  type PolicyBlock,
  type PolicyInput,
  type PolicyPeer,
  type PolicyPort,
  type PolicyProtocol,
  type PolicyRequest,
  type PolicyType,
} from "./request/policy-input.ts";
export {
  completeOptions,
  defaultTopologyOptions,
  type NetworkRequest,
  type Northbound,
  type PlanOptions,
  type TopologyRequest,
} from "./request/request.ts";
export type {
  EndpointInput,
  EndpointSliceInput,
  ServiceInput,
  ServicePort,
  TrafficPolicy,
} from "./request/service-input.ts";
export type { BuiltAttachment, BuiltNetwork, BuiltNode } from "./rows/built-network.ts";
export type { NetworkRowKind } from "./rows/network-row-kind.ts";
export { rowKinds } from "./rows/ownership.ts";
export type { BuiltServices, HeldBalancers, ServiceScope } from "./services/build-services.ts";
export {
  noServicesObserved,
  type ObservedBalancer,
  type ObservedServices,
} from "./services/observe-services.ts";
