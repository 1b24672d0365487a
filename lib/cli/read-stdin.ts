import { fstatSync } from "node:fs";
import { readToEnd } from "../jsonrpc/index.ts";

/** All of standard input. Throws the signal's reason, and EISDIR for a folder, of which Node.js makes an empty stream. */
export async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  if (fstatSync(process.stdin.fd).isDirectory())
    throw Object.assign(new Error("standard input is a folder"), { code: "EISDIR" });
  return readToEnd(process.stdin, signal);
}
