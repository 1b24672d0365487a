import assert from "node:assert/strict";
import { buildNetwork, nothingObserved, parseNetwork } from "../../../lib/topology/index.ts";
import { type Golden, readJson, render, sortRows } from "./support.ts";

for (const file of [
  "article-2023",
  "today-central",
  "primary-shared",
  "primary-local",
  "primary-local-dual",
  "primary-local-ipv6",
  "zones",
  "dhcp",
]) {
  describe(`rows of ${file}`, () => {
    const golden = readJson<Golden>(`test/golden/${file}.json`);
    for (const { topology, input, attachments, rows } of golden.networks) {
      it(`${topology} ${input.name}`, () => {
        const spec = parseNetwork(topology, input);
        const built = buildNetwork(spec, nothingObserved, golden.nodes, attachments, golden.options);
        assert.deepEqual(sortRows(render(built.rows)), sortRows(rows));
        assert.deepEqual(built.notes, []);
      });
    }
  });
}
