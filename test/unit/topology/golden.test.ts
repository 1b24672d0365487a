import assert from "node:assert/strict";
import {
  type AttachmentInput,
  buildNetwork,
  type NetworkInput,
  type NodeInput,
  nothingObserved,
  parseNetwork,
  type TopologyName,
  type TopologyOptions,
} from "../../../lib/topology/index.ts";
import { readJson, render, sortRows } from "./support.ts";

interface Golden {
  readonly options: TopologyOptions;
  readonly nodes: readonly NodeInput[];
  readonly networks: readonly {
    readonly topology: TopologyName;
    readonly input: NetworkInput;
    readonly attachments: readonly AttachmentInput[];
    readonly rows: Record<string, Record<string, unknown>[]>;
  }[];
}

for (const file of ["article-2023", "today-central", "primary-shared", "primary-local"]) {
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
