import type { BackendKind, FakeMultinodeOptions, RunOptions } from "../../lib/testing/index.ts";
import { FakeMultinode, probeMultinode } from "../../lib/testing/index.ts";
import { describeUnlessImpossible } from "./describe-with-ovn.ts";
import { waitFor } from "./wait-for.ts";

// For running all tests on another backend than the usual one.
export const backend = (process.env["OVN_MULTINODE_BACKEND"] ?? "auto") as "auto" | BackendKind;
const probe = await probeMultinode({ backend });

/** As `describeWithOvn`, for tests that need whole clusters with packets. */
export function describeWithCluster(title: string, body: () => void): void {
  describeUnlessImpossible(title, body, probe.possible ? undefined : probe.reason);
}

/** Gives the cluster of the running suite. */
export interface ClusterHandle {
  readonly cluster: FakeMultinode;
}

/**
 * Starts one cluster before the tests of the surrounding `describeWithCluster` and takes it down after them. When a test
 * fails, the ends of all logs are printed.
 */
export function useCluster(options: FakeMultinodeOptions): ClusterHandle {
  let cluster: FakeMultinode | undefined;
  before(async () => {
    cluster = await FakeMultinode.up({ backend, ...options });
  });
  afterEach(function (this: Mocha.Context) {
    if (this.currentTest?.state === "failed") {
      process.stderr.write(`${cluster?.logs() ?? "no cluster"}\n`);
    }
  });
  after(async () => {
    await cluster?.down();
    cluster = undefined;
  });
  return {
    get cluster(): FakeMultinode {
      if (cluster === undefined) {
        throw new Error("the cluster exists only while tests and their hooks run");
      }
      return cluster;
    },
  };
}

/** Something in a cluster that runs programs: a node, a pod, a physical host. */
export interface Place {
  readonly name: string;
  exec(command: string, args?: readonly string[], options?: RunOptions): Promise<string>;
}

/** The ttl of an answer to a ping; waits for one, as first packets may be lost while addresses are resolved. */
export async function ping(from: Place, to: string, timeout = 30_000): Promise<number> {
  const output = await waitFor(() => from.exec("ping", ["-n", "-c1", "-W1", to]), {
    what: `${from.name} reaches ${to}`,
    timeout,
  });
  return Number(/(?:ttl|hlim)=(\d+)/.exec(output)?.[1]);
}

/** Whether three pings in a row stay without any answer. */
export async function isUnreachable(from: Place, to: string): Promise<boolean> {
  const output = await from.exec("sh", ["-c", `ping -n -c3 -i0.2 -W1 ${to} 2>&1 || true`]);
  return !output.includes("bytes from");
}

/** Whether a connection is refused: the path is there, and nothing listens. A policy lets it time out instead. */
export async function isRefused(from: Place, to: string, port: number): Promise<boolean> {
  const client = `require("net").connect(${port}, "${to}").setTimeout(2000)
    .on("connect", () => process.exit(2)).on("timeout", () => process.exit(3))
    .on("error", (error) => { console.log(error.code); process.exit(0); })`;
  const output = await from.exec("sh", ["-c", `"$0" -e "$1" || true`, process.execPath, client]);
  return output.trim() === "ECONNREFUSED";
}

/**
 * Lets a physical host find a primary network's masquerade address behind a node's gateway router. On a node of Kubernetes
 * ovnkube-node puts the node's own address in its place, with flows of the node's bridge that are no business of the
 * northbound database.
 */
export async function masqueradeBehind(host: Place, router: string): Promise<void> {
  const subnet = router.includes(":") ? "fd69::/112" : "169.254.0.0/17";
  await host.exec("ip", ["route", "replace", subnet, "via", router]);
}

/**
 * The first frame on an interface that a pcap-filter(7) fits, as tcpdump(8) prints it with link headers; `traffic` is
 * repeated until there is one.
 */
export async function seenOnWire(
  place: Place,
  device: string,
  filter: string,
  traffic: () => Promise<unknown>,
): Promise<string> {
  let line: string | undefined;
  const args = ["-c1", "-nnel", "-i", device, ...filter.split(" ")];
  const capture = place.exec("tcpdump", args, { timeout: 60_000 }).then((text) => {
    line = text.trim();
  });
  await Promise.race([
    capture,
    waitFor(
      async () => {
        await traffic().catch(() => {});
        return line;
      },
      { timeout: 61_000, what: `"${filter}" on ${device} of ${place.name}` },
    ),
  ]);
  await capture;
  return line ?? "";
}

// Only the kernels' TCP is of interest, so both ends are the program that is there anyway.
const tcpServer = `
const server = require("net").createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.pipe(socket);
});
server.listen(Number(process.argv[1]), "::");
`;
const tcpClient = `
const [port, host] = process.argv.slice(1);
const text = "x".repeat(200_000);
const socket = require("net").connect(Number(port), host, () => socket.end(text));
let size = 0;
const fail = (why) => { console.error(why + ", " + size + " bytes came back"); process.exit(1); };
socket.on("data", (chunk) => (size += chunk.length));
socket.on("error", (error) => fail(error.message));
socket.on("close", () => (size === text.length ? process.exit(0) : fail("closed")));
setTimeout(() => fail("no end after 3 s"), 3000);
`;

/** Sends 200 kB over TCP to `address` in `to`, and has them sent back. */
export async function tcpEcho(from: Place, to: Place, address: string, port = 8080): Promise<void> {
  const done = new AbortController();
  const serving = to.exec(process.execPath, ["-e", tcpServer, String(port)], { signal: done.signal });
  const ended = serving.then(
    () => undefined,
    (error: unknown) => (done.signal.aborted ? undefined : error),
  );
  try {
    await waitFor(
      async () => {
        await from.exec(process.execPath, ["-e", tcpClient, String(port), address]);
        return true;
      },
      {
        what: `${from.name} gets all bytes back from ${to.name}, ${address} port ${port}`,
        timeout: 60_000,
        interval: 50,
      },
    );
  } finally {
    done.abort();
    const error = await ended;
    if (error !== undefined) process.stderr.write(`the server in ${to.name}: ${String(error)}\n`);
  }
}
