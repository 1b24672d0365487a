import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../control.ts";
import { SandboxError } from "../errors.ts";
import { pollUntil } from "../poll.ts";
import { Reaper } from "../reaper.ts";
import type { RunOptions } from "../run-program.ts";
import { runProgram } from "../run-program.ts";
import { makeSandboxDirectory, removeSandboxDirectory } from "../sandbox-directory.ts";
import type { TlsFiles } from "../tls-material.ts";
import { makeSharedTlsFiles } from "../tls-material.ts";
import type { Backend, BackendKind } from "./backend.ts";
import { databaseSocket, startCentral, startRelay, underlayRemote } from "./central.ts";
import type { ChassisSettings } from "./chassis.ts";
import { startChassis } from "./chassis.ts";
import { ContainerHost } from "./container-host.ts";
import type { ClusterContext } from "./fake-node.ts";
import { FakeNode } from "./fake-node.ts";
import { inParallel } from "./in-parallel.ts";
import type { EnterCommand } from "./left-running.ts";
import { enterLeftRunning, noteLeftRunning, stopLeftRunning } from "./left-running.ts";
import { NamespaceHost } from "./namespace-host.ts";
import type { ClusterPlan, Datapath, FakeMultinodeOptions, NodeKind } from "./options.ts";
import { checkName, planCluster } from "./options.ts";
import type { PhysicalHost, PhysicalHostOptions } from "./physical-host.ts";
import { startPhysicalHost } from "./physical-host.ts";
import type { PodOptions } from "./pod.ts";
import { Pod } from "./pod.ts";
import type { Machine } from "./probe.ts";
import { probeMachine } from "./probe.ts";
import { partitionBridge, underlayBridge, underlayPort, wiringScript } from "./wiring.ts";

// More would only wait for the processors.
const parallelStarts = 8;

/**
 * A whole OVN cluster on this machine: nodes, pods and machines of an external network, each in a network namespace
 * or a container and joined by real links, with OVN's and Open vSwitch's own daemons.
 *
 * ```ts
 * await using cluster = await FakeMultinode.up({ chassis: ["work001", "work002"] });
 * const nb = await connectNorthbound(cluster.northbound);
 * // ... make a switch with the ports "a" and "b" ...
 * const a = await cluster.addPod("work001", { port: "a", mac: "0a:00:00:00:00:01", addresses: ["10.0.0.1/24"] });
 * await cluster.addPod("work002", { port: "b", mac: "0a:00:00:00:00:02", addresses: ["10.0.0.2/24"] });
 * await a.exec("ping", ["-c1", "10.0.0.2"]);
 * ```
 *
 * Everything ends with {@link down}, with `await using`, or when this process dies, however it dies. Root is not needed
 * where user namespaces are allowed and /dev/net/tun may be used. With KEEP_SANDBOX=1 in the environment the directory
 * with databases and logs stays.
 */
export class FakeMultinode implements AsyncDisposable {
  readonly #plan: ClusterPlan;
  readonly #context: ClusterContext;
  readonly #machine: Machine;
  readonly #keys: TlsFiles | undefined;
  readonly #reaper: Reaper;
  readonly #nodes = new Map<string, FakeNode>();
  readonly #pods = new Map<string, Pod>();
  readonly #hosts = new Map<string, PhysicalHost>();
  #interfaces = 0;
  #ending: Promise<void> | undefined;

  private constructor(
    plan: ClusterPlan,
    context: ClusterContext,
    machine: Machine,
    keys: TlsFiles | undefined,
    reaper: Reaper,
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#machine = machine;
    this.#keys = keys;
    this.#reaper = reaper;
    for (const node of plan.nodes) {
      this.#nodes.set(node.name, new FakeNode(context, node));
    }
  }

  /**
   * Starts a cluster; resolves when every chassis is registered in the southbound database.
   *
   * @throws MissingProgramsError naming what to install; SandboxError for options that cannot be, for a machine on which
   *   no cluster is possible, or when something does not become ready, with the ends of the logs; the signal's reason.
   *   Nothing is left behind then.
   */
  static async up(options: FakeMultinodeOptions = {}): Promise<FakeMultinode> {
    const plan = planCluster(options);
    const machine = await probeMachine(options, plan.tls ? ["openssl"] : []);
    options.signal?.throwIfAborted();
    const directory = makeSandboxDirectory(options.parentDirectory);
    // First of all, so that there is no moment in which dying would leave something behind.
    const reaper = new Reaper(directory, plan.keep);
    mkdirSync(join(directory, "pids"));
    let host: Backend | undefined;
    let cluster: FakeMultinode | undefined;
    try {
      const keys = plan.tls ? await makeSharedTlsFiles(directory) : undefined;
      host =
        machine.engine === undefined
          ? await NamespaceHost.start(directory, machine.userNamespace)
          : await ContainerHost.start(directory, machine.engine, options.mounts ?? []);
      const { timeout } = plan;
      const env = { OVN_NB_DAEMON: undefined, OVN_SB_DAEMON: undefined };
      const context = { host, directory, timeout, signal: options.signal, env };
      cluster = new FakeMultinode(plan, context, machine, keys, reaper);
      await cluster.#start();
      return cluster;
    } catch (error) {
      const logs = cluster?.logs() ?? "";
      await host?.stop();
      await endDirectory(directory, plan, reaper);
      options.signal?.throwIfAborted();
      if (error instanceof SandboxError && logs !== "") {
        throw new SandboxError(`${error.message}\n${logs}`, { cause: error });
      }
      throw error;
    }
  }

  /** The private directory; every node has a folder in it. */
  get directory(): string {
    return this.#context.directory;
  }

  /** How packets are switched. */
  get datapath(): Datapath {
    return this.#machine.datapath;
  }

  /** What its nodes are. */
  get backend(): BackendKind {
    return this.#context.host.kind;
  }

  /** Whether it runs in a user namespace. */
  get rootless(): boolean {
    return this.#machine.userNamespace;
  }

  /** Where programs on this machine reach the northbound database: unix sockets, one for each central node. */
  get northbound(): string {
    return this.#unixRemote("northbound");
  }

  /** Where programs on this machine reach the southbound database. */
  get southbound(): string {
    return this.#unixRemote("southbound");
  }

  /** Files with the keys that the databases take, with `tls`; else undefined. */
  get keys(): TlsFiles | undefined {
    return this.#keys;
  }

  /** What programs in nodes dial to reach a database over the underlay: "tcp:" or "ssl:" for each central node. */
  underlayRemote(database: "northbound" | "southbound"): string {
    return underlayRemote(this.nodes("central"), database, this.#keys);
  }

  /** The nodes, or those of one kind. */
  nodes(kind?: NodeKind): readonly FakeNode[] {
    return [...this.#nodes.values()].filter((node) => kind === undefined || node.kind === kind);
  }

  /** A node by its name. @throws SandboxError when there is none of that name. */
  node(name: string): FakeNode {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      throw new SandboxError(`no node "${name}" (there are: ${[...this.#nodes.keys()].join(", ")})`);
    }
    return node;
  }

  /** The pods that are there now. */
  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  /**
   * Adds a pod on a chassis or gateway, with an interface that is bound to a logical port.
   *
   * @throws SandboxError when the port is not bound in time, for instance since there is no such logical port.
   */
  async addPod(node: string, options: PodOptions): Promise<Pod> {
    const place = this.node(node);
    if (place.kind === "central" || place.kind === "relay") {
      throw new SandboxError(`${node} is no chassis`);
    }
    const name = options.name ?? options.port;
    this.#claimName(name);
    const pod = new Pod(name, {
      context: this.#context,
      node: place,
      datapath: this.datapath,
      nextInterface: () => this.#nextInterface("p"),
      onRemove: () => void this.#pods.delete(name),
    });
    this.#pods.set(name, pod);
    await pod.addInterface(options);
    return pod;
  }

  /** Adds a machine to the external network, which all external bridges are joined to. */
  async addPhysicalHost(options: PhysicalHostOptions = {}): Promise<PhysicalHost> {
    const name = options.name ?? `ovn-host-${this.#hosts.size + 1}`;
    this.#claimName(name);
    if (this.datapath === "dummy") {
      throw new SandboxError("the dummy datapath has no external network");
    }
    const settings = { datapath: this.datapath, emptyDatabase: this.#emptyDatabase };
    const port = this.#nextInterface("h");
    const host = await startPhysicalHost(this.#context, settings, name, port, options);
    this.#hosts.set(name, host);
    return host;
  }

  /** Runs a program in a node, pod or physical host, by its name, and returns its standard output. */
  exec(where: string, command: string, args: readonly string[] = [], options?: RunOptions): Promise<string> {
    const place = this.#pods.get(where) ?? this.#hosts.get(where) ?? this.node(where);
    return place.exec(command, args, options);
  }

  /**
   * Runs a program that finds the cluster's databases, such as ovn-nbctl: this machine's, or in a cluster of containers
   * the image's.
   */
  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const databases = { OVN_NB_DB: this.northbound, OVN_SB_DB: this.southbound };
    const env = { ...this.#context.env, ...databases, ...options.env };
    const [central] = this.nodes("central");
    return this.backend === "containers" && central !== undefined
      ? central.exec(program, args, { ...options, env })
      : runProgram(program, args, { ...options, env });
  }

  /** Cuts the underlay between the named nodes and all others; the named ones still reach each other. */
  async partition(...names: string[]): Promise<void> {
    await this.#moveTo(partitionBridge, names);
  }

  /** Joins nodes to the others again, and unblocks their ports. @param names Default: all nodes */
  async heal(...names: string[]): Promise<void> {
    const healed = names.length === 0 ? [...this.#nodes.keys()] : names;
    await this.#moveTo(underlayBridge, healed);
    await Promise.all(healed.map((name) => this.node(name).unblockPorts()));
  }

  /** The ends of the logs of all nodes, for people to read. */
  logs(lines = 20): string {
    return this.nodes()
      .map((node) => node.logs(lines))
      .join("\n");
  }

  /**
   * Lets the cluster run on after this process, and gives up its care: {@link down} does nothing any more.
   * {@link stop} ends it.
   */
  async detach(): Promise<void> {
    const { host, directory } = this.#context;
    const enter = (name: string, env: EnterCommand["env"]): readonly [string, EnterCommand] => [
      name,
      { command: host.enclosure(name).command, env },
    ];
    const places = [
      ...this.nodes().map((node) =>
        enter(node.name, { OVS_RUNDIR: node.directory, OVN_RUNDIR: node.directory }),
      ),
      ...[...this.#pods.keys(), ...this.#hosts.keys()].map((name) => enter(name, {})),
    ];
    noteLeftRunning({
      directory,
      pid: host.pid,
      places: Object.fromEntries(places),
      endCommands: host.endCommands,
    });
    this.#ending ??= Promise.all([host.release(), this.#reaper.release()]).then(() => {});
    await this.#ending;
  }

  /**
   * Ends a cluster that was left running by {@link detach} and removes its directory.
   *
   * @throws SandboxError when the directory is not one of such a cluster; nothing is touched then.
   */
  static stop(directory: string): Promise<void> {
    return stopLeftRunning(directory);
  }

  /**
   * How to run a program, such as a shell, in a node, pod or physical host of a cluster that was left running.
   *
   * @throws SandboxError when there is no such cluster or place, or it has ended.
   */
  static enter(directory: string, place: string): EnterCommand {
    return enterLeftRunning(directory, place);
  }

  /** Ends everything and removes the directory. Safe to call again, also while it runs. */
  down(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Calls {@link down}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  async #end(): Promise<void> {
    await this.#context.host.stop();
    await endDirectory(this.directory, this.#plan, this.#reaper);
  }

  async #start(): Promise<void> {
    const { host, signal } = this.#context;
    const names = [...this.#nodes.keys()];
    await host.addMachines(names, signal);
    await host.script(wiringScript(this.#plan));
    const central = this.nodes("central");
    const chassis = [...this.nodes("gateway"), ...this.nodes("chassis")];
    const relays = this.nodes("relay");
    await host.run(names[0], "ovsdb-tool", ["create", this.#emptyDatabase, host.schema("openvswitch")]);
    const settings: ChassisSettings = {
      host,
      datapath: this.datapath,
      physicalNetworks: this.#plan.physicalNetworks,
      southbound: underlayRemote(relays.length > 0 ? relays : central, "southbound", this.#keys),
      keys: this.#keys,
      emptyDatabase: this.#emptyDatabase,
    };
    await startCentral(central, this.#keys, signal);
    await inParallel(relays, parallelStarts, (node) => startRelay(node, central, this.#keys));
    await inParallel(chassis, parallelStarts, (node) => startChassis(node, settings));
    await this.#untilRegistered(chassis);
  }

  async #untilRegistered(chassis: readonly FakeNode[]): Promise<void> {
    const [central] = this.nodes("central");
    if (central === undefined) {
      return;
    }
    const select = { op: "select", table: "Chassis", where: [], columns: ["name"] };
    const socket = databaseSocket(central, "southbound");
    const { timeout, signal } = this.#context;
    await pollUntil(
      `${chassis.length} chassis are registered`,
      timeout,
      async (stop) => {
        const reply = await ask(socket, "transact", ["OVN_Southbound", select], stop);
        const [selected] = reply as readonly { readonly rows?: readonly { readonly name: string }[] }[];
        const present = new Set(selected?.rows?.map(({ name }) => name));
        return chassis.every(({ chassisId }) => present.has(chassisId));
      },
      signal,
    );
  }

  get #emptyDatabase(): string {
    return join(this.directory, "openvswitch.db");
  }

  #unixRemote(database: "northbound" | "southbound"): string {
    return this.nodes("central")
      .map((node) => `unix:${databaseSocket(node, database)}`)
      .join(",");
  }

  #claimName(name: string): void {
    checkName(name);
    if (this.#nodes.has(name) || this.#pods.has(name) || this.#hosts.has(name)) {
      throw new SandboxError(`there is a "${name}" already`);
    }
  }

  #nextInterface(prefix: string): string {
    this.#interfaces += 1;
    return `${prefix}${this.#interfaces}`;
  }

  async #moveTo(bridge: string, names: readonly string[]): Promise<void> {
    const ports = names.map((name) => {
      const index = this.#plan.nodes.findIndex((node) => node.name === this.node(name).name);
      return underlayPort(index);
    });
    await this.#context.host.script(ports.map((port) => `ip link set ${port} master ${bridge}`).join("\n"));
  }
}

async function endDirectory(directory: string, plan: ClusterPlan, reaper: Reaper): Promise<void> {
  if (!plan.keep) {
    removeSandboxDirectory(directory);
  } else if (plan.tellKept) {
    process.stderr.write(`KEEP_SANDBOX: ${directory}\n`);
  }
  await reaper.release();
}
