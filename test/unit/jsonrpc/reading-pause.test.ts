import assert from "node:assert/strict";
import { Peer, type Transport, type TransportHandlers } from "../../../lib/jsonrpc/index.ts";
import { ReadingPause } from "../../../lib/jsonrpc/reading-pause.ts";
import { waitFor } from "../../support/wait-for.ts";

/** A transport that notes when it is to stop and to go on. */
class NotedTransport implements Transport {
  readonly writableLength = 0;
  readonly notes: string[] = [];
  resumedAt = 0;
  handlers: TransportHandlers | undefined;

  send(): void {}

  close(): void {}

  start(handlers: TransportHandlers): void {
    this.handlers = handlers;
  }

  pause(): void {
    this.notes.push("pause");
  }

  resume(): void {
    this.notes.push("resume");
    this.resumedAt = performance.now();
  }

  say(message: object): void {
    this.handlers?.onData(new TextEncoder().encode(JSON.stringify(message)));
  }
}

/** Two reads, so far apart in milliseconds: what the second one led to. */
function afterTwo(apart: number, underWay: number, bytes = 100, awaited = underWay > 0): readonly string[] {
  const transport = new NotedTransport();
  const pause = new ReadingPause(transport);
  pause.read(bytes, 1, awaited, underWay, 1_000);
  pause.read(bytes, 1, awaited, underWay, 1_000 + apart);
  pause.end();
  return transport.notes;
}

describe("a pause in reading", () => {
  it("is made while many calls or none are under way and messages follow each other closely", () => {
    for (const underWay of [0, 32, 1_000]) assert.deepEqual(afterTwo(0.1, underWay), ["pause"]);
  });

  it("is not made where somebody waits for one of few replies, for what comes alone, or for plenty", () => {
    for (const underWay of [1, 16, 31]) assert.deepEqual(afterTwo(0.1, underWay), []);
    assert.deepEqual(afterTwo(0.1, 0, 100, true), []);
    assert.deepEqual(afterTwo(1, 0), []);
    assert.deepEqual(afterTwo(0.1, 0, 65_536), []);
  });

  it("ends by itself, and goes on where there is more", async () => {
    const transport = new NotedTransport();
    const pause = new ReadingPause(transport);
    // At one time: a busy machine may take this process its turn between two looks at the clock.
    const now = performance.now();
    pause.read(100, 1, false, 0, now);
    pause.read(100, 1, false, 0, now);
    await waitFor(() => transport.notes.length === 2);
    assert.deepEqual(transport.notes, ["pause", "resume"]);
    pause.end();
  });

  it("ends as soon as somebody waits for one of few replies, and for nobody else", () => {
    const transport = new NotedTransport();
    const pause = new ReadingPause(transport);
    pause.read(100, 1, true, 40, 0);
    pause.read(100, 1, true, 40, 0);
    pause.sent(41);
    assert.deepEqual(transport.notes, ["pause"]);
    pause.sent(1);
    pause.sent(2);
    assert.deepEqual(transport.notes, ["pause", "resume"]);
  });

  it("is given up for a while when several in a row gathered nothing, and goes on when they did", async () => {
    for (const [gathered, pauses] of [
      [1, 4],
      [2, 6],
    ] as const) {
      const transport = new NotedTransport();
      const pause = new ReadingPause(transport);
      // At one time as far as the pause can tell: each read follows the one before closely.
      const read = (messages: number): void => pause.read(100, messages, true, 40, transport.resumedAt);
      const count = (note: string): number => transport.notes.filter((each) => each === note).length;
      read(1);
      for (let round = 0; round < 6; round += 1) {
        read(gathered);
        await waitFor(() => count("resume") === count("pause"));
      }
      assert.equal(count("pause"), pauses);
      for (let reads = 0; reads < 64; reads += 1) read(1);
      assert.equal(count("pause"), pauses + 1);
      pause.end();
    }
  });

  it("is the peer's when it gets many replies, and is over when the connection is", () => {
    const transport = new NotedTransport();
    const peer = new Peer(transport, { onNotification: () => undefined, onClose: () => undefined });
    const calls = Array.from({ length: 50 }, () => peer.call("transact", []).catch(() => undefined));
    // The clock may go on between any two of them, by as much as the machine likes; not between all.
    for (let id = 0; id < 10; id += 1) transport.say({ id, result: [], error: null });
    assert.ok(transport.notes.includes("pause"));
    peer.close();
    const { length } = transport.notes;
    return Promise.all(calls).then(() => assert.equal(transport.notes.length, length));
  });
});
