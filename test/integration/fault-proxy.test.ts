import assert from "node:assert/strict";
import { once } from "node:events";
import type { FaultProxyOptions } from "../../lib/testing/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { waitFor } from "../support/index.ts";
import type { End } from "../support/proxy-chain.ts";
import { chain, dial, PlainServer } from "../support/proxy-chain.ts";

/** More than the kernel keeps for a reader that does not read. */
const lots = "x".repeat(3_000_000);

/** Enough turns of the event loop, each with a byte through the proxy, for `lots` to have passed if it could. */
async function turns({ client, end }: { readonly client: End; readonly end: End }): Promise<void> {
  for (let turn = 1; turn <= 300; turn++) {
    client.socket.write(".");
    await once(end.socket, "data");
  }
}

function ends(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return end;
  });
}

const request = (id: number, method: string): string => JSON.stringify({ id, method, params: [] });
const reply = (id: number): string => JSON.stringify({ id, result: {}, error: null });
const update = JSON.stringify({ id: null, method: "update3", params: [] });

describe("the fault proxy", () => {
  for (const listen of ["unix", "tcp"] as const) {
    it(`passes everything on without faults, and counts it, on ${listen}`, async () => {
      await using all = await chain({ listen });
      const { client, end, proxy } = all;
      assert.ok(proxy.remote.startsWith(`${listen}:`), proxy.remote);
      client.socket.write(`${request(1, "echo")} ${request(2, "transact")}`);
      await end.got(`${request(1, "echo")} ${request(2, "transact")}`);
      end.socket.write(reply(1) + update);
      await client.got(reply(1) + update);
      client.socket.end();
      await waitFor(() => end.ended);
      assert.equal(client.ended, false, "one direction ended, not both");
      end.socket.end("bye");
      await client.got(`${reply(1)}${update}bye`);
      await waitFor(() => client.closed);
      const { toServer, toClient, ...rest } = await proxy.until(({ open }) => open === 0);
      assert.deepEqual(rest, { connections: 1, open: 0, unreachable: 0, droppedReplies: 0 });
      const bytes = request(1, "echo").length + request(2, "transact").length + 1;
      const methods = { echo: 1, transact: 1 };
      assert.deepEqual(toServer, { bytes, forwardedBytes: bytes, frames: 2, replies: 0, methods });
      assert.deepEqual([toClient.frames, toClient.replies, toClient.methods], [2, 1, { update3: 1 }]);
    });
  }

  it("cuts after so many bytes, which arrive", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ toClient: { cutAfterBytes: 5 } });
    end.socket.write("abc");
    await client.got("abc");
    assert.equal(client.ended, false);
    end.socket.write("defghi");
    await client.got("abcde");
    await waitFor(() => client.closed && end.ended);
  });

  it("hangs up at once on the next connection alone", async () => {
    await using all = await chain();
    const { proxy, server } = all;
    proxy.setNextFaults({ both: { cutAfterBytes: 0 } });
    const second = await dial(proxy);
    await waitFor(() => second.closed);
    const third = await dial(proxy);
    third.socket.write("x");
    await waitFor(() => server.ends.some((end) => end.text === "x"));
    assert.equal(all.client.closed, false);
    proxy.setNextFaults({ both: { cutAfterBytes: 0 } });
    proxy.setFaults({});
    const fourth = await dial(proxy);
    fourth.socket.write("z");
    await waitFor(() => server.ends.some((end) => end.text === "z"));
    third.socket.destroy();
    fourth.socket.destroy();
  });

  it("passes on one byte at a time, or sizes that the seed decides", async () => {
    const sizes = async (options: FaultProxyOptions): Promise<number[]> => {
      await using all = await chain({ listen: "unix", ...options });
      all.client.socket.write("0123456789".repeat(6));
      await all.end.got("0123456789".repeat(6));
      return all.end.pieces.map((piece) => piece.length);
    };
    const single = await sizes({ faults: { toServer: { chunkBytes: 1 } } });
    assert.ok(single.length > 30, `${single.length} pieces`);
    const drawn = await sizes({ seed: 3, faults: { toServer: { chunkBytes: [1, 9] } } });
    assert.ok(drawn.length > 4, String(drawn));
    // The kernel may join two pieces, but where one ends is the seed's choice: of the first connection, to the server.
    const random = new SeededRandom(3, 1, 0);
    const allowed = ends(Array.from({ length: 60 }, () => random.integer(1, 9)));
    assert.deepEqual(
      ends(drawn).filter((end) => end < 60 && !allowed.includes(end)),
      [],
    );
  });

  it("delays, in order", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ toServer: { delay: 60 } });
    const start = performance.now();
    client.socket.write("first ");
    await proxy.until(({ toServer }) => toServer.bytes === 6);
    // What comes after the delay was taken back still waits for what came before.
    proxy.setFaults({});
    client.socket.write("second");
    await end.got("first second");
    assert.ok(performance.now() - start >= 59, `${performance.now() - start} ms`);
  });

  it("holds everything back with both sockets open, the end too, and goes on later", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ both: { hold: true } });
    client.socket.write("lost?");
    end.socket.write("lost?");
    client.socket.end();
    await proxy.until(({ toServer, toClient }) => toServer.bytes === 5 && toClient.bytes === 5);
    assert.deepEqual([client.text, end.text, end.ended], ["", "", false]);
    assert.equal(proxy.counts.open, 1);
    proxy.setFaults({});
    await end.got("lost?");
    await client.got("lost?");
    await waitFor(() => end.ended);
  });

  it("stops reading, so that the sender's bytes pile up", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ toClient: { stall: true } });
    end.socket.write(lots);
    await turns(all);
    assert.equal(proxy.counts.toClient.bytes, 0);
    proxy.setFaults({});
    await waitFor(() => client.text.length === lots.length);
  });

  it("reads no more than a slow receiver takes", async () => {
    await using all = await chain({ listen: "unix" });
    const { client, end, proxy } = all;
    client.socket.pause();
    end.socket.write(lots);
    await turns(all);
    assert.ok(proxy.counts.toClient.bytes < lots.length / 2, `${proxy.counts.toClient.bytes} bytes`);
    client.socket.resume();
    await waitFor(() => client.text.length === lots.length);
  });

  it("cuts after so many bytes, which also a slow receiver gets", async () => {
    await using all = await chain({ listen: "unix" });
    const { proxy, server } = all;
    // Around what the kernel keeps for a socket, so that the last bytes are with the kernel, or still with the proxy.
    let connections = 1;
    for (let size = 80_000; size <= 320_000; size += 8_000) {
      connections++;
      proxy.setNextFaults({ toClient: { cutAfterBytes: size } });
      const client = await dial(proxy);
      client.socket.pause();
      const end = await server.end(connections);
      end.socket.write("x".repeat(size + 1));
      await proxy.until(({ open }) => open === 2);
      client.socket.resume();
      await waitFor(() => client.ended);
      assert.equal(client.text.length, size);
      client.socket.destroy();
      await proxy.until(({ open }) => open === 1);
    }
  });

  it("refuses connections, and accepts again at the same remote", async () => {
    for (const listen of ["unix", "tcp"] as const) {
      await using all = await chain({ listen });
      const { proxy, client, end } = all;
      const { remote } = proxy;
      proxy.refuse();
      await assert.rejects(dial(proxy), /ECONNREFUSED|ENOENT/);
      client.socket.write("still there");
      await end.got("still there");
      await proxy.accept();
      assert.equal(proxy.remote, remote);
      (await dial(proxy)).socket.destroy();
    }
  });

  it("closes the client's connection when the target cannot be reached", async () => {
    const server = await new PlainServer().start();
    const { remote } = server;
    await server[Symbol.asyncDispose]();
    await using proxy = await startFaultProxy(remote, { listen: "unix" });
    const client = await dial(proxy);
    await waitFor(() => client.closed);
    assert.equal(proxy.counts.unreachable, 1);
  });

  it("injects garbage between messages", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    end.socket.write(reply(1).slice(0, 5));
    await client.got(reply(1).slice(0, 5));
    proxy.setFaults({ toClient: { inject: { afterFrames: 2, bytes: "<garbage>" } } });
    end.socket.write(`${reply(1).slice(5)}${reply(2)}${reply(3)}`);
    await client.got(`${reply(1)}${reply(2)}<garbage>${reply(3)}`);
    proxy.setFaults({ toServer: { inject: { afterFrames: 0, bytes: "now" } } });
    await end.got("now");
    proxy.connections[0]?.inject("toServer", { id: 9, method: "echo", params: [] });
    await end.got(`now{"id":9,"method":"echo","params":[]}`);
  });

  it("rewrites, drops and adds messages, answers in the server's place, and leaves the rest as it came", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({
      toServer: {
        rewrite: (message, connection) => {
          switch (message["method"]) {
            case "lock":
              connection.inject("toClient", { id: message["id"] ?? null, result: {}, error: null });
              return undefined;
            case "steal":
              return { ...message, method: "unlock" };
            case "twice":
              return [message, message];
            default:
              return message;
          }
        },
      },
    });
    const odd = '{ "id" : 12345678901234567890, "method":"echo", "params":[1.0] }';
    client.socket.write(`${request(1, "lock")}${request(2, "steal")}${request(3, "twice")}${odd}`);
    await end.got(`${request(2, "unlock")}${request(3, "twice")}${request(3, "twice")}${odd}`);
    await client.got(reply(1));
    assert.deepEqual(proxy.counts.toServer.methods, { lock: 1, steal: 1, twice: 1, echo: 1 });
  });

  it("delivers a request and loses all after it", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ dropReply: { method: "transact", nth: 2 } });
    client.socket.write(request(1, "transact") + request(2, "echo"));
    await end.got(request(1, "transact") + request(2, "echo"));
    end.socket.write(reply(1) + reply(2));
    await client.got(reply(1) + reply(2));
    client.socket.write(request(3, "transact"));
    await end.got(request(1, "transact") + request(2, "echo") + request(3, "transact"));
    end.socket.write(update + reply(3) + reply(4));
    const counts = await proxy.until(({ droppedReplies }) => droppedReplies === 1);
    assert.equal(counts.toClient.replies, 4);
    client.socket.write(request(4, "echo"));
    await waitFor(() => end.text.endsWith(request(4, "echo")));
    assert.equal(client.text, reply(1) + reply(2));
    assert.equal(client.ended, false);
    // Taken back, it would go on behind a gap, which no network does.
    proxy.setFaults({});
    await waitFor(() => client.closed && end.ended);
    assert.equal(client.text, reply(1) + reply(2));
  });

  it("loses a reply but not what the server sent before it, and cuts then", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({ dropReply: { from: "reply", cut: true } });
    client.socket.write(request(7, "transact"));
    await end.got(request(7, "transact"));
    end.socket.write(update + reply(6) + reply(7) + reply(8));
    await waitFor(() => client.closed && end.ended);
    assert.equal(client.text, update + reply(6));
    assert.equal(proxy.counts.droppedReplies, 1);
  });

  it("loses the reply to the very request that a rewrite has seen, when that asks for it", async () => {
    await using all = await chain();
    const { client, end, proxy } = all;
    proxy.setFaults({
      toServer: {
        rewrite: (message, connection) => {
          if (message["method"] === "transact") connection.setFaults({ dropReply: { cut: true } });
          return message;
        },
      },
    });
    client.socket.write(request(1, "echo") + request(2, "transact"));
    await end.got(request(1, "echo") + request(2, "transact"));
    end.socket.write(reply(2));
    await waitFor(() => client.closed && end.ended);
    assert.equal(proxy.counts.droppedReplies, 1);
    assert.equal(client.text, "");
  });

  it("changes open connections alone when asked to, and ends all", async () => {
    await using all = await chain();
    const { proxy, client, server } = all;
    proxy.setOpenFaults({ both: { hold: true } });
    const second = await dial(proxy);
    client.socket.write("held");
    second.socket.write("passed");
    await (await server.end(2)).got("passed");
    assert.equal((await server.end(1)).text, "");
    assert.equal(proxy.connections.length, 2);
    proxy.cut();
    await waitFor(() => client.closed && second.closed);
    assert.equal((await proxy.until(({ open }) => open === 0)).connections, 2);
  });

  it("says what it saw when a wait was in vain", async () => {
    await using all = await chain();
    await assert.rejects(
      all.proxy.until(({ connections }) => connections === 2, { timeout: 20 }),
      /not so after 20 ms: .*connections === 2.*\nseen last: {"connections":1,/,
    );
    const reason = new Error("enough");
    await assert.rejects(
      all.proxy.until(() => false, { signal: AbortSignal.abort(reason) }),
      reason,
    );
  });

  it("refuses targets that make no sense", async () => {
    await assert.rejects(startFaultProxy("tcp:127.0.0.1:1,tcp:127.0.0.1:2"), /one target/);
    await assert.rejects(startFaultProxy("ssl:127.0.0.1:1", { listen: "unix" }), /no TLS on unix/);
    await assert.rejects(startFaultProxy("nonsense"), /nonsense/);
  });
});
