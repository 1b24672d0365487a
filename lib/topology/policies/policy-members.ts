import {
  type LabelSelector,
  type Labels,
  matchesLabels,
  selectorKeys,
} from "../description/label-selector.ts";
import type { ContainerPort, NamespaceInput, PolicyPeer } from "../request/policy-input.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";

/** A pod's port on the network, as policies see it. */
export interface PolicyMember {
  /** `namespace/name` of the pod. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly portName: string;
  /** Whether policies are held against it in this database, and not in that of another zone. */
  readonly isLocal: boolean;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

/** The label that every namespace has without being given it (Kubernetes, well-known labels). */
const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** The attachments of a network, as policies see them. */
export function membersOf(attachments: readonly BuiltAttachment[]): readonly PolicyMember[] {
  return attachments.map(({ input, portName, ips, isRemote }) => ({
    key: `${input.namespace}/${input.name}`,
    namespace: input.namespace,
    labels: input.labels ?? {},
    ports: input.ports ?? [],
    portName,
    isLocal: !isRemote,
    addresses: ips.map((ip) => ip.split("/", 1)[0] ?? ip),
  }));
}

/** The pods that a peer of a policy in `namespace` means. `refuse` is told why it cannot be known. */
export function peerMembers(
  peer: PolicyPeer,
  namespace: string,
  members: readonly PolicyMember[],
  namespaces: ReadonlyMap<string, NamespaceInput>,
  refuse: (problem: string) => never,
): readonly PolicyMember[] {
  const { podSelector = {}, namespaceSelector } = peer;
  const isMeant = new Map<string, boolean>();
  const meansNamespace = (name: string): boolean => {
    if (namespaceSelector === undefined) return name === namespace;
    const known = isMeant.get(name) ?? meansLabelsOf(name, namespaceSelector, namespaces.get(name), refuse);
    isMeant.set(name, known);
    return known;
  };
  return members.filter(
    (member) => matchesLabels(podSelector, member.labels) && meansNamespace(member.namespace),
  );
}

/** A namespace that nobody described has one label for certain; of the others nothing is concluded. */
function meansLabelsOf(
  name: string,
  selector: LabelSelector,
  namespace: NamespaceInput | undefined,
  refuse: (problem: string) => never,
): boolean {
  const certain = { [NAMESPACE_NAME_LABEL]: name };
  if (namespace === undefined && selectorKeys(selector).some((key) => key !== NAMESPACE_NAME_LABEL))
    return refuse(`asks for labels of the namespace ${name}, which is not described`);
  return matchesLabels(selector, { ...certain, ...namespace?.labels });
}
