import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";

/** A program a sandbox needs and the package it comes in. */
export interface MissingProgram {
  /** Name of the program, such as "ovn-northd". */
  readonly program: string;
  /** The Debian or Ubuntu package that holds it. */
  readonly debian: string;
  /** The Fedora package that holds it. */
  readonly fedora: string;
}

/** The programs a sandbox or a {@link FakeMultinode} can use. */
export type ProgramName =
  | "ovsdb-server"
  | "ovsdb-tool"
  | "ovsdb-client"
  | "ovn-northd"
  | "ovn-nbctl"
  | "ovn-sbctl"
  | "ovs-vswitchd"
  | "ovs-vsctl"
  | "ovn-controller"
  | "ip"
  | "ethtool"
  | "unshare"
  | "nsenter"
  | "setpriv"
  | "openssl"
  | "udhcpc";

// Debian moved ovsdb-server and ovsdb-tool between its openvswitch packages over the years; openvswitch-switch
// depends on the one that has them in every release.
const packages: Readonly<Record<ProgramName, readonly [debian: string, fedora: string]>> = {
  "ovsdb-server": ["openvswitch-switch", "openvswitch"],
  "ovsdb-tool": ["openvswitch-switch", "openvswitch"],
  "ovsdb-client": ["openvswitch-common", "openvswitch"],
  "ovn-northd": ["ovn-central", "ovn-central"],
  "ovn-nbctl": ["ovn-central", "ovn"],
  "ovn-sbctl": ["ovn-central", "ovn"],
  "ovs-vswitchd": ["openvswitch-switch", "openvswitch"],
  "ovs-vsctl": ["openvswitch-switch", "openvswitch"],
  "ovn-controller": ["ovn-host", "ovn-host"],
  ip: ["iproute2", "iproute"],
  ethtool: ["ethtool", "ethtool"],
  unshare: ["util-linux", "util-linux"],
  nsenter: ["util-linux", "util-linux"],
  setpriv: ["util-linux", "util-linux"],
  openssl: ["openssl", "openssl"],
  udhcpc: ["udhcpc", "busybox"],
};

const sandboxPrograms: readonly ProgramName[] = [
  "ovsdb-server",
  "ovsdb-tool",
  "ovn-northd",
  "ovn-nbctl",
  "ovn-sbctl",
];

// A plain user's PATH on Debian has no sbin, where ovsdb-server lives.
const extraFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"] as const;

/**
 * The programs that a sandbox needs and this machine lacks; empty when everything is there.
 *
 * @param programs which to look for. Default: all that any sandbox can use.
 * @throws UsageError for other programs.
 */
export function missingPrograms(
  programs: readonly ProgramName[] = sandboxPrograms,
): readonly MissingProgram[] {
  for (const program of checkedList(programs))
    if (typeof program !== "string" || !isProgramName(program))
      throw new UsageError(`${sketch(program)} is not a program that a sandbox can use`);
  return programs
    .filter((program) => findProgram(program) === undefined)
    .map((program) => ({ program, debian: packages[program][0], fedora: packages[program][1] }));
}

/** One sentence that names the missing programs and the commands that install them; for people to read. Throws `UsageError` for what is none. */
export function describeMissing(missing: readonly MissingProgram[]): string {
  for (const one of checkedList(missing))
    if (typeof one?.program !== "string")
      throw new UsageError(`what is missing is what missingPrograms() gives, and not ${sketch(one)}`);
  const names = missing.map((one) => one.program).join(", ");
  const debian = [...new Set(missing.map((one) => one.debian))].join(" ");
  const fedora = [...new Set(missing.map((one) => one.fedora))].join(" ");
  return `not installed: ${names}. Debian, Ubuntu: apt-get install ${debian}. Fedora: dnf install ${fedora}.`;
}

function checkedList<T>(programs: readonly T[]): readonly T[] {
  if (Array.isArray(programs)) return programs;
  throw new UsageError(`programs are a list, and not ${sketch(programs)}`);
}

/** Whether this module knows which package the program comes in. */
export function isProgramName(name: string): name is ProgramName {
  return Object.hasOwn(packages, name);
}

/** Absolute path of a program on PATH or in a system folder, or undefined. */
export function findProgram(name: string): string | undefined {
  if (isAbsolute(name)) {
    return isExecutable(name) ? name : undefined;
  }
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...extraFolders];
  return folders
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** PATH for child processes: ours, with the system folders that plain users lack at its end. */
export function searchPath(): string {
  return [process.env["PATH"], ...extraFolders].filter(Boolean).join(delimiter);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
