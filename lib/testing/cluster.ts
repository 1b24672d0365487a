import { join } from "node:path";
import type { ClusterOptions, ClusterPlan } from "./cluster-options.ts";
import { planClusterDatabase } from "./cluster-options.ts";
import type { ClusterStatus } from "./cluster-status.ts";
import { parseClusterStatus } from "./cluster-status.ts";
import { ask } from "./control.ts";
import { createClusterFiles, schemaName } from "./database-file.ts";
import { convertDatabase, DatabaseServer } from "./database-server.ts";
import { MissingProgramsError, SandboxError } from "./errors.ts";
import { pollUntil } from "./poll.ts";
import { missingPrograms } from "./programs.ts";
import type { RunOptions } from "./run-program.ts";
import { runProgram } from "./run-program.ts";
import { SandboxHome } from "./sandbox-home.ts";
import type { SchemaSource } from "./schema-source.ts";
import { schemaFile } from "./schema-source.ts";
import type { TlsFiles, TlsMaterial } from "./tls-material.ts";
import { makeTlsMaterial } from "./tls-material.ts";

/** How long {@link DatabaseCluster} waits for something. */
export interface ClusterWaitOptions {
  /** Milliseconds. @default the `timeout` the cluster was started with */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which leader {@link DatabaseCluster.leader} waits for. */
export interface LeaderOptions extends ClusterWaitOptions {
  /** One that does not count: it was cut off or frozen, and may not know yet that it leads no more. */
  readonly otherThan?: DatabaseServer | undefined;
}

/**
 * Starts a clustered database (RAFT) in a private directory, and relays of it; resolves when all servers have joined,
 * know their leader, and answer.
 *
 * ```ts
 * await using cluster = await startCluster({ servers: 3, tls: true });
 * const nb = await connectNorthbound(cluster.ssl, { tls: cluster.tls.client });
 * const old = await cluster.leader();
 * await old.kill();
 * await cluster.leader({ otherThan: old });
 * ```
 *
 * As with {@link startSandbox}, nothing outlives this process.
 *
 * @throws MissingProgramsError naming what to install; SandboxError when a server does not become ready, with its log's
 *   tail; the signal's reason. Nothing is left behind then.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<DatabaseCluster> {
  const plan = planClusterDatabase(options);
  options.signal?.throwIfAborted();
  const missing = missingPrograms(plan.programs);
  if (missing.length > 0) {
    throw new MissingProgramsError(missing);
  }
  const home = new SandboxHome(plan.home);
  let cluster: DatabaseCluster | undefined;
  try {
    const { directory } = home;
    const schema = schemaFile(plan.schema, "northbound", join(directory, "cluster.ovsschema"));
    const names = plan.servers.map(({ name }) => name);
    const [material, files] = await Promise.all([
      plan.tls === true ? makeTlsMaterial(directory) : undefined,
      createClusterFiles({ directory, names, schema, electionTimer: plan.electionTimer }),
    ]);
    const tls = plan.tls === true ? material?.server : plan.tls;
    cluster = new DatabaseCluster(home, plan, { database: schemaName(schema), files, tls, material });
    await cluster.start(options.signal);
    return cluster;
  } catch (error) {
    await (cluster ?? home).close();
    throw error;
  }
}

/** What a cluster's servers are made from. */
interface ClusterParts {
  readonly database: string;
  readonly files: readonly string[];
  readonly tls: TlsFiles | undefined;
  readonly material: TlsMaterial | undefined;
}

/** A clustered database and its relays; made by {@link startCluster}. */
export class DatabaseCluster implements AsyncDisposable {
  /** Name of the database, such as "OVN_Northbound". */
  readonly database: string;
  /** The members, in the order in which they were started; the first one founded the cluster. */
  readonly servers: readonly DatabaseServer[];
  /** The relays (ovsdb(7), "Relay Service Model"); each knows all members. */
  readonly relays: readonly DatabaseServer[];
  readonly #home: SandboxHome;
  readonly #timeout: number;
  readonly #material: TlsMaterial | undefined;
  #conversions = 0;
  #closing: Promise<void> | undefined;

  constructor(home: SandboxHome, plan: ClusterPlan, parts: ClusterParts) {
    const { tcp, timeout } = plan;
    const common = { directory: home.directory, tcp, tls: parts.tls, timeout };
    this.#home = home;
    this.#timeout = timeout;
    this.#material = parts.material;
    this.database = parts.database;
    this.servers = plan.servers.map(
      ({ name, socketName }, index) =>
        new DatabaseServer({ ...common, name, socketName, databases: parts.files.slice(index, index + 1) }),
    );
    const relayed = `relay:${this.database}:${this.remote}`;
    this.relays = plan.relays.map(
      ({ name, socketName }) => new DatabaseServer({ ...common, name, socketName, databases: [relayed] }),
    );
  }

  /** The private directory, with sockets, databases and logs. */
  get directory(): string {
    return this.#home.directory;
  }

  /** The members' unix sockets as one list of remotes. */
  get remote(): string {
    return this.servers.map(({ remote }) => remote).join(",");
  }

  /** The members' TCP ports as one list of remotes. @throws SandboxError when the cluster was started without. */
  get tcp(): string {
    return this.servers.map(({ tcp }) => tcp).join(",");
  }

  /** The members' TLS ports as one list of remotes. @throws SandboxError when the cluster was started without. */
  get ssl(): string {
    return this.servers.map(({ ssl }) => ssl).join(",");
  }

  /** The certificates that `tls: true` made. @throws SandboxError when the cluster was started without. */
  get tls(): TlsMaterial {
    if (this.#material === undefined) {
      throw new SandboxError("this cluster was started without `tls: true`");
    }
    return this.#material;
  }

  /** What a member says of itself. @throws SandboxError when it does not answer. */
  async status(server: DatabaseServer): Promise<ClusterStatus> {
    return parseClusterStatus(await server.appctl("cluster/status", this.database));
  }

  /**
   * The member that leads, once one does. Of two that both say so, the one elected last.
   *
   * @throws SandboxError when there is none in time.
   */
  async leader(options: LeaderOptions = {}): Promise<DatabaseServer> {
    const candidates = this.servers.filter((server) => server !== options.otherThan);
    let found: DatabaseServer | undefined;
    await this.#until("a member leads", options, async () => {
      const asked = candidates
        .filter(({ isRunning }) => isRunning)
        .map(async (server) => ({ server, ...(await this.status(server)) }));
      const answers = (await Promise.allSettled(asked)).flatMap((answer) =>
        answer.status === "fulfilled" ? [answer.value] : [],
      );
      // One that is cut off says that it leads for a while after the others have elected another.
      const leaders = answers.filter(({ role }) => role === "leader");
      const newest = Math.max(...leaders.map(({ term }) => term));
      found = leaders.find(({ term }) => term === newest)?.server;
      return found !== undefined;
    });
    if (found === undefined) {
      throw new SandboxError("no member leads");
    }
    return found;
  }

  /** The running members that do not lead. @throws SandboxError when there is no leader in time. */
  async followers(options: LeaderOptions = {}): Promise<readonly DatabaseServer[]> {
    const leader = await this.leader(options);
    return this.servers.filter((server) => server !== leader && server.isRunning);
  }

  /**
   * Resolves when all members and relays that run are connected to the cluster and see one leader.
   *
   * @throws SandboxError when that is not so in time.
   */
  async settled(options: ClusterWaitOptions = {}): Promise<void> {
    await this.#until("all servers are connected to one leader", options, async (signal) => {
      const running = [...this.servers, ...this.relays].filter(({ isRunning }) => isRunning);
      const views = await Promise.all(running.map((server) => this.#view(server, signal)));
      const leaders = views.filter((view) => view?.leader === true);
      return leaders.length === 1 && views.every((view) => view?.connected === true);
    });
  }

  /**
   * Has the leader hand over in order, as it does before it compacts its log; resolves with the new leader.
   *
   * @throws SandboxError when none takes over in time.
   */
  async transferLeadership(options: ClusterWaitOptions = {}): Promise<DatabaseServer> {
    const old = await this.leader(options);
    // Not among the documented commands, but in every release with clusters, for upstream's own tests.
    await old.appctl("cluster/failure-test", "transfer-leadership");
    return this.leader({ ...options, otherThan: old });
  }

  /**
   * Cuts a member off from the others, as a broken network between servers does: clients still reach it. {@link rejoin}
   * ends it.
   */
  async isolate(server: DatabaseServer): Promise<void> {
    await server.appctl("cluster/failure-test", "stop-raft-rpc");
  }

  /** Connects a member with the others again after {@link isolate}. */
  async rejoin(server: DatabaseServer): Promise<void> {
    await server.appctl("cluster/failure-test", "clear");
  }

  /** Converts the database to another schema while it runs; see {@link DatabaseServer.convert}. */
  async convert(schema: Exclude<SchemaSource, true>): Promise<void> {
    this.#conversions++;
    const file = join(this.directory, `conversion-${this.#conversions}.ovsschema`);
    await convertDatabase(this.remote, schema, file);
  }

  /**
   * Runs a program with OVN_NB_DB set to the cluster, as in `run("ovn-nbctl", ["show"])`, and returns its standard
   * output.
   *
   * @throws CommandError with the output when it ends with another exit code than 0.
   */
  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const env = { OVN_RUNDIR: this.directory, OVN_NB_DB: this.remote, OVN_NB_DAEMON: undefined };
    return runProgram(program, args, { ...options, env: { ...env, ...options.env } });
  }

  /** Starts the servers; {@link startCluster} has done so. */
  async start(signal?: AbortSignal): Promise<void> {
    const wait = signal === undefined ? {} : { signal };
    const [founder, ...joiners] = this.servers;
    // First and alone: who finds nobody to join tries again only after a second.
    await founder?.start(signal);
    await this.settled(wait);
    // allSettled, not all: a server that is still starting must not be left to itself when another one fails.
    const starts = await Promise.allSettled(
      [...joiners, ...this.relays].map((server) => server.start(signal)),
    );
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    await this.settled(wait);
  }

  /** Ends the servers and removes the directory. Safe to call again, also while it runs. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Calls {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // Killed, since members that end in order first hand over to one another.
    await Promise.all([...this.relays, ...this.servers].map((server) => server.kill()));
    await this.#home.close();
  }

  async #until(
    what: string,
    options: ClusterWaitOptions,
    condition: (signal: AbortSignal) => Promise<boolean>,
  ): Promise<void> {
    await pollUntil(what, options.timeout ?? this.#timeout, condition, options.signal);
  }

  /** What clients of a server see of the database (ovsdb-server(7), "Database _Server"). */
  async #view(
    server: DatabaseServer,
    signal: AbortSignal,
  ): Promise<{ readonly connected: boolean; readonly leader: boolean } | undefined> {
    const where = [["name", "==", this.database]];
    const select = { op: "select", table: "Database", where, columns: ["connected", "leader"] };
    const reply = await ask(server.socket, "transact", ["_Server", select], signal);
    const [selected] = reply as readonly {
      readonly rows?: readonly { readonly connected: boolean; readonly leader: boolean }[];
    }[];
    return selected?.rows?.[0];
  }
}
