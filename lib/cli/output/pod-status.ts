import type { ManifestSet } from "../../manifests/index.ts";
import { type NetworkStatus, networkStatus } from "../../topology/index.ts";

/** A pod with our entries of its annotation `k8s.v1.cni.cncf.io/network-status`. */
export interface PodStatus {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly networkStatus: readonly NetworkStatus[];
}

/** What a port got, by the pod and NAD key it is for. */
export interface PortAddresses {
  readonly namespace: string;
  readonly name: string;
  /** NAD key. */
  readonly nad: string;
  readonly mac: string;
  /** With or without prefix length. */
  readonly ips: readonly string[];
}

/** The status of all pods of the manifests, which know the names of the interfaces. Attachments without a port are left out. */
export function podStatuses(
  set: Pick<ManifestSet, "pods">,
  ports: readonly PortAddresses[],
): readonly PodStatus[] {
  const byKey = new Map(ports.map((port) => [keyOf(port), port]));
  return set.pods.map(({ namespace, name, node, attachments }) => ({
    namespace,
    name,
    node,
    networkStatus: networkStatus(
      attachments.flatMap(({ interface: device, primary = false, input }) => {
        const port = byKey.get(keyOf(input));
        return port === undefined
          ? []
          : [{ nad: input.nad, interface: device, ips: port.ips, mac: port.mac, primary }];
      }),
    ),
  }));
}

/** One text for a pod and a NAD key; none of the parts can hold a line end. */
export function keyOf(port: {
  readonly namespace: string;
  readonly name: string;
  readonly nad: string;
}): string {
  return [port.namespace, port.name, port.nad].join("\n");
}
