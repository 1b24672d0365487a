import type { PolicyProtocol } from "./policy-input.ts";

/** A port of a service (Kubernetes, `ServicePort`). */
export interface ServicePort {
  /** By which endpoint slices know it. @default "" */
  readonly name?: string | undefined;
  /** @default "TCP" */
  readonly protocol?: PolicyProtocol | undefined;
  /** At the service's addresses. */
  readonly port: number;
  /** At the addresses of all nodes. Absent or 0: not there. */
  readonly nodePort?: number | undefined;
}

/** What stands behind a service: addresses, or a pod whose address on the network is looked up (Kubernetes, `Endpoint`). */
export interface EndpointInput {
  /** Addresses of the slice's family. Default: those of `pod`. */
  readonly addresses?: readonly string[] | undefined;
  /** Name of a pod of the service's namespace. */
  readonly pod?: string | undefined;
  /** The node on which it is; traffic that is to stay on a node goes there only. */
  readonly node?: string | undefined;
  /** @default true */
  readonly ready?: boolean | undefined;
  /** Default: as `ready`. */
  readonly serving?: boolean | undefined;
  /** @default false */
  readonly terminating?: boolean | undefined;
}

/** Endpoints of one family that have the same ports (Kubernetes, `EndpointSlice`). */
export interface EndpointSliceInput {
  readonly family: 4 | 6;
  readonly ports: readonly {
    readonly name?: string | undefined;
    /** @default "TCP" */
    readonly protocol?: PolicyProtocol | undefined;
    readonly port: number;
  }[];
  readonly endpoints: readonly EndpointInput[];
}

/** Where traffic goes: to all endpoints, or only to those on the node that it comes to. */
export type TrafficPolicy = "Cluster" | "Local";

/** A service on a primary network (Kubernetes, `Service` of type ClusterIP, NodePort or LoadBalancer). */
export interface ServiceInput {
  readonly namespace: string;
  readonly name: string;
  /** `spec.clusterIPs`. */
  readonly clusterIPs: readonly string[];
  /** `spec.externalIPs`, then the addresses of `status.loadBalancer`. Default: none. */
  readonly externalIPs?: readonly string[] | undefined;
  readonly ports: readonly ServicePort[];
  /** Of traffic from outside, to node ports and external addresses. @default "Cluster" */
  readonly externalTrafficPolicy?: TrafficPolicy | undefined;
  /** Of traffic from pods, to cluster addresses. @default "Cluster" */
  readonly internalTrafficPolicy?: TrafficPolicy | undefined;
  /** Seconds for which a client keeps its endpoint, 1 to 86400; of the last it keeps it as long as there are the same endpoints. Absent: it does not. */
  readonly affinityTimeout?: number | undefined;
  /** Endpoints that are not ready count too. @default false */
  readonly publishNotReadyAddresses?: boolean | undefined;
  /** Default: none; connections are refused then. */
  readonly slices?: readonly EndpointSliceInput[] | undefined;
  /** Where this was written (file and line), for messages. */
  readonly source?: string | undefined;
}
