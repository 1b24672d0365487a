import assert from "node:assert/strict";
import { Framer } from "../../../lib/jsonrpc/index.ts";
import { countedBytes } from "../../support/count-work.ts";

const rows = Array.from({ length: 500 }, (_, index) => ({
  name: `port \\ "${index}" ü`,
  external_ids: ["map", [["k8s.ovn.org/network", "blue"]]],
}));
const message = new TextEncoder().encode(JSON.stringify({ id: 1, error: null, result: rows }));

describe("what a Framer costs", () => {
  // Speed is for the bench; this holds on every machine.
  for (const size of [1, 7, 1000, 65_536, message.length]) {
    it(`looks at no byte twice, in chunks of ${size} bytes`, () => {
      const framer = new Framer();
      const looks = { count: 0 };
      const frames: Uint8Array[] = [];
      for (let at = 0; at < message.length; at += size)
        frames.push(...framer.push(countedBytes(message.subarray(at, at + size), looks)));
      assert.deepEqual(
        frames.map(({ length }) => length),
        [message.length],
      );
      assert.ok(looks.count > message.length / 10, `only ${looks.count} looks were seen`);
      assert.ok(looks.count <= message.length, `${looks.count} looks at ${message.length} bytes`);
    });
  }
});
