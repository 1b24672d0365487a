import { constants, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { readToEnd } from "./read-to-end.ts";

/**
 * All of a file; of a pipe what comes until its end, as in `-f <(kubectl get pods -o json)`. Throws the signal's reason.
 *
 * Node.js reads files in threads, and does not end before they do: one that waits for a writer would outlive the time of
 * the command, and every interruption but SIGKILL. A socket that waits for one ends with the process.
 */
export async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  if (!(await stat(path)).isFIFO()) return readRegular(path, signal);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return readToEnd(new Socket({ fd, readable: true, writable: false }), signal);
}

/** Also of a device, which may have no end. */
async function readRegular(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
