import { connectNorthbound } from "../../lib/index.ts";
import type { FakeMultinode, FakeMultinodeOptions, Pod, Route } from "../../lib/testing/index.ts";
import type {
  Network,
  NetworkSpec,
  Northbound,
  PlannedAttachment,
  PodAttachment,
} from "../../lib/topology/index.ts";
import { type ClusterHandle, useCluster } from "./multinode.ts";

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

/** The nodes of {@link useTwoNodes}, as networks are planned on them. */
export const twoNodes = [{ name: "node1" }, { name: "node2" }] as const;

/** Two nodes that a physical network joins, and the library's connection to their northbound database. */
export interface TwoNodes extends ClusterHandle {
  readonly nb: Northbound;
  /** Applies a network, and starts pods a on node1 and b on node2. */
  pair(
    network: Network,
    more?: Readonly<Partial<Record<"a" | "b", Omit<Partial<PodAttachment>, "name" | "node">>>>,
  ): Promise<{ readonly a: AttachedPod; readonly b: AttachedPod }>;
}

/** Starts such a cluster, with physical network physnet unless told otherwise, before the tests of a suite, and takes it down after them. */
export function useTwoNodes(options: FakeMultinodeOptions = {}): TwoNodes {
  const handle = useCluster({
    gateways: 0,
    chassis: twoNodes.map(({ name }) => name),
    physicalNetworks: ["physnet"],
    ...options,
  });
  let nb: Northbound | undefined;
  before(async () => {
    nb = await connectNorthbound(handle.cluster.northbound);
  });
  after(async () => {
    await nb?.close();
    nb = undefined;
  });
  return {
    get cluster(): FakeMultinode {
      return handle.cluster;
    },
    get nb(): Northbound {
      if (nb === undefined) throw new Error("the connection exists only while tests and their hooks run");
      return nb;
    },
    async pair(network, more = {}) {
      await network.plan(this.nb, { nodes: twoNodes }).apply();
      const start = (name: "a" | "b", node: string): Promise<AttachedPod> =>
        attachPod(this.cluster, this.nb, network, { name, node, ...more[name] });
      return { a: await start("a", "node1"), b: await start("b", "node2") };
    },
  };
}
