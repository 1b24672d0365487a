import { UsageError } from "../jsonrpc/index.ts";
import { isUuid, sketch } from "./narrow.ts";

let loaded: typeof import("node:crypto") | undefined;

/** Loaded when it is needed: that takes Node.js several milliseconds, and a command that only reads has no use for it. */
function crypto(): typeof import("node:crypto") {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}

/**
 * The name-based uuid of a name within a namespace (RFC 9562 section 5.5: SHA-1, version 5).
 *
 * @throws UsageError when `namespaceUuid` is not a uuid, and for a name that is no text.
 */
export function uuidV5(namespaceUuid: string, name: string): string {
  const hex = crypto().hash("sha1", named(namespaceUuid, name));
  // The bits that say "version 5" and "made as RFC 9562 says" take the place of those of the hash.
  const variant = variants.charAt(Number.parseInt(hex.charAt(16), 16) & 0x3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const variants = "89ab";

/** Bytes of a namespace. */
const NAMESPACE = 16;

/** The namespace that was used last, and room for most names behind it; whoever makes thousands of uuids makes them in one. */
const scratch = Buffer.alloc(512);
let scratchNamespace = "";

/** Views of its beginning, by their length: to make one takes longer than to find it. */
const beginnings: Buffer[] = [];

/** The bytes that a name-based uuid is the hash of. */
function named(namespaceUuid: string, name: string): Buffer {
  if (typeof name !== "string") throw new UsageError(`a uuid is made of a text, and not of ${sketch(name)}`);
  if (namespaceUuid !== scratchNamespace) {
    if (!isUuid(namespaceUuid)) throw new UsageError(`not a uuid: ${JSON.stringify(namespaceUuid)}`);
    scratch.write(namespaceUuid.replaceAll("-", ""), 0, "hex");
    scratchNamespace = namespaceUuid;
  }
  // A code unit takes three bytes at most.
  if (NAMESPACE + 3 * name.length > scratch.length)
    return Buffer.concat([scratch.subarray(0, NAMESPACE), Buffer.from(name, "utf8")]);
  const length = NAMESPACE + scratch.write(name, NAMESPACE, "utf8");
  beginnings[length] ??= scratch.subarray(0, length);
  return beginnings[length];
}

/** A random uuid (version 4). */
export function randomUuid(): string {
  return crypto().randomUUID();
}

/**
 * Makes uuids of which the first is random (version 4), and each other one is that with the next number in its first 32 bits:
 * as unlikely to be anybody else's as the first, and far less work than as many random ones. ovsdb-server finds rows by those
 * bits alone, in which they all differ. After a million of them the next one is random again.
 *
 * @param random Makes the first, when it is asked for.
 */
export function uuidSeries(random: () => string = randomUuid): () => string {
  let next = 0;
  let rest = "";
  let left = 0;
  return () => {
    if (left === 0) {
      const first = random();
      next = Number.parseInt(first.slice(0, 8), 16);
      rest = first.slice(8);
      left = SERIES;
    }
    left -= 1;
    // Eight digits, those in front that are zero too.
    const uuid = (next + 2 ** 32).toString(16).slice(1) + rest;
    next = (next + 1) % 2 ** 32;
    return uuid;
  };
}

/** How many uuids of a series follow one another: far fewer than there are numbers. */
const SERIES = 2 ** 20;

/** The SHA-256 digest of a text's UTF-8 bytes, 32 bytes. */
export function sha256(text: string): Uint8Array {
  return new Uint8Array(crypto().createHash("sha256").update(text, "utf8").digest());
}
