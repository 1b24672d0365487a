import { createHash, randomUUID } from "node:crypto";
import { UsageError } from "../jsonrpc/index.ts";
import { isUuid } from "./narrow.ts";

/**
 * The name-based uuid of a name within a namespace (RFC 9562 section 5.5: SHA-1, version 5).
 *
 * @throws UsageError when `namespaceUuid` is not a uuid.
 */
export function uuidV5(namespaceUuid: string, name: string): string {
  if (!isUuid(namespaceUuid)) throw new UsageError(`not a uuid: ${JSON.stringify(namespaceUuid)}`);
  const namespace = Buffer.from(namespaceUuid.replaceAll("-", ""), "hex");
  const bytes = createHash("sha1").update(namespace).update(name, "utf8").digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6); // version
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8); // variant
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** A random uuid (version 4). */
export function randomUuid(): string {
  return randomUUID();
}

/** The SHA-256 digest of a text's UTF-8 bytes, 32 bytes. */
export function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text, "utf8").digest());
}
