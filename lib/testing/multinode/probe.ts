import { accessSync, constants, existsSync } from "node:fs";
import { MissingProgramsError, SandboxError } from "../errors.ts";
import type { ProgramName } from "../programs.ts";
import { missingPrograms } from "../programs.ts";
import { runProgram } from "../run-program.ts";
import type { Datapath } from "./options.ts";

/** How a cluster can run on this machine. */
export interface Machine {
  /** Whether a user namespace is needed, since this process may not make the others without. */
  readonly userNamespace: boolean;
  readonly datapath: Datapath;
}

/** What a machine can do; see {@link probeMultinode}. */
export type MultinodeProbe =
  | { readonly possible: true; readonly datapath: Datapath; readonly rootless: boolean }
  | { readonly possible: false; readonly reason: string };

const programs: readonly ProgramName[] = [
  "ovsdb-server",
  "ovsdb-tool",
  "ovn-northd",
  "ovn-nbctl",
  "ovn-sbctl",
  "ovs-vswitchd",
  "ovs-vsctl",
  "ovn-controller",
  "ip",
  "ethtool",
  "unshare",
  "nsenter",
  "setpriv",
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
 * Whether a {@link FakeMultinode} that carries packets is possible here, and if not, why; for tests that are skipped
 * then. It tries, rather than trusting the presence of a program.
 */
export async function probeMultinode(datapath: "auto" | Datapath = "auto"): Promise<MultinodeProbe> {
  try {
    const machine = await probeMachine(datapath);
    return { possible: true, datapath: machine.datapath, rootless: machine.userNamespace };
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
  wanted: "auto" | Datapath,
  extra: readonly ProgramName[] = [],
): Promise<Machine> {
  if (process.platform !== "linux") {
    throw new SandboxError(`network namespaces are Linux's, and this is ${process.platform}`);
  }
  const missing = missingPrograms([...programs, ...extra]);
  if (missing.length > 0) {
    throw new MissingProgramsError(missing);
  }
  const faults: string[] = [];
  for (const userNamespace of process.getuid?.() === 0 ? [false, true] : [true]) {
    try {
      // The three things that a cluster is made of and that a container or a policy may forbid.
      const attempt =
        "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add probe && " +
        "ip link add probe type veth && ip link add probes type bridge && ip link set probe master probes";
      await runProgram("unshare", [...unshareOptions(userNamespace), "/bin/sh", "-ec", attempt], {
        timeout: 10_000,
      });
      return { userNamespace, datapath: chooseDatapath(wanted) };
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      if (error instanceof DatapathError) {
        break;
      }
    }
  }
  throw new SandboxError(`no cluster in network namespaces is possible here: ${faults.join("; ")}`);
}

class DatapathError extends SandboxError {}

function chooseDatapath(wanted: "auto" | Datapath): Datapath {
  const hasModule = existsSync("/sys/module/openvswitch");
  if (wanted === "dummy" || (wanted !== "netdev" && hasModule)) {
    return wanted === "dummy" ? "dummy" : "system";
  }
  if (wanted === "system") {
    throw new DatapathError("the kernel module openvswitch is not loaded");
  }
  try {
    accessSync(tun, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new DatapathError(
      `neither the kernel module openvswitch is loaded, nor may ${tun} be read and written`,
      { cause },
    );
  }
  return "netdev";
}
