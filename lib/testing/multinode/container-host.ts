import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Enclosure } from "../daemon.ts";
import { SandboxError } from "../errors.ts";
import type { RunOptions } from "../run-program.ts";
import { checkCommand, runProgram } from "../run-program.ts";
import type { WellKnownDatabase } from "../schema-source.ts";
import { installedSchema } from "../schema-source.ts";
import type { Backend } from "./backend.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { inParallel } from "./in-parallel.ts";
import { NamespaceHost } from "./namespace-host.ts";

// More would only wait for the engine's locks.
const parallelStarts = 4;

// It reaps what daemons leave behind. The directory is among its arguments, by which the reaper knows it again.
const init = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000000 & wait; done", "ovn-multinode"];

/**
 * Machines that are privileged containers, each with the image's own programs, process ids and host name. The bridges
 * between them, pods and physical hosts are in a {@link NamespaceHost}, and so the engine's networks are not used:
 * pods are the same, with this machine's programs, whatever the nodes are.
 *
 * Programs enter a container by nsenter(1) and not by the engine's `exec`: that takes a tenth of a second, and a killed
 * one leaves its program running.
 */
export class ContainerHost implements Backend {
  readonly kind = "containers";
  readonly #engine: ContainerEngine;
  readonly #hub: NamespaceHost;
  readonly #directory: string;
  readonly #mounts: readonly string[];
  /** Names of machines and the process ids of their containers. */
  readonly #machines = new Map<string, number>();
  /** Containers that were begun. */
  readonly #containers: string[] = [];

  private constructor(
    engine: ContainerEngine,
    hub: NamespaceHost,
    directory: string,
    mounts: readonly string[],
  ) {
    this.#engine = engine;
    this.#hub = hub;
    this.#directory = directory;
    this.#mounts = mounts;
  }

  /**
   * Makes the hub; machines come later.
   *
   * @param directory the cluster's, which has a folder `pids`; containers see it
   * @param mounts what else they see of this machine
   */
  static async start(
    directory: string,
    engine: ContainerEngine,
    mounts: readonly string[],
  ): Promise<ContainerHost> {
    return new ContainerHost(engine, await NamespaceHost.start(directory, false), directory, mounts);
  }

  get pid(): number {
    return this.#hub.pid;
  }

  get endCommands(): readonly (readonly string[])[] {
    return this.#containers.length === 0 ? [] : [this.#engine.removeCommand(this.#containers)];
  }

  async addMachines(names: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    await inParallel(names, parallelStarts, async (hostname) => {
      const name = `${basename(this.#directory)}-${hostname}`;
      this.#containers.push(name);
      const command = [...init, this.#directory];
      const mounts = [this.#directory, ...this.#mounts];
      const pid = await this.#engine.start({ name, hostname, mounts, command }, signal);
      writeFileSync(join(this.#directory, "pids", `container-${hostname}`), `${pid}\n`);
      this.#machines.set(hostname, pid);
    });
    const attach = names.map((name) => `ip netns attach ${name} ${this.#machines.get(name)}`);
    await this.#hub.script(attach.join("\n"));
  }

  enclosure(place?: string): Enclosure {
    const pid = place === undefined ? undefined : this.#machines.get(place);
    if (pid === undefined) {
      return this.#hub.enclosure(place);
    }
    return {
      command: [
        ...["nsenter", `--target=${pid}`, "--mount", "--uts", "--ipc", "--net", "--pid", "--"],
        // Who kills nsenter wants the command to end, not to go on by itself.
        ...["setpriv", "--pdeathsig", "KILL", "--"],
      ],
      foreign: true,
    };
  }

  async run(
    place: string | undefined,
    command: string,
    args: readonly string[],
    options?: RunOptions,
  ): Promise<string> {
    checkCommand(command, args);
    const [program = "", ...rest] = this.enclosure(place).command;
    return runProgram(program, [...rest, command, ...args], options);
  }

  script(text: string): Promise<string> {
    return this.#hub.script(text);
  }

  schema(database: WellKnownDatabase): string {
    const [pid] = this.#machines.values();
    if (pid === undefined) {
      throw new SandboxError("no container runs");
    }
    return installedSchema(database, `/proc/${pid}/root`);
  }

  async stop(): Promise<void> {
    await this.#hub.stop();
    for (const [program = "", ...args] of this.endCommands) {
      await runProgram(program, args);
    }
  }

  async release(): Promise<void> {
    await this.#hub.release();
  }
}
