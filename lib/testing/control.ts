import { connect } from "node:net";

/**
 * Asks one question over a unix socket and returns the answer: JSON-RPC to an ovsdb-server, or `ovs-appctl`'s
 * protocol, which has the same form, to any daemon's control socket (ovs-vswitchd(8), "RUNTIME MANAGEMENT COMMANDS").
 *
 * It does not use this library's own client: a fault in the code under test must not look like a daemon that
 * does not start.
 *
 * @throws Error when nobody listens, the peer hangs up or answers with an error, or the signal aborts.
 */
export function ask(
  socketPath: string,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const abort = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener("abort", abort, { once: true });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", reject);
    socket.on("close", () => {
      signal.removeEventListener("abort", abort);
      reject(new Error(`${socketPath}: closed without an answer to ${method}`));
    });
    socket.on("data", (chunk: string) => {
      text += chunk;
      const reply = parseReply(text);
      if (reply === undefined) {
        return;
      }
      socket.destroy();
      if (reply.error === null || reply.error === undefined) {
        resolve(reply.result);
      } else {
        reject(new Error(`${method}: ${JSON.stringify(reply.error)}`));
      }
    });
    socket.write(JSON.stringify({ id: 0, method, params }));
  });
}

/** The reply, or undefined while it is not whole. An answer is small, so parsing it anew for each chunk is fine. */
function parseReply(text: string): { result?: unknown; error?: unknown } | undefined {
  try {
    return JSON.parse(text) as { result?: unknown; error?: unknown };
  } catch {
    return undefined;
  }
}
