import assert from "node:assert/strict";
import {
  connectNorthbound,
  RpcError,
  UnsupportedError,
  UsageError,
  ValidationError,
} from "../../lib/index.ts";
import { type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

describeWithOvn("setConditions", () => {
  const ovn = useSandbox({ northbound: true });
  const soon = { minBackoff: 5, maxBackoff: 50 };
  const tables = {
    Logical_Switch: { columns: ["name", "external_ids"], where: [["name", "==", "a"]] },
    NB_Global: true,
  } as const;
  /** What only the server refuses: a map with one key twice. */
  const refusable = [
    [
      "external_ids",
      "==",
      [
        "map",
        [
          ["key", "a"],
          ["key", "b"],
        ],
      ],
    ],
  ] as const;

  before(async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    await nb.transact((tx) => {
      for (const name of ["a", "b", "c"]) tx.insert("Logical_Switch", { name });
    });
  });

  it("brings the rows of the new ones, takes those of the old ones away, and tells both as changes", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, { tables });
    const changes = nb.changes(["Logical_Switch"]);
    await nb.setConditions({
      Logical_Switch: [
        ["name", "==", "b"],
        ["name", "==", "c"],
      ],
    });
    assert.deepEqual(names(nb), ["b", "c"]);
    const { value } = (await changes.next()) as IteratorYieldResult<{ rows: readonly { kind: string }[] }>;
    assert.deepEqual(value.rows.map(({ kind }) => kind).sort(), ["delete", "insert", "insert"]);
    await Promise.all([
      nb.setConditions({ Logical_Switch: [false] }),
      nb.setConditions({ Logical_Switch: true }),
      nb.setConditions({ Logical_Switch: [["name", "==", "c"]], NB_Global: [] }),
    ]);
    assert.deepEqual(names(nb), ["c"]);
    await nb.setConditions({ Logical_Switch: [["name", "==", "c"]] }, { timeout: 30_000 });
    // Whoever makes conditions of a list that has become empty wants no rows, and not the whole table.
    await nb.setConditions({ Logical_Switch: [] });
    assert.deepEqual(names(nb), []);
    await using none = await connectNorthbound(ovn.sandbox.northbound.remote, {
      tables: { Logical_Switch: { where: [] } },
    });
    assert.deepEqual(names(none), []);
  });

  it("hold on later connections, also where they were asked for without one", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, tables });
    await nb.setConditions({ Logical_Switch: [["name", "==", "b"]] });
    proxy.cut();
    await waitFor(() => proxy.counts.connections === 2 && names(nb).join() === "b");
    // The request goes out, and its reply comes only over the next connection, as its content.
    proxy.setFaults({ dropReply: { method: "monitor_cond_change", cut: true } });
    await nb.setConditions({ Logical_Switch: [["name", "==", "c"]] }, { timeout: 30_000 });
    assert.deepEqual(names(nb), ["c"]);
    assert.equal(proxy.counts.connections, 3);
  });

  it("are refused when connecting, if they are none", async () => {
    const where = [["name", "=", "a"]] as never;
    await assert.rejects(
      connectNorthbound(ovn.sandbox.northbound.remote, { ...soon, tables: { Logical_Switch: { where } } }),
      (error) =>
        error instanceof UsageError && error.message.startsWith('Logical_Switch.name: "=" is no function'),
    );
  });

  it("change nothing when they are refused", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, { ...soon, tables });
    const set = (conditions: object): Promise<void> =>
      nb.setConditions(conditions as never, { timeout: 30_000 });
    await assert.rejects(set({ ACL: true }), UsageError);
    await assert.rejects(set({ Logical_Switch: "all" }), UsageError);
    await assert.rejects(set({ Logical_Switch: [["nothing", "==", 1]] }), UnsupportedError);
    await assert.rejects(set({ Logical_Switch: [["name", "=", "a"]] }), UsageError);
    await assert.rejects(set({ Logical_Switch: [["name", "==", 5]] }), ValidationError);
    await assert.rejects(set({ Logical_Switch: refusable }), RpcError);
    await nb.synced({ timeout: 30_000 });
    assert.deepEqual(names(nb), ["a"]);
    await set({ Logical_Switch: true });
    assert.deepEqual(names(nb), ["a", "b", "c"]);
  });

  it("are refused to nobody who waits for them, and what was told just before is not applied twice", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, soon);
    const { Address_Set: sets } = nb.tables;
    await nb.transact((tx) => tx.insert("Address_Set", { name: "s", addresses: ["10.0.0.1"] }));
    const [row] = sets.find({ name: "s" });
    assert.ok(row !== undefined);
    const { resyncsFull } = nb.status().counters;
    const givenUp = new AbortController();
    // An element that comes into a set is told as a difference: twice is never.
    const added = nb.transact((tx) => tx.add(row, "addresses", "10.0.0.2"));
    const refused = nb.setConditions({ Logical_Switch: refusable }, { signal: givenUp.signal });
    setImmediate(() => givenUp.abort(new Error("given up")));
    await assert.rejects(refused, /given up/);
    await added;
    await waitFor(() => nb.status().counters.resyncsFull > resyncsFull && nb.status().synced);
    assert.deepEqual(sets.find({ name: "s" })[0]?.addresses, ["10.0.0.1", "10.0.0.2"]);
  });

  it("are refused by the next connection where they were asked for without one, and it is used all the same", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, tables });
    proxy.refuse();
    proxy.cut();
    await waitFor(() => !nb.status().synced);
    const bounds = { timeout: 30_000 };
    const refused = assert.rejects(nb.setConditions({ Logical_Switch: refusable }, bounds), RpcError);
    await proxy.accept();
    await refused;
    assert.deepEqual(names(nb), ["a"]);
    // The same where the server has refused, and the connection was lost before that was heard.
    proxy.setFaults({ dropReply: { method: "monitor_cond_change", cut: true } });
    await assert.rejects(nb.setConditions({ Logical_Switch: refusable }, bounds), RpcError);
    proxy.setFaults({});
    await nb.setConditions({ Logical_Switch: [["name", "==", "b"]] }, bounds);
    assert.deepEqual(names(nb), ["b"]);
  });

  it("are refused by the schema of the next connection, and it is used all the same", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, soon);
    proxy.refuse();
    proxy.cut();
    await waitFor(() => !nb.status().synced);
    const refused = assert.rejects(
      nb.setConditions({ ACL: [["priority", "==", 5]] }, { timeout: 30_000 }),
      (error) => error instanceof ValidationError && error.message === "ACL.priority: 5 is not a string",
    );
    const asText = (message: ProxyMessage): ProxyMessage =>
      JSON.parse(JSON.stringify(message), (key, value) =>
        key === "priority" && value?.type?.key?.maxInteger === 32767 ? { type: "string" } : value,
      );
    proxy.setFaults({ toClient: { rewrite: asText } });
    await proxy.accept();
    await refused;
    assert.deepEqual(names(nb), ["a", "b", "c"]);
  });

  it("are wanted later than others that the server refuses, and have their own end", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, tables });
    const bounds = { timeout: 30_000 };
    proxy.setFaults({ toClient: { hold: true } });
    const { frames } = proxy.counts.toServer;
    const refused = assert.rejects(nb.setConditions({ Logical_Switch: refusable }, bounds), RpcError);
    await proxy.until(({ toServer }) => toServer.frames > frames);
    const accepted = nb.setConditions({ Logical_Switch: [["name", "==", "b"]] }, bounds);
    proxy.setFaults({});
    await Promise.all([refused, accepted]);
    assert.deepEqual(names(nb), ["b"]);
  });

  it("are not refused with others that the server refuses in the same request", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, tables });
    const bounds = { timeout: 30_000 };
    const wrong = (): Promise<void> =>
      assert.rejects(nb.setConditions({ NB_Global: refusable }, bounds), RpcError);
    const right = (name: string): Promise<void> =>
      nb.setConditions({ Logical_Switch: [["name", "==", name]] }, bounds);
    await Promise.all([right("b"), wrong()]);
    assert.deepEqual(names(nb), ["b"]);
    await Promise.all([wrong(), right("a"), wrong(), right("c"), wrong()]);
    assert.deepEqual(names(nb), ["c"]);
    // What the server takes is asked for at once again.
    const { frames } = proxy.counts.toServer;
    await Promise.all([right("a"), right("b"), right("a"), right("b")]);
    assert.deepEqual(names(nb), ["b"]);
    assert.ok(proxy.counts.toServer.frames < frames + 4);
    // The same where they were asked for without a connection.
    proxy.refuse();
    proxy.cut();
    await waitFor(() => !nb.status().synced);
    const all = Promise.all([right("c"), wrong(), right("a")]);
    await proxy.accept();
    await all;
    assert.deepEqual(names(nb), ["a"]);
  });

  it("are not for a server that only knows `monitor`, and it is said so", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote, {
      faults: {
        toServer: {
          rewrite: (message) =>
            String(message["method"]).startsWith("monitor_cond")
              ? { ...message, method: "unheard_of" }
              : message,
        },
      },
    });
    await using nb = await connectNorthbound(proxy.remote, { tables: { Logical_Switch: ["name"] } });
    await assert.rejects(nb.setConditions({ Logical_Switch: [["name", "==", "a"]] }), UnsupportedError);
    assert.deepEqual(names(nb), ["a", "b", "c"]);
  });
});

function names(nb: Northbound): string[] {
  return [...nb.tables.Logical_Switch].map(({ name }) => name).sort();
}
