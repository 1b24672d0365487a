import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  type Json,
  type OvsdbError,
  Peer,
  ProtocolError,
  RpcError,
  TlsError,
  type Transport,
  type TransportHandlers,
  UsageError,
} from "../../../lib/jsonrpc/index.ts";

/** The other end of a transport, held by the test. */
class FakeTransport implements Transport {
  readonly sent: string[] = [];
  readonly writableLength = 0;
  closes = 0;
  #handlers: TransportHandlers | undefined;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closes++;
    // As a socket does, though a socket does it later.
    this.#handlers?.onClose(undefined);
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
  }

  say(...messages: Json[]): void {
    this.sayText(messages.map((message) => JSON.stringify(message)).join(""));
  }

  sayText(text: string): void {
    this.#handlers?.onData(new TextEncoder().encode(text));
  }

  sayBytes(bytes: Uint8Array): void {
    this.#handlers?.onData(bytes);
  }

  hangUp(error?: Error): void {
    this.#handlers?.onClose(error);
  }
}

function connect(
  onNotification: (method: string, params: readonly Json[], peer: Peer) => void = () => undefined,
) {
  const transport = new FakeTransport();
  const closed: (OvsdbError | undefined)[] = [];
  const peer: Peer = new Peer(transport, {
    onNotification: (method, params) => onNotification(method, params, peer),
    onClose: (error) => closed.push(error),
  });
  return { transport, peer, closed };
}

describe("Peer", () => {
  it("gives requests different ids and matches replies that overtake each other", async () => {
    const { transport, peer } = connect();
    const first = peer.call("a", [1]);
    const second = peer.call("b", []);
    assert.equal(peer.pending, 2);
    const ids = transport.sent.map((text) => JSON.parse(text).id as number);
    assert.equal(new Set(ids).size, 2);
    transport.say({ id: ids[1] ?? -1, result: "second" }, { id: ids[0] ?? -1, result: "first", error: null });
    assert.deepEqual(await Promise.all([first, second]), ["first", "second"]);
    assert.equal(peer.pending, 0);
  });

  it("ends the connection when its transport throws while it sends, and leaves no call behind", async () => {
    const { transport, peer, closed } = connect();
    const earlier = peer.call("a", []);
    transport.send = () => {
      throw new Error("out of paper");
    };
    const lost = { name: "ConnectionLostError", message: /could not send a message: out of paper/ };
    await assert.rejects(peer.call("b", []), lost);
    await assert.rejects(earlier, lost);
    assert.deepEqual([peer.closed, peer.pending, closed.length, transport.closes], [true, 0, 1, 1]);
  });

  it("ends also when its transport throws while it is closed", async () => {
    const { transport, peer, closed } = connect();
    const call = peer.call("a", []);
    transport.close = () => {
      throw new Error("jammed");
    };
    peer.close();
    await assert.rejects(call, { name: "ClosedError" });
    assert.deepEqual([peer.closed, closed], [true, [undefined]]);
  });

  it("rejects a call with the server's error and stays open", async () => {
    const { transport, peer } = connect();
    const call = peer.call("nonsense", []);
    transport.say({ id: 0, error: "unknown method" });
    await assert.rejects(
      call,
      (error) => error instanceof RpcError && error.method === "nonsense" && error.error === "unknown method",
    );
    assert.equal(peer.closed, false);
  });

  it("deals with messages in order and synchronously, onReply before any later message and before the promise", async () => {
    const order: string[] = [];
    const { transport, peer } = connect((method) => order.push(method));
    const call = peer
      .call("monitor", [], { onReply: () => order.push("reply") })
      .then(() => order.push("promise"));
    transport.say({ method: "before", params: [] }, { id: 0, result: {} }, { method: "after", params: [] });
    assert.deepEqual(order, ["before", "reply", "after"]);
    await call;
    assert.deepEqual(order, ["before", "reply", "after", "promise"]);
  });

  it("answers the server's echo with the same id and params, any other request with an error", () => {
    const { transport } = connect();
    transport.say(
      { id: "echo", method: "echo", params: ["x", 1] },
      { id: 5, method: "steal_all", params: [] },
    );
    assert.deepEqual(
      transport.sent.map((text) => JSON.parse(text)),
      [
        { id: "echo", result: ["x", 1], error: null },
        { id: 5, result: null, error: "unknown method" },
      ],
    );
  });

  it("sends notifications", () => {
    const { transport, peer } = connect();
    peer.notify("cancel", [3]);
    assert.deepEqual(JSON.parse(transport.sent[0] ?? ""), { id: null, method: "cancel", params: [3] });
  });

  it("tells when the last message or a good part of one came, on a clock that does not go back", () => {
    const { transport, peer } = connect();
    const before = peer.lastReceivedAt;
    // Drips are no sign of life: a server could keep us waiting with them for ever.
    for (let byte = 0; byte < 1_000; byte += 1) transport.sayText(" ");
    assert.equal(peer.lastReceivedAt, before);
    for (const text of ['{"method":"m","params":[]}', `{"x":"${"x".repeat(5_000)}`]) {
      const start = performance.now();
      assert.ok(peer.lastReceivedAt <= start);
      transport.sayText(text);
      assert.ok(peer.lastReceivedAt >= start && peer.lastReceivedAt <= performance.now());
    }
  });

  it("tells the id of a reply nobody asked for, also one that no number holds", () => {
    const { transport, closed } = connect();
    transport.sayText('{"id":12345678901234567890,"result":{}}');
    assert.match(closed[0]?.message ?? "", /not under way \(id "12345678901234567890"\)/);
  });

  describe("breaking off", () => {
    const breaches: readonly (readonly [string, string])[] = [
      ["a reply nobody asked for", '{"id":99,"result":{}}'],
      ["a second reply to one request", '{"id":0,"result":{}}{"id":0,"result":{}}'],
      ["a reply whose id has the wrong type", '{"id":"0","result":{}}'],
      ["garbage", "<html>"],
      ["garbage after a whole message", '{"method":"m","params":[]}x'],
      ["a message that is not JSON", "{oops}"],
      ["a message that is no message", "{}"],
      ["a probe that cannot be repeated", '{"id":"echo","method":"echo","params":[1e999]}'],
      ["a request whose id cannot be repeated", '{"id":"\\u0000","method":"m","params":[]}'],
    ];
    for (const [name, text] of breaches) {
      it(`ends with a ProtocolError for ${name}`, async () => {
        const { transport, peer, closed } = connect();
        const calls = [peer.call("a", []), peer.call("b", [])];
        const outcomes = Promise.allSettled(calls);
        transport.sayText(text);
        assert.equal(peer.closed, true);
        assert.equal(peer.pending, 0);
        assert.equal(transport.closes, 1);
        assert.equal(closed.length, 1);
        assert.ok(closed[0] instanceof ProtocolError);
        const last = (await outcomes)[1];
        assert.ok(last?.status === "rejected" && last.reason === closed[0]);
      });
    }

    it("delivers what came before the garbage in the same chunk", async () => {
      const { transport, peer } = connect();
      const call = peer.call("transact", []);
      transport.sayText('{"id":0,"result":["done"]}garbage');
      assert.deepEqual(await call, ["done"]);
      assert.equal(peer.closed, true);
    });

    it("rejects with ClosedError when we close, and closes once", async () => {
      const { transport, peer, closed } = connect();
      const call = peer.call("a", []);
      peer.close();
      peer.close();
      transport.hangUp(new Error("late"));
      await assert.rejects(call, ClosedError);
      assert.deepEqual(closed, [undefined]);
      assert.equal(transport.closes, 1);
    });

    it("rejects with ConnectionLostError when the peer hangs up, with or without an error", async () => {
      for (const cause of [undefined, new Error("ECONNRESET")]) {
        const { transport, peer, closed } = connect();
        const call = peer.call("a", []);
        transport.hangUp(cause);
        await assert.rejects(
          call,
          (error) =>
            error instanceof ConnectionLostError &&
            error.cause === cause &&
            !/half a message/.test(error.message),
        );
        assert.equal(closed.length, 1);
        assert.ok(closed[0] instanceof ConnectionLostError);
      }
    });

    it("says so when the peer hung up in the middle of a message", async () => {
      const { transport, peer } = connect();
      const call = peer.call("a", []);
      transport.sayText('{"id":0,"res');
      transport.hangUp();
      await assert.rejects(
        call,
        (error) =>
          error instanceof ConnectionLostError &&
          /half a message was received \(12 bytes\)/.test(error.message),
      );
    });

    it("passes an error of this library on as it is", async () => {
      const { transport, peer, closed } = connect();
      const call = peer.call("a", []);
      const alert = new TlsError("client-missing", "certificate required");
      transport.hangUp(alert);
      await assert.rejects(call, (error) => error === alert);
      assert.deepEqual(closed, [alert]);
    });

    it("sends and accepts nothing after the end", async () => {
      const seen: string[] = [];
      const { transport, peer } = connect((method) => seen.push(method));
      peer.close();
      await assert.rejects(peer.call("a", []), ClosedError);
      assert.throws(() => peer.notify("a", []), ClosedError);
      transport.say({ method: "late", params: [] });
      assert.deepEqual([transport.sent, seen], [[], []]);
    });

    it("stops in the middle of a chunk when a handler closes it", () => {
      const seen: string[] = [];
      const { transport, closed } = connect((method, _params, peer) => {
        seen.push(method);
        peer.close();
      });
      transport.say({ method: "first", params: [] }, { method: "second", params: [] });
      transport.sayText("garbage");
      assert.deepEqual(seen, ["first"]);
      assert.deepEqual(closed, [undefined]);
    });
  });

  it("shows a notification as text before it is parsed, and no reply, and goes on with what is not taken", async () => {
    const transport = new FakeTransport();
    const seen: string[] = [];
    const closed: (OvsdbError | undefined)[] = [];
    const peer = new Peer(transport, {
      onText: ({ text }) => {
        seen.push(text);
        return text.includes("mine");
      },
      onNotification: (method) => seen.push(method),
      onClose: (error) => closed.push(error),
    });
    const call = peer.call("a", []);
    transport.sayText('{"id":null,"method":"mine","params":no JSON}{"id":null,"method":"b","params":[]}');
    transport.sayText('{"id":0,"result":1,"error":null}{"method":"c","params":[]}');
    assert.equal(await call, 1);
    transport.sayText('{"id":null,"method":"ä","params":["mine"]}');
    assert.deepEqual(seen, [
      '{"id":null,"method":"mine","params":no JSON}',
      '{"id":null,"method":"b","params":[]}',
      "b",
      "c",
      "ä",
    ]);
    transport.sayBytes(Buffer.from('{"id":null,"method":"\xe4"}', "latin1"));
    assert.ok(closed[0] instanceof ProtocolError && /UTF-8/.test(closed[0].message));
  });

  describe("handlers that throw", () => {
    it("ends with the error of onNotification, wrapped if it is not ours", () => {
      const ours = new ProtocolError("bad update");
      const foreign = new TypeError("a mistake");
      for (const thrown of [ours, foreign]) {
        const { transport, closed } = connect(() => {
          throw thrown;
        });
        transport.say({ method: "update", params: [] });
        assert.ok(closed[0] instanceof ProtocolError);
        assert.equal(thrown === ours ? closed[0] : closed[0].cause, thrown);
      }
    });

    it("rejects the call whose onReply throws, and ends", async () => {
      const { transport, peer } = connect();
      const thrown = new TypeError("a mistake");
      const call = peer.call("monitor", [], {
        onReply: () => {
          throw thrown;
        },
      });
      transport.say({ id: 0, result: {} });
      await assert.rejects(call, (error) => error === thrown);
      assert.equal(peer.closed, true);
    });
  });

  it("lets go of a call that is to be forgotten, and its late reply is dropped without ado, once", async () => {
    const { transport, peer } = connect();
    const replies: Json[] = [];
    const call = peer.call("transact", [], { onReply: (result) => replies.push(result) });
    peer.forget(0, new Error("enough"));
    await assert.rejects(call, /enough/);
    assert.equal(peer.pending, 0);
    transport.say({ id: 0, result: [] });
    assert.deepEqual([replies, peer.closed], [[], false]);
    transport.say({ id: 0, result: [] });
    assert.equal(peer.closed, true);
  });

  it("tells of what was sent only while the connection lasts", () => {
    const drained: (() => void)[] = [];
    const transport: Transport = {
      writableLength: 1,
      onDrained: (call) => void drained.push(call),
      send: () => undefined,
      start: () => undefined,
      close: () => undefined,
    };
    const peer = new Peer(transport, { onNotification: () => undefined, onClose: () => undefined });
    let told = 0;
    for (let call = 0; call < 2; call += 1) peer.onDrained(() => told++);
    drained[0]?.();
    peer.close();
    drained[1]?.();
    assert.deepEqual([told, drained.length], [1, 2]);
  });

  it("rejects a call whose params cannot be sent, and sends nothing", async () => {
    const { transport, peer } = connect();
    await assert.rejects(peer.call("a", ["\u0000"]), UsageError);
    assert.deepEqual([transport.sent, peer.pending], [[], 0]);
  });

  it("applies the limits it was given", () => {
    const transport = new FakeTransport();
    const closed: unknown[] = [];
    new Peer(
      transport,
      { onNotification: () => undefined, onClose: (error) => closed.push(error) },
      { maxFrameBytes: 8 },
    );
    transport.sayText('{"aaaaaaaaaaaa');
    assert.ok(closed[0] instanceof ProtocolError);
  });
});
