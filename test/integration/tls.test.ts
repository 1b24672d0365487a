import assert from "node:assert/strict";
import { copyFileSync, readFileSync, renameSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import {
  ConnectionLostError,
  connectNorthbound,
  NotSyncedError,
  TlsError,
  type TlsFailure,
  type TlsOptions,
} from "../../lib/index.ts";
import {
  type Sandbox,
  startFaultProxy,
  startSandbox,
  type TlsFiles,
  type TlsMaterial,
} from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };

/** The reason of the TlsError with which connecting fails. */
async function failure(remote = "", tls: TlsOptions = {}): Promise<TlsFailure> {
  let found: TlsFailure | undefined;
  await assert.rejects(connectNorthbound(remote, { tls }), (error) => {
    assert.ok(error instanceof TlsError, String(error));
    assert.ok(error.message.includes(remote), error.message);
    assert.ok(!/:error:|0x|[0-9A-F]{12}/.test(error.message), `OpenSSL's own words: ${error.message}`);
    found = error.reason;
    return true;
  });
  assert.ok(found !== undefined);
  return found;
}

describeWithOvn("TLS: what is wrong is said, by name", () => {
  const ovn = useSandbox({ northbound: true, tcp: "::1", tls: true });
  let material: TlsMaterial;
  let client: TlsFiles;
  let ssl: string;

  before(() => {
    material = ovn.sandbox.tls;
    client = material.client;
    ssl = ovn.sandbox.northbound.ssl;
    assert.match(ssl, /^ssl:\[::1\]:\d+$/);
  });

  it("nothing, with all in order: over IPv6, by files and by contents, with and without the host's name", async () => {
    const contents = {
      ca: readFileSync(client.caFile),
      cert: readFileSync(client.certFile, "utf8"),
      key: readFileSync(client.keyFile),
    };
    for (const tls of [client, contents, { ...client, verifyHostname: true }]) {
      await using nb = await connectNorthbound(ssl, { tls });
      assert.equal(nb.remote, ssl);
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "over TLS" }));
    }
    await using nb = await connectNorthbound(ovn.sandbox.northbound.tcp);
    assert.equal(nb.tables.Logical_Switch.find({ name: "over TLS" }).length, 3);
    await using other = await startSandbox({ northbound: true, tls: material.server });
    const name = other.northbound.ssl.replace("127.0.0.1", "localhost");
    await using named = await connectNorthbound(name, { tls: { ...client, verifyHostname: true } });
    assert.equal(named.remote, name);
  });

  it("the authority, also one that has the name of the right one", async () => {
    // Both authorities of the material have one name, as they do where one was made anew in place of the other.
    assert.equal(await failure(ssl, { ...client, caFile: material.stranger.caFile }), "server-untrusted");
    assert.equal(
      await failure(ssl, { certFile: client.certFile, keyFile: client.keyFile }),
      "server-untrusted",
    );
  });

  for (const [which, reason] of [
    ["expired", "server-expired"],
    ["notYetValid", "server-not-yet-valid"],
  ] as const) {
    it(`the server's certificate is ${which}`, async () => {
      await using other = await startSandbox({ northbound: true, tls: material[which] });
      assert.equal(await failure(other.northbound.ssl, client), reason);
    });
  }

  it("the host's name, when it is checked", async () => {
    // Certificates of ovs-pki name no host; so does the client's here.
    await using other = await startSandbox({ northbound: true, tls: client });
    const remote = other.northbound.ssl;
    assert.equal(await failure(remote, { ...client, verifyHostname: true }), "hostname-mismatch");
    await using nb = await connectNorthbound(remote ?? "", { tls: client });
    assert.equal(nb.tables.Logical_Switch.size, 0);
  });

  it("our certificate: missing, not trusted, expired, not valid yet", async () => {
    const { caFile } = client;
    // TLS 1.3 says so after the handshake, so it races with our first request; a few times, as a race has two ends.
    for (let round = 0; round < 5; round += 1) {
      assert.equal(await failure(ssl, { caFile }), "client-missing");
      assert.equal(await failure(ssl, { ...material.stranger, caFile }), "client-untrusted");
      assert.equal(await failure(ssl, material.expired), "client-expired");
      assert.equal(await failure(ssl, material.notYetValid), "client-untrusted");
    }
  });

  it("our certificate is missing, and the server's reason got lost on the way", async () => {
    const { caFile } = client;
    await using proxy = await startFaultProxy(ssl);
    assert.equal(await failure(proxy.remote, { caFile }), "client-missing");
    const whole = (await proxy.until(({ open }) => open === 0)).toClient.bytes;
    // Signatures differ in length by a few bytes; the reason is the last 24.
    proxy.setNextFaults({ toClient: { cutAfterBytes: whole - 12 } });
    assert.equal(await failure(proxy.remote, { caFile }), "client-missing");
    assert.equal(proxy.counts.connections, 3, "the reason came by another connection");
  });

  it("our certificate is missing, by TLS 1.2, which has no word for it", async () => {
    const { caFile } = client;
    const { DEFAULT_MAX_VERSION } = tls;
    tls.DEFAULT_MAX_VERSION = "TLSv1.2";
    try {
      assert.equal(await failure(ssl, { caFile }), "client-missing");
      assert.equal(await failure(ssl, { ...material.stranger, caFile }), "client-untrusted");
    } finally {
      tls.DEFAULT_MAX_VERSION = DEFAULT_MAX_VERSION;
    }
  });

  it("the files: not there, empty, no PEM, not of one another", async () => {
    const { caFile, certFile, keyFile } = client;
    const key = readFileSync(keyFile);
    const certificate = '"-----BEGIN CERTIFICATE-----"';
    for (const [files, what] of [
      [
        { certFile, keyFile, ca: "" },
        "ca: no certificate of an authority in PEM that can be used; it is empty (",
      ],
      [
        { certFile, keyFile, ca: "garbage" },
        "ca: no certificate of an authority in PEM that can be used; it holds no PEM (",
      ],
      [
        { caFile, certFile, key: "garbage" },
        "key: no private key in PEM that can be used; it holds no PEM (",
      ],
      [{ caFile, certFile, key: "" }, "key: no private key in PEM that can be used; it is empty ("],
      [{ caFile, cert: "", key }, "cert: no certificate in PEM that can be used; it is empty ("],
      [
        { ...client, keyFile: certFile },
        `keyFile ${certFile}: no private key in PEM that can be used; it holds ${certificate} (`,
      ],
      [
        { ...client, certFile: keyFile },
        `certFile ${keyFile}: no certificate in PEM that can be used; it holds "-----BEGIN PRIVATE`,
      ],
    ] as const) {
      assert.equal(await failure(ssl, files), "bad-pem");
      await assert.rejects(connectNorthbound(ssl, { tls: files }), (error: Error) => {
        assert.ok(error.message.startsWith(`TLS with ${ssl} failed: ${what}`), error.message);
        return true;
      });
    }
    const { keyFile: other } = material.server;
    assert.equal(await failure(ssl, { ...client, keyFile: other }), "key-mismatch");
    await assert.rejects(connectNorthbound(ssl, { tls: { ...client, keyFile: other } }), {
      message: `TLS with ${ssl} failed: keyFile ${other} is not the key of certFile ${certFile}`,
    });
    await assert.rejects(connectNorthbound(ssl, { tls: { ...client, certFile: "/nowhere.pem" } }), {
      code: "ERR_TLS",
      reason: "unreadable-file",
      retryable: false,
      message: /certFile.*\/nowhere\.pem/,
    });
  });

  it("the files, on the command line by its own options", async () => {
    const { caFile, certFile, keyFile } = client;
    const show = (...[privateKey, certificate, authority]: [string, string, string]): Promise<CliOutcome> =>
      runCli(ovn.sandbox, ["show", "--db", ssl, "-p", privateKey, "-c", certificate, "-C", authority]);
    assert.equal((await show(keyFile, certFile, caFile)).exitCode, 0);
    const unusable = "in PEM that can be used; it holds";
    for (const [files, what] of [
      [
        [certFile, certFile, caFile],
        `--private-key ${certFile}: no private key ${unusable} "-----BEGIN CERTIFICATE`,
      ],
      [
        [keyFile, keyFile, caFile],
        `--certificate ${keyFile}: no certificate ${unusable} "-----BEGIN PRIVATE KEY`,
      ],
      [
        [keyFile, certFile, keyFile],
        `--ca-cert ${keyFile}: no certificate of an authority ${unusable} "-----BEGIN P`,
      ],
    ] as const) {
      const { exitCode, stderr } = await show(...files);
      assert.equal(exitCode, 1);
      assert.ok(stderr.startsWith(`ovn-northbound: ${what}`), stderr);
    }
  });

  it("the kind of the remote: ssl: to a plain port, tcp: to a TLS port", async () => {
    const { tcp = "" } = ovn.sandbox.northbound;
    assert.equal(await failure(tcp.replace("tcp:", "ssl:"), client), "plain-text");
    assert.equal(await failure(ssl.replace("ssl:", "tcp:")), "tls-port");
  });

  it("a port that answers in no language we know, or only hangs up, is not called a TLS port or a plain one", async () => {
    for (const [greeting, ssl] of [
      ["SSH-2.0-OpenSSH\r\n", "plain-text"],
      ["", "hung-up"],
    ] as const) {
      await using port = await listen(greeting);
      assert.equal(await failure(`ssl:${port.address}`, client), ssl);
      if (greeting === "")
        await assert.rejects(connectNorthbound(`tcp:${port.address}`), ConnectionLostError);
    }
  });
});

/** A port that says something to whoever connects, and hangs up. */
async function listen(greeting: string): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(greeting));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    address: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describeWithOvn("TLS: rotation of keys and authorities under a handle that lives on", () => {
  const ovn = useSandbox({ northbound: true, tls: true });

  it("is picked up by the next dial, and what lies between its steps is retried", async () => {
    const { directory, tls: material } = ovn.sandbox;
    await using server = await startWithOwnFiles(directory, material.server);
    const files = ownFiles(directory, "client", material.client);
    const remote = server.sandbox.northbound.ssl;
    await using nb = await connectNorthbound(remote, { ...soon, tls: files });
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "before" }));

    // The server gets a certificate of another authority. It is restarted: ours knows nothing of that authority yet.
    server.replace(material.stranger);
    await server.sandbox.northbound.restart();
    assert.equal(await failure(remote, files), "server-untrusted");
    replaceFile(files.caFile, material.stranger.caFile);
    replaceFile(files.certFile, material.stranger.certFile);
    assert.equal(await failure(remote, files), "key-mismatch");
    assert.throws(() => nb.tables.Logical_Switch.size, NotSyncedError);
    replaceFile(files.keyFile, material.stranger.keyFile);
    await nb.synced({ timeout: 30_000 });
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "after" }));
    assert.equal(nb.tables.Logical_Switch.size, 2);
  });
});

/** Copies of a side's files, to be replaced one by one. */
function ownFiles(directory: string, name: string, from: TlsFiles): TlsFiles {
  const files = {
    caFile: join(directory, `${name}-own-ca.pem`),
    certFile: join(directory, `${name}-own.pem`),
    keyFile: join(directory, `${name}-own-key.pem`),
  };
  for (const kind of ["caFile", "certFile", "keyFile"] as const) copyFileSync(from[kind], files[kind]);
  return files;
}

async function startWithOwnFiles(
  directory: string,
  from: TlsFiles,
): Promise<AsyncDisposable & { readonly sandbox: Sandbox; replace(other: TlsFiles): void }> {
  const files = ownFiles(directory, "server", from);
  const sandbox = await startSandbox({ northbound: true, tls: files });
  return {
    sandbox,
    replace: (other) => {
      for (const kind of ["caFile", "certFile", "keyFile"] as const) replaceFile(files[kind], other[kind]);
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** In one step, as whoever rotates keys should. */
function replaceFile(file: string, by: string): void {
  copyFileSync(by, `${file}.new`);
  renameSync(`${file}.new`, file);
}
