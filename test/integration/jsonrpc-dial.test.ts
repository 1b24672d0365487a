import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  dialSocket,
  type Endpoint,
  EndpointError,
  type Peer,
  TlsError,
  UsageError,
} from "../../lib/jsonrpc/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { projectRoot } from "../support/project.ts";
import { freePort, RawServer } from "../support/raw-server.ts";

describe("dialling a real ovsdb-server", () => {
  let server: RawServer;

  before(async function () {
    server = await RawServer.start(this);
  });

  afterEach(() => server.closePeers());

  after(() => server?.stop());

  describe("TLS", () => {
    it("calls with files and with contents", async () => {
      await assertAnswers(await server.dial(server.ssl, { tls: server.tls }));
      const contents = {
        ca: readFileSync(server.tls.caFile ?? "", "utf8"),
        cert: readFileSync(server.tls.certFile ?? ""),
        key: readFileSync(server.tls.keyFile ?? ""),
      };
      await assertAnswers(await server.dial(server.ssl, { tls: contents }));
    });

    it("refuses a server whose authority it was not given", async () => {
      await assert.rejects(
        server.dial(server.ssl, { tls: { ...server.tls, caFile: server.file("other-ca.pem") } }),
        (error) => error instanceof TlsError && error.message.includes(`ssl:[::1]:${server.ssl.port}`),
      );
    });

    it("refuses it also where the environment says to trust everyone", async () => {
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      try {
        await assert.rejects(
          server.dial(server.ssl, { tls: { ...server.tls, caFile: server.file("other-ca.pem") } }),
          TlsError,
        );
      } finally {
        delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      }
    });

    it("checks the host name only when asked", async () => {
      await assert.rejects(
        server.dial(server.ssl, { tls: { ...server.tls, verifyHostname: true } }),
        TlsError,
      );
      await assertAnswers(await server.dial(server.ssl, { tls: { ...server.tls, verifyHostname: false } }));
    });

    it("reports a client certificate that is missing or not trusted as TLS's failure", async () => {
      const { caFile = "" } = server.tls;
      const untrusted = {
        caFile,
        certFile: server.file("other-ca.pem"),
        keyFile: server.file("other-ca-key.pem"),
      };
      // Several times, as whether the server's reason can still be read is a race.
      for (const wrong of [{ caFile }, untrusted, { caFile }, untrusted, { caFile }, untrusted]) {
        await assert.rejects(
          server.dial(server.ssl, { tls: wrong }).then((peer) => peer.call("list_dbs", [])),
          (error) => error instanceof TlsError,
        );
      }
    });

    it("names a file that cannot be read, and refuses what contradicts itself", async () => {
      await assert.rejects(
        server.dial(server.ssl, { tls: { ...server.tls, keyFile: server.file("nowhere.pem") } }),
        (error) => error instanceof TlsError && /keyFile.*nowhere\.pem/.test(error.message),
      );
      await assert.rejects(server.dial(server.ssl, { tls: { ...server.tls, ca: "x" } }), UsageError);
      await assert.rejects(
        server.dial(server.ssl, { tls: { certFile: server.tls.certFile ?? "" } }),
        UsageError,
      );
      await assert.rejects(server.dial(server.ssl, { tls: { ca: "x", cert: "no", key: "pem" } }), TlsError);
    });

    it("reads the files anew at each dial", async () => {
      const file = server.file("rotating.pem");
      const rotating = { ...server.tls, caFile: file };
      for (const [source, works] of [
        ["other-ca.pem", false],
        ["ca.pem", true],
      ] as const) {
        writeFileSync(`${file}.new`, readFileSync(server.file(source)));
        renameSync(`${file}.new`, file);
        const outcome = await server
          .dial(server.ssl, { tls: rotating })
          .then(assertAnswers)
          .then(
            () => true,
            () => false,
          );
        assert.equal(outcome, works);
      }
    });

    it("stops reading a file that has no end when the time is over", async () => {
      const signal = AbortSignal.timeout(200);
      const tls = { ...server.tls, caFile: "/dev/zero" };
      await assert.rejects(dialSocket(server.ssl, { signal, tls }), (error) => error === signal.reason);
    });

    it("reads a key that comes through a pipe", async () => {
      const pipe = server.file("key.pipe");
      await runProgram("mkfifo", [pipe]);
      const dialled = server.dial(server.ssl, { tls: { ...server.tls, keyFile: pipe } });
      // Who writes waits for who reads.
      await writeFile(pipe, readFileSync(server.file("client-key.pem")));
      await assertAnswers(await dialled);
    });

    // A read that goes on would keep the program from its end.
    for (const [what, file] of [
      ["a pipe that nobody writes to", "idle.pipe"],
      ["a device without an end", "/dev/zero"],
    ] as const)
      it(`lets a program end whose key is ${what}`, async () => {
        const keyFile = resolve(server.directory, file);
        if (!existsSync(keyFile)) await runProgram("mkfifo", [keyFile]);
        const dial = async (milliseconds: number, caFile: string): Promise<string> => {
          const tls = { ...server.tls, keyFile, caFile };
          const program = `
            import { dialSocket } from ${JSON.stringify(pathToFileURL(join(projectRoot, "build/lib/jsonrpc/index.js")))};
            const signal = AbortSignal.timeout(${milliseconds});
            const dialled = dialSocket(${JSON.stringify(server.ssl)}, { signal, tls: ${JSON.stringify(tls)} });
            await dialled.catch(({ name, message }) => console.log(name, message));`;
          return runProgram(process.execPath, ["--input-type=module", "--eval", program]);
        };
        assert.match(
          await dial(3_600_000, server.file("nowhere.pem")),
          /^TlsError cannot read caFile: .*nowhere\.pem'\n$/,
        );
        assert.match(await dial(200, server.tls.caFile ?? ""), /^TimeoutError /);
      });

    it("says TLS of a server that does not speak it", async () => {
      await assert.rejects(
        server.dial({ ...server.ssl, port: server.tcp.port }, { tls: server.tls }),
        (error) => error instanceof TlsError || (error instanceof EndpointError && error.retryable),
      );
    });
  });

  describe("a dial", () => {
    it("that is refused names the endpoint and is worth another try", async () => {
      const nowhere: readonly Endpoint[] = [
        { kind: "unix", path: server.file("nowhere.sock") },
        { kind: "tcp", host: "localhost", port: await freePort() },
        { kind: "ssl", host: "::1", port: await freePort() },
      ];
      for (const endpoint of nowhere) {
        await assert.rejects(
          server.dial(endpoint, { tls: server.tls }),
          (error) =>
            error instanceof EndpointError && error.retryable && error.message.includes(error.endpoint),
        );
      }
    });

    it("that Node.js does not permit is worth no other try", async () => {
      const flag = process.allowedNodeEnvironmentFlags.has("--permission")
        ? "--permission"
        : "--experimental-permission";
      // Before Node.js 25 files need a permission and sockets do not; the folder of a long path is opened as a file.
      const path = join(server.directory, "x".repeat(100), "nowhere.sock");
      const program = `
        import { dialSocket } from ${JSON.stringify(pathToFileURL(join(projectRoot, "build/lib/jsonrpc/index.js")))};
        const { signal } = new AbortController();
        const dialled = dialSocket({ kind: "unix", path: ${JSON.stringify(path)} }, { signal });
        await dialled.catch(({ code, retryable, cause }) => console.log(code, retryable, cause.code));`;
      const flags = ["--no-warnings", flag, `--allow-fs-read=${projectRoot}/*`, "--input-type=module"];
      assert.equal(
        await runProgram(process.execPath, [...flags, "--eval", program]),
        "ERR_ENDPOINT false ERR_ACCESS_DENIED\n",
      );
    });

    it("gives what came before start, each chunk in memory of its own, and the end", async () => {
      const talker = createServer();
      await new Promise<void>((resolve) => talker.listen(0, "::1", resolve));
      try {
        const accepted = once(talker, "connection") as Promise<[Socket]>;
        const { signal } = new AbortController();
        const transport = await dialSocket(endpointOf(talker), { signal });
        const [socket] = await accepted;
        await new Promise<void>((resolve) => socket.write("early", () => resolve()));
        const chunks: Uint8Array[] = [];
        const ended = new Promise<Error | undefined>((resolve) => {
          transport.start({
            onData: (chunk) => {
              chunks.push(chunk);
              if (chunks.length === 1) socket.write("later");
              else socket.end();
            },
            onClose: resolve,
          });
        });
        assert.equal(await ended, undefined);
        assert.deepEqual(
          chunks.map((chunk) => Buffer.from(chunk).toString()),
          ["early", "later"],
        );
      } finally {
        talker.close();
      }
    });

    it("counts what is to be sent at once, and tells when all of that has left", async () => {
      const talker = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => talker.listen(0, "::1", resolve));
      try {
        const transport = await dialSocket(endpointOf(talker), { signal: new AbortController().signal });
        const ended = new Promise((resolve) => {
          transport.start({ onData: () => undefined, onClose: resolve });
        });
        transport.send("x".repeat(1000));
        transport.send("y");
        assert.equal(transport.writableLength, 1001);
        assert.equal(
          await new Promise((resolve) => {
            transport.onDrained?.(() => resolve(transport.writableLength));
          }),
          0,
        );
        transport.send("x");
        assert.equal(transport.writableLength, 1);
        transport.send("y".repeat(32_767));
        assert.equal(transport.writableLength, 0, "what is much leaves at once, with what was before it");
        transport.close();
        await ended;
      } finally {
        talker.close();
      }
    });

    it("asks the port no more what it speaks when the connection is closed", async () => {
      // It hangs up on the first, and says nothing to who wants to know whether it speaks TLS.
      const talker = createServer();
      await new Promise<void>((resolve) => talker.listen(0, "::1", resolve));
      try {
        const accepted = once(talker, "connection") as Promise<[Socket]>;
        const transport = await dialSocket(endpointOf(talker), { signal: new AbortController().signal });
        const [first] = await accepted;
        first.once("data", () => first.end());
        const asked = once(talker, "connection");
        let closed = false;
        transport.start({
          onData: () => undefined,
          onClose: () => {
            closed = true;
          },
        });
        transport.send("{}");
        await asked;
        assert.equal(closed, false);
        transport.close();
        await nextTurn();
        assert.equal(closed, true);
      } finally {
        talker.close();
      }
    });

    it("ends with the signal's reason, before and while it is under way", async () => {
      // It takes connections and says nothing, so that a TLS handshake never ends.
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, "::1", resolve));
      try {
        const endpoint = { ...server.ssl, port: endpointOf(silent).port };
        const reason = new Error("enough");
        await assert.rejects(
          dialSocket(endpoint, { signal: AbortSignal.abort(reason) }),
          (error) => error === reason,
        );
        const controller = new AbortController();
        const dialled = dialSocket(endpoint, { signal: controller.signal, tls: server.tls });
        silent.once("connection", () => controller.abort(reason));
        await assert.rejects(dialled, (error) => error === reason);
      } finally {
        silent.close();
      }
    });
  });
});

function endpointOf(listening: Server): { kind: "tcp"; host: string; port: number } {
  const address = listening.address();
  assert.ok(typeof address === "object" && address !== null);
  return { kind: "tcp", host: "::1", port: address.port };
}

async function assertAnswers(peer: Peer): Promise<void> {
  assert.deepEqual(await peer.call("list_dbs", []), ["OVN_Northbound", "_Server"]);
}
