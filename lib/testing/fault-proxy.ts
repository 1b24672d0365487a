import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Endpoint } from "../jsonrpc/index.ts";
import { checkOptions, formatEndpoint, parseEndpoints } from "../jsonrpc/index.ts";
import { checkChoice, checkDirectory, checkNumbers } from "./check-options.ts";
import { SandboxError } from "./errors.ts";
import { checkFaults, type Faults, type ProxyConnection } from "./faults.ts";
import { SocketProxyConnection } from "./proxy-connection.ts";
import type { ProxyCounts } from "./proxy-counts.ts";
import { DirectionCounter } from "./proxy-counts.ts";
import type { Direction } from "./proxy-message.ts";
import { socketPath } from "./sandbox-directory.ts";
import type { HomeOptions } from "./sandbox-home.ts";
import { SandboxHome } from "./sandbox-home.ts";

/** How a {@link FaultProxy} is started. */
export interface FaultProxyOptions {
  /** Where clients connect: a unix socket, or a port of 127.0.0.1 that the kernel chooses. @default as the target */
  readonly listen?: "unix" | "tcp" | undefined;
  /** What random sizes are drawn from: the same seed gives the same sizes. @default 1 */
  readonly seed?: number | undefined;
  /** What goes wrong on every connection, until {@link FaultProxy.setFaults}. @default nothing */
  readonly faults?: Faults | undefined;
  /**
   * Folder for the unix socket, such as a sandbox's. @default one of its own, which goes with {@link FaultProxy.close} or
   * with this process, however it dies
   */
  readonly directory?: string | undefined;
}

const OPTIONS: Readonly<Record<keyof FaultProxyOptions, true>> = {
  listen: true,
  seed: true,
  faults: true,
  directory: true,
};

/** How long {@link FaultProxy.until} waits. */
export interface UntilOptions {
  /** Milliseconds. @default 20000 */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultUntil = 20_000;

/** Not kept with KEEP_SANDBOX, as a sandbox's is: there is nothing in it to look at. */
const ownHome: HomeOptions = { parent: undefined, keep: false, tellKept: false };

let sockets = 0;

/**
 * Starts a proxy in front of one server, with faults that can be set and changed while it runs.
 *
 * ```ts
 * await using proxy = await startFaultProxy(sandbox.northbound.remote);
 * const nb = await connectNorthbound(proxy.remote);
 * proxy.setFaults({ dropReply: { method: "transact", cut: true } });
 * ```
 *
 * It speaks TCP and unix sockets, in any combination. An `ssl:` target is reached by TCP with the TLS of the client
 * passed through: cuts, delays and the like work, but the proxy sees no messages.
 *
 * It runs in this process and does not keep it alive.
 *
 * @param target one remote: "unix:PATH", "tcp:HOST:PORT" or "ssl:HOST:PORT".
 * @throws EndpointError for a target that cannot be read; SandboxError for one that does not go with the options, or
 *   when it cannot listen; UsageError for an option or a fault that nobody reads.
 */
export async function startFaultProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  checkOptions(options, OPTIONS);
  checkChoice("listen", options.listen, ["unix", "tcp"]);
  checkNumbers(options, ["seed"]);
  if (options.directory !== undefined) checkDirectory("directory", options.directory);
  checkFaults(options.faults ?? {});
  const [endpoint, ...others] = parseEndpoints(target);
  if (endpoint === undefined || others.length > 0) {
    throw new SandboxError(`a proxy has one target, not ${target}`);
  }
  const listen = options.listen ?? (endpoint.kind === "unix" ? "unix" : "tcp");
  if (listen === "unix" && endpoint.kind === "ssl") {
    throw new SandboxError(`a proxy in front of ${target} listens on tcp: there is no TLS on unix sockets`);
  }
  const proxy = new FaultProxy(endpoint, listen, options);
  try {
    await proxy.accept();
  } catch (error) {
    await proxy.close();
    throw error;
  }
  return proxy;
}

/** A proxy that makes faults; started by {@link startFaultProxy}. */
export class FaultProxy implements AsyncDisposable {
  readonly #target: Endpoint;
  readonly #seed: number;
  readonly #home: SandboxHome | undefined;
  readonly #open: Set<ProxyConnection> = new Set();
  readonly #over: Readonly<Record<Direction, DirectionCounter>> = {
    toServer: new DirectionCounter(),
    toClient: new DirectionCounter(),
  };
  readonly #watchers: Set<() => void> = new Set();
  readonly #next: Faults[] = [];
  #faults: Faults;
  #endpoint: Endpoint;
  #server: Server | undefined;
  #connections = 0;
  #unreachable = 0;
  #droppedReplies = 0;

  constructor(target: Endpoint, listen: "unix" | "tcp", options: FaultProxyOptions) {
    this.#target = target;
    this.#seed = options.seed ?? 1;
    this.#faults = options.faults ?? {};
    if (listen === "tcp") {
      this.#endpoint = { kind: target.kind === "ssl" ? "ssl" : "tcp", host: "127.0.0.1", port: 0 };
    } else {
      const { directory } = options;
      this.#home = directory === undefined ? new SandboxHome(ownHome) : undefined;
      sockets++;
      const name = `proxy-${process.pid}-${sockets}.sock`;
      this.#endpoint = { kind: "unix", path: socketPath(directory ?? this.#home?.directory ?? "", name) };
    }
  }

  /** Where a client connects, such as "unix:/tmp/ovn-x/proxy-1-1.sock"; the same for the life of the proxy. */
  get remote(): string {
    return formatEndpoint(this.#endpoint);
  }

  /** Connections that are not over, oldest first. */
  get connections(): readonly ProxyConnection[] {
    return [...this.#open];
  }

  /** What went through so far, over all connections. */
  get counts(): ProxyCounts {
    return {
      connections: this.#connections,
      open: this.#open.size,
      unreachable: this.#unreachable,
      droppedReplies: this.#droppedReplies,
      toServer: this.#sum("toServer"),
      toClient: this.#sum("toClient"),
    };
  }

  /**
   * Replaces the faults of the open connections and of all later ones, those of {@link setNextFaults} included; an empty
   * object takes all back. A connection on which a reply was lost ends then: it cannot go on as if nothing were missing.
   */
  setFaults(faults: Faults): void {
    this.setOpenFaults(faults);
    this.#faults = faults;
    this.#next.length = 0;
  }

  /** Replaces the faults of the connections that are open now, and leaves those of later ones as they are. */
  setOpenFaults(faults: Faults): void {
    checkFaults(faults);
    for (const connection of this.#open) {
      connection.setFaults(faults);
    }
  }

  /** Faults of the next connection alone, in place of the general ones; called again: of the one after it. */
  setNextFaults(faults: Faults): void {
    checkFaults(faults);
    this.#next.push(faults);
  }

  /** Ends the open connections now, for both sides. What was passed on until now still arrives. */
  cut(): void {
    for (const connection of this.#open) {
      connection.cut();
    }
  }

  /** Refuses new connections, as when nobody listens; open ones stay. Does nothing when it does already. */
  refuse(): void {
    // Connections of its own keep a server from being "closed", but it stops listening at once.
    this.#server?.close();
    this.#server = undefined;
  }

  /**
   * Accepts connections again, at the same remote. Does nothing when it does already.
   *
   * @throws SandboxError when it cannot listen there any more.
   */
  async accept(): Promise<void> {
    if (this.#server !== undefined) {
      return;
    }
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#onClient(client));
    this.#server = server;
    const endpoint = this.#endpoint;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) =>
        reject(new SandboxError(`a proxy cannot listen on ${this.remote}: ${cause.message}`, { cause })),
      );
      server.listen(endpoint.kind === "unix" ? { path: endpoint.path } : { ...endpoint }, resolve);
    });
    server.unref();
    const address = server.address();
    if (endpoint.kind !== "unix" && typeof address === "object" && address !== null) {
      this.#endpoint = { ...endpoint, port: address.port };
    }
  }

  /**
   * Resolves with the counts once they satisfy the condition; looked at whenever something passes.
   *
   * @throws SandboxError with the counts when the time is up; the signal's reason.
   */
  until(condition: (counts: ProxyCounts) => boolean, options: UntilOptions = {}): Promise<ProxyCounts> {
    const { timeout = defaultUntil, signal } = options;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#watchers.delete(look);
        settle();
      };
      const look = (): void => {
        const { counts } = this;
        if (condition(counts)) {
          finish(() => resolve(counts));
        }
      };
      const abort = (): void => finish(() => reject(signal?.reason));
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.counts);
        finish(() =>
          reject(new SandboxError(`not so after ${timeout} ms: ${String(condition)}\nseen last: ${seen}`)),
        );
      }, timeout);
      signal?.addEventListener("abort", abort, { once: true });
      this.#watchers.add(look);
      if (signal?.aborted === true) {
        abort();
      } else {
        look();
      }
    });
  }

  /** Stops listening, ends all connections and removes the socket. */
  async close(): Promise<void> {
    this.refuse();
    const over = [...this.#open].map((connection) => {
      connection.destroy();
      return this.until(() => !this.#open.has(connection));
    });
    await Promise.all(over);
    await this.#home?.close();
  }

  /** Calls {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onClient(client: Socket): void {
    this.#connections++;
    const target = this.#target;
    const common = { allowHalfOpen: true, noDelay: true } as const;
    const server = connect(
      target.kind === "unix" ? { ...common, path: target.path } : { ...common, ...target },
    );
    let reached = false;
    const connection = new SocketProxyConnection(this.#connections, client, server, this.#seed, {
      onChange: () => this.#changed(),
      onDroppedReply: () => {
        this.#droppedReplies++;
      },
      onOver: () => {
        this.#open.delete(connection);
        this.#over.toServer.add(connection.counts("toServer"));
        this.#over.toClient.add(connection.counts("toClient"));
        this.#changed();
      },
    });
    server.once("connect", () => {
      reached = true;
    });
    server.once("error", () => {
      if (!reached) {
        this.#unreachable++;
      }
    });
    // Whoever waits for something through this proxy keeps the process alive, not the proxy.
    client.unref();
    server.unref();
    this.#open.add(connection);
    connection.setFaults(this.#next.shift() ?? this.#faults);
    this.#changed();
  }

  #sum(direction: Direction): ProxyCounts[Direction] {
    const sum = new DirectionCounter();
    sum.add(this.#over[direction].counts);
    for (const connection of this.#open) {
      sum.add(connection.counts(direction));
    }
    return sum.counts;
  }

  #changed(): void {
    for (const look of this.#watchers) {
      look();
    }
  }
}
