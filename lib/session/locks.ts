import { type Json, type OvsdbError, type Peer, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import { LockLostError } from "./errors.ts";
import type { Events, LockEvent } from "./events.ts";
import { checkMilliseconds, startTimer } from "./timers.ts";
import { type WaitBounds, WaitList } from "./wait-list.ts";

/** How long a release waits for the server to confirm it; a server that is silent for longer shall hold nobody up. */
const RELEASE_GRACE = 1_000;

/** Names of locks are `<id>`s (RFC 7047 sections 3.1 and 4.1.8): ovsdb-server refuses all others. */
const LOCK_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a transaction under a lock is bound to: it must not be sent when this tenure is over, not even in the next one. */
export interface Tenure {
  readonly lock: WantedLock;
  /** The lock's signal as the transaction began. */
  readonly signal: AbortSignal;
}

/** Where a lock is, for a status. */
export interface LockStatus {
  readonly name: string;
  /** Whether it is held now, as far as is known here. */
  readonly held: boolean;
}

/** The connection that locks are asked for on. */
interface Line {
  readonly peer: Peer;
  readonly remote: string;
}

/**
 * The locks that a session wants (RFC 7047 sections 4.1.8 to 4.1.11). They live and die with a connection, so they are
 * asked for again on each.
 *
 * Driven from outside, in the order in which things happen: `connected`, `notified`, `disconnected`, `ended`.
 */
export class Locks {
  readonly #wanted: Map<string, WantedLock> = new Map();
  /** Those made here, released ones too. */
  readonly #made: WeakSet<WantedLock> = new WeakSet();
  readonly #events: Events;
  #line: Line | undefined;
  #end: OvsdbError | undefined;

  constructor(events: Events) {
    this.#events = events;
  }

  get status(): readonly LockStatus[] {
    return [...this.#wanted.values()].map(({ name, held }) => ({ name, held }));
  }

  /**
   * Asks for a lock, now and on every later connection, until it is released.
   *
   * @throws UsageError for a name that no lock can have, or that this session wants already; what ended the session.
   */
  want(name: string, steal: boolean): WantedLock {
    if (typeof name !== "string" || !LOCK_NAME.test(name)) {
      throw new UsageError(
        `${name === undefined ? "undefined" : sketch(name)} cannot name a lock: letters, digits and underscores, no digit first`,
      );
    }
    if (this.#end !== undefined) throw this.#end;
    if (this.#wanted.has(name)) {
      throw new UsageError(`the lock ${name} is already wanted or held by this handle; release it first`);
    }
    const lock = new WantedLock(name, steal, this.#events, () => this.#wanted.delete(name));
    this.#wanted.set(name, lock);
    this.#made.add(lock);
    lock.begin(this.#line);
    return lock;
  }

  /** Throws `LockLostError` when a transaction of this tenure must not be sent, `UsageError` for a lock of another session. */
  check({ lock, signal }: Tenure): void {
    if (!this.#made.has(lock)) {
      throw new UsageError(`the lock ${lock.name} belongs to another database handle`);
    }
    lock.check(signal);
  }

  /** A connection is live. */
  connected(peer: Peer, remote: string): void {
    this.#line = { peer, remote };
    for (const lock of this.#wanted.values()) lock.connected(this.#line);
  }

  /** The connection has ended, and with it every lock. Does nothing when there was none. */
  disconnected(reason: OvsdbError): void {
    this.#line = undefined;
    for (const lock of this.#wanted.values()) lock.disconnected(reason);
  }

  /** There will be no more connection. */
  ended(reason: OvsdbError): void {
    this.#end = reason;
    this.#line = undefined;
    for (const lock of this.#wanted.values()) lock.ended(reason);
    this.#wanted.clear();
  }

  /** Says whether a notification was about locks, and heeds it. */
  notified(method: string, params: readonly Json[]): boolean {
    if (method !== "locked" && method !== "stolen") return false;
    const [name] = params;
    // What crossed our `unlock` is about a lock that is wanted no more.
    if (typeof name === "string") this.#wanted.get(name)?.notified(method);
    return true;
  }
}

/** One lock that a session wants. */
export class WantedLock {
  readonly name: string;
  readonly #events: Events;
  readonly #forget: () => void;
  readonly #waiters: WaitList<void> = new WaitList();
  /** Take it from its owner, until that was done once: two that steal would otherwise take turns at every redial. */
  #steal: boolean;
  #line: Line | undefined;
  /** `idle`: no connection, or the server refused; `asked`: no reply yet. */
  #phase: "idle" | "asked" | "queued" | "held" = "idle";
  /** The last request; a reply to an earlier one says nothing any more. */
  #request = 0;
  #tenure: AbortController = new AbortController();
  /** Why it is not held. */
  #lost: LockLostError;
  /** Why it will not be held again. */
  #over: OvsdbError | undefined;

  constructor(name: string, steal: boolean, events: Events, forget: () => void) {
    this.name = name;
    this.#steal = steal;
    this.#events = events;
    this.#forget = forget;
    this.#lost = new LockLostError(name, `the lock ${name} is not held yet`, { retryable: true });
    this.#tenure.abort(this.#lost);
  }

  /** Wants it from now on; `line`: the connection that there is. */
  begin(line: Line | undefined): void {
    this.#line = line;
    this.#tell("wanted");
    if (line !== undefined) this.#ask(line.peer);
  }

  get held(): boolean {
    return this.#phase === "held";
  }

  /** Of the present tenure, or of the last one, and then aborted. */
  get signal(): AbortSignal {
    return this.#tenure.signal;
  }

  /** Throws `LockLostError` unless this tenure lasts. */
  check(tenure: AbortSignal): void {
    if (!this.held || tenure !== this.signal) throw this.#lost;
  }

  /**
   * Resolves when the lock is held: at once, or when it is got. Rejects with `TimeoutError`, the signal's reason,
   * `LockLostError` when it is released, what ended the session, or what the server refuses it with.
   */
  async acquired(bounds: WaitBounds): Promise<void> {
    checkMilliseconds("timeout", bounds.timeout);
    bounds.signal?.throwIfAborted();
    if (this.held) return;
    if (this.#over !== undefined) throw this.#over;
    await this.#waiters.wait(bounds, `the lock ${this.name}`, () => undefined);
  }

  /** Gives the lock back, or up. Never rejects; resolves when the server has confirmed it, or has no say any more. */
  async release(): Promise<void> {
    if (this.#over !== undefined) return;
    const asked = this.#phase !== "idle";
    const peer = this.#line?.peer;
    const reason = new LockLostError(this.name, `the lock ${this.name} was released`);
    this.#tell("released");
    this.#over = reason;
    this.#leave(reason);
    this.#waiters.fail(reason);
    this.#forget();
    if (asked && peer !== undefined && !peer.closed) await unlocked(peer, this.name);
  }

  connected(line: Line): void {
    this.#line = line;
    this.#ask(line.peer);
  }

  disconnected(cause: OvsdbError): void {
    this.#lose(`the lock ${this.name} was lost with the connection: ${cause.message}`, {
      cause,
      retryable: true,
    });
    this.#line = undefined;
  }

  ended(cause: OvsdbError): void {
    this.#over = cause;
    this.#lose(`the lock ${this.name} was lost with the session: ${cause.message}`, { cause });
    this.#line = undefined;
    this.#waiters.fail(cause);
  }

  notified(method: "locked" | "stolen"): void {
    // While a request has no reply, this is about what was before it.
    if (method === "locked" && this.#phase === "queued") this.#gain();
    if (method === "stolen" && this.held) {
      this.#lose(`the lock ${this.name} was stolen by another client`, { retryable: true });
      const peer = this.#line?.peer;
      if (peer === undefined) return;
      // The server wants an `unlock` before it lets us queue again (RFC 7047 section 4.1.10).
      peer.call("unlock", [this.name]).catch(() => undefined);
      this.#ask(peer);
    }
  }

  #ask(peer: Peer): void {
    this.#request += 1;
    const request = this.#request;
    this.#phase = "asked";
    peer
      .call(this.#steal ? "steal" : "lock", [this.name], {
        onReply: (result) => {
          if (request !== this.#request) return;
          if (isLocked(result)) this.#gain();
          else this.#phase = "queued";
        },
      })
      .catch((error: unknown) => {
        // Not when the connection has ended: then it is asked for again on the next one.
        if (request !== this.#request || peer.closed) return;
        this.#phase = "idle";
        this.#events.note("warn", "lock-refused", { name: this.name, reason: String(error) });
        this.#waiters.fail(error);
      });
  }

  #gain(): void {
    this.#phase = "held";
    this.#steal = false;
    this.#tenure = new AbortController();
    this.#tell("acquired");
    this.#waiters.all();
  }

  #lose(message: string, options: { readonly cause?: OvsdbError; readonly retryable?: boolean }): void {
    const { held } = this;
    const reason = new LockLostError(this.name, message, options);
    this.#leave(reason);
    if (held) this.#tell("lost", reason);
  }

  #leave(reason: LockLostError): void {
    this.#lost = reason;
    this.#request += 1;
    this.#phase = "idle";
    const tenure = this.#tenure;
    // Whoever listens may do anything, such as close the session, which is in the middle of a step.
    queueMicrotask(() => tenure.abort(reason));
  }

  #tell(change: LockEvent["change"], reason?: OvsdbError): void {
    const remote = this.#line?.remote ?? "";
    this.#events.lock({ name: this.name, change, remote, ...(reason === undefined ? {} : { reason }) });
  }
}

function isLocked(result: Json): boolean {
  if (result !== null && typeof result === "object" && "locked" in result) {
    const { locked } = result as { readonly locked: Json };
    if (typeof locked === "boolean") return locked;
  }
  throw new ProtocolError("the reply to lock does not say whether it is locked");
}

/** Resolves when `unlock` was answered or never will be. */
function unlocked(peer: Peer, name: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = startTimer(RELEASE_GRACE, resolve);
    const done = (): void => {
      stop();
      resolve();
    };
    peer.call("unlock", [name]).then(done, done);
  });
}
