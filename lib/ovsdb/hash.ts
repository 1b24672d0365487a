import { UsageError } from "../jsonrpc/index.ts";
import { isUuid } from "./narrow.ts";

let loaded: typeof import("node:crypto") | undefined;

/** Loaded when it is needed: that takes Node.js several milliseconds, and a command that only reads has no use for it. */
function crypto(): typeof import("node:crypto") {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}

/**
 * The name-based uuid of a name within a namespace (RFC 9562 section 5.5: SHA-1, version 5).
 *
 * @throws UsageError when `namespaceUuid` is not a uuid.
 */
export function uuidV5(namespaceUuid: string, name: string): string {
  const hex = crypto().hash("sha1", named(namespaceBytes(namespaceUuid), name));
  // The bits that say "version 5" and "made as RFC 9562 says" take the place of those of the hash.
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Room for the bytes of a namespace and most names; used anew by each call. */
const scratch = Buffer.alloc(512);

/** The bytes that a name-based uuid is the hash of. */
function named(namespace: Buffer, name: string): Buffer {
  // A code unit takes three bytes at most.
  if (namespace.length + 3 * name.length > scratch.length)
    return Buffer.concat([namespace, Buffer.from(name, "utf8")]);
  namespace.copy(scratch);
  return scratch.subarray(0, namespace.length + scratch.write(name, namespace.length, "utf8"));
}

let lastNamespace = "";
let lastBytes = Buffer.alloc(0);

/** Whoever makes thousands of uuids makes them in one namespace. */
function namespaceBytes(namespaceUuid: string): Buffer {
  if (namespaceUuid !== lastNamespace) {
    if (!isUuid(namespaceUuid)) throw new UsageError(`not a uuid: ${JSON.stringify(namespaceUuid)}`);
    lastNamespace = namespaceUuid;
    lastBytes = Buffer.from(namespaceUuid.replaceAll("-", ""), "hex");
  }
  return lastBytes;
}

/** A random uuid (version 4). */
export function randomUuid(): string {
  return crypto().randomUUID();
}

/** The SHA-256 digest of a text's UTF-8 bytes, 32 bytes. */
export function sha256(text: string): Uint8Array {
  return new Uint8Array(crypto().createHash("sha256").update(text, "utf8").digest());
}
