import type { FakeMultinode, Pod, Route } from "../../lib/testing/index.ts";
import type {
  Network,
  NetworkSpec,
  Northbound,
  PlannedAttachment,
  PodAttachment,
} from "../../lib/topology/index.ts";

/** What a pod on a network gets; a layer3 network's other nodes are behind the first address of the pod's subnet. */
export function routesOf(spec: NetworkSpec, attachment: PlannedAttachment): Route[] {
  if (spec.topology !== "layer3") return [];
  return spec.subnets.flatMap(({ text: to }) => {
    const own = attachment.ips.find((ip) => ip.includes(":") === to.includes(":"));
    return own === undefined ? [] : [{ to, via: firstOf(own) }];
  });
}

// The tests' subnets for nodes have 24 and 64 bits.
function firstOf(address: string): string {
  return address.includes(":")
    ? address.replace(/::[^:/]+\/64$/, "::1")
    : address.replace(/\.\d+\/24$/, ".1");
}

/** Makes the pod of an attachment, with interface eth1 as the article's have it. */
export async function startPod(
  cluster: FakeMultinode,
  spec: NetworkSpec,
  attachment: PlannedAttachment,
  name = attachment.input.name,
): Promise<Pod> {
  return await cluster.addPod(attachment.input.node, {
    name,
    port: attachment.portName,
    interface: "eth1",
    mac: attachment.mac,
    ...(attachment.input.uid === undefined ? {} : { version: attachment.input.uid }),
    addresses: attachment.ips,
    routes: routesOf(spec, attachment),
    ...(spec.mtu === undefined ? {} : { mtu: spec.mtu }),
  });
}

/** A pod that was attached by this library, and what it was given. */
export interface AttachedPod {
  readonly pod: Pod;
  readonly attachment: PlannedAttachment;
  /** Its first address, without length. */
  readonly ip: string;
}

/** Attaches a pod to a network and starts it. Its name in the cluster has the network's, since names repeat. */
export async function attachPod(
  cluster: FakeMultinode,
  nb: Northbound,
  network: Network,
  request: Partial<PodAttachment> & { readonly name: string; readonly node: string },
): Promise<AttachedPod> {
  const attachment = await network.attach(nb, { namespace: "default", ...request }, { wait: "hv" });
  const pod = await startPod(cluster, network.spec, attachment, `${network.spec.name}.${request.name}`);
  return { pod, attachment, ip: attachment.ips[0]?.replace(/\/.*/, "") ?? "" };
}
