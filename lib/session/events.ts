import { type Channel, channel } from "node:diagnostics_channel";
import type { Log, LogFields, LogLevel } from "./log.ts";
import type { SessionState } from "./state.ts";

/** What every event says. */
export interface SessionEvent {
  /** Which handle: 1 for the first that this process opened, and so on. */
  readonly session: number;
  /** Name of the database, as in `OVN_Northbound`. */
  readonly database: string;
  /** When it happened. */
  readonly time: Date;
}

/** A session came into another state; published as `ovn-northbound:state`. */
export interface StateEvent extends SessionEvent {
  readonly state: SessionState;
  /** The remote in use, or the last one. */
  readonly remote: string;
  /** Why, where there is a reason: what ended the connection or the session, or why the last remote that was tried cannot be used. */
  readonly reason?: Error;
}

/** The replica became whole; published as `ovn-northbound:resync`. */
export interface ResyncEvent extends SessionEvent {
  /** `initial`: the first snapshot; `full`: another one; `fast`: only what had changed meanwhile. */
  readonly kind: "initial" | "full" | "fast";
  /** The remote that sent it. */
  readonly remote: string;
  /** Rows that the server sent for it. */
  readonly rows: number;
  /** From the dial to the end, in milliseconds. */
  readonly milliseconds: number;
}

/**
 * How a call of `transact` ended.
 *
 * - `committed`: something was written, perhaps without the confirmation that `wait` asks for.
 * - `unchanged`: there was nothing to send, it was a dry run, or it only read.
 * - `settled`: the reply was lost, and the transaction found to be committed.
 * - `failed`: nothing was changed.
 * - `unknown`: nobody knows whether something was changed.
 */
export type TransactionOutcome = "committed" | "unchanged" | "settled" | "failed" | "unknown";

/** A call of `transact` ended; published as `ovn-northbound:transaction`. */
export interface TransactionEvent extends SessionEvent {
  readonly outcome: TransactionOutcome;
  /** How often the function that describes it ran; 0 when it failed before that is known. */
  readonly attempts: number;
  /** Operations of the last attempt; 0 when it failed. */
  readonly operations: number;
  /** From the call to its end, pauses and the wait included, in milliseconds. */
  readonly milliseconds: number;
  /** What it failed with. */
  readonly error?: Error;
}

/** Something happened to a lock; published as `ovn-northbound:lock`. */
export interface LockEvent extends SessionEvent {
  readonly name: string;
  readonly change: "wanted" | "acquired" | "lost" | "released";
  /** The remote in use; empty while there is none. */
  readonly remote: string;
  /** Why it was lost. */
  readonly reason?: Error;
}

type Told<E extends SessionEvent> = Omit<E, keyof SessionEvent>;

const CHANNELS = {
  state: channel("ovn-northbound:state"),
  resync: channel("ovn-northbound:resync"),
  transaction: channel("ovn-northbound:transaction"),
  lock: channel("ovn-northbound:lock"),
} as const;

let sessions = 0;

/**
 * Tells the log and the channels of `node:diagnostics_channel` what happens in a session.
 *
 * They are told in a microtask of their own: whatever they do, such as closing the handle, or throwing, they do not
 * find the session in the middle of a step. Costs nothing while nobody listens.
 */
export class Events {
  readonly #session: number;
  readonly #database: string;
  readonly #log: Log | undefined;
  #queue: (() => void)[] = [];
  #complained = false;

  constructor(database: string, log: Log | undefined) {
    sessions += 1;
    this.#session = sessions;
    this.#database = database;
    this.#log = log;
  }

  /** Whether anybody would be told: what happens often need not be described to nobody. */
  heard(event: "state" | "resync" | "transaction" | "lock"): boolean {
    return this.#log !== undefined || CHANNELS[event].hasSubscribers;
  }

  /** The session came into a state. */
  state(state: SessionState, about: Omit<Told<StateEvent>, "state">): void {
    this.#tell("state", stateLevel(state, about.reason), { state, ...about });
  }

  /** The replica became whole. */
  resync(about: Told<ResyncEvent>): void {
    this.#tell("resync", "info", about);
  }

  /** A call of `transact` ended. */
  transaction(about: Told<TransactionEvent>): void {
    this.#tell("transaction", about.outcome === "unknown" ? "warn" : "debug", about);
  }

  /** Something happened to a lock. */
  lock(about: Told<LockEvent>): void {
    this.#tell("lock", about.change === "lost" ? "warn" : "info", about);
  }

  /** Something for the log alone: a remote that cannot be used, a probe without answer, an impossible update. */
  note(level: LogLevel, event: string, fields: LogFields): void {
    if (this.#log !== undefined) this.#write(this.#log, level, event, fields);
  }

  #tell(event: keyof typeof CHANNELS, level: LogLevel, about: object): void {
    const to: Channel = CHANNELS[event];
    if (to.hasSubscribers) {
      const message = { session: this.#session, database: this.#database, time: new Date(), ...about };
      this.#later(() => to.publish(message));
    }
    if (this.#log !== undefined) this.#write(this.#log, level, event, asFields(about));
  }

  #write(log: Log, level: LogLevel, event: string, fields: LogFields): void {
    const time = new Date();
    const entry = { time, level, event, session: this.#session, database: this.#database, fields };
    this.#later(() => {
      try {
        // A function that returns a promise is a Log for the type checker.
        const returned: unknown = log(entry);
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#complain(error));
      } catch (error) {
        this.#complain(error);
      }
    });
  }

  #later(call: () => void): void {
    this.#queue.push(call);
    if (this.#queue.length > 1) return;
    queueMicrotask(() => {
      const calls = this.#queue;
      this.#queue = [];
      // What a call leads to is queued behind all of these.
      for (const one of calls) one();
    });
  }

  /** A log that throws cannot be told so by the log. Once, or it would be told for every entry. */
  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    process.emitWarning(`the log function of ovn-northbound threw: ${String(error)}`, "OvnNorthboundWarning");
  }
}

function stateLevel(state: SessionState, reason: Error | undefined): LogLevel {
  switch (state) {
    case "live":
      return "info";
    case "waiting":
      return "warn";
    case "ended":
      return reason === undefined || ("code" in reason && reason.code === "ERR_CLOSED") ? "info" : "error";
    default:
      return "debug";
  }
}

/** Errors become their message, with the code in a field of its own; what is undefined is left out. */
function asFields(about: object): LogFields {
  const fields: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(about) as [string, unknown][]) {
    if (value instanceof Error) {
      fields[name] = value.message;
      if ("code" in value && typeof value.code === "string") fields["code"] = value.code;
    } else if (typeof value === "number") {
      fields[name] = Math.round(value * 1000) / 1000;
    } else if (typeof value === "string" || typeof value === "boolean") {
      fields[name] = value;
    }
  }
  return fields;
}
