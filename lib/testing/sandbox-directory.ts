import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SandboxError } from "./errors.ts";

// sockaddr_un has 108 bytes for the path and its final NUL on Linux, 104 elsewhere.
const socketPathLimit = process.platform === "linux" ? 107 : 103;

// Room for the longest socket name that a sandbox itself makes.
const socketNameRoom = 24;

/**
 * Makes a private, empty directory with a short name.
 *
 * @param parent where. Default: the system's temp directory, or /tmp when that one has too long a name for sockets.
 * @throws SandboxError when unix sockets in it would have too long a path.
 */
export function makeSandboxDirectory(parent?: string): string {
  const room = socketPathLimit - socketNameRoom - Buffer.byteLength("/ovn-XXXXXX");
  const base = parent === undefined ? shortTemp(room) : resolve(parent);
  if (Buffer.byteLength(base) > room) {
    throw new SandboxError(`${base}: too long for unix sockets below it, take one of at most ${room} bytes`);
  }
  return mkdtempSync(join(base, "ovn-"));
}

function shortTemp(room: number): string {
  return Buffer.byteLength(tmpdir()) <= room ? tmpdir() : "/tmp";
}

/**
 * Path of a socket in a sandbox's directory.
 *
 * @throws SandboxError when the path has more bytes than a unix socket may have.
 */
export function socketPath(directory: string, name: string): string {
  const path = join(directory, name);
  const size = Buffer.byteLength(path);
  if (size > socketPathLimit) {
    throw new SandboxError(`${path}: ${size} bytes, a unix socket's path has at most ${socketPathLimit}`);
  }
  return path;
}

/** Removes a sandbox's directory and all in it. */
export function removeSandboxDirectory(directory: string): void {
  // A daemon that was just killed may still be creating a file.
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
