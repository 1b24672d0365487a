import assert from "node:assert/strict";
import { buildNetwork, nothingObserved, parseNetwork, SpecError } from "../../../lib/topology/index.ts";
import { type PrimaryNodeOptions, primaryNode } from "../../support/primary.ts";
import { today } from "./support.ts";

describe("numbers and ranges of a node of a primary network", () => {
  function refused(node: PrimaryNodeOptions, path: string, words: RegExp): void {
    const spec = parseNetwork("layer2", { name: "net", role: "primary", subnets: "10.1.0.0/16" });
    const given = primaryNode("n1", 2, { networkIds: { net: 1 }, ...node });
    assert.throws(
      () => buildNetwork(spec, nothingObserved, [given], [], today),
      (error) => error instanceof SpecError && error.path === path && words.test(error.message),
    );
  }

  it("are not the network's transit subnet", () => {
    const masqueradeSubnets = ["100.88.0.0/17"];
    refused({ masqueradeSubnets }, "nodes[n1].masqueradeSubnets", /overlap with 100\.88\.0\.0\/16/);
  });

  it("are network ids from 1 to 4095", () => {
    for (const net of [0, 4096, 1.5])
      refused({ networkIds: { net } }, "nodes[n1].networkIds[net]", /from 1 to 4095/);
  });
});
