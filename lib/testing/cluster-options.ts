import { checkOptions } from "../jsonrpc/index.ts";
import { checkListening, checkStart } from "./check-options.ts";
import type { TcpAddress } from "./database-server.ts";
import { SandboxError } from "./errors.ts";
import { defaultTimeout } from "./options.ts";
import type { ProgramName } from "./programs.ts";
import type { HomeOptions } from "./sandbox-home.ts";
import { homeOptions } from "./sandbox-home.ts";
import type { SchemaSource } from "./schema-source.ts";
import type { TlsFiles } from "./tls-material.ts";

/** What a cluster consists of. */
export interface ClusterOptions {
  /** What the database is made from. @default true: the installed OVN's northbound schema */
  readonly schema?: SchemaSource | undefined;
  /** Members, 1 to 9; most use 3. @default 3 */
  readonly servers?: number | undefined;
  /** Relays of the database, 0 to 9. @default 0 */
  readonly relays?: number | undefined;
  /**
   * Milliseconds without a word of the leader after which a member stands for election, at least 100. A short one
   * makes tests quick; on a busy machine too short a one elects for no reason. @default 300
   */
  readonly electionTimer?: number | undefined;
  /** Every server listens on TCP as well, on a port that the kernel chooses; `true` is "127.0.0.1". @default false */
  readonly tcp?: boolean | TcpAddress | undefined;
  /**
   * Every server listens with TLS as well, at the same address as `tcp` on a port of its own. `true`: with certificates
   * made for this cluster, {@link DatabaseCluster.tls}; else with these. The members among themselves use unix sockets.
   * @default false
   */
  readonly tls?: boolean | TlsFiles | undefined;
  /** Milliseconds that each server, and the cluster as a whole, may take to become ready. @default 20000 */
  readonly timeout?: number | undefined;
  /** Leaves the directory there after the end. @default whether KEEP_SANDBOX is set and neither empty nor 0 */
  readonly keepDirectory?: boolean | undefined;
  /** Where the private directory is made; its path has to be short. @default the system's temp directory */
  readonly parentDirectory?: string | undefined;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: Readonly<Record<keyof ClusterOptions, true>> = {
  schema: true,
  servers: true,
  relays: true,
  electionTimer: true,
  tcp: true,
  tls: true,
  timeout: true,
  keepDirectory: true,
  parentDirectory: true,
  signal: true,
};

/** The options, checked and with their defaults. */
export interface ClusterPlan {
  readonly schema: SchemaSource;
  readonly servers: readonly ServerName[];
  readonly relays: readonly ServerName[];
  readonly electionTimer: number;
  readonly tcp: TcpAddress | undefined;
  readonly tls: true | TlsFiles | undefined;
  readonly timeout: number;
  readonly home: HomeOptions;
  readonly programs: readonly ProgramName[];
}

interface ServerName {
  readonly name: string;
  readonly socketName: string;
}

const defaultElectionTimer = 300;
const mostServers = 9;

/**
 * Checks what was asked for, before anything is started.
 *
 * @throws SandboxError for numbers out of range, UsageError for an option that nobody reads, and for a value that is not of its type.
 */
export function planClusterDatabase(options: ClusterOptions): ClusterPlan {
  checkOptions(options, OPTIONS);
  checkStart(options);
  checkListening(options);
  const { servers = 3, relays = 0, electionTimer = defaultElectionTimer } = options;
  checkNumber("servers", servers, 1, mostServers);
  checkNumber("relays", relays, 0, mostServers);
  // The bounds of ovsdb-tool(1), which would name neither the option nor the cluster.
  checkNumber("electionTimer", electionTimer, 100, 600_000);
  return {
    schema: options.schema ?? true,
    servers: names("server", servers),
    relays: names("relay", relays),
    electionTimer,
    tcp: options.tcp === true ? "127.0.0.1" : options.tcp || undefined,
    tls: options.tls === false ? undefined : options.tls,
    timeout: options.timeout ?? defaultTimeout,
    home: homeOptions(options),
    programs: ["ovsdb-server", "ovsdb-tool", ...(options.tls === true ? (["openssl"] as const) : [])],
  };
}

function checkNumber(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new SandboxError(`${option}: ${value} is not a whole number from ${least} to ${most}`);
  }
}

function names(kind: string, count: number): ServerName[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${kind}-${index + 1}`;
    return { name, socketName: `${name}.sock` };
  });
}
