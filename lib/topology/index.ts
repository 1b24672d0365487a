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
export { type Applied, type ApplyOptions, DEFAULT_MAX_BYTES } from "./apply.ts";
export { type BuildScope, buildNetwork } from "./build-network.ts";
export type { BuiltAttachment, BuiltNetwork, BuiltNode } from "./built-network.ts";
export { checkCollisions } from "./collisions.ts";
export { type DeletionRequest, planDeletion } from "./deletion.ts";
export type { ExclusiveRow, PlannedAttachment } from "./draft-plan.ts";
export {
  AddressError,
  NameCollisionError,
  ProfileMismatchError,
  SpecError,
} from "./errors.ts";
export { type ForeignRow, ForeignRowsError } from "./foreign-rows.ts";
export {
  addressClaim,
  chosenUuid,
  keyedUuid,
  loadBalancerGroupUuid,
  logicalRouterUuid,
  logicalSwitchUuid,
  portGroupUuid,
  subnetClaim,
  uuidNamespace,
} from "./ids.ts";
export type {
  AttachmentInput,
  GatewayInput,
  GatewayMode,
  Mode,
  NodeInput,
  Observed,
  ObservedChild,
  ObservedGatewayChassis,
  ObservedGroup,
  ObservedNode,
  ObservedPort,
  ObservedRouter,
  ObservedRouterPorts,
  Profile,
  TopologyOptions,
} from "./inputs.ts";
export { nothingObserved } from "./inputs.ts";
export { inspectedTables, listNetworks } from "./inspect.ts";
export { macOfAddress, macOfName, parseMac } from "./mac.ts";
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
  transitSwitchName,
} from "./names.ts";
export { layer2, layer3, localnet, Network, type NetworkPlanInput, type PodAttachment } from "./network.ts";
export type {
  NetworkOverview,
  NodeOverview,
  PodOverview,
  RouterOverview,
  SwitchOverview,
  SwitchPortOverview,
} from "./network-overview.ts";
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
export { type NetworkRowKind, rowKinds } from "./ownership.ts";
export { Plan, planTopology } from "./plan.ts";
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
export { networkDifference, parseNetwork } from "./spec.ts";
