// Secondary networks the way OVN-Kubernetes writes them: from descriptions to desired rows, without a database.
export type { Address, Cidr, Family, Interval } from "./address.ts";
export { AddressBook } from "./address-book.ts";
export { AddressPool, nodePool } from "./address-pool.ts";
export { buildNetwork } from "./build-network.ts";
export type { BuiltAttachment, BuiltNetwork } from "./built-network.ts";
export { checkCollisions } from "./collisions.ts";
export {
  AddressError,
  NameCollisionError,
  ProfileMismatchError,
  SpecError,
} from "./errors.ts";
export {
  addressClaim,
  chosenUuid,
  loadBalancerGroupUuid,
  logicalRouterUuid,
  logicalSwitchUuid,
  uuidNamespace,
} from "./ids.ts";
export type {
  AttachmentInput,
  GatewayMode,
  Mode,
  NodeInput,
  Observed,
  ObservedGatewayChassis,
  ObservedGroup,
  ObservedNode,
  ObservedPort,
  Profile,
  TopologyOptions,
} from "./inputs.ts";
export { nothingObserved } from "./inputs.ts";
export { macOfAddress, macOfName, parseMac } from "./mac.ts";
export {
  clusterRouterName,
  gatewayChassisName,
  hashedName,
  layer2SwitchName,
  legacyPhysicalNetworkName,
  loadBalancerGroupNames,
  localnetPortName,
  localnetSwitchName,
  nadOfKey,
  namePrefix,
  nodeSwitchName,
  podPortName,
  routerToSwitchPortName,
  switchToRouterPortName,
  transitSwitchName,
} from "./names.ts";
export type { NetworkInput, NetworkSpec, Subnet, SubnetSpec, TopologyName } from "./network-spec.ts";
export { type NetworkStatus, networkStatus } from "./network-status.ts";
export { readNodeSubnets } from "./node-subnets.ts";
export { type NetworkRowKind, rowKinds } from "./ownership.ts";
export { type NetworkRows, type RecognisedNetwork, recogniseNetwork } from "./profile.ts";
export { networkDifference, parseNetwork } from "./spec.ts";
