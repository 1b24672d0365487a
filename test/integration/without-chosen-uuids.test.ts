import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import {
  addressClaim,
  Network,
  type Northbound,
  planDeletion,
  planTopology,
} from "../../lib/topology/index.ts";
import { articleSources, requestOf } from "../support/article.ts";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { catchUp, layer2Brief, node, portOf, profiles, requestFor } from "../support/topology.ts";
import { withoutUuid } from "../support/without-uuid.ts";

describeWithOvn("a server that refuses `uuid` in an insert", () => {
  const ovn = useSandbox({ northbound: true });
  let proxy: FaultProxy;
  let today: Northbound;
  let old: Northbound;

  beforeEach(async () => {
    proxy = await startFaultProxy(ovn.sandbox.northbound.remote, { faults: withoutUuid });
    today = await connectNorthbound(ovn.sandbox.northbound.remote);
    old = await connectNorthbound(proxy.remote, { minBackoff: 1, maxBackoff: 10 });
  });

  afterEach(async () => {
    await Promise.all([today.close(), old.close()]);
    await proxy.close();
    const tables = ["Logical_Switch", "Logical_Router", "Port_Group", "Load_Balancer_Group", "Copp", "Meter"];
    const destroy = tables.flatMap((table) => ["--", "--all", "destroy", table]);
    await ovn.sandbox.run("ovn-nbctl", destroy.slice(1));
  });

  /** Cuts the connection through the proxy and waits for the next one. */
  async function redialled(): Promise<void> {
    const { connections } = proxy.counts;
    for (const connection of proxy.connections) connection.cut();
    await waitFor(() => proxy.counts.connections > connections);
    await old.synced({ timeout: 30_000 });
  }

  /** All rows, with names in the places of uuids; the uuids of rows that have no name are random on an old server. */
  async function rows(): Promise<object> {
    const { tables } = await dumpNorthbound(ovn.sandbox);
    const text = JSON.stringify(tables).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid");
    const named = Object.entries(JSON.parse(text) as Record<string, object[]>);
    return Object.fromEntries(
      named.map(([table, list]) => [table, list.map((row) => JSON.stringify(row)).sort()]),
    );
  }

  /** The same work on each kind of server has to end with the same rows. */
  async function assertSame(
    work: (nb: Northbound) => Promise<unknown>,
    undo: (nb: Northbound) => Promise<unknown>,
  ): Promise<void> {
    await work(today);
    const tables = await rows();
    await undo(today);
    await catchUp(old);
    assert.equal(old.takesChosenUuids, true, "not known yet");
    await work(old);
    assert.equal(old.takesChosenUuids, false);
    assert.deepEqual(await rows(), tables);
    assert.notDeepEqual(tables, {});
    await undo(old);
  }

  it("gets the same rows of a transaction, references and guards included", async () => {
    await assertSame(
      async (nb) => {
        const first = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "first" }));
        const made = await nb.transact((tx) => {
          const guarded = nb.tables.Logical_Switch.byUuid(first.uuid(first.value));
          assert.ok(guarded !== undefined);
          tx.verify(guarded, "name", "ports");
          tx.setKeys(guarded, "external_ids", { next: "s" });
          const ports = ["p", "q"].map((name) => tx.insert("Logical_Switch_Port", { name }));
          const sw = tx.insert("Logical_Switch", { name: "s" });
          tx.add(sw, "ports", ports);
          tx.insert("Port_Group", { name: "g", ports });
          return { sw, ports };
        });
        const sw = nb.tables.Logical_Switch.byUuid(made.uuid(made.value.sw));
        assert.deepEqual(new Set(sw?.ports), new Set(made.value.ports.map((port) => made.uuid(port))));
      },
      (nb) =>
        nb.transact((tx) => {
          for (const row of [...nb.tables.Logical_Switch, ...nb.tables.Port_Group]) tx.delete(row);
        }),
    );
  });

  for (const profile of profiles) {
    it(`gets the same rows of the article's networks: ${profile}`, async () => {
      const request = { ...requestOf(articleSources()), profile };
      const networks = request.networks.map(({ spec }) => spec.name);
      await assertSame(
        async (nb) => {
          await planTopology(nb, request).apply();
          assert.deepEqual(planTopology(nb, request).operations, [], "a second apply sends nothing");
        },
        (nb) => planDeletion(nb, { networks, pods: [] }).apply(),
      );
    });
  }

  it("gives pods that are attached at once addresses of their own, the same as any server", async () => {
    const brief = layer2Brief([], { subnets: "10.1.0.0/24,fd00:1::/64" });
    const [request] = requestFor(brief).networks;
    assert.ok(request !== undefined);
    const network = new Network(request.spec);
    const pods = Array.from({ length: 10 }, (_, index) => `p${index}`);
    await planTopology(today, requestFor(brief)).apply();
    const more = await Promise.all([1, 2, 3].map(() => connectNorthbound(proxy.remote)));
    try {
      await catchUp(old);
      const attached = await Promise.all(
        [old, ...more].flatMap((nb, client) =>
          pods
            .filter((_, index) => index % 4 === client)
            .map((name) => network.attach(nb, { namespace: "default", name, node: node("n1") })),
        ),
      );
      const given = attached.map(({ addresses }) => addresses.split(" ")[1] ?? "").sort();
      assert.deepEqual(given, pods.map((_, index) => `10.1.0.${index + 1}`).sort());
    } finally {
      await Promise.all(more.map((nb) => nb.close()));
    }
  });

  it("has a topology's lost reply found out by planning again, and nothing written twice", async () => {
    const request = requestFor(layer2Brief(["a", "b"]));
    // Known already, so that what is lost is the write and not the question.
    await old.transact((tx) => tx.insert("Port_Group", { name: "before" }));
    proxy.setOpenFaults({ ...withoutUuid, dropReply: { method: "transact", cut: true } });
    const { changed } = await planTopology(old, request).apply();
    assert.equal(changed, true);
    assert.equal(proxy.counts.droppedReplies, 1);
    assert.deepEqual(planTopology(old, request).operations, []);
    assert.equal(old.tables.Logical_Switch.size, 1);
    assert.deepEqual([...old.tables.Logical_Switch_Port].map(({ name }) => name).sort(), [
      portOf("a"),
      portOf("b"),
    ]);
  });

  it("is asked again after the connection was lost: its place may be taken by one that takes them", async () => {
    await old.transact((tx) => tx.insert("Port_Group", { name: "before" }));
    assert.equal(old.takesChosenUuids, false);
    await redialled();
    await old.transact((tx) => tx.insert("Port_Group", { name: "old still" }));
    assert.equal(old.takesChosenUuids, false);
    proxy.setFaults({});
    await redialled();
    await planTopology(old, requestFor(layer2Brief(["a"]))).apply();
    assert.equal(old.takesChosenUuids, true);
    const [port] = old.tables.Logical_Switch_Port.find({ name: portOf("a") });
    assert.equal(port?._uuid, addressClaim("net", "10.1.0.1"));
  });

  it("leaves a lost insert unknown, as nothing tells it from another's, and does not repeat it", async () => {
    await old.transact((tx) => tx.insert("Port_Group", { name: "before" }));
    proxy.setOpenFaults({ ...withoutUuid, dropReply: { method: "transact", cut: true } });
    await assert.rejects(
      old.transact((tx) => tx.insert("Logical_Switch", { name: "once" })),
      OutcomeUnknownError,
    );
    await old.synced({ timeout: 30_000 });
    await old.transact((tx) => tx.comment("whatever was sent before this is done by now"));
    assert.equal(old.tables.Logical_Switch.find({ name: "once" }).length, 1);
  });
});
