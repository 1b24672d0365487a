import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, TimeoutError, type Transport } from "../../lib/index.ts";
import { dialSocket } from "../../lib/jsonrpc/index.ts";
import { startCluster, startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };
const comment = "x".repeat(64 * 1024);
const limit = 256 * 1024;

describeWithOvn("transactions to a server that does not read", () => {
  const ovn = useSandbox({ northbound: true });
  const insert = (nb: Awaited<ReturnType<typeof connectNorthbound>>, name: string, options = {}) =>
    nb.transact((tx) => {
      tx.insert("Logical_Switch", { name });
      tx.comment(comment);
    }, options);
  const names = (nb: Awaited<ReturnType<typeof connectNorthbound>>) =>
    [...nb.tables.Logical_Switch].map(({ name }) => name);

  it("wait, are not queued without bound, and go through in order when it reads again", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, maxUnsentBytes: limit });
    proxy.setFaults({ toServer: { stall: true } });
    const order: number[] = [];
    const calls = Array.from({ length: 200 }, async (_, index) => {
      await insert(nb, `ordered ${index}`);
      order.push(index);
    });
    await waitFor(() => nb.status().unsentBytes > limit);
    for (let look = 0; look < 20; look += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const { unsentBytes, pendingTransactions } = nb.status();
      assert.ok(unsentBytes < limit + 2 * comment.length, `${unsentBytes} bytes queued`);
      assert.equal(pendingTransactions, 200);
    }
    proxy.setFaults({});
    await Promise.all(calls);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    const { unsentBytes, pendingTransactions, counters } = nb.status();
    assert.deepEqual([unsentBytes, pendingTransactions, counters.committed], [0, 0, 200]);
    assert.ok(counters.bytesSent > 200 * comment.length);
  });

  it("were surely not sent when they are given up while they wait", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, maxUnsentBytes: limit });
    proxy.setFaults({ toServer: { stall: true } });
    const through = Array.from({ length: 30 }, (_, index) => insert(nb, `through ${index}`));
    await waitFor(() => nb.status().unsentBytes > limit);
    const controller = new AbortController();
    const aborted = insert(nb, "given up", { signal: controller.signal });
    const late = insert(nb, "too late", { timeout: 30 });
    const refused = assert.rejects(late, TimeoutError);
    controller.abort(new Error("enough"));
    await assert.rejects(aborted, /^Error: enough$/);
    await refused;
    proxy.setFaults({});
    await Promise.all(through);
    await insert(nb, "later");
    const found = names(nb);
    assert.ok(found.includes("through 29") && found.includes("later"));
    assert.ok(!found.includes("given up") && !found.includes("too late"));
    assert.equal(nb.status().counters.failed, 2);
  });

  it("are run again after the connection was lost, each once", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { ...soon, maxUnsentBytes: limit });
    proxy.setFaults({ toServer: { stall: true } });
    const calls = Array.from({ length: 60 }, (_, index) => insert(nb, `once ${index}`));
    await waitFor(() => nb.status().unsentBytes > limit);
    proxy.setFaults({});
    proxy.cut();
    const ends = await Promise.allSettled(calls);
    const found = names(nb).filter((name) => name.startsWith("once "));
    assert.equal(new Set(found).size, found.length, "none twice");
    for (const [index, end] of ends.entries()) {
      if (end.status === "fulfilled") assert.ok(found.includes(`once ${index}`));
      else assert.ok(end.reason instanceof OutcomeUnknownError);
    }
    // Those at the end of the queue cannot have been sent.
    assert.ok(ends.slice(-20).every(({ status }) => status === "fulfilled"));
  });

  it("end when the handle is closed", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    const nb = await connectNorthbound(proxy.remote, { ...soon, maxUnsentBytes: limit });
    proxy.setFaults({ toServer: { stall: true } });
    const calls = Array.from({ length: 40 }, (_, index) => insert(nb, `closed ${index}`));
    await waitFor(() => nb.status().unsentBytes > limit);
    await nb.close();
    const ends = await Promise.allSettled(calls);
    assert.ok(ends.every(({ status }) => status === "rejected"));
    const last = ends.at(-1);
    assert.ok(last?.status === "rejected" && (last.reason as { code: string }).code === "ERR_CLOSED");
    assert.equal(nb.status().pendingTransactions, 0);
  });

  it("go at once through a transport that cannot tell when it drains", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using nb = await connectNorthbound(remote, {
      maxUnsentBytes: 0,
      dial: async (endpoint, options) => {
        const inner = await dialSocket(endpoint, options);
        const transport: Transport = {
          send: (text) => inner.send(text),
          get writableLength() {
            return inner.writableLength;
          },
          close: () => inner.close(),
          start: (handlers) => inner.start(handlers),
        };
        return transport;
      },
    });
    await Promise.all(Array.from({ length: 20 }, (_, index) => insert(nb, `blind ${index}`)));
    assert.equal(names(nb).filter((name) => name.startsWith("blind ")).length, 20);
  });

  it("refuse a limit that is none", async () => {
    const call = connectNorthbound(ovn.sandbox.northbound.remote, { maxUnsentBytes: -1 });
    await assert.rejects(call, { code: "ERR_USAGE" });
  });
});

describeWithOvn("transactions over TLS, one at a time", () => {
  it("notice that the queue has drained", async () => {
    await using cluster = await startCluster({ servers: 1, tls: true });
    await using nb = await connectNorthbound(cluster.ssl, { tls: cluster.tls.client, maxUnsentBytes: 0 });
    const calls = Array.from({ length: 50 }, (_, index) =>
      nb.transact((tx) => tx.insert("Logical_Switch", { name: `tls ${index}` })),
    );
    await Promise.all(calls);
    assert.equal(nb.tables.Logical_Switch.size, 50);
  });
});
