import assert from "node:assert/strict";
import { type Change, describeChanges, outlineChanges } from "../../../lib/reconcile/index.ts";

describe("describeChanges", () => {
  it("writes a line per row and one per column", () => {
    const about = { table: "Logical_Switch_Port", kind: "port" };
    const changes: readonly Change[] = [
      {
        action: "insert",
        table: "Logical_Switch",
        kind: "switch",
        name: "s1",
        columns: { copp: { new: "c" } },
      },
      {
        action: "update",
        ...about,
        name: "p1",
        parent: { table: "Logical_Switch", name: "s1", column: "ports" },
        reason: "moved from s2",
        columns: {
          addresses: { old: ["a"], new: ["b", "c"] },
          "options:mtu": { old: "1400" },
          type: { old: "router", new: "" },
          groups: { added: ["x"], removed: ["y"] },
          parent_name: { old: null, new: "q" },
        },
      },
      { action: "delete", ...about, name: "p2", columns: {} },
    ];
    assert.deepEqual(describeChanges(changes), [
      "+ Logical_Switch s1",
      "    copp: c",
      "~ Logical_Switch_Port p1 in Logical_Switch s1 (moved from s2)",
      "    addresses: [a] -> [b, c]",
      "    options:mtu: 1400 -> (none)",
      '    type: router -> ""',
      "    groups: -y +x",
      "    parent_name: (none) -> q",
      "- Logical_Switch_Port p2",
    ]);
    assert.deepEqual(outlineChanges(changes), [
      "+ Logical_Switch s1",
      "~ Logical_Switch_Port p1 in Logical_Switch s1 (moved from s2): addresses, options:mtu, type, groups, parent_name",
      "- Logical_Switch_Port p2",
    ]);
    const many = Array.from({ length: 21 }, () => changes).flat();
    assert.equal(
      outlineChanges(many.slice(0, 20)).at(-1),
      "~ Logical_Switch_Port p1 in Logical_Switch s1 (moved from s2): addresses, options:mtu, type, groups, parent_name",
    );
    assert.deepEqual(outlineChanges(many).slice(20), ["... and 43 more"]);
  });

  it("lets no name steer the terminal", () => {
    const name = "a\u001b[31m\u009b\nb";
    const [line] = describeChanges([{ action: "delete", table: "T", kind: "t", name, columns: {} }]);
    assert.equal(line, "- T a\\u001b[31m\\u009b\\u000ab");
  });
});
