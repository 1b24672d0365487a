import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dialSocket,
  type Endpoint,
  type OvsdbError,
  Peer,
  type TlsOptions,
} from "../../lib/jsonrpc/index.ts";
import { waitFor } from "./wait-for.ts";

const schemaFile = "/usr/share/ovn/ovn-nb.ovsschema";

/** Milliseconds that anything in these tests may take. */
export const deadline = 30_000;
/** Milliseconds of silence after which the server probes on the `probing` remote; its default would be 5 s. */
export const probeInterval = 600;

/** An address over TCP, with or without TLS. */
export type AddressEndpoint = Exclude<Endpoint, { kind: "unix" }>;

/**
 * A bare ovsdb-server with an empty northbound database, listening on a Unix socket and, on [::1], on TCP and TLS.
 *
 * The sandbox of lib/testing listens on a Unix socket alone, and these tests want every kind of remote and to kill the server.
 */
export class RawServer {
  readonly directory: string;
  readonly unix: Endpoint;
  readonly tcp: AddressEndpoint;
  readonly probing: AddressEndpoint;
  readonly ssl: AddressEndpoint;
  readonly tls: TlsOptions;
  readonly #process: ChildProcess;
  readonly #peers: Peer[] = [];

  /** Starts a server; where a program is missing, skips the suite and says why, or fails in CI. */
  static async start(context: Mocha.Context): Promise<RawServer> {
    const missing = whatIsMissing();
    if (missing !== undefined) {
      if (process.env["CI"]) throw new Error(`cannot run without ${missing}`);
      console.warn(`skipped: this machine has no ${missing}`);
      context.skip();
    }
    const [tcp, probing, ssl] = await Promise.all([freePort(), freePort(), freePort()]);
    const server = new RawServer(tcp, probing, ssl);
    try {
      // All remotes listen before the server does anything else, so one that answers means that all do.
      await waitFor(async () => (await server.dial(server.unix)).call("list_dbs", []), { timeout: deadline });
    } catch (error) {
      server.stop();
      throw error;
    }
    return server;
  }

  private constructor(tcp: number, probing: number, ssl: number) {
    this.directory = mkdtempSync(join(tmpdir(), "jsonrpc-"));
    this.unix = { kind: "unix", path: this.file("nb.sock") };
    this.tcp = { kind: "tcp", host: "::1", port: tcp };
    this.probing = { kind: "tcp", host: "::1", port: probing };
    this.ssl = { kind: "ssl", host: "::1", port: ssl };
    this.tls = {
      caFile: this.file("ca.pem"),
      certFile: this.file("client.pem"),
      keyFile: this.file("client-key.pem"),
    };
    makeCertificates(this.directory);
    execFileSync("ovsdb-tool", ["create", this.file("nb.db"), schemaFile]);
    const row = { target: `ptcp:${probing}:[::1]`, inactivity_probe: probeInterval };
    const operations = [
      { op: "insert", table: "Connection", row, "uuid-name": "probing" },
      { op: "insert", table: "NB_Global", row: { connections: ["named-uuid", "probing"] } },
    ];
    const transaction = JSON.stringify(["OVN_Northbound", ...operations]);
    execFileSync("ovsdb-tool", ["transact", this.file("nb.db"), transaction]);
    this.#process = spawn(
      "ovsdb-server",
      [
        this.file("nb.db"),
        `--remote=punix:${this.file("nb.sock")}`,
        "--remote=db:OVN_Northbound,NB_Global,connections",
        `--remote=ptcp:${tcp}:[::1]`,
        `--remote=pssl:${ssl}:[::1]`,
        `--private-key=${this.file("server-key.pem")}`,
        `--certificate=${this.file("server.pem")}`,
        `--ca-cert=${this.file("ca.pem")}`,
        `--unixctl=${this.file("ctl")}`,
        `--log-file=${this.file("log")}`,
        "-vconsole:off",
      ],
      { stdio: "ignore" },
    );
  }

  /** Path of a file in the server's directory. */
  file(name: string): string {
    return join(this.directory, name);
  }

  async dial(
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
    this.#peers.push(peer);
    return peer;
  }

  /** Closes every peer that was dialled so far. */
  closePeers(): void {
    for (const peer of this.#peers.splice(0)) peer.close();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  stop(): void {
    this.closePeers();
    this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A port nobody listens on just now. */
export function freePort(): Promise<number> {
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
