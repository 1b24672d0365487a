import { constants, createReadStream, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

/**
 * All of a file; of a pipe what comes until its end, as in `-f <(kubectl get pods -o json)`. Throws the signal's reason.
 *
 * Node.js reads files in threads, and does not end before they do: one that waits for a writer would outlive the time of
 * whoever reads, and every interruption but SIGKILL. A socket that waits for one ends with the process.
 */
export async function readBytes(path: string, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  if (!statSync(path).isFIFO()) {
    // A device may have no end, and readFile() of Node.js 26 looks at no signal before that.
    return readToEnd(createReadStream(path), signal);
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return readToEnd(new Socket({ fd, readable: true, writable: false }), signal);
}

/** What comes from a stream until its end. Throws the signal's reason. */
export async function readToEnd(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const stop = (): void => void stream.destroy(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
