import type { LabelSelector, Labels } from "../description/label-selector.ts";

/** What a rule of a policy is about: traffic to the pods, or from them. */
export type PolicyType = "Ingress" | "Egress";

/** Transport protocols that policies know. */
export type PolicyProtocol = "TCP" | "UDP" | "SCTP";

/** A port that traffic may go to (Kubernetes, `NetworkPolicyPort`). */
export interface PolicyPort {
  /** @default "TCP" */
  readonly protocol?: PolicyProtocol | undefined;
  /** A number, or the name of a container's port. Absent: every port of the protocol. */
  readonly port?: number | string | undefined;
  /** The last port of a range that begins with `port`. */
  readonly endPort?: number | undefined;
}

/** Addresses by range (Kubernetes, `IPBlock`). */
export interface PolicyBlock {
  readonly cidr: string;
  /** Ranges within `cidr` that are not meant. */
  readonly except?: readonly string[] | undefined;
}

/** The other side of the traffic: pods by their labels and those of their namespaces, or a range of addresses. */
export interface PolicyPeer {
  readonly podSelector?: LabelSelector | undefined;
  /** Absent: the policy's own namespace. */
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly ipBlock?: PolicyBlock | undefined;
}

/** What may reach the pods. Without peers everybody may, without ports at every port. */
export interface IngressRule {
  readonly from?: readonly PolicyPeer[] | undefined;
  readonly ports?: readonly PolicyPort[] | undefined;
}

/** What the pods may reach. */
export interface EgressRule {
  readonly to?: readonly PolicyPeer[] | undefined;
  readonly ports?: readonly PolicyPort[] | undefined;
}

/** A NetworkPolicy, or a MultiNetworkPolicy of which the same is true, as far as one network has to do with it. */
export interface PolicyInput {
  readonly namespace: string;
  readonly name: string;
  /** Which pods of the namespace it is about. */
  readonly podSelector: LabelSelector;
  /** In which directions those pods are closed but for what rules allow. Nothing is concluded from the rules. */
  readonly policyTypes: readonly PolicyType[];
  readonly ingress?: readonly IngressRule[] | undefined;
  readonly egress?: readonly EgressRule[] | undefined;
  /** Annotation `k8s.ovn.org/acl-stateless`: its rules let packets pass, not connections. @default false */
  readonly stateless?: boolean | undefined;
  /** Where this was written (file and line), for messages. */
  readonly source?: string | undefined;
}

/** Severities of the log of ACLs. */
export const LOG_SEVERITIES = ["alert", "warning", "notice", "info", "debug"] as const;

/** How loud an ACL logs. */
export type LogSeverity = (typeof LOG_SEVERITIES)[number];

/** A namespace, as far as policies have to do with it. */
export interface NamespaceInput {
  readonly name: string;
  readonly labels?: Labels | undefined;
  /** Annotation `k8s.ovn.org/acl-logging`. Absent: nothing is logged. */
  readonly logging?: { readonly allow?: LogSeverity; readonly deny?: LogSeverity } | undefined;
}

/** The policies of one network, all of them, and the namespaces that their selectors look at. */
export interface PolicyRequest {
  readonly policies: readonly PolicyInput[];
  /** Needed for namespaces that have pods on the network, when a selector asks for labels of namespaces. */
  readonly namespaces?: readonly NamespaceInput[] | undefined;
}

/** A port of a container of a pod; policies may name it. */
export interface ContainerPort {
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}
