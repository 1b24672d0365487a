import { closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { EndpointError } from "./errors.ts";

/** Bytes of a path that a socket's address has room for: of 108, or elsewhere 104, one is its end (unix(7)). */
const ROOM = process.platform === "linux" ? 107 : 103;

/** What leads to a socket as long as the dial lasts. */
export interface SocketPath {
  readonly path: string;
  /** To be called when the dial has ended. */
  readonly release: () => void;
}

/**
 * A path to a socket that its address has room for. Of a longer one Node.js takes the beginning, where there is no socket, or
 * another one. Servers of Open vSwitch listen at such paths on Linux, and are reached as their own clients do it: from the
 * folder, which has a short path while it is open.
 *
 * Throws what opening the folder throws, and `EndpointError` where there is no such way.
 */
export function socketPath(path: string): SocketPath {
  const bytes = Buffer.byteLength(path);
  if (bytes <= ROOM) return { path, release: () => undefined };
  const remote = `unix:${path}`;
  const tooLong = `cannot connect to ${remote}: its path has ${bytes} bytes, and that of a socket at most ${ROOM}`;
  if (process.platform !== "linux") throw new EndpointError(remote, tooLong);
  const folder = openSync(dirname(path), "r");
  const short = `/proc/self/fd/${folder}/${basename(path)}`;
  let isOpen = true;
  const release = (): void => {
    // Once: the number may be another file's by then.
    if (isOpen) closeSync(folder);
    isOpen = false;
  };
  if (Buffer.byteLength(short) <= ROOM) return { path: short, release };
  release();
  throw new EndpointError(remote, tooLong);
}
