import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { fnv1a64, isUuid, randomUuid, sha256, uuidSeries, uuidV5 } from "../../../lib/ovsdb/index.ts";

const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

describe("hashes", () => {
  it("make the uuids of RFC 9562, appendix A.4", () => {
    assert.equal(uuidV5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    assert.equal(uuidV5(dns.toUpperCase(), "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    assert.notEqual(uuidV5(dns, "a\0b"), uuidV5(dns, "ab"));
    assert.throws(() => uuidV5("dns", "x"), UsageError);
  });

  it("make random uuids, each another", () => {
    assert.ok(isUuid(randomUuid()));
    assert.notEqual(randomUuid(), randomUuid());
  });

  it("make series of uuids: a random one, and those that follow it in the bits that ovsdb-server looks at", () => {
    const next = uuidSeries(() => "fffffffe-0000-4000-8000-0123456789ab");
    assert.deepEqual(
      [next(), next(), next(), next()],
      [
        "fffffffe-0000-4000-8000-0123456789ab",
        "ffffffff-0000-4000-8000-0123456789ab",
        "00000000-0000-4000-8000-0123456789ab",
        "00000001-0000-4000-8000-0123456789ab",
      ],
    );
    const [one, other] = [uuidSeries(), uuidSeries()];
    const uuids = [one(), one(), other(), other()];
    assert.ok(uuids.every(isUuid));
    assert.equal(new Set(uuids.map((uuid) => uuid.slice(8))).size, 2);
  });

  it("begin a series anew after a million uuids", () => {
    let drawn = 0;
    const next = uuidSeries(() => {
      drawn += 1;
      return `0000000${drawn}-0000-4000-8000-0123456789ab`;
    });
    for (let count = 0; count < 2 ** 20; count += 1) next();
    assert.equal(drawn, 1);
    assert.equal(next(), "00000002-0000-4000-8000-0123456789ab");
  });

  it("digest UTF-8", () => {
    assert.equal(
      Buffer.from(sha256("abc")).toString("hex"),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    // The published vectors of FNV-1a, 64 bits.
    assert.equal(fnv1a64(""), 0xcbf29ce484222325n);
    assert.equal(fnv1a64("a"), 0xaf63dc4c8601ec8cn);
    assert.equal(fnv1a64("foobar"), 0x85944171f73967e8n);
  });
});
