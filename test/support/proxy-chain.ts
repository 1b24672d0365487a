import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Endpoint } from "../../lib/jsonrpc/index.ts";
import { parseEndpoints } from "../../lib/jsonrpc/index.ts";
import type { FaultProxy, FaultProxyOptions } from "../../lib/testing/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { waitFor } from "./wait-for.ts";

/** A server that keeps what it gets and sends what it is told: bytes are easier to reason about than a database. */
export class PlainServer implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    this.ends.push(new End(socket));
  });
  readonly ends: End[] = [];

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get remote(): string {
    const address = this.#server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `tcp:127.0.0.1:${address.port}`;
  }

  /** The server's end of the connection of that number, from 1. */
  end(number = 1): Promise<End> {
    return waitFor(() => this.ends[number - 1], { what: `connection ${number} at the server` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.ends) {
      end.socket.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** One end of a connection and what it got. */
export class End {
  readonly socket: Socket;
  readonly pieces: string[] = [];
  ended = false;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => this.pieces.push(piece));
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("close", () => {
      this.closed = true;
    });
  }

  get text(): string {
    return this.pieces.join("");
  }

  async got(text: string): Promise<void> {
    await waitFor(() => this.text === text, { what: `${text}, got ${this.text}` }).catch((error: Error) => {
      assert.equal(this.text, text, error.message);
    });
  }
}

/** Connects a client through a proxy. */
export async function dial(proxy: FaultProxy): Promise<End> {
  const [endpoint] = parseEndpoints(proxy.remote) as [Endpoint];
  const socket = connect(endpoint.kind === "unix" ? { path: endpoint.path } : { ...endpoint });
  const failed = once(socket, "error").then(([error]) => Promise.reject(error as Error));
  const end = new End(socket);
  await Promise.race([once(socket, "connect"), failed]);
  failed.catch(() => {});
  socket.on("error", () => {});
  return end;
}

/** A plain server behind a proxy, and one connection through it. */
export async function chain(options: FaultProxyOptions = {}): Promise<
  AsyncDisposable & {
    readonly proxy: FaultProxy;
    readonly server: PlainServer;
    readonly client: End;
    readonly end: End;
  }
> {
  const server = await new PlainServer().start();
  const proxy = await startFaultProxy(server.remote, options);
  const client = await dial(proxy);
  const end = await server.end();
  return {
    proxy,
    server,
    client,
    end,
    [Symbol.asyncDispose]: async () => {
      client.socket.destroy();
      await proxy.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
