import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { ConnectionLostError, TlsError } from "../../lib/jsonrpc/index.ts";
import type { DatabaseSchema, TableSchema } from "../../lib/ovsdb/index.ts";
import { CommandError, startSandbox } from "../../lib/testing/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

const text = { key: { type: "string" }, min: 1, max: 1 } as const;
const shelf: TableSchema = { columns: { name: text }, indexes: [], isRoot: true };
const shop: DatabaseSchema = { name: "Shop", version: "1.0.0", tables: { Shelf: shelf } };
const newShop: DatabaseSchema = {
  name: "Shop",
  version: "1.1.0",
  tables: { Shelf: { ...shelf, columns: { name: text, place: text } } },
};

/** Under TLS 1.3 a refusal comes after the handshake, as an alert or as the end of the connection. */
function isRefusal(error: unknown): boolean {
  return error instanceof TlsError || error instanceof ConnectionLostError;
}

describeWithOvn("a sandbox's servers", () => {
  it("come back after a crash or a restart: same remotes, same data, other process", async () => {
    await using sandbox = await startSandbox({ northbound: true, tcp: true, tls: true });
    const { northbound } = sandbox;
    const { tcp, ssl, pid } = northbound;
    assert.ok(tcp !== undefined && ssl !== undefined);
    await sandbox.run("ovn-nbctl", ["ls-add", "kept"]);
    await northbound.kill();
    assert.equal(northbound.pid, undefined);
    assert.equal(northbound.isRunning, false);
    await northbound.start();
    await northbound.restart();
    assert.notEqual(northbound.pid, pid);
    assert.deepEqual([northbound.tcp, northbound.ssl], [tcp, ssl]);
    for (const [remote, tls] of [
      [tcp, undefined],
      [ssl, sandbox.tls.client],
    ] as const) {
      using client = await DialledPeer.dial(remote, tls);
      assert.deepEqual(await client.switches(), ["kept"], remote);
    }
  });

  it("freeze and go on", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const { northbound } = sandbox;
    using client = await DialledPeer.dial(northbound.remote);
    northbound.pause();
    assert.equal(northbound.isRunning, false);
    const state = `/proc/${northbound.pid}/stat`;
    await waitFor(() => !existsSync(state) || / T /.test(readFileSync(state, "utf8")));
    const pending = client.call("list_dbs", []);
    northbound.resume();
    assert.equal(northbound.isRunning, true);
    assert.deepEqual(await pending, ["OVN_Northbound", "_Server"]);
    northbound.pause();
    await northbound.kill();
    await northbound.start();
    assert.equal(northbound.isRunning, true);
  });

  it("convert their database while it runs, and say why not", async () => {
    await using sandbox = await startSandbox({ databases: { shop } });
    const server = sandbox.database("shop");
    const version = (): Promise<string> =>
      sandbox.run("ovsdb-client", ["get-schema-version", server.remote, "Shop"]);
    await server.convert(newShop);
    assert.equal((await version()).trim(), "1.1.0");
    await server.convert(shop);
    assert.equal((await version()).trim(), "1.0.0");
    await assert.rejects(server.convert({ ...shop, name: "Other" }), CommandError);
  });

  it("listen with TLS: certificates that must work do, and others do not", async () => {
    await using sandbox = await startSandbox({ northbound: true, tls: true });
    const { client, expired, server, stranger } = sandbox.tls;
    const remote = sandbox.northbound.ssl;
    const attempt = async (tls: object): Promise<unknown> => {
      using peer = await DialledPeer.dial(remote, tls);
      return await peer.call("list_dbs", []);
    };
    const names = ["OVN_Northbound", "_Server"];
    assert.deepEqual(await attempt(client), names);
    assert.deepEqual(await attempt({ ...client, verifyHostname: true }), names);
    // The server refuses these…
    for (const pair of [expired, { ...stranger, caFile: client.caFile }, { caFile: client.caFile }]) {
      await assert.rejects(attempt(pair), isRefusal, JSON.stringify(pair));
    }
    // …and the client this one.
    await assert.rejects(attempt({ ...client, caFile: stranger.caFile }), TlsError);

    await using old = await startSandbox({ northbound: true, tls: expired });
    assert.throws(() => old.tls, /without `tls: true`/);
    await assert.rejects(DialledPeer.dial(old.northbound.ssl, client), /expired/);
    await using nameless = await startSandbox({ northbound: true, tls: client });
    const strict = { ...server, verifyHostname: true };
    await assert.rejects(DialledPeer.dial(nameless.northbound.ssl, strict), TlsError);
    using lenient = await DialledPeer.dial(nameless.northbound.ssl, server);
    assert.deepEqual(await lenient.call("list_dbs", []), names);
  });
});
