import { constants, createReadStream, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { readToEnd } from "./read-to-end.ts";

/**
 * All of a file; of a pipe what comes until its end, as in `-f <(kubectl get pods -o json)`. Throws the signal's reason.
 *
 * Node.js reads files in threads, and does not end before they do: one that waits for a writer would outlive the time of
 * the command, and every interruption but SIGKILL. A socket that waits for one ends with the process.
 */
export async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  if (!(await stat(path)).isFIFO()) {
    // A device may have no end, and readFile() of Node.js 26 looks at no signal before that.
    return readToEnd(createReadStream(path), signal);
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return readToEnd(new Socket({ fd, readable: true, writable: false }), signal);
}
