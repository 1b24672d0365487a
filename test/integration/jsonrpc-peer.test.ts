import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ClosedError,
  ConnectionLostError,
  dialSocket,
  type Endpoint,
  EndpointError,
  type Json,
  type OvsdbError,
  Peer,
  RpcError,
  TlsError,
  type TlsOptions,
  UsageError,
} from "../../lib/jsonrpc/index.ts";

const schemaFile = "/usr/share/ovn/ovn-nb.ovsschema";
const deadline = 10_000;

describe("a Peer and a real ovsdb-server", function () {
  this.timeout(2 * deadline);
  let server: ChildProcess;
  let directory: string;
  let unix: Endpoint;
  let tcp: Endpoint & { kind: "tcp" };
  let ssl: Endpoint & { kind: "ssl" };
  let tls: TlsOptions;
  const peers: Peer[] = [];

  before(async function () {
    const missing = whatIsMissing();
    if (missing !== undefined) {
      if (process.env["CI"]) throw new Error(`cannot run without ${missing}`);
      console.warn(`skipped: this machine has no ${missing}`);
      this.skip();
    }
    directory = mkdtempSync(join(tmpdir(), "jsonrpc-"));
    makeCertificates(directory);
    tls = {
      caFile: join(directory, "ca.pem"),
      certFile: join(directory, "client.pem"),
      keyFile: join(directory, "client-key.pem"),
    };
    execFileSync("ovsdb-tool", ["create", join(directory, "nb.db"), schemaFile]);
    unix = { kind: "unix", path: join(directory, "nb.sock") };
    tcp = { kind: "tcp", host: "::1", port: await freePort() };
    ssl = { kind: "ssl", host: "::1", port: await freePort() };
    server = spawn(
      "ovsdb-server",
      [
        join(directory, "nb.db"),
        `--remote=punix:${unix.path}`,
        "--remote=db:OVN_Northbound,NB_Global,connections",
        `--remote=ptcp:${tcp.port}:[::1]`,
        `--remote=pssl:${ssl.port}:[::1]`,
        `--private-key=${join(directory, "server-key.pem")}`,
        `--certificate=${join(directory, "server.pem")}`,
        `--ca-cert=${tls.caFile}`,
        `--unixctl=${join(directory, "ctl")}`,
        `--log-file=${join(directory, "log")}`,
        "-vconsole:off",
      ],
      { stdio: "ignore" },
    );
    // All remotes listen before the server does anything else, so one that answers means that all do.
    await until(async () => (await dial(unix)).call("list_dbs", []));
  });

  afterEach(() => {
    for (const peer of peers.splice(0)) peer.close();
  });

  after(() => {
    server?.kill("SIGKILL");
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  async function dial(
    endpoint: Endpoint,
    options: { tls?: TlsOptions; onClose?: (error: OvsdbError | undefined) => void } = {},
  ): Promise<Peer> {
    const transport = await dialSocket(endpoint, {
      signal: AbortSignal.timeout(deadline),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    });
    const peer = new Peer(transport, {
      onNotification: () => undefined,
      onClose: options.onClose ?? (() => undefined),
    });
    peers.push(peer);
    return peer;
  }

  async function assertAnswers(peer: Peer): Promise<void> {
    assert.deepEqual(await peer.call("list_dbs", []), ["OVN_Northbound", "_Server"]);
  }

  it("calls over a Unix socket", async () => {
    const peer = await dial(unix);
    await assertAnswers(peer);
    const schema = (await peer.call("get_schema", ["OVN_Northbound"])) as { name: Json; tables: Json };
    assert.equal(schema.name, "OVN_Northbound");
    assert.ok(Object.hasOwn(schema.tables as object, "Logical_Switch"));
    assert.deepEqual(await peer.call("echo", ["é", 1, { a: [] }]), ["é", 1, { a: [] }]);
  });

  it("calls over TCP on an IPv6 address", async () => assertAnswers(await dial(tcp)));

  it("gets an unknown method's error, and goes on", async () => {
    const peer = await dial(unix);
    await assert.rejects(
      peer.call("nonsense", []),
      (error) => error instanceof RpcError && error.method === "nonsense" && error.error === "unknown method",
    );
    await assert.rejects(
      peer.call("get_schema", ["nowhere"]),
      (error) => error instanceof RpcError && /unknown database/.test(error.message),
    );
    await assertAnswers(peer);
  });

  it("exchanges frames of a megabyte", async () => {
    for (const endpoint of [unix, tcp, ssl]) {
      const peer = await dial(endpoint, { tls });
      const texts = ["x".repeat(1_000_000), '𝄞é\\"'.repeat(150_000)];
      const replies = await Promise.all(texts.map((text) => peer.call("echo", [text])));
      assert.ok(replies.every((reply, index) => (reply as readonly Json[])[0] === texts[index]));
    }
  });

  it("keeps integers exact both ways", async () => {
    const peer = await dial(unix);
    const value = 9_223_372_036_854_775_807n;
    const [inserted, selected] = (await peer.call("transact", [
      "OVN_Northbound",
      { op: "insert", table: "NB_Global", row: { nb_cfg: value } },
      { op: "select", table: "NB_Global", where: [], columns: ["nb_cfg"] },
      // NB_Global may have one row, which another test wants to insert.
      { op: "delete", table: "NB_Global", where: [] },
    ])) as readonly [Json, Json];
    assert.ok(inserted);
    assert.deepEqual(selected, { rows: [{ nb_cfg: value }] });
  });

  it("matches replies that overtake a blocked request", async () => {
    const peer = await dial(unix);
    const order: string[] = [];
    const wait = {
      op: "wait",
      table: "DNS",
      where: [],
      columns: ["_uuid"],
      until: "!=",
      rows: [],
      timeout: 5000,
    };
    const blocked = peer.call("transact", ["OVN_Northbound", wait]).then(() => order.push("blocked"));
    await peer.call("echo", []).then(() => order.push("echo"));
    await peer.call("transact", ["OVN_Northbound", { op: "insert", table: "DNS", row: {} }]);
    await blocked;
    assert.deepEqual(order, ["echo", "blocked"]);
  });

  it("joins what is sent in one turn of the event loop into one write", async () => {
    const peer = await dial(unix);
    await assertAnswers(peer);
    let writes = 0;
    const { _write: write, _writev: writev } = Socket.prototype;
    assert.ok(writev !== undefined);
    Socket.prototype._write = function (...args) {
      writes++;
      write.apply(this, args);
    };
    Socket.prototype._writev = function (...args) {
      writes++;
      writev.apply(this, args);
    };
    try {
      const replies = await Promise.all(
        Array.from({ length: 200 }, async (_, number) => {
          // Some send from a promise's callback, later in the same turn.
          if (number % 2 === 1) await Promise.resolve();
          return peer.call("echo", [number]);
        }),
      );
      assert.deepEqual(
        replies,
        replies.map((_, number) => [number]),
      );
      assert.equal(writes, 1);
    } finally {
      Object.assign(Socket.prototype, { _write: write, _writev: writev });
    }
  });

  it("hands to the server what was sent just before close", async () => {
    for (const endpoint of [unix, tcp]) {
      const name = `farewell-${endpoint.kind}`;
      const peer = await dial(endpoint);
      const row = { name };
      const call = peer.call("transact", ["OVN_Northbound", { op: "insert", table: "Logical_Switch", row }]);
      peer.close();
      await assert.rejects(call, ClosedError);
      const reader = await dial(unix);
      const select = {
        op: "select",
        table: "Logical_Switch",
        where: [["name", "==", name]],
        columns: ["name"],
      };
      await until(async () => {
        assert.deepEqual(await reader.call("transact", ["OVN_Northbound", select]), [{ rows: [{ name }] }]);
      });
    }
  });

  it("refuses a string that would cost the connection, and keeps the connection", async () => {
    const peer = await dial(unix);
    await assert.rejects(peer.call("echo", ["\ud834"]), UsageError);
    await assertAnswers(peer);
  });

  it("loses the connection when it is the one to break the rules", async () => {
    const { promise, resolve } = withResolvers<OvsdbError | undefined>();
    const transport = await dialSocket(unix, { signal: AbortSignal.timeout(deadline) });
    const peer = new Peer(transport, { onNotification: () => undefined, onClose: resolve });
    peers.push(peer);
    const call = peer.call("list_dbs", []);
    // The member that jsonrpc-lite would add; the reason why message.ts takes it off.
    transport.send('{"jsonrpc":"2.0","id":"x","method":"list_dbs","params":[]}');
    await Promise.allSettled([call]);
    assert.ok((await promise) instanceof ConnectionLostError);
  });

  it("answers the server's probes, so that an idle TCP connection lives on", async () => {
    const probe = 200;
    const port = await freePort();
    const row = { target: `ptcp:${port}:[::1]`, inactivity_probe: probe };
    await (await dial(unix)).call("transact", [
      "OVN_Northbound",
      { op: "insert", table: "Connection", row, "uuid-name": "probing" },
      { op: "insert", table: "NB_Global", row: { connections: ["named-uuid", "probing"] } },
    ]);
    const peer = await until(() => dial({ ...tcp, port }));
    const start = performance.now();
    // The server asks after one interval of silence and hangs up after the next if it gets no answer.
    await until(() => assert.ok(peer.lastReceivedAt > start + 4 * probe));
    await assertAnswers(peer);
  });

  describe("TLS", () => {
    it("calls with files and with contents", async () => {
      await assertAnswers(await dial(ssl, { tls }));
      const contents = {
        ca: readFileSync(tls.caFile ?? "", "utf8"),
        cert: readFileSync(tls.certFile ?? ""),
        key: readFileSync(tls.keyFile ?? ""),
      };
      await assertAnswers(await dial(ssl, { tls: contents }));
    });

    it("refuses a server whose authority it was not given", async () => {
      await assert.rejects(
        dial(ssl, { tls: { ...tls, caFile: join(directory, "other-ca.pem") } }),
        (error) => error instanceof TlsError && error.message.includes(`ssl:[::1]:${ssl.port}`),
      );
    });

    it("refuses it also where the environment says to trust everyone", async () => {
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      try {
        await assert.rejects(
          dial(ssl, { tls: { ...tls, caFile: join(directory, "other-ca.pem") } }),
          TlsError,
        );
      } finally {
        delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      }
    });

    it("checks the host name only when asked", async () => {
      await assert.rejects(dial(ssl, { tls: { ...tls, verifyHostname: true } }), TlsError);
      await assertAnswers(await dial(ssl, { tls: { ...tls, verifyHostname: false } }));
    });

    it("reports a client certificate that is missing or not trusted as TLS's failure", async () => {
      const { caFile = "" } = tls;
      const untrusted = {
        caFile,
        certFile: join(directory, "other-ca.pem"),
        keyFile: join(directory, "other-ca-key.pem"),
      };
      // Several times, as whether the server's reason can still be read is a race.
      for (const wrong of [{ caFile }, untrusted, { caFile }, untrusted, { caFile }, untrusted]) {
        await assert.rejects(
          dial(ssl, { tls: wrong }).then((peer) => peer.call("list_dbs", [])),
          (error) => error instanceof TlsError,
        );
      }
    });

    it("names a file that cannot be read, and refuses what contradicts itself", async () => {
      await assert.rejects(
        dial(ssl, { tls: { ...tls, keyFile: join(directory, "nowhere.pem") } }),
        (error) => error instanceof TlsError && /keyFile.*nowhere\.pem/.test(error.message),
      );
      await assert.rejects(dial(ssl, { tls: { ...tls, ca: "x" } }), UsageError);
      await assert.rejects(dial(ssl, { tls: { certFile: tls.certFile ?? "" } }), UsageError);
      await assert.rejects(dial(ssl, { tls: { ca: "x", cert: "no", key: "pem" } }), TlsError);
    });

    it("reads the files anew at each dial", async () => {
      const file = join(directory, "rotating.pem");
      const rotating = { ...tls, caFile: file };
      for (const [source, works] of [
        ["other-ca.pem", false],
        ["ca.pem", true],
      ] as const) {
        writeFileSync(`${file}.new`, readFileSync(join(directory, source)));
        renameSync(`${file}.new`, file);
        const outcome = await dial(ssl, { tls: rotating })
          .then(assertAnswers)
          .then(
            () => true,
            () => false,
          );
        assert.equal(outcome, works);
      }
    });

    it("says TLS of a server that does not speak it", async () => {
      await assert.rejects(
        dial({ ...ssl, port: tcp.port }, { tls }),
        (error) => error instanceof TlsError || (error instanceof EndpointError && error.retryable),
      );
    });
  });

  describe("a dial", () => {
    it("that is refused names the endpoint and is worth another try", async () => {
      const nowhere: readonly Endpoint[] = [
        { kind: "unix", path: join(directory, "nowhere.sock") },
        { kind: "tcp", host: "localhost", port: await freePort() },
        { kind: "ssl", host: "::1", port: await freePort() },
      ];
      for (const endpoint of nowhere) {
        await assert.rejects(
          dial(endpoint, { tls }),
          (error) =>
            error instanceof EndpointError && error.retryable && error.message.includes(error.endpoint),
        );
      }
    });

    it("ends with the signal's reason, before and while it is under way", async () => {
      // It takes connections and says nothing, so that a TLS handshake never ends.
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, "::1", resolve));
      try {
        const address = silent.address();
        assert.ok(typeof address === "object" && address !== null);
        const endpoint = { ...ssl, port: address.port };
        const reason = new Error("enough");
        await assert.rejects(
          dialSocket(endpoint, { signal: AbortSignal.abort(reason) }),
          (error) => error === reason,
        );
        const controller = new AbortController();
        const dialled = dialSocket(endpoint, { signal: controller.signal, tls });
        silent.once("connection", () => controller.abort(reason));
        await assert.rejects(dialled, (error) => error === reason);
      } finally {
        silent.close();
      }
    });
  });

  // Mocha runs suites after the tests beside them, in order: this one is last, as it takes the server away.
  describe("a server that is killed", () => {
    it("loses every connection, and nothing is left pending", async () => {
      const ends: (OvsdbError | undefined)[] = [];
      const opened = await Promise.all(
        [unix, tcp, ssl].map((endpoint) => dial(endpoint, { tls, onClose: (error) => ends.push(error) })),
      );
      await Promise.all(opened.map(assertAnswers));
      const wait = { op: "wait", table: "Meter", where: [], columns: ["_uuid"], until: "!=", rows: [] };
      const calls = Promise.allSettled(opened.map((peer) => peer.call("transact", ["OVN_Northbound", wait])));
      server.kill("SIGKILL");
      for (const outcome of await calls) {
        assert.ok(outcome.status === "rejected" && outcome.reason instanceof ConnectionLostError);
      }
      assert.equal(ends.length, 3);
      assert.ok(ends.every((error) => error instanceof ConnectionLostError));
      assert.ok(opened.every((peer) => peer.pending === 0 && peer.closed));
    });
  });
});

function whatIsMissing(): string | undefined {
  for (const [program, flag] of [
    ["ovsdb-server", "--version"],
    ["ovsdb-tool", "--version"],
    ["openssl", "version"],
  ] as const) {
    try {
      execFileSync(program, [flag], { stdio: "ignore" });
    } catch {
      return program;
    }
  }
  return existsSync(schemaFile) ? undefined : schemaFile;
}

/** Two authorities, and a server's and a client's certificate of the first; they carry a common name only, as OVN's often do. */
function makeCertificates(directory: string): void {
  const openssl = (...args: string[]): unknown =>
    execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  for (const name of ["ca", "other-ca"]) {
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      `${name}-key.pem`,
      "-out",
      `${name}.pem`,
      "-subj",
      `/CN=${name}`,
      "-days",
      "2",
    );
  }
  for (const name of ["server", "client"]) {
    openssl(
      "req",
      "-new",
      ...key,
      "-keyout",
      `${name}-key.pem`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca-key.pem",
      "-CAcreateserial",
      "-out",
      `${name}.pem`,
      "-days",
      "2",
    );
  }
}

/** A port nobody listens on just now. */
function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "::1", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}

/** Tries until it no longer throws; after the deadline the last error is the test's. */
async function until<T>(attempt: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
