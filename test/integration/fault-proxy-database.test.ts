import assert from "node:assert/strict";
import { ConnectionLostError } from "../../lib/jsonrpc/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

describeWithOvn("the fault proxy in front of a database", () => {
  const ovn = useSandbox({ northbound: true, tls: true });

  it("counts what OVN's own tool says", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote, { listen: "tcp" });
    await ovn.sandbox.run("ovn-nbctl", [`--db=${proxy.remote}`, "ls-add", "counted"]);
    const { toServer, toClient } = await proxy.until(({ open }) => open === 0);
    assert.equal(toServer.methods["transact"], 1);
    assert.ok((toClient.replies ?? 0) >= 2, JSON.stringify(toClient));
    assert.equal(toServer.bytes, toServer.forwardedBytes);
    await ovn.sandbox.run("ovn-nbctl", [`--db=${proxy.remote}`, "show"]);
    assert.equal((await proxy.until(({ open }) => open === 0)).toServer.methods["transact"], 1);
  });

  it("has a write done whose reply the client never sees", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    using client = await DialledPeer.dial(proxy.remote);
    using direct = await DialledPeer.dial(ovn.sandbox.northbound.remote);
    proxy.setFaults({ dropReply: { method: "transact", cut: true } });
    await assert.rejects(client.addSwitch("unanswered"), ConnectionLostError);
    assert.equal(proxy.counts.droppedReplies, 1);
    assert.ok((await direct.switches()).includes("unanswered"));
  });

  it("gets large messages through a byte at a time", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote, {
      faults: { toServer: { chunkBytes: 1 }, toClient: { chunkBytes: [1, 4_000] } },
    });
    using client = await DialledPeer.dial(proxy.remote);
    const schema = (await client.call("get_schema", ["OVN_Northbound"])) as { readonly name: string };
    assert.equal(schema.name, "OVN_Northbound");
  });

  it("makes a server that does not know the member `uuid` of an insert, as older ones do", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote, {
      faults: {
        toServer: {
          rewrite: (message, connection) => {
            if (message["method"] !== "transact" || !JSON.stringify(message).includes('"uuid":"')) {
              return message;
            }
            const error = { error: "syntax error", details: "Unexpected member uuid" };
            connection.inject("toClient", { id: message["id"] ?? null, result: [error], error: null });
            return undefined;
          },
        },
      },
    });
    using client = await DialledPeer.dial(proxy.remote);
    const uuid = "6a1f0c2e-93b4-4d0e-8f77-000000000001";
    const insert = { op: "insert", table: "Logical_Switch", row: { name: "chosen" }, uuid };
    const refused = await client.call("transact", ["OVN_Northbound", insert]);
    assert.deepEqual(refused, [{ error: "syntax error", details: "Unexpected member uuid" }]);
    await client.addSwitch("named");
    const names = await client.switches();
    assert.deepEqual([names.includes("chosen"), names.includes("named")], [false, true]);
  });

  it("passes TLS through, blind but able to cut", async () => {
    const { ssl } = ovn.sandbox.northbound;
    assert.ok(ssl !== undefined);
    await using proxy = await startFaultProxy(ssl);
    assert.match(proxy.remote, /^ssl:127\.0\.0\.1:\d+$/);
    using client = await DialledPeer.dial(proxy.remote, ovn.sandbox.tls.client);
    await client.call("list_dbs", []);
    assert.equal(proxy.counts.toServer.frames, 0);
    const pending = client.call("list_dbs", []);
    proxy.cut();
    await assert.rejects(pending, ConnectionLostError);
  });
});
