import assert from "node:assert/strict";
import { connectNorthbound, UnconfirmedError } from "../../lib/index.ts";
import { layer3, type Network, type Northbound } from "../../lib/topology/index.ts";
import { type ClusterHandle, describeWithCluster, ping, tcpEcho, useCluster } from "../support/multinode.ts";
import { type AttachedPod, attachPod, startPod } from "../support/multinode-pods.ts";
import { waitFor } from "../support/wait-for.ts";

const nodes = [{ name: "node1" }, { name: "node2" }];
const network: Network = layer3({ name: "net", nad: "default/net", subnets: "10.70.0.0/16/24" });

/** Attaches a pod over a connection of its own, as a command would that is run after a fault. */
async function attachAnew(ovn: ClusterHandle, name: string, node: string): Promise<AttachedPod> {
  return await withNorthbound(ovn, (nb) => attachPod(ovn.cluster, nb, network, { name, node }));
}

async function withNorthbound<T>(ovn: ClusterHandle, work: (nb: Northbound) => Promise<T>): Promise<T> {
  const nb = await waitFor(() => connectNorthbound(ovn.cluster.northbound), { timeout: 20_000 });
  try {
    return await work(nb);
  } finally {
    await nb.close();
  }
}

/** A network with pods a on node1 and b on node2 before the tests of the suite. */
function useTraffic(ovn: ClusterHandle): { readonly a: AttachedPod; readonly b: AttachedPod } {
  const parts: { a?: AttachedPod; b?: AttachedPod } = {};
  before(async () => {
    await withNorthbound(ovn, (nb) => network.plan(nb, { nodes }).apply());
    parts.a = await attachAnew(ovn, "a", "node1");
    parts.b = await attachAnew(ovn, "b", "node2");
    assert.equal(await ping(parts.a.pod, parts.b.ip), 63);
  });
  const need = (pod: AttachedPod | undefined): AttachedPod => {
    assert.ok(pod !== undefined, "pods exist only while tests run");
    return pod;
  };
  return {
    get a() {
      return need(parts.a);
    },
    get b() {
      return need(parts.b);
    },
  };
}

/** Resolves when the databases say that the port is up, on the node given. */
async function untilUp(ovn: ClusterHandle, { attachment }: AttachedPod, node: string): Promise<void> {
  const { cluster } = ovn;
  const ask = async (program: string, ...args: string[]): Promise<string> =>
    (await cluster.run(program, ["--no-leader-only", ...args])).trim();
  const port = attachment.portName;
  await waitFor(
    async () => {
      const find = ["--bare", "--columns=chassis", "find", "Port_Binding", `logical_port="${port}"`];
      const chassis = await ask("ovn-sbctl", "get", "Chassis", await ask("ovn-sbctl", ...find), "name");
      return chassis === node && (await ask("ovn-nbctl", "lsp-get-up", port)) === "up";
    },
    { timeout: 20_000, interval: 50, what: `${port} is up on ${node}` },
  );
}

describeWithCluster("faults of a cluster with one central node", () => {
  const ovn = useCluster({ gateways: 0, chassis: nodes.map(({ name }) => name) });
  const traffic = useTraffic(ovn);

  it("traffic goes on without databases and northd, and changes go on after them", async () => {
    const { a, b } = traffic;
    const central = ovn.cluster.node("ovn-central-az1");
    for (const daemon of central.daemons) await central.kill(daemon);
    assert.deepEqual(central.pids, {});
    assert.equal(await ping(a.pod, b.ip), 63);
    await tcpEcho(a.pod, b.pod, b.ip);

    for (const daemon of ["northbound", "southbound", "northd"]) await central.restart(daemon);
    const c = await attachAnew(ovn, "c", "node2");
    assert.equal(await ping(a.pod, c.ip), 63);
    await untilUp(ovn, a, "node1");
    await untilUp(ovn, b, "node2");
    await untilUp(ovn, c, "node2");
  }).timeout(60_000);

  it("--wait hv tells the truth while a chassis stands still", async () => {
    const { a } = traffic;
    const node = ovn.cluster.node("node2");
    node.pause("ovn-controller");
    const request = { namespace: "default", name: "late", node: "node2" };
    await assert.rejects(
      withNorthbound(ovn, (nb) => network.attach(nb, request, { wait: "hv", timeout: 1_500 })),
      UnconfirmedError,
    );
    node.continue("ovn-controller");
    // The port was written; only the chassis had not followed.
    const attachment = await withNorthbound(ovn, (nb) => network.attach(nb, request, { wait: "hv" }));
    const late = await startPod(ovn.cluster, network.spec, attachment, "late");
    assert.equal(await ping(a.pod, (await late.addresses("eth1"))[0]?.replace(/\/.*/, "") ?? ""), 63);
  }).timeout(60_000);

  it("a chassis whose daemons all crashed carries traffic again when it is back", async () => {
    const { a, b } = traffic;
    const node = ovn.cluster.node("node2");
    for (const daemon of node.daemons) await node.kill(daemon);
    assert.deepEqual(node.pids, {});
    for (const daemon of ["ovsdb-server", "ovs-vswitchd", "ovn-controller"]) await node.restart(daemon);
    assert.equal(await ping(a.pod, b.ip, 30_000), 63);
    await untilUp(ovn, b, "node2");
    await tcpEcho(a.pod, b.pod, b.ip);
  }).timeout(60_000);
});

describeWithCluster("faults of a cluster with three central nodes", () => {
  const ovn = useCluster({ central: 3, gateways: 0, chassis: nodes.map(({ name }) => name) });
  const traffic = useTraffic(ovn);

  /** The node that leads the northbound database, other than one that may still think so. */
  async function leader(except?: string): Promise<string> {
    return await waitFor(
      async () => {
        for (const node of ovn.cluster.nodes("central")) {
          if (node.name === except || node.pids["northbound"] === undefined) continue;
          const status = await node.appctl("northbound", "cluster/status", "OVN_Northbound");
          if (/^Role: leader$/m.test(status)) return node.name;
        }
        return undefined;
      },
      { timeout: 20_000, interval: 50 },
    );
  }

  it("a crash of the databases' leader costs a pause, no traffic and no change", async () => {
    const { a, b } = traffic;
    const first = await leader();
    const node = ovn.cluster.node(first);
    await Promise.all([node.kill("northbound"), node.kill("southbound")]);
    assert.equal(await ping(a.pod, b.ip), 63);
    const c = await attachAnew(ovn, "c", "node1");
    assert.equal(await ping(b.pod, c.ip), 63);
    assert.notEqual(await leader(), first);

    await Promise.all([node.restart("northbound"), node.restart("southbound")]);
    const d = await attachAnew(ovn, "d", "node2");
    assert.equal(await ping(a.pod, d.ip), 63);
    await untilUp(ovn, d, "node2");
  }).timeout(60_000);

  it("a leader that is cut off is replaced, and comes back as a follower", async () => {
    const { a, b } = traffic;
    const first = await leader();
    await ovn.cluster.partition(first);
    assert.notEqual(await leader(first), first);
    assert.equal(await ping(a.pod, b.ip), 63);
    await ovn.cluster.heal();
    const e = await attachAnew(ovn, "e", "node1");
    assert.equal(await ping(b.pod, e.ip), 63);
  }).timeout(60_000);
});
