import assert from "node:assert/strict";
import { parse } from "yaml";
import { formatData } from "../../../lib/cli/output/format.ts";
import { type Cells, Table } from "../../../lib/cli/output/table.ts";
import { count, enumerate, onOneLine, printable } from "../../../lib/cli/output/text.ts";
import { formatTree } from "../../../lib/cli/output/tree.ts";

const formatTable = (headings: readonly string[], rows: readonly Cells[]): readonly string[] =>
  new Table().lines([headings, ...rows]);

describe("Table", () => {
  it("aligns columns, says where nothing is, and leaves no spaces at the ends of lines", () => {
    const rows = [
      ["a-long-name", ["10.0.0.1", "fd00::1"], "x"],
      ["b", [], ""],
      ["c\n\u001b[1m", "", "y"],
    ];
    assert.deepEqual(formatTable(["NAME", "IPS", "LAST"], rows), [
      "NAME               IPS                LAST",
      "a-long-name        10.0.0.1,fd00::1   x",
      "b                  <none>             <none>",
      "c\\u000a\\u001b[1m   <none>             y",
    ]);
  });

  it("takes more rows than a call can have arguments", () => {
    const lines = formatTable(
      ["NAME"],
      Array.from({ length: 200_000 }, () => ["pod"]),
    );
    assert.equal(lines.length, 200_001);
  });
});

describe("formatTree", () => {
  it("draws branches", () => {
    const tree = {
      text: "root",
      children: [
        { text: "a", children: [{ text: "b", children: [{ text: "c" }] }, { text: "d" }] },
        { text: "e", children: [{ text: "f" }] },
      ],
    };
    assert.deepEqual(formatTree(tree), [
      "root",
      "├─ a",
      "│  ├─ b",
      "│  │  └─ c",
      "│  └─ d",
      "└─ e",
      "   └─ f",
    ]);
  });
});

describe("formatData", () => {
  const data = {
    big: 2n ** 62n,
    small: 7n,
    list: ["10:20:30:40:50:00", "1e3", "yes", "0x1"],
    none: undefined,
    n: null,
  };
  const expected = { big: "4611686018427387904", small: 7, list: data.list, n: null };

  it("prints JSON and YAML that say the same", async () => {
    const json = await formatData(data, "json");
    assert.deepEqual(JSON.parse(json), expected);
    assert.match(json, /^\{\n {2}"big"[\s\S]*\}\n$/);
    const yaml = await formatData(data, "yaml");
    assert.deepEqual(parse(yaml), expected);
    assert.deepEqual(parse(yaml, { version: "1.1" }), expected, "readers of YAML 1.1 see texts as texts");
  });

  it("folds no lines and makes no aliases", async () => {
    const part = { text: "word ".repeat(60).trim() };
    const yaml = await formatData({ a: part, b: part }, "yaml");
    assert.equal(yaml.split("\n").length, 5);
    assert.doesNotMatch(yaml, /[&*]/);
  });
});

describe("texts", () => {
  it("are shown without what steers a terminal", () => {
    assert.equal(printable("a\u001b[31m\n\u202eb\u0085ü✓"), "a\\u001b[31m\\u000a\\u202eb\\u0085ü✓");
  });

  it("are cut to what a line of a terminal takes", () => {
    assert.equal(onOneLine("connecting", 6), "conne");
    assert.equal(onOneLine("a\nb", 80), "a\\u000ab");
    for (const unknown of [undefined, 0]) assert.equal(onOneLine("x".repeat(200), unknown).length, 79);
  });

  it("count and enumerate", () => {
    assert.deepEqual([count(0, "row"), count(1, "row"), count(2, "row")], ["0 rows", "1 row", "2 rows"]);
    assert.equal(enumerate(["a", "b"]), "a, b");
    assert.equal(enumerate(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});
