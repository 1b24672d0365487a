import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../control.ts";
import { Daemon } from "../daemon.ts";
import { MissingProgramsError, SandboxError } from "../errors.ts";
import { missingPrograms } from "../programs.ts";
import { Reaper } from "../reaper.ts";
import type { RunOptions } from "../run-program.ts";
import { checkCommand, runProgram } from "../run-program.ts";
import { makeSandboxDirectory, removeSandboxDirectory, socketPath } from "../sandbox-directory.ts";
import { installedSchema } from "../schema-source.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { findEngine } from "./container-engine.ts";
import { NamespaceHost } from "./namespace-host.ts";
import { engineScript } from "./upstream-engine.ts";
import type { UpstreamOptions } from "./upstream-options.ts";
import { checkoutOf, clusterScript, upstreamEnvironment, upstreamNodes } from "./upstream-options.ts";

const defaultTimeout = 120_000;
const databaseFile = "conf.db";
const bridges = ["br-ovn", "br-ovn-ext"];

/** Why {@link UpstreamMultinode} is not possible here, or undefined; for tests that are skipped then. */
export async function probeUpstream(options: UpstreamOptions = {}): Promise<string | undefined> {
  try {
    await prepare(options);
    return undefined;
  } catch (error) {
    if (error instanceof SandboxError || error instanceof MissingProgramsError) {
      return error.message;
    }
    throw error;
  }
}

/**
 * A cluster that the script of a checked-out, unmodified ovn-fake-multinode starts in containers, and ends. Names and
 * addresses of its nodes are fixed, so only one can run on a machine.
 *
 * Its network, with the Open vSwitch that joins the nodes, is in a namespace of its own: the machine's stays as it is.
 * Containers are ended by {@link down}; after a crash of this process by `ovn_cluster.sh stop`.
 */
export class UpstreamMultinode implements AsyncDisposable {
  /** Its private directory. */
  readonly directory: string;
  /** Names of all nodes. */
  readonly nodes: readonly string[];
  readonly #central: readonly string[];
  readonly #engine: ContainerEngine;
  readonly #checkout: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #hub: NamespaceHost;
  readonly #daemons: readonly Daemon[];
  readonly #reaper: Reaper;
  #ending: Promise<void> | undefined;

  private constructor(parts: {
    readonly directory: string;
    readonly engine: ContainerEngine;
    readonly checkout: string;
    readonly options: UpstreamOptions;
    readonly environment: Readonly<Record<string, string>>;
    readonly hub: NamespaceHost;
    readonly daemons: readonly Daemon[];
    readonly reaper: Reaper;
  }) {
    const nodes = upstreamNodes(parts.options);
    this.directory = parts.directory;
    this.nodes = [...nodes.central, ...nodes.relays, ...nodes.gateways, ...nodes.chassis];
    this.#central = nodes.central;
    this.#engine = parts.engine;
    this.#checkout = parts.checkout;
    this.#environment = parts.environment;
    this.#hub = parts.hub;
    this.#daemons = parts.daemons;
    this.#reaper = parts.reaper;
  }

  /**
   * Starts a cluster; resolves when the script has ended and the databases can be reached.
   *
   * @throws SandboxError without a checkout or an engine that runs containers; CommandError with what the script said.
   */
  static async up(options: UpstreamOptions = {}): Promise<UpstreamMultinode> {
    const { checkout, engine } = await prepare(options);
    const datapath = existsSync("/sys/module/openvswitch") ? "system" : "netdev";
    const directory = makeSandboxDirectory();
    const reaper = new Reaper(directory, false);
    mkdirSync(join(directory, "pids"));
    mkdirSync(join(directory, "data"));
    const wrapper = join(directory, "engine");
    writeFileSync(wrapper, engineScript(engine.name, datapath), { mode: 0o755 });
    const environment = upstreamEnvironment(options, {
      engine: wrapper,
      image: engine.image,
      shared: join(directory, "data"),
      switchDirectory: directory,
      datapath,
    });
    const hub = await NamespaceHost.start(directory, false);
    const daemons = switchDaemons(directory, hub, datapath);
    const common = { directory, options, environment, hub, daemons, reaper };
    const cluster = new UpstreamMultinode({ ...common, engine, checkout });
    try {
      await cluster.#start(options, datapath);
      return cluster;
    } catch (error) {
      await cluster.down();
      throw error;
    }
  }

  /** Where programs on this machine reach the northbound database: unix sockets, one for each central node. */
  get northbound(): string {
    return this.#central.map((node) => `unix:${this.#socket(node, "nb")}`).join(",");
  }

  /** Where programs on this machine reach the southbound database. */
  get southbound(): string {
    return this.#central.map((node) => `unix:${this.#socket(node, "sb")}`).join(",");
  }

  /** Runs a program in a node and returns its standard output. @throws CommandError for another exit code than 0. */
  async exec(
    node: string,
    command: string,
    args: readonly string[] = [],
    options?: RunOptions,
  ): Promise<string> {
    checkCommand(command, args);
    return runProgram(this.#engine.name, ["exec", node, command, ...args], options);
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

  async #start(options: UpstreamOptions, datapath: "system" | "netdev"): Promise<void> {
    const [database, daemon] = this.#daemons;
    const schema = installedSchema("openvswitch");
    await runProgram("ovsdb-tool", ["create", join(this.directory, databaseFile), schema]);
    await database?.start(options.signal);
    await runProgram("ovs-vsctl", ["--no-wait", "init"], { env: this.#environment });
    await daemon?.start(options.signal);
    // The script makes them with the kernel's datapath, where they are missing.
    const add = bridges.flatMap((name) => [
      ...["--", "--may-exist", "add-br", name],
      ...["--", "set", "Bridge", name, `datapath_type=${datapath}`],
    ]);
    await runProgram("ovs-vsctl", add, { env: this.#environment });
    await this.#script("start", options);
    await Promise.all(this.#central.flatMap((node) => [this.#listen(node, "nb"), this.#listen(node, "sb")]));
  }

  /** The database's own sockets are in the container; the shared folder is here and there. */
  async #listen(node: string, database: "nb" | "sb"): Promise<void> {
    const control = `/var/run/ovn/ovn${database}_db.ctl`;
    const remote = `punix:/data/${database}-${node}.sock`;
    await this.exec(node, "ovs-appctl", ["-t", control, "ovsdb-server/add-remote", remote]);
  }

  #socket(node: string, database: "nb" | "sb"): string {
    return socketPath(join(this.directory, "data"), `${database}-${node}.sock`);
  }

  /** Runs upstream's script in the hub's network, and for the rest as a person would. */
  async #script(command: string, { timeout, signal }: UpstreamOptions): Promise<void> {
    const enter = [`--net=/proc/${this.#hub.pid}/ns/net`, "--", "bash", `./${clusterScript}`, command];
    await runProgram("nsenter", enter, {
      cwd: this.#checkout,
      env: this.#environment,
      timeout: timeout ?? defaultTimeout,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #end(): Promise<void> {
    try {
      await this.#script("stop", {});
    } finally {
      // What a start that failed half-way may have left, which upstream's script does not look for.
      const [program = "", ...args] = this.#engine.removeCommand(this.nodes);
      await runProgram(program, args);
      await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
      await this.#hub.stop();
      removeSandboxDirectory(this.directory);
      await this.#reaper.release();
    }
  }
}

async function prepare(
  options: UpstreamOptions,
): Promise<{ readonly checkout: string; readonly engine: ContainerEngine }> {
  const checkout = checkoutOf(options);
  const engine = await findEngine(options.engine, options.image);
  const missing = missingPrograms([
    "ovsdb-server",
    "ovsdb-tool",
    "ovs-vswitchd",
    "ovs-vsctl",
    "ip",
    "nsenter",
  ]);
  if (missing.length > 0) {
    throw new MissingProgramsError(missing);
  }
  // The programs that upstream's scripts look for and that no package of OVN's brings.
  for (const program of ["/usr/bin/python3", "/usr/bin/uuidgen"]) {
    if (!existsSync(program)) {
      throw new SandboxError(`ovn-fake-multinode needs ${program}`);
    }
  }
  return { checkout, engine };
}

/** The Open vSwitch that joins the nodes: upstream takes the machine's own. */
function switchDaemons(directory: string, hub: NamespaceHost, datapath: "system" | "netdev"): Daemon[] {
  const socket = socketPath(directory, "db.sock");
  const enter = ["nsenter", `--net=/proc/${hub.pid}/ns/net`, "--", "setpriv", "--pdeathsig", "KILL", "--"];
  const within = { command: enter, foreign: false };
  const common = { directory, within, timeout: defaultTimeout };
  const database = join(directory, databaseFile);
  return [
    new Daemon({
      ...common,
      name: "ovsdb-server",
      program: "ovsdb-server",
      args: [`--remote=punix:${socket}`, database],
      isReady: async (_daemon, signal) => Array.isArray(await ask(socket, "list_dbs", [], signal)),
    }),
    new Daemon({
      ...common,
      name: "ovs-vswitchd",
      program: "ovs-vswitchd",
      args: [...(datapath === "system" ? [] : ["--disable-system"]), `unix:${socket}`],
      isReady: async (daemon) => (await daemon.appctl("version")) !== "",
    }),
  ];
}
