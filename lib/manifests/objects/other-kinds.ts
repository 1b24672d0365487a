const NOT_USED = "this kind is not used";

/** What is lost is said where it is what keeps others out. */
const DENIES = `${NOT_USED}: OVN-Kubernetes makes rows of it, here none are made, and what it denies stays open`;
const MAKES_ROWS = `${NOT_USED}: OVN-Kubernetes makes rows of it, here none are made`;
const HAS_PODS = `${NOT_USED}, only the pods that are made of it`;

/** Kinds that people may expect something to be made of, by API group. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    [DENIES]: [
      ["k8s.ovn.org", "EgressFirewall"],
      ["policy.networking.k8s.io", "AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterNetworkPolicy"],
    ],
    [MAKES_ROWS]: [
      [
        "k8s.ovn.org",
        "AdminPolicyBasedExternalRoute ClusterNetworkConnect EgressIP EgressQoS EgressService NetworkQoS " +
          "RouteAdvertisements",
      ],
    ],
    [HAS_PODS]: [
      ["apps", "DaemonSet Deployment ReplicaSet StatefulSet"],
      ["batch", "CronJob Job"],
      ["", "ReplicationController"],
      ["kubevirt.io", "VirtualMachine VirtualMachineInstance VirtualMachineInstanceReplicaSet"],
      ["pool.kubevirt.io", "VirtualMachinePool"],
    ],
    [`${NOT_USED}, only the NetworkAttachmentDefinitions that are made of it`]: [
      ["operator.openshift.io", "Network"],
    ],
  }).flatMap(([reason, kinds]) =>
    kinds.flatMap(([group = "", names = ""]) =>
      names.split(" ").map((kind): [string, string] => [`${group}/${kind}`, reason]),
    ),
  ),
);

/** Why an object is passed over whose kind is none of ours. */
export function reasonOfOtherKind(group: string | undefined, kind: string): string {
  // Kube-OVN keeps its networks in the same database: whoever has both may expect that they are meant, too.
  if (group === "kubeovn.io") return `${NOT_USED}: of networks of Kube-OVN nothing is made here`;
  return REASONS.get(`${group ?? ""}/${kind}`) ?? NOT_USED;
}
