import { checkBooleans, checkOptions } from "../jsonrpc/index.ts";
import { checkListening, checkMembers, checkStart } from "./check-options.ts";
import type { TcpAddress } from "./database-server.ts";
import { SandboxError } from "./errors.ts";
import type { ProgramName } from "./programs.ts";
import type { HomeOptions } from "./sandbox-home.ts";
import { homeOptions } from "./sandbox-home.ts";
import type { SchemaSource } from "./schema-source.ts";
import type { TlsFiles } from "./tls-material.ts";

/** What a sandbox consists of. Nothing is started that is not asked for. */
export interface SandboxOptions {
  /** An OVN_Northbound database. `true`: with the installed OVN's schema. @default false */
  readonly northbound?: false | SchemaSource | undefined;
  /** An OVN_Southbound database. `true`: with the installed OVN's schema. @default false */
  readonly southbound?: false | SchemaSource | undefined;
  /** An Open_vSwitch database. `true`: with the installed Open vSwitch's schema. @default false */
  readonly openvswitch?: false | SchemaSource | undefined;
  /**
   * More database servers, each named by its key (letters, digits, `-`, `_`); an array is one server with several
   * databases. @default none
   */
  readonly databases?:
    | Readonly<Record<string, Exclude<SchemaSource, true> | readonly Exclude<SchemaSource, true>[]>>
    | undefined;
  /** Starts ovn-northd; takes `northbound` and `southbound`. @default false */
  readonly northd?: boolean | undefined;
  /** Listens on TCP as well, on a port that the kernel chooses; `true` is "127.0.0.1". @default false */
  readonly tcp?: boolean | TcpAddress | undefined;
  /**
   * Listens with TLS as well, at the same address as `tcp` on a port of its own. `true`: with certificates made for
   * this sandbox, {@link Sandbox.tls}; else with these, such as {@link TlsMaterial.expired}. @default false
   */
  readonly tls?: boolean | TlsFiles | undefined;
  /** Milliseconds that each daemon may take to become ready. @default 20000 */
  readonly timeout?: number | undefined;
  /** Leaves the directory there after the end. @default whether KEEP_SANDBOX is set and neither empty nor 0 */
  readonly keepDirectory?: boolean | undefined;
  /** Where the private directory is made; its path has to be short. @default the system's temp directory */
  readonly parentDirectory?: string | undefined;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: Readonly<Record<keyof SandboxOptions, true>> = {
  northbound: true,
  southbound: true,
  openvswitch: true,
  databases: true,
  northd: true,
  tcp: true,
  tls: true,
  timeout: true,
  keepDirectory: true,
  parentDirectory: true,
  signal: true,
};

/** The options, checked and with their defaults. */
export interface SandboxPlan {
  readonly databases: readonly {
    readonly name: string;
    readonly socketName: string;
    readonly sources: readonly SchemaSource[];
  }[];
  readonly northd: boolean;
  readonly tcp: TcpAddress | undefined;
  readonly tls: true | TlsFiles | undefined;
  readonly timeout: number;
  readonly home: HomeOptions;
  readonly programs: readonly ProgramName[];
}

/** Milliseconds that a daemon may take to become ready. */
export const defaultTimeout = 20_000;

// The names that ovn-nbctl, ovn-sbctl and ovs-vsctl look for in OVN_RUNDIR and OVS_RUNDIR.
const socketNames = {
  northbound: "ovnnb_db.sock",
  southbound: "ovnsb_db.sock",
  openvswitch: "db.sock",
} as const;

// "northd" is a daemon's name, "pids" and "tls" are folders'; both share the directory with the databases' files.
const takenNames: readonly string[] = [...Object.keys(socketNames), "northd", "pids", "sandbox", "db", "tls"];

/**
 * Checks what was asked for, before anything is started.
 *
 * @throws SandboxError for contradictions, UsageError for an option that nobody reads, and for a value that is not of its type.
 */
export function planSandbox(options: SandboxOptions): SandboxPlan {
  checkOptions(options, OPTIONS);
  checkStart(options);
  checkListening(options);
  checkBooleans(options, ["northd"]);
  checkMembers("databases", options.databases);
  const databases: SandboxPlan["databases"][number][] = [];
  for (const name of ["northbound", "southbound", "openvswitch"] as const) {
    const source = options[name];
    if (source !== undefined && source !== false) {
      databases.push({ name, socketName: socketNames[name], sources: [source] });
    }
  }
  for (const [name, sources] of Object.entries(options.databases ?? {})) {
    if (!/^[A-Za-z0-9][\w-]*$/.test(name) || takenNames.includes(name)) {
      throw new SandboxError(
        `databases: "${name}" cannot be a name here: letters, digits, - and _, and none of ${takenNames.join(", ")}`,
      );
    }
    const list = isList(sources) ? sources : [sources];
    if (list.length === 0) {
      throw new SandboxError(`databases: "${name}" has no schema`);
    }
    databases.push({ name, socketName: `${name}.sock`, sources: list });
  }
  if (databases.length === 0) {
    throw new SandboxError(
      "a sandbox needs at least one database: northbound, southbound, openvswitch or databases",
    );
  }
  const northd = options.northd === true;
  if (northd && !["northbound", "southbound"].every((name) => databases.some((one) => one.name === name))) {
    throw new SandboxError("northd takes both a northbound and a southbound database");
  }
  return {
    databases,
    northd,
    tcp: options.tcp === true ? "127.0.0.1" : options.tcp || undefined,
    tls: options.tls === false ? undefined : options.tls,
    timeout: options.timeout ?? defaultTimeout,
    home: homeOptions(options),
    programs: [
      "ovsdb-server",
      "ovsdb-tool",
      ...(northd ? (["ovn-northd"] as const) : []),
      ...(options.tls === true ? (["openssl"] as const) : []),
    ],
  };
}

// Array.isArray does not narrow readonly arrays away.
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
