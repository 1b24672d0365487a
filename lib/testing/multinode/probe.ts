import { accessSync, constants, existsSync } from "node:fs";
import { MissingProgramsError, SandboxError } from "../errors.ts";
import type { ProgramName } from "../programs.ts";
import { missingPrograms } from "../programs.ts";
import { runProgram } from "../run-program.ts";
import type { BackendKind } from "./backend.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { findEngine } from "./container-engine.ts";
import type { Datapath, FakeMultinodeOptions } from "./options.ts";

/** How a cluster can run on this machine. */
export interface Machine {
  /** Whether a user namespace is needed, since this process may not make the others without. */
  readonly userNamespace: boolean;
  readonly datapath: Datapath;
  /** What runs the nodes, if they are containers. */
  readonly engine: ContainerEngine | undefined;
}

/** What a machine can do; see {@link probeMultinode}. */
export type MultinodeProbe =
  | {
      readonly possible: true;
      readonly backend: BackendKind;
      readonly datapath: Datapath;
      readonly rootless: boolean;
    }
  | { readonly possible: false; readonly reason: string };

/** What a probe is asked for; all as in {@link FakeMultinodeOptions}. */
export type ProbeOptions = Pick<FakeMultinodeOptions, "backend" | "datapath" | "engine" | "image">;

const networkPrograms: readonly ProgramName[] = ["ip", "ethtool", "unshare", "nsenter", "setpriv"];

const programs: readonly ProgramName[] = [
  "ovsdb-server",
  "ovsdb-tool",
  "ovn-northd",
  "ovn-nbctl",
  "ovn-sbctl",
  "ovs-vswitchd",
  "ovs-vsctl",
  "ovn-controller",
  ...networkPrograms,
];

const tun = "/dev/net/tun";

/** Options of unshare(1) for everything a cluster is in. */
export function unshareOptions(userNamespace: boolean): string[] {
  return [
    ...(userNamespace ? ["--user", "--map-root-user"] : []),
    ...["--net", "--mount", "--pid", "--fork", "--kill-child"],
  ];
}

/**
 * Whether a {@link FakeMultinode} is possible here, and if not, why; for tests that are skipped then. It tries, rather
 * than trusting the presence of a program.
 */
export async function probeMultinode(options: ProbeOptions = {}): Promise<MultinodeProbe> {
  try {
    const { datapath, userNamespace, engine } = await probeMachine(options);
    const backend = engine === undefined ? "namespaces" : "containers";
    return { possible: true, backend, datapath, rootless: userNamespace };
  } catch (error) {
    if (error instanceof SandboxError || error instanceof MissingProgramsError) {
      return { possible: false, reason: error.message };
    }
    throw error;
  }
}

/**
 * Finds out how a cluster can run on this machine.
 *
 * @param extra programs that are needed besides those of every cluster
 * @throws MissingProgramsError, or SandboxError with the reason when it cannot.
 */
export async function probeMachine(
  options: ProbeOptions,
  extra: readonly ProgramName[] = [],
): Promise<Machine> {
  if (process.platform !== "linux") {
    throw new SandboxError(`network namespaces are Linux's, and this is ${process.platform}`);
  }
  const { backend = "auto", datapath = "auto" } = options;
  if (backend === "namespaces") {
    return await probeNamespaces(datapath, extra);
  }
  if (backend === "containers") {
    return await probeContainers(options, datapath, extra);
  }
  try {
    return await probeNamespaces(datapath, extra);
  } catch (error) {
    // Only programs make a difference: containers need all the rights that namespaces need.
    if (!(error instanceof MissingProgramsError)) {
      throw error;
    }
    return await probeContainers(options, datapath, extra).catch((second: unknown) => {
      throw second instanceof SandboxError
        ? new SandboxError(`${error.message} Nor in containers: ${second.message}`, { cause: error })
        : second;
    });
  }
}

async function probeNamespaces(wanted: "auto" | Datapath, extra: readonly ProgramName[]): Promise<Machine> {
  needPrograms([...programs, ...extra]);
  const userNamespace = await tryNamespaces(process.getuid?.() === 0 ? [false, true] : [true]);
  return { userNamespace, datapath: chooseDatapath(wanted), engine: undefined };
}

async function probeContainers(
  options: ProbeOptions,
  wanted: "auto" | Datapath,
  extra: readonly ProgramName[],
): Promise<Machine> {
  const engine = await findEngine(options.engine, options.image);
  needPrograms([...networkPrograms, ...extra]);
  const userNamespace = await tryNamespaces([false]);
  return { userNamespace, datapath: chooseDatapath(wanted), engine };
}

function needPrograms(names: readonly ProgramName[]): void {
  const missing = missingPrograms(names);
  if (missing.length > 0) {
    throw new MissingProgramsError(missing);
  }
}

/** @returns whether a user namespace is needed */
async function tryNamespaces(attempts: readonly boolean[]): Promise<boolean> {
  const faults: string[] = [];
  for (const userNamespace of attempts) {
    try {
      // The three things that a cluster is made of and that a container or a policy may forbid.
      const attempt =
        "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add probe && " +
        "ip link add probe type veth && ip link add probes type bridge && ip link set probe master probes";
      await runProgram("unshare", [...unshareOptions(userNamespace), "/bin/sh", "-ec", attempt], {
        timeout: 10_000,
      });
      return userNamespace;
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new SandboxError(`no cluster in network namespaces is possible here: ${faults.join("; ")}`);
}

function chooseDatapath(wanted: "auto" | Datapath): Datapath {
  const hasModule = existsSync("/sys/module/openvswitch");
  if (wanted === "dummy" || (wanted !== "netdev" && hasModule)) {
    return wanted === "dummy" ? "dummy" : "system";
  }
  if (wanted === "system") {
    throw new SandboxError("the kernel module openvswitch is not loaded");
  }
  try {
    accessSync(tun, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new SandboxError(
      `neither the kernel module openvswitch is loaded, nor may ${tun} be read and written`,
      { cause },
    );
  }
  return "netdev";
}
