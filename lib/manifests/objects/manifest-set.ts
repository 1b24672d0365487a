import type {
  AttachmentInput,
  IpamClaimInput,
  Mode,
  NamespaceInput,
  NetworkSpec,
  NodeInput,
  PolicyInput,
  PolicyName,
  ServiceInput,
  ServiceName,
} from "../../topology/index.ts";
import type { ManifestPosition } from "./errors.ts";
import type { Skipped } from "./skipped.ts";

/** A text with manifests, YAML or JSON, any number of documents. */
export interface ManifestSource {
  /** How messages call it; usually the file's path. Should be unique within one call. */
  readonly file: string;
  readonly text: string;
}

/** For what manifests are read. */
export interface ReadingOptions {
  /**
   * `interconnect`: also the annotations of nodes that only zones need.
   * @default "central"
   */
  readonly mode?: Mode;
}

/** What a set of manifests says, checked and put in order: it does not depend on the order of documents and files. */
export interface ManifestSet {
  /** One per network name, by name. */
  readonly networks: readonly ManifestNetwork[];
  /** By name. */
  readonly nodes: readonly ManifestNode[];
  /** Pods with at least one attachment to one of `networks`, by namespace and name. */
  readonly pods: readonly ManifestPod[];
  /** Policies of at least one of `networks`, by namespace and name. */
  readonly policies: readonly ManifestPolicy[];
  /** IPAMClaims of at least one of `networks`, by namespace and name. */
  readonly claims: readonly ManifestClaim[];
  /** Services on one of `networks`, by namespace and name. */
  readonly services: readonly ManifestService[];
  /** What policies have to know of namespaces, by name; empty without policies. */
  readonly namespaces: readonly NamespaceInput[];
  /** What was passed over and why, in the order of the files. */
  readonly skipped: readonly Skipped[];
}

/** One network, described by one or several NetworkAttachmentDefinitions or user-defined networks that agree. */
export interface ManifestNetwork {
  readonly spec: NetworkSpec;
  /** Keys of its definitions, `namespace/name`, in order. */
  readonly nads: readonly string[];
  /** Where the configuration of the first of `nads` stands. */
  readonly source: ManifestPosition;
  /** Where the network's name stands in it. */
  readonly namePosition: ManifestPosition;
  /** Where its number and its tunnel keys stand, which are annotations of its definitions. Without those that none of them has. */
  readonly given?: Readonly<Partial<Record<"networkId" | "tunnelKeys", ManifestPosition>>>;
}

/** A Node object, as far as topologies need it. */
export interface ManifestNode extends NodeInput {
  /** Where its subnets stand: the annotation `k8s.ovn.org/node-subnets`, or the object when it has none. */
  readonly source: ManifestPosition;
  /**
   * Where what primary networks and zones need of it stands: annotations, or the object in the place of those that it lacks.
   * Absent without a primary network, unless read for mode interconnect.
   */
  readonly fields?: Readonly<
    Record<
      | "chassisId"
      | "id"
      | "gateway"
      | "masqueradeSubnets"
      | "networkIds"
      | "zone"
      | "transitAddresses"
      | "hostAddresses",
      ManifestPosition
    >
  >;
}

/** A pod that takes part in at least one of the networks. */
export interface ManifestPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  /** Name of the Node among the manifests that it runs on. */
  readonly node: string;
  /** The primary network of its namespace, if it has one, then in the order of its networks annotation. */
  readonly attachments: readonly ManifestAttachment[];
}

/** A NetworkPolicy or MultiNetworkPolicy of at least one of the networks. */
export interface ManifestPolicy {
  /** Names of the networks that it is about; `ManifestSet.networks` has all of them. */
  readonly networks: readonly string[];
  /** What the builders of topologies take. */
  readonly input: PolicyInput;
  /** Where the object begins. */
  readonly source: ManifestPosition;
  /** Where a field of its `spec` stands: `ingress[0].ports[1].port`. */
  readonly position: (path: string) => ManifestPosition;
}

/** An IPAMClaim. */
export interface ManifestClaim {
  /** Name of its network. */
  readonly network: string;
  /** What the builders of topologies take. */
  readonly input: IpamClaimInput;
  /** Where its addresses stand; the object when it has none yet. */
  readonly source: ManifestPosition;
}

/** A Service on the primary network of its namespace. */
export interface ManifestService {
  /** Name of the network; one of `ManifestSet.networks` has it. */
  readonly network: string;
  /** What the builders of topologies take, with the endpoints of its EndpointSlices. */
  readonly input: ServiceInput;
  /** Where the object begins. */
  readonly source: ManifestPosition;
  /** Where a field of its `spec` stands: `ports[1].nodePort`; of any other field where the object begins. */
  readonly position: (path: string) => ManifestPosition;
}

/** One element of a pod's networks annotation, or what it has without asking: the primary network of its namespace. */
export interface ManifestAttachment {
  /** Name of the network; one of `ManifestSet.networks` has it. */
  readonly network: string;
  /** The interface in the pod: as asked for, else `net1`, `net2`, ... by the element's place in the annotation; `ovn-udn1` on a primary network. */
  readonly interface: string;
  /** Whether this is the primary network of the pod's namespace. Absent: no. */
  readonly primary?: true;
  /** What the builders of topologies take. */
  readonly input: AttachmentInput;
  /** Where the element stands; for a primary network the pod. */
  readonly source: ManifestPosition;
  /** Where the record of what it was given stands: its entry in the annotation `k8s.ovn.org/pod-networks`. */
  readonly recordSource?: ManifestPosition;
}

/** What a set of manifests names, for removing it. */
export interface ManifestDeletion {
  /** By name. */
  readonly networks: readonly {
    readonly name: string;
    /** Keys of its definitions, `namespace/name`, in order. */
    readonly nads: readonly string[];
  }[];
  /** Names of Node objects, in order. They have no rows of their own; networks without them are what `apply` makes. */
  readonly nodes: readonly string[];
  /** Attachments of pods to networks that are not in `networks`, with which theirs go. By namespace and name. */
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    /** NAD key, see `AttachmentInput.nad`. */
    readonly nad: string;
  }[];
  /** Policies, by namespace and name. */
  readonly policies: readonly PolicyName[];
  /** Services, by namespace and name. */
  readonly services: readonly ServiceName[];
  /** What was passed over and why, in the order of the files. */
  readonly skipped: readonly Skipped[];
}
