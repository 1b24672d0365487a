import { type Endpoint, EndpointError, formatEndpoint, OvsdbError } from "../jsonrpc/index.ts";
import { Backoff } from "./backoff.ts";
import { onAbort } from "./on-abort.ts";
import type { SessionOptions } from "./options.ts";
import type { Remotes } from "./remotes.ts";
import { startTimer } from "./timers.ts";

/** What a search does with one remote, and between passes. */
export interface SearchSteps {
  /** Tries to use a remote; tells why that failed, `undefined` when it did not. Throws what ends the search. */
  attempt(endpoint: Endpoint): Promise<FailedAttempt | undefined>;
  /** A remote could not be used; now another one is tried, or the search ends. */
  onRefusal(remote: string, reason: Error): void;
  /** A pass found none, and another one follows. `reason`: why its last remote could not be used. */
  onPause(reason: Error | undefined): void;
}

/** Why a remote could not be used. */
export interface FailedAttempt {
  readonly error: Error;
  /** Whether a healthy server answered, and asked not to be used now. */
  readonly answered: boolean;
}

/** Looks for a usable server: pass after pass over the remotes, with pauses. */
export class Search {
  readonly remotes: Remotes;
  readonly backoff: Backoff;
  readonly #stop: AbortSignal;
  readonly #steps: SearchSteps;
  #nextPass: number | undefined;
  #lastRefusal: Error | undefined;
  /** Why no remote could be used in the last pass that tried all of them. */
  #noneUsable: Error | undefined;
  /** The remote that refused last, until it is said: a pause that follows says it. */
  #untold: Endpoint | undefined;
  #endPause: (() => void) | undefined;

  /** @param stop ends the search, which then throws its reason. */
  constructor(remotes: Remotes, options: SessionOptions, stop: AbortSignal, steps: SearchSteps) {
    this.remotes = remotes;
    this.backoff = new Backoff(options);
    this.#stop = stop;
    this.#steps = steps;
  }

  /** When the next pass begins, by `performance.now()`, in a pause before it. */
  get nextPass(): number | undefined {
    return this.#nextPass;
  }

  /** Why no remote can be used: those of the last whole pass, else the last that was tried; `undefined` when one is in use. */
  get lastRefusal(): Error | undefined {
    return this.#noneUsable ?? this.#lastRefusal;
  }

  /**
   * Resolves when a remote is in use. `until`, by `performance.now()`, ends it with an error after the pass that is then
   * under way, or with the first that no later pass could mend.
   */
  async run(until?: number): Promise<void> {
    for (;;) {
      await this.#pause(Math.min(this.backoff.next(), Math.max(0, (until ?? Infinity) - performance.now())));
      this.#stop.throwIfAborted();
      const failures = await this.#pass();
      this.#noneUsable = failures && noneUsable(this.remotes.list, failures);
      if (failures === undefined) return;
      if (until !== undefined && (performance.now() >= until || !failures.some(isRetryable))) {
        this.#tellRefusal();
        throw this.#noneUsable;
      }
      this.#untold = undefined;
      this.#steps.onPause(this.#lastRefusal);
    }
  }

  /** Ends a pause: the next pass begins at once. */
  hurry(): void {
    this.#endPause?.();
  }

  /** Tries each remote once, up to the first usable one; else what was wrong with each. */
  async #pass(): Promise<readonly Failure[] | undefined> {
    const failures: Failure[] = [];
    const { list } = this.remotes;
    let answered = false;
    for (const endpoint of this.remotes.pass()) {
      this.#tellRefusal();
      const failure = await this.#steps.attempt(endpoint);
      this.#lastRefusal = failure?.error;
      if (failure === undefined) return undefined;
      this.#untold = endpoint;
      // Others are to be tried now.
      if (this.remotes.list !== list) return this.#pass();
      failures.push({ remote: formatEndpoint(endpoint), error: failure.error });
      answered ||= failure.answered;
    }
    this.backoff.failed(answered);
    return failures;
  }

  #tellRefusal(): void {
    const refused = this.#untold;
    this.#untold = undefined;
    if (refused !== undefined && this.#lastRefusal !== undefined) {
      this.#steps.onRefusal(formatEndpoint(refused), this.#lastRefusal);
    }
  }

  #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    this.#nextPass = performance.now() + milliseconds;
    return new Promise((resolve) => {
      const end = (): void => {
        stopTimer();
        stopListening();
        this.#nextPass = undefined;
        this.#endPause = undefined;
        resolve();
      };
      const stopTimer = startTimer(milliseconds, end);
      const stopListening = onAbort(this.#stop, end);
      this.#endPause = end;
    });
  }
}

/** What was wrong with one remote in a pass. */
interface Failure {
  readonly remote: string;
  readonly error: Error;
}

function noneUsable(remotes: readonly Endpoint[], failures: readonly Failure[]): Error {
  const [first] = failures;
  if (failures.length === 1 && first !== undefined) return first.error;
  // Who finds that the protocol is broken, or a request refused, does not know at which remote.
  const messages = failures.map(({ remote, error: { message } }) =>
    message.includes(remote) ? message : `${remote}: ${message}`,
  );
  return new EndpointError(
    remotes.map(formatEndpoint).join(","),
    `no usable server among ${remotes.length} remotes: ${messages.join("; ")}`,
    { cause: new AggregateError(failures.map(({ error }) => error)), retryable: failures.some(isRetryable) },
  );
}

function isRetryable({ error }: Failure): boolean {
  return error instanceof OvsdbError && error.retryable;
}
