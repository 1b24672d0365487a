import type { Socket } from "node:net";
import { parseJson, stringifyJson } from "../jsonrpc/index.ts";
import { type DropReply, type Faults, faultsOf, type ProxyConnection } from "./faults.ts";
import { FrameTap } from "./frame-tap.ts";
import { Outflow } from "./outflow.ts";
import { DirectionCounter, type DirectionCounts } from "./proxy-counts.ts";
import type { Direction, ProxyMessage } from "./proxy-message.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What a connection tells its proxy. */
export interface ConnectionEvents {
  /** Something was counted. */
  onChange(): void;
  onDroppedReply(): void;
  /** Both sockets are closed; called once. */
  onOver(): void;
}

/** One direction of a connection. */
interface Flow {
  readonly source: Socket;
  readonly out: Outflow;
  readonly tap: FrameTap;
  readonly counter: DirectionCounter;
}

/** Where the loss of a reply stands. */
interface Dropping {
  readonly rule: DropReply;
  requests: number;
  /** The id of the request whose reply gets lost, as JSON. */
  id: string | undefined;
  /** From now on the client gets nothing. */
  silent: boolean;
  /** The server has replied. */
  done: boolean;
}

/** A connection between two sockets. */
export class SocketProxyConnection implements ProxyConnection {
  readonly number: number;
  readonly #events: ConnectionEvents;
  readonly #flows: Readonly<Record<Direction, Flow>>;
  readonly #sockets: readonly Socket[];
  #faults: Faults = {};
  /** How many more messages pass before the injection; none for a direction without one. */
  readonly #injections: Map<Direction, number> = new Map();
  #dropping: Dropping | undefined;
  #isCut = false;

  constructor(number: number, client: Socket, server: Socket, seed: number, events: ConnectionEvents) {
    this.number = number;
    this.#events = events;
    this.#sockets = [client, server];
    this.#flows = {
      toServer: this.#makeFlow("toServer", client, server, new SeededRandom(seed, number, 0)),
      toClient: this.#makeFlow("toClient", server, client, new SeededRandom(seed, number, 1)),
    };
    let left = this.#sockets.length;
    for (const socket of this.#sockets) {
      // What the kernel has to say about a lost connection does not matter here; "close" follows.
      socket.on("error", () => {});
      socket.on("close", () => {
        left--;
        if (left === 0) {
          this.#flows.toServer.out.discard();
          this.#flows.toClient.out.discard();
          events.onOver();
        }
      });
    }
  }

  get faults(): Faults {
    return this.#faults;
  }

  counts(direction: Direction): DirectionCounts {
    return this.#flows[direction].counter.counts;
  }

  setFaults(faults: Faults): void {
    if (this.#dropping?.silent === true) {
      this.cut();
    }
    if (this.#isCut) {
      return;
    }
    this.#faults = faults;
    this.#injections.clear();
    const rule = faults.dropReply;
    this.#dropping =
      rule === undefined ? undefined : { rule, requests: 0, id: undefined, silent: false, done: false };
    for (const direction of ["toServer", "toClient"] as const) {
      const { afterFrames } = faultsOf(faults, direction).inject ?? {};
      if (afterFrames !== undefined) {
        this.#injections.set(direction, afterFrames);
      }
      this.#flows[direction].out.set(faultsOf(faults, direction));
      for (const bytes of this.#dueInjection(direction)) {
        this.#flows[direction].out.put(bytes);
      }
      this.#regulate(direction);
    }
  }

  inject(direction: Direction, content: string | Uint8Array | ProxyMessage): void {
    this.#flows[direction].out.put(toBytes(content));
  }

  cut(): void {
    if (this.#isCut) {
      return;
    }
    this.#isCut = true;
    for (const flow of Object.values(this.#flows)) {
      flow.out.discard();
    }
    for (const socket of this.#sockets) {
      // A paused socket would not notice that the other side has gone.
      socket.resume();
      socket.destroySoon();
    }
  }

  destroy(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #makeFlow(direction: Direction, source: Socket, sink: Socket, random: SeededRandom): Flow {
    const counter = new DirectionCounter();
    const out = new Outflow(sink, random, {
      onForwarded: (bytes) => {
        counter.forwarded(bytes);
        this.#events.onChange();
      },
      onCut: () => this.cut(),
      onRoom: () => this.#regulate(direction),
    });
    const flow = {
      source,
      out,
      counter,
      tap: new FrameTap((frame, left) => this.#onFrame(direction, frame, left)),
    };
    let ended = false;
    source.on("data", (chunk: Uint8Array) => {
      if (!this.#isCut) {
        this.#onData(direction, chunk);
      }
    });
    source.on("end", () => {
      ended = true;
      out.put("end");
    });
    source.on("close", () => {
      if (!ended) {
        out.put("cut");
      }
    });
    return flow;
  }

  #onData(direction: Direction, chunk: Uint8Array): void {
    const { counter, tap, out } = this.#flows[direction];
    counter.received(chunk.length);
    const wasSilent = this.#isSilent(direction);
    const dropping = this.#dropping;
    const wasDone = dropping?.done === true;
    const pieces = tap.push(chunk, this.#isFramewise(direction));
    if (!wasSilent) {
      for (const piece of pieces) {
        out.put(piece);
      }
    }
    // Behind the pieces: what the server sent before its reply may have come with it.
    if (dropping?.rule.cut === true && dropping.done && !wasDone) {
      out.put("cut");
    }
    this.#events.onChange();
  }

  #isFramewise(direction: Direction): boolean {
    return (
      faultsOf(this.#faults, direction).rewrite !== undefined ||
      this.#injections.has(direction) ||
      (direction === "toClient" && this.#dropping?.rule.from === "reply")
    );
  }

  #isSilent(direction: Direction): boolean {
    return direction === "toClient" && this.#dropping?.silent === true;
  }

  #onFrame(direction: Direction, frame: Uint8Array, left: Uint8Array): readonly Uint8Array[] {
    const message = parse(frame);
    this.#flows[direction].counter.frame(message);
    if (direction === "toClient") this.#watchReplies(direction, message);
    const isWhole = left.length === frame.length;
    const pieces = this.#isSilent(direction)
      ? []
      : isWhole
        ? this.#rewritten(direction, frame, message)
        : [left];
    // Whoever sees a request go by may ask for the loss of its reply.
    if (direction === "toServer") this.#watchReplies(direction, message);
    const before = this.#injections.get(direction);
    if (before === undefined) {
      return pieces;
    }
    this.#injections.set(direction, before - 1);
    return [...pieces, ...this.#dueInjection(direction)];
  }

  #rewritten(
    direction: Direction,
    frame: Uint8Array,
    message: ProxyMessage | undefined,
  ): readonly Uint8Array[] {
    const { rewrite } = faultsOf(this.#faults, direction);
    if (rewrite === undefined || message === undefined) {
      return [frame];
    }
    const result = rewrite(message, this);
    if (result === message) {
      return [frame];
    }
    const messages = result === undefined ? [] : isList(result) ? result : [result];
    return messages.map(toBytes);
  }

  #watchReplies(direction: Direction, message: ProxyMessage | undefined): void {
    const dropping = this.#dropping;
    const { id = null, method = null } = message ?? {};
    if (dropping === undefined || id === null) {
      return;
    }
    const { rule } = dropping;
    if (direction === "toServer") {
      if (method !== null && (rule.method === undefined || rule.method === method)) {
        dropping.requests++;
        if (dropping.requests === (rule.nth ?? 1)) {
          dropping.id = stringifyJson(id);
          dropping.silent = rule.from !== "reply";
        }
      }
    } else if (method === null && dropping.id === stringifyJson(id)) {
      dropping.id = undefined;
      dropping.silent = true;
      dropping.done = true;
      this.#events.onDroppedReply();
    }
  }

  #dueInjection(direction: Direction): readonly Uint8Array[] {
    if (this.#injections.get(direction) !== 0) {
      return [];
    }
    this.#injections.delete(direction);
    const { inject } = faultsOf(this.#faults, direction);
    return inject === undefined ? [] : [toBytes(inject.bytes)];
  }

  /** Reads from the sender, or does not. */
  #regulate(direction: Direction): void {
    const { source, out } = this.#flows[direction];
    if (faultsOf(this.#faults, direction).stall === true || out.isFull) {
      source.pause();
    } else {
      source.resume();
    }
  }
}

function parse(frame: Uint8Array): ProxyMessage | undefined {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(frame)) as ProxyMessage;
  } catch {
    return undefined;
  }
}

function toBytes(content: string | Uint8Array | ProxyMessage): Uint8Array {
  if (content instanceof Uint8Array) {
    return content;
  }
  return new TextEncoder().encode(typeof content === "string" ? content : stringifyJson(content));
}

// Array.isArray does not narrow readonly arrays away.
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
