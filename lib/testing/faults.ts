import { checkBooleans, checkFunctions, checkOptions, UsageError, unknownKey } from "../jsonrpc/index.ts";
import { checkChoice, checkNumbers } from "./check-options.ts";
import type { DirectionCounts } from "./proxy-counts.ts";
import type { Direction, ProxyMessage } from "./proxy-message.ts";

/** One client's connection through a {@link FaultProxy}. */
export interface ProxyConnection {
  /** Its place among the connections that its proxy has had, from 1. */
  readonly number: number;
  /** The faults that apply now. */
  readonly faults: Faults;
  /** What went through this connection in one direction. */
  counts(direction: Direction): DirectionCounts;
  /**
   * Replaces the faults; the counting of bytes, messages and requests in them begins anew. A connection on which something
   * was lost ends: no network goes on behind a gap.
   */
  setFaults(faults: Faults): void;
  /** Sends something that the other side never sent, behind all that waits to be passed on. */
  inject(direction: Direction, content: string | Uint8Array | ProxyMessage): void;
  /** Ends the connection now, for both sides. What was passed on until now still arrives. */
  cut(): void;
  /** Ends the connection without regard for what has not arrived. */
  destroy(): void;
}

/**
 * Looks at each message of one direction and says what is sent in its place: the same object leaves the bytes as they
 * came, another one or several are sent instead, undefined drops it.
 *
 * Only whole messages are passed on while there is one. What is no JSON object is passed on as it is.
 */
export type Rewrite = (
  message: ProxyMessage,
  connection: ProxyConnection,
) => ProxyMessage | readonly ProxyMessage[] | undefined;

/** What goes wrong in one direction. */
export interface DirectionFaults {
  /**
   * Ends the connection, both ways, when so many more bytes have been passed on. The receiver gets exactly these; 0
   * hangs up at once.
   */
  readonly cutAfterBytes?: number;
  /**
   * Passes on at most so many bytes in one turn of the event loop; a pair is the least and the most of a size drawn
   * anew each time from the proxy's seed. A reader in the same process then gets about that much at a time.
   */
  readonly chunkBytes?: number | readonly [least: number, most: number];
  /** Milliseconds that all bytes stay here; their order is kept. */
  readonly delay?: number;
  /**
   * Passes on nothing, not even the end of the connection, and leaves both sockets open: with both directions, a
   * half-open connection. What came meanwhile is passed on when the fault is taken back.
   */
  readonly hold?: boolean;
  /** Reads nothing any more from the sender, so that its writes pile up: a stalled reader. */
  readonly stall?: boolean;
  /** Sends bytes that the other side never sent, once, after so many more whole messages. */
  readonly inject?: { readonly afterFrames: number; readonly bytes: string | Uint8Array };
  /** Changes messages; see {@link Rewrite}. */
  readonly rewrite?: Rewrite;
}

/** A request is delivered and carried out, and its reply gets lost. */
export interface DropReply {
  /** Only requests with this method count. @default every request */
  readonly method?: string;
  /** Which request, from 1, counted from when the fault was set; one for which a {@link Rewrite} sets it counts. @default 1 */
  readonly nth?: number;
  /**
   * From where on the client gets nothing more: "request", from when that request came in, so neither its changes in
   * the monitored tables are seen; "reply", from its reply on, before which the server sends those changes.
   * @default "request"
   */
  readonly from?: "request" | "reply";
  /** Ends the connection once the server has replied; so the request is surely done. @default false: it stays open */
  readonly cut?: boolean;
}

/** What goes wrong on a connection through a {@link FaultProxy}. An empty object: nothing. */
export interface Faults {
  /** For both directions; the other two members take precedence. */
  readonly both?: DirectionFaults;
  /** For what the client sends. */
  readonly toServer?: DirectionFaults;
  /** For what the server sends. */
  readonly toClient?: DirectionFaults;
  /** Loses the reply to a request. */
  readonly dropReply?: DropReply;
}

const FAULTS: Readonly<Record<keyof Faults, true>> = {
  both: true,
  toServer: true,
  toClient: true,
  dropReply: true,
};

const DIRECTION_FAULTS: Readonly<Record<keyof DirectionFaults, true>> = {
  cutAfterBytes: true,
  chunkBytes: true,
  delay: true,
  hold: true,
  stall: true,
  inject: true,
  rewrite: true,
};

const DROP_REPLY: Readonly<Record<keyof DropReply, true>> = {
  method: true,
  nth: true,
  from: true,
  cut: true,
};

/** Throws `UsageError` for a fault that there is not, or that is not of its type: whoever misspelt one would test without it. */
export function checkFaults(faults: Faults): void {
  const ofDirection = unknownKey(faults, FAULTS);
  if (ofDirection !== undefined && Object.hasOwn(DIRECTION_FAULTS, ofDirection))
    throw new UsageError(
      `the fault ${ofDirection} is of a direction: { toServer: { ${ofDirection} } }, toClient or both`,
    );
  checkOptions(faults, FAULTS);
  for (const part of ["both", "toServer", "toClient"] as const) {
    const ofPart = faults[part] ?? {};
    checkOptions(ofPart, DIRECTION_FAULTS, `${part}.`);
    checkNumbers(ofPart, ["cutAfterBytes", "delay"]);
    checkBooleans(ofPart, ["hold", "stall"]);
    checkFunctions(ofPart, ["rewrite"]);
  }
  const { dropReply = {} } = faults;
  checkOptions(dropReply, DROP_REPLY, "dropReply.");
  checkNumbers(dropReply, ["nth"]);
  checkBooleans(dropReply, ["cut"]);
  checkChoice("from", dropReply.from, ["request", "reply"]);
}

/** The faults of one direction. */
export function faultsOf(faults: Faults, direction: Direction): DirectionFaults {
  return { ...faults.both, ...faults[direction] };
}
