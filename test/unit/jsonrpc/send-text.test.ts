import assert from "node:assert/strict";
import {
  ClosedError,
  type Json,
  Peer,
  RpcError,
  type TransportHandlers,
} from "../../../lib/jsonrpc/index.ts";

describe("Peer.sendText", () => {
  it("tells what becomes of the call without a promise in between, and throws once the peer is closed", () => {
    const sent: string[] = [];
    let say = (_message: Json): void => undefined;
    const transport = {
      writableLength: 0,
      send: (text: string) => void sent.push(text),
      start: ({ onData }: TransportHandlers) => {
        say = (message) => onData(Buffer.from(JSON.stringify(message)));
      },
      close: () => undefined,
    };
    const peer = new Peer(transport, { onNotification: () => undefined, onClose: () => undefined });
    const told: unknown[] = [];
    const call = {
      method: "transact",
      onReply: undefined,
      cut: undefined,
      resolve: (result: Json) => told.push(result),
      reject: (reason: unknown) => told.push(reason),
    };
    const [first = -1, second = -1] = ['["D"]', "[]", "[]"].map((text) => peer.sendText(text, call));
    assert.deepEqual(JSON.parse(sent[0] ?? ""), { id: first, method: "transact", params: ["D"] });
    say({ id: first, result: ["a"] });
    assert.deepEqual(told, [["a"]]);
    say({ id: second, error: "no" });
    assert.ok(told[1] instanceof RpcError);
    peer.close();
    assert.ok(told[2] instanceof ClosedError && told.length === 3);
    assert.throws(() => peer.sendText("[]", call), ClosedError);
  });
});
