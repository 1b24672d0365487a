import { connect as connectPlain, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { AddressEndpoint } from "./endpoint.ts";
import { isTlsFailure } from "./tls-failure.ts";

/** Milliseconds that a second look at a port may take. */
const PATIENCE = 1_000;

// A server that is spoken to in the wrong way hangs up without a word, just as one that is being stopped does. Asking it
// once more in the other way is what tells a wrong remote from a server that is gone. No secret is sent in either.

/** Whether an OVSDB server answers without TLS at this address. */
export function speaksPlainText(endpoint: AddressEndpoint, signal: AbortSignal): Promise<boolean> {
  const socket = connectPlain({ host: endpoint.host, port: endpoint.port });
  socket.once("connect", () => socket.write('{"method":"echo","id":"probe","params":[]}'));
  return answer(socket, signal, false, (settle) => {
    socket.once("data", (chunk: Uint8Array) => settle(chunk[0] === 0x7b));
  });
}

/** Whether a server answers a TLS handshake at this address, whatever it thinks of us. */
export async function speaksTls(endpoint: AddressEndpoint, signal: AbortSignal): Promise<boolean> {
  const { connect: connectTls } = await import("node:tls");
  // Nothing is said over this connection, so it does not matter whom the server proves to be.
  const socket = connectTls({ host: endpoint.host, port: endpoint.port, rejectUnauthorized: false });
  return answer(socket, signal, false, (settle) => {
    socket.once("secureConnect", () => settle(true));
    socket.once("error", (error) => settle(isTlsFailure(error)));
  });
}

/** What a server says against our certificate when we say nothing; undefined if it takes it, or does not say. */
export function refusalOf(socket: TLSSocket, signal: AbortSignal): Promise<Error | undefined> {
  return answer<Error | undefined>(socket, signal, undefined, (settle) => {
    // What a server has to say to those that it takes for its clients.
    socket.once("session", () => settle(undefined));
    socket.once("error", (error) => settle(isTlsFailure(error) ? error : undefined));
    socket.resume();
  });
}

/** What `listen` finds out, or `otherwise` when the connection or the patience ends before that. */
function answer<A>(
  socket: Socket,
  signal: AbortSignal,
  otherwise: A,
  listen: (settle: (answer: A) => void) => void,
): Promise<A> {
  return new Promise((resolve) => {
    const settle = (found: A): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", give);
      socket.destroy();
      resolve(found);
    };
    const give = (): void => settle(otherwise);
    const timer = setTimeout(give, PATIENCE);
    signal.addEventListener("abort", give);
    listen(settle);
    socket.on("error", give);
    socket.on("close", give);
    if (signal.aborted) give();
  });
}
