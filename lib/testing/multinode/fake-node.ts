import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DaemonSpec } from "../daemon.ts";
import { Daemon } from "../daemon.ts";
import { SandboxError } from "../errors.ts";
import type { RunOptions } from "../run-program.ts";
import type { WellKnownDatabase } from "../schema-source.ts";
import type { Backend } from "./backend.ts";
import type { NodeKind, NodePlan } from "./options.ts";

/** What the parts of a cluster share. */
export interface ClusterContext {
  readonly host: Backend;
  /** The cluster's private directory. */
  readonly directory: string;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Variables for programs that are run in nodes. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A daemon's start, and what has to be done whenever it has started. */
export interface NodeDaemonSpec
  extends Pick<DaemonSpec, "name" | "program" | "args" | "isReady" | "ownControlSocket"> {
  readonly afterStart?: () => Promise<void>;
}

/**
 * A machine of a {@link FakeMultinode}: a network namespace, or a container, with interfaces `eth1` (underlay) and `eth2` (external
 * network), a run directory of its own, and daemons.
 */
export class FakeNode {
  /** Name of the node. */
  readonly name: string;
  /** What the node is for. */
  readonly kind: NodeKind;
  /** IPv4 address on the underlay. */
  readonly address: string;
  /** Name of its row in the southbound database's `Chassis`, for a chassis or gateway. */
  readonly chassisId: string;
  /** Its run directory, with sockets, databases and logs. */
  readonly directory: string;
  readonly #context: ClusterContext;
  readonly #daemons = new Map<string, { readonly daemon: Daemon; readonly spec: NodeDaemonSpec }>();

  #blocked = false;

  constructor(context: ClusterContext, plan: NodePlan) {
    this.#context = context;
    this.name = plan.name;
    this.kind = plan.kind;
    this.address = plan.address;
    this.chassisId = plan.chassisId;
    this.directory = join(context.directory, plan.name);
    mkdirSync(join(this.directory, "pids"), { recursive: true });
  }

  /** Names of its daemons: "northbound", "southbound", "northd"; "ovsdb-server", "ovs-vswitchd", "ovn-controller". */
  get daemons(): readonly string[] {
    return [...this.#daemons.keys()];
  }

  /** Process ids, as seen from outside, of the daemons that run now. */
  get pids(): Readonly<Record<string, number>> {
    const running = [...this.#daemons].flatMap(([name, { daemon }]) =>
      daemon.pid === undefined ? [] : [[name, daemon.pid] as const],
    );
    return Object.fromEntries(running);
  }

  /** Runs a program in the node and returns its standard output. @throws CommandError for another exit code than 0. */
  exec(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const env = {
      ...this.#context.env,
      OVS_RUNDIR: this.directory,
      OVN_RUNDIR: this.directory,
      ...options.env,
    };
    return this.#context.host.run(this.name, command, args, { ...options, env });
  }

  /**
   * Path, in the node, of the schema that its OVN or Open vSwitch brings.
   *
   * @internal
   */
  schema(database: WellKnownDatabase): string {
    return this.#context.host.schema(database);
  }

  /** Runs an `ovs-appctl` command in a daemon and returns its answer. */
  appctl(daemon: string, command: string, ...args: string[]): Promise<string> {
    return this.#get(daemon).daemon.appctl(command, ...args);
  }

  /** Crashes a daemon (SIGKILL); resolves when it is gone. */
  async kill(daemon: string): Promise<void> {
    this.#get(daemon).daemon.signal("SIGKILL");
    await this.#get(daemon).daemon.stop();
  }

  /** Ends a daemon as its service would; {@link restart} brings it back. */
  async stop(daemon: string): Promise<void> {
    await this.#get(daemon).daemon.stop();
  }

  /** Makes a daemon stand still (SIGSTOP), until {@link continue}. */
  pause(daemon: string): void {
    this.#get(daemon).daemon.signal("SIGSTOP");
  }

  /** Lets a paused daemon go on (SIGCONT). */
  continue(daemon: string): void {
    this.#get(daemon).daemon.signal("SIGCONT");
  }

  /** Ends the daemon if it runs and starts it again; resolves when it is ready. Its database stays. */
  async restart(daemon: string): Promise<void> {
    const { daemon: process, spec } = this.#get(daemon);
    await process.stop();
    await process.start();
    await spec.afterStart?.();
  }

  /**
   * Drops TCP packets from and to these ports on the node's own addresses, such as 6642 for the southbound database,
   * until {@link unblockPorts} or {@link FakeMultinode.heal}. Tunnels and pods are not concerned. Needs iptables(8).
   */
  async blockPorts(...ports: readonly number[]): Promise<void> {
    const rules = ports.flatMap((port) =>
      ["INPUT", "OUTPUT"].flatMap((chain) =>
        ["--dport", "--sport"].map((side) => `iptables -w -A ${chain} -p tcp ${side} ${port} -j DROP`),
      ),
    );
    this.#blocked = true;
    await this.#inNetwork(rules);
  }

  /** Lets all packets pass again. */
  async unblockPorts(): Promise<void> {
    if (this.#blocked) {
      await this.#inNetwork(["iptables -w -F INPUT", "iptables -w -F OUTPUT"]);
      this.#blocked = false;
    }
  }

  /** The ends of the logs of its daemons, for people to read. */
  logs(lines = 20): string {
    return [...this.#daemons]
      .map(([name, { daemon }]) => {
        const text = daemon.log().trimEnd().split("\n").slice(-lines);
        return `== ${this.name} ${name}\n${text.map((line) => `  | ${line}`).join("\n")}`;
      })
      .join("\n");
  }

  /**
   * Adds a daemon and starts it; for the code that builds nodes.
   *
   * @internal
   */
  async startDaemon(spec: NodeDaemonSpec): Promise<void> {
    const daemon = new Daemon({
      ...spec,
      directory: this.directory,
      timeout: this.#context.timeout,
      within: this.#context.host.enclosure(this.name),
    });
    this.#daemons.set(spec.name, { daemon, spec });
    await daemon.start(this.#context.signal);
    await spec.afterStart?.();
  }

  /** With this machine's programs: an image need not have them. */
  async #inNetwork(commands: readonly string[]): Promise<void> {
    const enter = `nsenter --net=/run/netns/${this.name}`;
    await this.#context.host.script(commands.map((command) => `${enter} ${command}`).join("\n"));
  }

  #get(name: string): { readonly daemon: Daemon; readonly spec: NodeDaemonSpec } {
    const found = this.#daemons.get(name);
    if (found === undefined) {
      throw new SandboxError(`${this.name} has no daemon "${name}" (it has: ${this.daemons.join(", ")})`);
    }
    return found;
  }
}
