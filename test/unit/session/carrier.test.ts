import assert from "node:assert/strict";
import { Peer, type Transport } from "../../../lib/jsonrpc/index.ts";
import { Carrier } from "../../../lib/session/carrier.ts";
import { Events, LockLostError } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import { nothing } from "./support.ts";

/** A transport to a server that reads when the test says so, and never answers. */
class SlowTransport implements Transport {
  writableLength = 0;
  #drained: (() => void)[] = [];
  onDrained(call: () => void): void {
    this.#drained.push(call);
  }
  drain(): void {
    this.writableLength = 0;
    for (const call of this.#drained.splice(0)) call();
  }
  send(): void {}
  start(): void {}
  close(): void {}
}

/** A carrier on a connection that takes nothing now. */
function full(): { readonly carrier: Carrier; readonly transport: SlowTransport } {
  const transport = new SlowTransport();
  const carrier = new Carrier("D", new Events("D", undefined), 0);
  const peer = new Peer(transport, { onNotification: () => undefined, onClose: () => undefined });
  carrier.connected(peer, { remote: "unix:/x", isAlone: true, reign: 0 });
  transport.writableLength = 1;
  return { carrier, transport };
}

describe("a transaction that waits for room", () => {
  it("has no more time than was left when it is sent", async () => {
    const { carrier, transport } = full();
    const ends: string[] = [];
    const began = performance.now();
    const send = (name: string, timeout: number): Promise<unknown> =>
      carrier.transact(nothing, { timeout }).catch(() => ends.push(name));
    const first = send("first", 300);
    await waitFor(() => performance.now() - began >= 250);
    transport.drain();
    await Promise.all([first, send("second", 200)]);
    assert.deepEqual(ends, ["first", "second"]);
  });

  it("is refused at once when its lock is not held, and need not come to its turn", async () => {
    const { carrier } = full();
    const lock = carrier.locks.want("l", false);
    const tenure = { lock, signal: lock.signal };
    const waiting = carrier.transact(nothing, { timeout: 60_000 }).catch(() => "ended");
    await assert.rejects(carrier.transact(nothing, { timeout: 60_000, tenure }), LockLostError);
    assert.equal(carrier.pending, 1);
    carrier.ended(new LockLostError("l", "the end"));
    assert.equal(await waiting, "ended");
  });
});
