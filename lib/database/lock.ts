import { checkBooleans, checkOptions, showAs, UsageError } from "../jsonrpc/index.ts";
import type { Locks, Tenure, WantedLock } from "../session/index.ts";
import { UNTIL_OPTIONS, type UntilOptions } from "./options.ts";

/** How to ask for a lock. */
export interface LockOptions extends UntilOptions {
  /** Take the lock from its owner, who is told so, instead of waiting for it. @default false */
  readonly steal?: boolean | undefined;
}

const OPTIONS: Readonly<Record<keyof LockOptions, true>> = { ...UNTIL_OPTIONS, steal: true };

const wanted = new WeakMap<Lock, WantedLock>();

/**
 * A lock of the server (RFC 7047 section 4.1.8), got by `Database.lock`: of all clients of one server, one holds it.
 *
 * It is lost with the connection, or when another client steals it. The handle then asks for it again by itself, until
 * the lock is released; `reacquired` waits for that.
 */
export class Lock implements AsyncDisposable {
  readonly name: string;
  readonly #lock: WantedLock;

  static {
    showAs(Lock.prototype, "Lock", ({ name, held }) => ({ name, held }));
  }

  private constructor(lock: WantedLock) {
    this.name = lock.name;
    this.#lock = lock;
    wanted.set(this, lock);
  }

  /** Asks for a lock and waits until it is held; gives it up when that fails. */
  static async acquire(locks: Locks, name: string, options: LockOptions): Promise<Lock> {
    checkOptions(options, OPTIONS);
    checkBooleans(options, ["steal"]);
    options.signal?.throwIfAborted();
    const lock = locks.want(name, options.steal ?? false);
    try {
      await lock.acquired(options);
    } catch (error) {
      // Not waited for: who gives up does not want to wait.
      void lock.release();
      throw error;
    }
    return new Lock(lock);
  }

  /** Whether it is held now, as far as is known here. Only a transaction with the option `lock` lets the server decide. */
  get held(): boolean {
    return this.#lock.held;
  }

  /**
   * Aborts when the lock is lost or released, with `LockLostError` as its reason. A lock that was got again has a new
   * signal, since work begun before must not go on.
   */
  get signal(): AbortSignal {
    return this.#lock.signal;
  }

  /**
   * Resolves when the lock is held: at once, or when it was got again.
   *
   * Throws `LockLostError` after the release, `TimeoutError`, the signal's reason, or `ClosedError`.
   */
  async reacquired(options: UntilOptions = {}): Promise<void> {
    checkOptions(options, UNTIL_OPTIONS);
    return this.#lock.acquired(options);
  }

  /** Gives the lock back. Resolves when the server has confirmed that, at the latest after a second; never rejects. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** What a transaction with the option `lock` is bound to. */
export function tenureOf(lock: Lock | undefined): Tenure | undefined {
  if (lock === undefined) return undefined;
  const inner = wanted.get(lock);
  if (inner === undefined) throw new UsageError("lock: give what nb.lock() resolved with");
  return { lock: inner, signal: inner.signal };
}
