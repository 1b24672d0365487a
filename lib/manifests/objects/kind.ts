/** The kinds that this library reads. */
export type Kind =
  | "Node"
  | "Namespace"
  | "NetworkAttachmentDefinition"
  | "UserDefinedNetwork"
  | "ClusterUserDefinedNetwork"
  | "Pod"
  | "IPAMClaim"
  | "NetworkPolicy"
  | "MultiNetworkPolicy"
  | "Service"
  | "EndpointSlice";
