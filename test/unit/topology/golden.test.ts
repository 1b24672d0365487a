import assert from "node:assert/strict";
import { buildNetwork, nothingObserved, parseNetwork } from "../../../lib/topology/index.ts";
import { type Golden, goldenFiles } from "../../support/golden-rows.ts";
import { readGolden } from "../../support/project.ts";
import { render, sortRows } from "./support.ts";

for (const file of goldenFiles) {
  describe(`rows of ${file}`, () => {
    const golden = readGolden<Golden>(file);
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
