import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ask } from "../../lib/testing/control.ts";
import type { DatabaseServer } from "../../lib/testing/index.ts";
import { podPortName } from "../../lib/topology/naming/names.ts";
import { projectRoot } from "./project.ts";
import { waitFor } from "./wait-for.ts";

const nad = "default/kept";
const node = "n1";

/** `examples/controller.ts` as a process of its own, with a folder of manifests to keep. */
export class ExampleController implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "ovn-controller-"));
  /** What it has logged, over all its starts. */
  readonly lines: string[] = [];
  readonly #remotes: string;
  #child: ChildProcess | undefined;
  #ended: Promise<number | string> = Promise.resolve("never started");

  constructor(remotes: string) {
    this.#remotes = remotes;
    const config = { name: "kept", type: "ovn-k8s-cni-overlay", topology: "layer2", subnets: "10.9.0.0/16" };
    this.#write("network", {
      apiVersion: "k8s.cni.cncf.io/v1",
      kind: "NetworkAttachmentDefinition",
      metadata: { name: "kept", namespace: "default" },
      spec: { config: JSON.stringify({ cniVersion: "0.3.1", netAttachDefName: nad, ...config }) },
    });
    this.#write("node", { apiVersion: "v1", kind: "Node", metadata: { name: node } });
  }

  /** Starts it, with milliseconds for each apply; it lies compiled beside the tests that `npm test` runs. */
  start(timeout = 60_000): void {
    const child = spawn(process.execPath, [join(projectRoot, "build/examples/controller.js")], {
      env: { ...process.env, OVN_NB_DB: this.#remotes, MANIFESTS: this.folder, APPLY_TIMEOUT: `${timeout}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(line));
    this.#ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? code ?? "unknown"));
    });
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal, and resolves with the exit code, or the signal that ended it. */
  end(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number | string> {
    this.#child?.kill(signal);
    return this.#ended;
  }

  addPod(name: string): void {
    this.#write(`pod-${name}`, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", annotations: { "k8s.v1.cni.cncf.io/networks": nad } },
      spec: { nodeName: node },
    });
  }

  removePod(name: string): void {
    rmSync(join(this.folder, `pod-${name}.json`));
  }

  /** Names of the ports that the manifests ask for, sorted. */
  get wanted(): readonly string[] {
    const pods = readdirSync(this.folder).flatMap((file) => /^pod-(.*)\.json$/.exec(file)?.[1] ?? []);
    return pods.map((name) => portOf(name)).sort();
  }

  /** Resolves when the server has exactly the ports that the manifests ask for, all on the network's switch. */
  async isKept(server: DatabaseServer, timeout = 20_000): Promise<void> {
    const wanted = this.wanted.join();
    const what = `the ports are ${wanted}; logged last: ${this.lines.slice(-5).join("\n")}`;
    await waitFor(async () => (await portsOn(server)).join() === wanted, { timeout, what });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(name: string, manifest: object): void {
    writeFileSync(join(this.folder, `${name}.json`), JSON.stringify(manifest));
  }
}

/** Name of a pod's port. */
export function portOf(pod: string): string {
  return podPortName(nad, "default", pod);
}

/** Makes one transaction behind the controller's back. */
export async function behindItsBack(server: DatabaseServer, ...operations: readonly object[]): Promise<void> {
  await ask(server.socket, "transact", ["OVN_Northbound", ...operations], AbortSignal.timeout(30_000));
}

/** Names of the ports with an address that are on some switch, sorted: a port on two of them would be named twice. */
async function portsOn(server: DatabaseServer): Promise<readonly string[]> {
  const select = (table: string, columns: readonly string[]): object => ({
    op: "select",
    table,
    where: [],
    columns,
  });
  const operations = [
    select("Logical_Switch", ["ports"]),
    select("Logical_Switch_Port", ["_uuid", "name", "addresses"]),
  ];
  const params = ["OVN_Northbound", ...operations];
  const reply = await ask(server.socket, "transact", params, AbortSignal.timeout(30_000));
  const [switches, ports] = reply as readonly {
    readonly rows: readonly { readonly [column: string]: unknown }[];
  }[];
  const used = JSON.stringify(switches);
  return (ports?.rows ?? [])
    .flatMap(({ _uuid: uuid, name, addresses }) => {
      const times = used.split(JSON.stringify(uuid)).length - 1;
      return /10\.9\.\d+\.\d+/.test(String(addresses))
        ? Array.from({ length: times }, () => String(name))
        : [];
    })
    .sort();
}
