// Networks the way OVN-Kubernetes writes them: from descriptions to desired rows, and to a database.
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
} from "./address.ts";
export { type Applied, type ApplyOptions, DEFAULT_MAX_BYTES, UnconfirmedPlanError } from "./apply.ts";
export { type BuiltIsolation, buildIsolation, type IsolatedNetwork } from "./build-isolation.ts";
export { type BuildScope, buildNetwork } from "./build-network.ts";
export { type BuiltPolicies, buildPolicies, type PolicyScope } from "./build-policies.ts";
export {
  type BuiltServices,
  buildServices,
  type HeldBalancers,
  type ServiceScope,
  withBalancers,
} from "./build-services.ts";
export type { BuiltAttachment, BuiltNetwork, BuiltNode } from "./built-network.ts";
export { checkNetworkRanges } from "./cluster-ranges.ts";
export { checkCollisions } from "./collisions.ts";
export { type DeletionRequest, planDeletion } from "./deletion.ts";
export type { DhcpInput, DhcpSpec } from "./dhcp-spec.ts";
export type { PlannedAttachment } from "./draft-network.ts";
export {
  AddressError,
  NameCollisionError,
  ProfileMismatchError,
  SpecError,
} from "./errors.ts";
export type { ExclusiveRow } from "./exclusive-rows.ts";
export { type ForeignRow, ForeignRowsError } from "./foreign-rows.ts";
export type {
  GraphBox,
  GraphBoxKind,
  GraphLink,
  GraphNetwork,
  GraphOptions,
  TopologyGraph,
} from "./graph.ts";
export { graphToDot } from "./graph-dot.ts";
export { graphToMermaid } from "./graph-mermaid.ts";
export { graphToSvg } from "./graph-svg.ts";
export { graphTopology } from "./graph-topology.ts";
export {
  addressClaim,
  addressSetUuid,
  chosenUuid,
  keyedUuid,
  loadBalancerGroupUuid,
  loadBalancerUuid,
  logicalRouterUuid,
  logicalSwitchUuid,
  portGroupUuid,
  subnetClaim,
  uuidNamespace,
} from "./ids.ts";
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
} from "./inputs.ts";
export { nothingObserved } from "./inputs.ts";
export { listNetworks } from "./inspect.ts";
export {
  type LabelRequirement,
  type LabelSelector,
  type Labels,
  matchesLabels,
  selectorText,
} from "./label-selector.ts";
export { macOfAddress, macOfName, parseMac } from "./mac.ts";
export { graphTables, inspectedTables, summarisedTables } from "./monitored-tables.ts";
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
} from "./names.ts";
export {
  type AttachOptions,
  layer2,
  layer3,
  localnet,
  Network,
  type NetworkPlanInput,
  type PodAttachment,
} from "./network.ts";
export type {
  NetworkOverview,
  NodeOverview,
  PodOverview,
  PolicyOverview,
  RouterOverview,
  ServiceOverview,
  SwitchOverview,
  SwitchPortOverview,
} from "./network-overview.ts";
export type { NetworkRowKind } from "./network-row-kind.ts";
export type {
  NetworkInput,
  NetworkRole,
  NetworkSpec,
  PrimarySpec,
  Subnet,
  SubnetSpec,
  TopologyName,
} from "./network-spec.ts";
export { type NetworkStatus, networkStatus } from "./network-status.ts";
export { readNodeSubnets } from "./node-subnets.ts";
export { noServicesObserved, type ObservedBalancer, type ObservedServices } from "./observe-services.ts";
export type { ObservedDefaultPort, ObservedIsolation } from "./observed-isolation.ts";
export {
  noPoliciesObserved,
  type ObservedGroup as ObservedPortGroup,
  type ObservedPolicies,
  type ObservedSet as ObservedAddressSet,
} from "./observed-policies.ts";
export { rowKinds } from "./ownership.ts";
export { Plan, planTopology } from "./plan.ts";
export { type PolicyProblem, policyProblems } from "./policy-check.ts";
export { denyGroupIds, peerSetIds, policyGroupIds } from "./policy-ids.ts";
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
} from "./policy-input.ts";
export type { PolicyName } from "./policy-removal.ts";
export { PRIMARY_FIELDS } from "./primary-spec.ts";
export { type NetworkRows, type RecognisedNetwork, recogniseNetwork } from "./profile.ts";
export { recognise } from "./profile-check.ts";
export {
  completeOptions,
  defaultTopologyOptions,
  type NetworkRequest,
  type Northbound,
  type PlanOptions,
  type TopologyRequest,
} from "./request.ts";
export type {
  EndpointInput,
  EndpointSliceInput,
  ServiceInput,
  ServicePort,
  TrafficPolicy,
} from "./service-input.ts";
export type { ServiceName } from "./service-removal.ts";
export { networkDifference, parseNetwork } from "./spec.ts";
export { type NetworkSummary, summariseNetworks } from "./summary.ts";
