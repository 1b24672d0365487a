import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { ConnectionLostError, Peer, TimeoutError, type Transport } from "../../../lib/jsonrpc/index.ts";
import { Gate } from "../../../lib/session/gate.ts";
import { settle } from "./support.ts";

/** A transport whose queue the test empties. */
class SlowTransport implements Transport {
  writableLength = 0;
  readonly drains: (() => void)[] = [];
  onDrained(call: () => void): void {
    this.drains.push(call);
  }
  send(text: string): void {
    this.writableLength += text.length;
  }
  start(): void {}
  close(): void {}
  drain(): void {
    this.writableLength = 0;
    for (const call of this.drains.splice(0)) call();
  }
}

function makeGate(limit: number, transport: Transport = new SlowTransport()): { gate: Gate; peer: Peer } {
  const peer = new Peer(transport, { onNotification: () => undefined, onClose: () => undefined });
  return { gate: new Gate(peer, limit), peer };
}

const forever = { timeout: Number.POSITIVE_INFINITY };

describe("Gate", () => {
  /** Sends texts of 50 characters and more through a gate of 100; says in which order they went. */
  function sender(transport: SlowTransport): {
    readonly gate: Gate;
    readonly sent: string[];
    send(name: string, bounds?: { timeout: number; signal?: AbortSignal }): Promise<unknown>;
  } {
    const { gate, peer } = makeGate(100, transport);
    const sent: string[] = [];
    const send = (name: string, bounds: { timeout: number; signal?: AbortSignal } = forever) =>
      gate.pass(bounds, async () => {
        sent.push(name);
        peer.notify(name, ["x".repeat(50)]);
        return name;
      });
    return { gate, sent, send };
  }

  it("listens to a signal no longer than it waits", async () => {
    const transport = new SlowTransport();
    const { send } = sender(transport);
    const { signal } = new AbortController();
    const all = ["a", "b", "c"].map((name) => send(name, { ...forever, signal }));
    assert.equal(getEventListeners(signal, "abort").length, 1);
    transport.drain();
    await Promise.all(all);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("lets through until more than the limit is unsent, and the others in order as it drains", async () => {
    const transport = new SlowTransport();
    const { gate, sent, send } = sender(transport);
    const all = ["a", "b", "c", "d", "e"].map((name) => send(name));
    assert.deepEqual(sent, ["a", "b"]);
    assert.equal(gate.waiting, 3);
    transport.drain();
    assert.deepEqual(sent, ["a", "b", "c", "d"]);
    // Who comes now must not overtake who waits.
    all.push(send("f"));
    transport.drain();
    assert.deepEqual(await Promise.all(all), ["a", "b", "c", "d", "e", "f"]);
    assert.deepEqual(sent, ["a", "b", "c", "d", "e", "f"]);
    assert.equal(gate.waiting, 0);
  });

  it("lets nobody pass those who wait, although there is room before they were told", async () => {
    const transport = new SlowTransport();
    const { gate, sent, send } = sender(transport);
    const all = ["a", "b", "c"].map((name) => send(name));
    transport.writableLength = 0;
    assert.equal(gate.open, false);
    all.push(send("d"));
    assert.deepEqual(sent, ["a", "b"]);
    transport.drain();
    await Promise.all(all);
    assert.deepEqual(sent, ["a", "b", "c", "d"]);
  });

  it("asks for one drain at a time, however many wait", async () => {
    const transport = new SlowTransport();
    const { send, gate } = sender(transport);
    const all = Array.from({ length: 50 }, (_, index) => send(`n${index}`));
    assert.equal(transport.drains.length, 1);
    while (gate.waiting > 0) transport.drain();
    await Promise.all(all);
  });

  it("sends nothing of what was given up or took too long, and goes on with the others", async () => {
    const transport = new SlowTransport();
    const { gate, sent, send } = sender(transport);
    const through = [send("a"), send("b")];
    const controller = new AbortController();
    const aborted = assert.rejects(send("c", { timeout: 30_000, signal: controller.signal }), /enough/);
    const late = assert.rejects(send("d", { timeout: 5 }), TimeoutError);
    const last = send("e");
    controller.abort(new Error("enough"));
    await Promise.all([aborted, late, ...through]);
    assert.equal(gate.waiting, 1);
    transport.drain();
    await last;
    assert.deepEqual(sent, ["a", "b", "e"]);
  });

  it("tells who waits why it was closed", async () => {
    const transport = new SlowTransport();
    const { gate, sent, send } = sender(transport);
    void send("a");
    void send("b");
    const reason = new ConnectionLostError("gone");
    const waiting = [send("c"), send("d")].map((call) => assert.rejects(call, (error) => error === reason));
    gate.close(reason);
    await Promise.all(waiting);
    transport.drain();
    assert.deepEqual(sent, ["a", "b"]);
  });

  it("tells how much time is left", async () => {
    const transport = new SlowTransport();
    const { gate } = makeGate(0, transport);
    transport.writableLength = 1;
    const left = gate.pass({ timeout: 60_000 }, async (milliseconds) => milliseconds);
    await settle();
    transport.drain();
    const milliseconds = Number(await left);
    assert.ok(milliseconds > 0 && milliseconds < 60_000);
  });

  it("lets everything through a transport that cannot tell when it drains", async () => {
    const { gate, peer } = makeGate(10, {
      writableLength: 1_000,
      send: () => undefined,
      start: () => undefined,
      close: () => undefined,
    });
    assert.equal(await gate.pass(forever, async () => "sent"), "sent");
    assert.equal(peer.unsent, 1_000);
  });
});
