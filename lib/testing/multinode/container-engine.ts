import { readFileSync } from "node:fs";
import { CommandError, SandboxError } from "../errors.ts";
import { findProgram } from "../programs.ts";
import { runProgram } from "../run-program.ts";
import type { EngineName } from "./options.ts";

/** The image that lib/testing/multinode-image.sh makes. */
export const defaultImage = "localhost/ovn-multinode:latest";

const probeTimeout = 30_000;
// Enough for any node. Not all that this process has, as engines have been seen to lower their own limits.
const maxLimit = 16_384;

/** A container to start. */
export interface ContainerSpec {
  readonly name: string;
  /** Is the host name, too. */
  readonly hostname: string;
  /** Folders and files of this machine that it sees under the same path. */
  readonly mounts: readonly string[];
  /** The program it lives as long as. */
  readonly command: readonly string[];
}

/** An engine that has run a container from the image. */
export class ContainerEngine {
  readonly name: EngineName;
  readonly image: string;

  constructor(name: EngineName, image: string) {
    this.name = name;
    this.image = image;
  }

  /** Starts a privileged container without any network. @returns its process id as seen from this machine */
  async start(spec: ContainerSpec, signal?: AbortSignal): Promise<number> {
    const options = signal === undefined ? {} : { signal };
    await runProgram(this.name, ["run", "--detach", ...runWords(this.image, spec, limits())], options);
    const inspect = ["inspect", "--type=container", "--format={{.State.Pid}}", spec.name];
    const pid = Number((await runProgram(this.name, inspect)).trim());
    if (!Number.isSafeInteger(pid) || pid < 2) {
      throw new SandboxError(`${this.name}: the container ${spec.name} has no process here`);
    }
    return pid;
  }

  /** The command that ends containers and removes them; those that are gone do not matter. */
  removeCommand(names: readonly string[]): readonly string[] {
    return [
      this.name,
      "rm",
      "--force",
      "--volumes",
      ...(this.name === "podman" ? ["--ignore", "--time=0"] : []),
      ...names,
    ];
  }
}

/** The words of `podman run` and `docker run` that both understand. */
export function runWords(image: string, spec: ContainerSpec, ulimits: readonly string[]): string[] {
  return [
    ...["--rm", "--privileged", "--network=none", "--pull=never"],
    ...[`--name=${spec.name}`, `--hostname=${spec.hostname}`],
    ...ulimits.map((limit) => `--ulimit=${limit}`),
    ...spec.mounts.map((path) => `--volume=${path}:${path}`),
    ...[image, ...spec.command],
  ];
}

/**
 * The limits of a container, as options: what an engine sets by itself may be more than it has, which a process that
 * may not raise its own limits cannot hand on.
 *
 * @param text proc(5), /proc/PID/limits. Default: this process's
 */
export function limits(text: string = readFileSync("/proc/self/limits", "utf8")): string[] {
  const rows = { nofile: "Max open files", nproc: "Max processes" };
  return Object.entries(rows).flatMap(([name, title]) => {
    const hard = Number(new RegExp(`^${title} +\\S+ +(\\d+) `, "m").exec(text)?.[1] ?? maxLimit);
    const limit = Math.min(hard, maxLimit);
    return [`${name}=${limit}:${limit}`];
  });
}

/**
 * Finds an engine that can run a privileged container from the image, by running one.
 *
 * @param wanted Default: podman, then docker
 * @throws SandboxError with what each one said.
 */
export async function findEngine(
  wanted: EngineName | undefined,
  image: string = defaultImage,
): Promise<ContainerEngine> {
  if (process.getuid?.() !== 0) {
    throw new SandboxError("containers: root is needed to join their networks");
  }
  const faults: string[] = [];
  for (const name of wanted === undefined ? (["podman", "docker"] as const) : [wanted]) {
    if (findProgram(name) === undefined) {
      faults.push(`${name} is not installed`);
      continue;
    }
    try {
      const probe = { name: `ovn-probe-${process.pid}`, hostname: "probe", mounts: [], command: programs };
      await runProgram(name, ["run", ...runWords(image, probe, limits())], { timeout: probeTimeout });
      return new ContainerEngine(name, image);
    } catch (error) {
      faults.push(`${name}: ${error instanceof CommandError ? complaint(error.stderr) : String(error)}`);
    }
  }
  throw new SandboxError(
    `no container of ${image} can be run (lib/testing/multinode-image.sh makes the image): ${faults.join("; ")}`,
  );
}

const programs = ["sh", "-ec", "command -v ovs-vswitchd ovn-controller ovn-northd ovsdb-tool setpriv"];

/** Engines warn of much before they say what is wrong, and tell where to read more after it. */
function complaint(text: string): string {
  const lines = text.trim().split("\n");
  return lines.findLast((line) => /error|cannot|denied/i.test(line)) ?? lines.at(-1) ?? "";
}
