import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectNorthbound } from "../../lib/index.ts";
import type { Pod, PodInterfaceOptions } from "../../lib/testing/index.ts";
import { type Northbound, type PlannedAttachment, planTopology } from "../../lib/topology/index.ts";
import { requestOf } from "../support/article.ts";
import {
  describeWithCluster,
  isRefused,
  isUnreachable,
  masqueradeBehind,
  ping,
  seenOnWire,
  tcpEcho,
  useCluster,
} from "../support/multinode.ts";
import { projectRoot } from "../support/project.ts";

const file = "examples/primary/networks.yaml";
const manifests = readFileSync(join(projectRoot, file), "utf8")
  .replace("name: app-1\n", "name: app-1\n  labels: {app: one}\n")
  .replace("name: app-2\n", "name: app-2\n  labels: {app: two}\n");
const primary = "multihoming-demo_udn-primary";
const secondary = "multihoming-demo_udn-secondary";

/** On the second network only port 8080 of app-2 is open, and only for app-1. */
const policy = `
---
apiVersion: k8s.cni.cncf.io/v1beta1
kind: MultiNetworkPolicy
metadata:
  name: only-8080
  namespace: multihoming-demo
  annotations:
    k8s.v1.cni.cncf.io/policy-for: udn-secondary
spec:
  podSelector:
    matchLabels: {app: two}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: one}}}]
      ports: [{protocol: TCP, port: 8080}]
`;

describeWithCluster("two user-defined networks of one namespace, with packets", () => {
  const chassisId = "9f2c6d1e-5b0a-4c7d-8e3f-0a1b2c3d4e5f";
  const ovn = useCluster({
    gateways: 0,
    chassis: [{ name: "node1", chassisId }],
    physicalNetworks: ["physnet"],
  });
  let nb: Northbound;
  const pods = new Map<string, Pod>();

  before(async () => {
    nb = await connectNorthbound(ovn.cluster.northbound);
    const attachments = await apply(manifests);
    for (const name of ["app-1", "app-2"]) {
      const [first, second] = attachments.filter(({ input }) => input.name === name);
      assert.ok(first?.network === primary && second?.network === secondary);
      const pod = await ovn.cluster.addPod("node1", {
        name,
        ...interfaceOf(first, "ovn-udn1"),
        routes: [{ to: "default", via: "100.5.0.1" }],
      });
      await pod.addInterface(interfaceOf(second, "net1"));
      pods.set(name, pod);
    }
  });
  after(() => nb?.close());

  async function apply(text: string): Promise<readonly PlannedAttachment[]> {
    const { attachments } = await planTopology(nb, { ...requestOf([{ file, text }]), prune: true }).apply({
      wait: "hv",
    });
    return attachments;
  }

  function interfaceOf(attachment: PlannedAttachment, name: string): PodInterfaceOptions {
    const { portName: port, mac, ips: addresses, input } = attachment;
    return { port, interface: name, mac, addresses, ...(input.uid !== undefined && { version: input.uid }) };
  }

  function pod(name: string): Pod {
    const found = pods.get(name);
    assert.ok(found, name);
    return found;
  }

  it("reach each other on both: nothing listens, so TCP is refused, which shows that the path is there", async () => {
    for (const address of ["100.5.0.4", "100.6.0.2"]) {
      assert.equal(await ping(pod("app-1"), address), 64);
      assert.ok(await isRefused(pod("app-1"), address, 80), address);
    }
  });

  it("are connected where something listens", async () => {
    await tcpEcho(pod("app-1"), pod("app-2"), "100.5.0.4", 80);
    await tcpEcho(pod("app-1"), pod("app-2"), "100.6.0.2", 80);
  });

  it("leave the cluster by the first, through its node's gateway router", async function () {
    // What the plan says of it, in the suite of the command line.
    if (!nb.view.supports("Logical_Router_Policy", "jump_chain")) {
      console.log("      this OVN is older than 25.03, and joins no gateway router to a transit router");
      this.skip();
    }
    const machine = await ovn.cluster.addPhysicalHost({ name: "machine", addresses: ["172.18.0.1/16"] });
    await masqueradeBehind(machine, "172.18.0.2");
    const frame = await seenOnWire(machine, machine.interface, "icmp[icmptype] == icmp-echo", () =>
      ping(pod("app-1"), "172.18.0.1", 2_000),
    );
    assert.match(frame, /02:42:ac:12:00:02 > .* 169\.254\.0\.11 > 172\.18\.0\.1: ICMP echo request/);
    await tcpEcho(pod("app-2"), machine, "172.18.0.1");
  });

  it("are kept apart by a policy on the second network, but where it lets them through; and not on the first", async () => {
    await apply(manifests + policy);
    await tcpEcho(pod("app-1"), pod("app-2"), "100.6.0.2", 8080);
    assert.ok(await isUnreachable(pod("app-1"), "100.6.0.2"));
    assert.ok(!(await isRefused(pod("app-1"), "100.6.0.2", 80)));
    // It is about what comes to app-2, and answers belong to what it began.
    await tcpEcho(pod("app-2"), pod("app-1"), "100.6.0.1", 80);
    assert.equal(await ping(pod("app-1"), "100.5.0.4"), 64);
    assert.ok(await isRefused(pod("app-1"), "100.5.0.4", 80));
  });

  it("are as before when the policy is gone", async () => {
    await apply(manifests);
    assert.equal(await ping(pod("app-1"), "100.6.0.2"), 64);
    assert.ok(await isRefused(pod("app-1"), "100.6.0.2", 80));
  });
});
