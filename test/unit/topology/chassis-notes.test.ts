import assert from "node:assert/strict";
import type { NodeInput } from "../../../lib/topology/index.ts";
import {
  chassisNote,
  foldChassisNotes,
  sharedChassisNotes,
} from "../../../lib/topology/rows/chassis-notes.ts";
import { build } from "./support.ts";

describe("notes on nodes without a chassis id", () => {
  const notes = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => chassisNote(`n${index + 1}`));

  it("are told one by one while they are few", () => {
    assert.deepEqual(foldChassisNotes(["a", ...notes(3), "b"]), ["a", ...notes(3), "b"]);
    assert.deepEqual(foldChassisNotes([]), []);
  });

  it("become one when there are more, in the place of the first", () => {
    assert.deepEqual(foldChassisNotes(["a", ...notes(6), "b", ...notes(12).slice(6)]), [
      "a",
      "12 nodes have no chassis id; their names are used instead (n1, n2, n3, ...)",
      "b",
    ]);
    assert.equal(foldChassisNotes(notes(4)).length, 1);
  });
});

describe("notes on nodes with one chassis id", () => {
  it("tell the id and the nodes, and not of ids that are apart", () => {
    const node = (name: string, chassisId?: string): NodeInput => ({ name, ...(chassisId && { chassisId }) });
    assert.deepEqual(sharedChassisNotes([node("a", "1"), node("b", "2"), node("c")]), []);
    assert.deepEqual(
      sharedChassisNotes([node("a", "1"), node("b", "2"), node("c", "1"), node("2"), node("d", "")]),
      [
        "2 nodes have the chassis id 1 (a, c): OVN takes them for one",
        "2 nodes have the chassis id 2 (b, 2): OVN takes them for one",
      ],
    );
    const many = ["a", "b", "c", "d"].map((name) => node(name, "1"));
    assert.deepEqual(sharedChassisNotes(many), [
      "4 nodes have the chassis id 1 (a, b, c, ...): OVN takes them for one",
    ]);
  });

  it("are in what every topology builds", () => {
    const nodes = ["n1", "n2"].map((name) => ({ name, chassisId: "C" }));
    for (const topology of ["layer3", "layer2", "localnet"] as const)
      assert.deepEqual(build(topology, { subnets: "10.1.0.0/16" }, [], { nodes }).notes, [
        "2 nodes have the chassis id C (n1, n2): OVN takes them for one",
      ]);
  });
});
