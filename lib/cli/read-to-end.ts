import type { Readable } from "node:stream";

/** What comes from a stream until its end. Throws the signal's reason. */
export async function readToEnd(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
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
