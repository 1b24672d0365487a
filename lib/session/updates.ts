import { FrameText, type Notification } from "../jsonrpc/index.ts";
import { asOvsdbError, type Connection } from "./connection.ts";
import type { Counters } from "./counters.ts";
import type { Events } from "./events.ts";
import type { SessionHandlers } from "./handlers.ts";
import type { Monitor } from "./monitor.ts";

/**
 * Milliseconds that an update waits for something to be sent, at most. After an update of a megabyte ovsdb-server takes ten
 * or twenty until all of the reply has left it, and takes longer still while we do not read.
 */
const LONGEST_WAIT = 50;

/** With more calls under way than these the server has enough to do, and nothing is won by letting an update wait. */
const FEW = 4;

/** Characters that wait, at most, when they are of several updates: to take them in at once must not take long. */
const MOST = 1024 * 1024;

/** How an update says that a row is gone; no string holds it, since quotes in strings are escaped. */
const DELETION = '"delete":';

/** An update that is not taken in yet. */
interface Waiting {
  readonly connection: Connection;
  readonly monitor: Monitor;
  readonly message: FrameText;
}

/**
 * Hands the updates of the monitor to the owner of the session, in their order.
 *
 * One that comes while few calls are under way may wait until something is sent: as a rule it tells what that call did, the
 * reply is right behind it, and whoever gets the reply has the next transaction to send. The server then works on that
 * while we take the update in, instead of waiting for us. Nobody may notice: the owner calls `catchUp` before
 * anything is read, and lets nothing wait that somebody listens for.
 */
export class Updates {
  readonly #counters: Counters;
  readonly #events: Events;
  readonly #handlers: SessionHandlers;
  readonly #onFault: () => void;
  readonly #waiting: Waiting[] = [];
  /** Characters of those. */
  #size = 0;
  /** Whether one of them tells that a row is gone; `undefined` when nobody has looked since the last one came. */
  #deletes: boolean | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  /** `onFault` is called for an update that cannot follow from what is held. */
  constructor(counters: Counters, events: Events, handlers: SessionHandlers, onFault: () => void) {
    this.#counters = counters;
    this.#events = events;
    this.#handlers = handlers;
    this.#onFault = onFault;
  }

  /** Hands over what a notification says, now or later, if it is an update of the connection's monitor: says whether it is. */
  told(connection: Connection, message: FrameText | Notification): boolean {
    const { monitor, peer } = connection;
    if (monitor === undefined || peer === undefined || connection.syncing) return false;
    if (
      message instanceof FrameText &&
      peer.pending > 0 &&
      peer.pending <= FEW &&
      this.#handlers.mayWait?.() === true &&
      monitor.isTold(message)
    ) {
      this.#keep({ connection, monitor, message });
      return true;
    }
    this.catchUp();
    // What waited may have ended the connection.
    return peer.closed || this.#takeIn(connection, monitor, message);
  }

  #keep(update: Waiting): void {
    this.#waiting.push(update);
    this.#size += update.message.text.length;
    this.#deletes = undefined;
    if (this.#size > MOST && this.#waiting.length > 1) this.catchUp();
    else this.#timer ??= setTimeout(() => this.catchUp(), LONGEST_WAIT);
  }

  /** After a transaction was given to the connection: it leaves at the end of this turn, and what waits comes after that. */
  sent(): void {
    if (this.#waiting.length > 0) this.#immediate ??= setImmediate(() => this.catchUp());
  }

  /** Whether one of those that wait may tell that a row is gone. */
  get deletes(): boolean {
    if (this.#waiting.length === 0) return false;
    this.#deletes ??= this.#waiting.some(({ message }) => message.text.includes(DELETION));
    return this.#deletes;
  }

  /** Hands over all that wait. */
  catchUp(): void {
    if (this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#size = 0;
    // One by one: what is told may ask for the others.
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { connection, monitor, message } = next;
      if (this.#takeIn(connection, monitor, message)) continue;
      // It has to be parsed as a whole, and what is no JSON ends the connection as it would have when it came.
      try {
        this.#takeIn(connection, monitor, message.notification());
      } catch (error) {
        this.#waiting.length = 0;
        connection.fail(asOvsdbError(error, "a message could not be read"));
      }
    }
  }

  /** Says whether the message was an update that could be read as it is. */
  #takeIn(connection: Connection, monitor: Monitor, message: FrameText | Notification): boolean {
    try {
      const updates = monitor.told(message);
      if (updates === undefined) return false;
      this.#counters.rowsReceived += updates.length;
      this.#handlers.onUpdate(updates);
    } catch (error) {
      // A replica that missed a part of an update must not be read any more, and nothing can follow from it.
      this.#onFault();
      this.#counters.impossibleUpdates += 1;
      const failure = asOvsdbError(error, "an update could not be applied");
      this.#events.note("warn", "impossible-update", { remote: connection.remote, reason: failure.message });
      this.#waiting.length = 0;
      connection.fail(failure);
    }
    return true;
  }
}
