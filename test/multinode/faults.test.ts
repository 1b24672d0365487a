import assert from "node:assert/strict";
import { connectNorthbound, UnconfirmedError } from "../../lib/index.ts";
import type { FakeNode } from "../../lib/testing/index.ts";
import { layer3, type Network, type Northbound } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { type ClusterHandle, describeWithCluster, ping, tcpEcho, useCluster } from "../support/multinode.ts";
import { type AttachedPod, attachPod, startPod } from "../support/multinode-pods.ts";
import { waitFor } from "../support/wait-for.ts";

const nodes = [{ name: "node1" }, { name: "node2" }];
const network: Network = layer3({ name: "net", nad: "default/net", subnets: "10.70.0.0/16/24" });

interface Traffic {
  /** One handle for the whole suite, over all its faults, as a controller has. */
  readonly nb: Northbound;
  /** On node1 and on node2. */
  readonly a: AttachedPod;
  readonly b: AttachedPod;
  attach(name: string, node: string): Promise<AttachedPod>;
}

/** A network with pods a on node1 and b on node2 before the tests of the suite. */
function useTraffic(ovn: ClusterHandle): { readonly traffic: Traffic } {
  let traffic: Traffic | undefined;
  let nb: Northbound | undefined;
  before(async () => {
    const handle = await connectNorthbound(ovn.cluster.northbound);
    nb = handle;
    await network.plan(handle, { nodes }).apply();
    const attach = async (name: string, node: string): Promise<AttachedPod> => {
      await handle.synced({ timeout: 30_000 });
      return await attachPod(ovn.cluster, handle, network, { name, node });
    };
    const a = await attach("a", "node1");
    const b = await attach("b", "node2");
    assert.equal(await ping(a.pod, b.ip), 63);
    traffic = { nb: handle, a, b, attach };
  });
  after(() => nb?.close());
  return {
    get traffic(): Traffic {
      assert.ok(traffic !== undefined, "traffic exists only while tests run");
      return traffic;
    },
  };
}

/** Resolves when both databases say that the port is up, and on the node given. */
async function untilUp(
  ovn: ClusterHandle,
  nb: Northbound,
  { attachment }: AttachedPod,
  node: string,
): Promise<void> {
  const { cluster } = ovn;
  const ask = async (...args: string[]): Promise<string> =>
    (await cluster.run("ovn-sbctl", ["--no-leader-only", "--bare", ...args])).trim();
  const port = attachment.portName;
  await waitFor(
    async () => {
      const binding = ["find", "Port_Binding", `logical_port="${port}"`];
      const chassis = await ask("--columns=chassis", ...binding);
      return (
        (await ask("get", "Chassis", chassis, "name")) === node &&
        (await ask("--columns=up", ...binding)) === "true" &&
        nb.tables.Logical_Switch_Port.find({ name: port })[0]?.up === true
      );
    },
    { timeout: 30_000, interval: 50, what: `${port} is up on ${node}` },
  );
}

/** That a call tells of a missing confirmation, when its time is over after its commit. */
async function unconfirmed(
  nb: Northbound,
  call: (options: { readonly wait: "hv"; readonly timeout: number }) => Promise<unknown>,
): Promise<void> {
  using clock = new Clock();
  const counter = (): bigint => nb.tables.NB_Global.only().nb_cfg;
  const before = counter();
  const failed = assert.rejects(call({ wait: "hv", timeout: 20_000 }), UnconfirmedError);
  await waitFor(() => counter() > before && nb.status().pendingTransactions === 0);
  clock.pass(20_000);
  await failed;
}

async function crash(node: FakeNode): Promise<readonly string[]> {
  const names = node.daemons;
  for (const daemon of names) await node.kill(daemon);
  assert.deepEqual(node.pids, {});
  return names;
}

describeWithCluster("faults of a cluster with one central node", () => {
  const ovn = useCluster({ gateways: 0, chassis: nodes.map(({ name }) => name) });
  const held = useTraffic(ovn);

  it("traffic goes on without databases and northd, and changes go on after them", async () => {
    const { nb, a, b, attach } = held.traffic;
    const central = ovn.cluster.node("ovn-central-az1");
    await crash(central);
    assert.equal(await ping(a.pod, b.ip), 63);
    await tcpEcho(a.pod, b.pod, b.ip);

    for (const daemon of ["northbound", "southbound", "northd"]) await central.restart(daemon);
    const c = await attach("c", "node2");
    assert.equal(await ping(a.pod, c.ip), 63);
    await untilUp(ovn, nb, a, "node1");
    await untilUp(ovn, nb, b, "node2");
    await untilUp(ovn, nb, c, "node2");
  });

  it("--wait hv tells the truth while a chassis stands still", async () => {
    const { nb, a } = held.traffic;
    const node = ovn.cluster.node("node2");
    node.pause("ovn-controller");
    const request = { namespace: "default", name: "late", node: "node2" };
    await unconfirmed(nb, (options) => network.attach(nb, request, options));
    await unconfirmed(nb, (options) => network.plan(nb, { nodes }).apply(options));
    node.continue("ovn-controller");
    // The port was written; only the chassis had not followed.
    const attachment = await network.attach(nb, request, { wait: "hv" });
    const late = await startPod(ovn.cluster, network.spec, attachment, "late");
    assert.equal(await ping(a.pod, (await late.addresses("eth1"))[0]?.replace(/\/.*/, "") ?? ""), 63);
  });

  it("a chassis whose daemons all crashed carries traffic again when it is back", async () => {
    const { nb, a, b } = held.traffic;
    const node = ovn.cluster.node("node2");
    for (const daemon of await crash(node)) await node.restart(daemon);
    assert.equal(await ping(a.pod, b.ip, 30_000), 63);
    await untilUp(ovn, nb, b, "node2");
    await tcpEcho(a.pod, b.pod, b.ip);
  });

  it("a chassis that lost the databases alone carries traffic, and follows when they are back", async () => {
    const { nb, a, b, attach } = held.traffic;
    await ovn.cluster.node("node2").blockPorts(6642);
    const request = { namespace: "default", name: "unseen", node: "node2" };
    await unconfirmed(nb, (options) => network.attach(nb, request, options));
    assert.equal(await ping(a.pod, b.ip), 63);
    await ovn.cluster.heal("node2");
    const d = await attach("d", "node2");
    assert.equal(await ping(a.pod, d.ip), 63);
    await untilUp(ovn, nb, d, "node2");
  });
});

describeWithCluster("faults of a cluster with three central nodes", () => {
  const ovn = useCluster({ central: 3, gateways: 0, chassis: nodes.map(({ name }) => name) });
  const held = useTraffic(ovn);

  /** The node that leads the northbound database, other than one that may still think so. */
  async function leader(except?: string): Promise<FakeNode> {
    return await waitFor(
      async () => {
        for (const node of ovn.cluster.nodes("central")) {
          if (node.name === except || node.pids["northbound"] === undefined) continue;
          const status = await node.appctl("northbound", "cluster/status", "OVN_Northbound");
          if (/^Role: leader$/m.test(status)) return node;
        }
        return undefined;
      },
      { timeout: 30_000, interval: 50 },
    );
  }

  it("a crash of the databases' leader costs a pause, no traffic and no change", async () => {
    const { nb, a, b, attach } = held.traffic;
    const first = await leader();
    await Promise.all([first.kill("northbound"), first.kill("southbound")]);
    assert.equal(await ping(a.pod, b.ip), 63);
    const c = await attach("c", "node1");
    assert.equal(await ping(b.pod, c.ip), 63);
    assert.notEqual((await leader()).name, first.name);

    await Promise.all([first.restart("northbound"), first.restart("southbound")]);
    const d = await attach("d", "node2");
    assert.equal(await ping(a.pod, d.ip), 63);
    await untilUp(ovn, nb, d, "node2");
  });

  it("a leader that is cut off is replaced, and comes back as a follower", async () => {
    const { nb, a, b, attach } = held.traffic;
    const first = await leader();
    await ovn.cluster.partition(first.name);
    await leader(first.name);
    assert.equal(await ping(a.pod, b.ip), 63);
    // The one that is cut off can still be reached from here: the handle has to leave it by itself.
    await waitFor(() => nb.remote !== `unix:${first.directory}/ovnnb_db.sock`, { timeout: 30_000 });
    // Without waiting for the chassis: those that are connected to it notice by their probes alone, after three minutes.
    await network.attach(nb, { namespace: "default", name: "e", node: "node1" }, { timeout: 30_000 });
    await ovn.cluster.heal();
    const e = await attach("e", "node1");
    assert.equal(await ping(b.pod, e.ip), 63);
    await untilUp(ovn, nb, e, "node1");
  });

  it("a member that lost its cluster's ports alone is done without", async () => {
    const { nb, b, attach } = held.traffic;
    const first = await leader();
    await first.blockPorts(6643, 6644);
    await leader(first.name);
    await ovn.cluster.heal();
    const f = await attach("f", "node1");
    assert.equal(await ping(b.pod, f.ip), 63);
    await untilUp(ovn, nb, f, "node1");
  });
});
