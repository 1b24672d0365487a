import assert from "node:assert/strict";
import { type LabelRequirement, matchesLabels } from "../../../lib/topology/description/label-selector.ts";

describe("a label selector", () => {
  // Kubernetes, labels.Requirement.Matches: NotIn and DoesNotExist mean objects without the label as well.
  const cases: readonly (readonly [LabelRequirement["operator"], string[], other: boolean, none: boolean])[] =
    [
      ["In", ["x", "y"], false, false],
      ["NotIn", ["x", "y"], true, true],
      ["Exists", [], true, false],
      ["DoesNotExist", [], false, true],
    ];
  for (const [operator, values, other, none] of cases)
    it(`${operator} means what it does in Kubernetes`, () => {
      const meant = (labels: Readonly<Record<string, string>>): boolean =>
        matchesLabels({ matchExpressions: [{ key: "app", operator, values }] }, labels);
      const listed = operator === "In" || operator === "Exists";
      assert.deepEqual(
        [meant({ app: "y" }), meant({ app: "z" }), meant({ tier: "x" })],
        [listed, other, none],
      );
    });

  it("takes no property that every object has for a label", () => {
    for (const key of ["constructor", "toString", "__proto__"])
      assert.ok(matchesLabels({ matchExpressions: [{ key, operator: "DoesNotExist" }] }, {}), key);
  });

  it("means all objects when it is empty, and those alone that fit all of it otherwise", () => {
    const both = {
      matchLabels: { app: "x" },
      matchExpressions: [{ key: "tier", operator: "Exists" as const }],
    };
    assert.ok(matchesLabels({}, {}));
    assert.deepEqual(
      [{ app: "x", tier: "" }, { app: "x" }, { tier: "" }].map((labels) => matchesLabels(both, labels)),
      [true, false, false],
    );
  });
});
