import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateModel } from "../../lib/codegen/index.ts";
import type { ColumnSchema, DatabaseSchema, TableSchema } from "../../lib/ovsdb/index.ts";
import { projectRoot } from "../support/index.ts";

const long = "a_rather_long_name_of_a_column_that_somebody_might_give";
const text: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
const words = Array.from({ length: 14 }, (_, i) => `word number ${i}`);

function table(
  columns: Readonly<Record<string, ColumnSchema>>,
  rest: Partial<TableSchema> = {},
): TableSchema {
  return { columns, indexes: [], isRoot: true, ...rest };
}

/** What a user's own schema may hold, and ours does not. */
const awkward: DatabaseSchema = {
  name: "class",
  version: "",
  tables: {
    Class: table(
      { default: text, class: text, constructor: text },
      {
        indexes: [
          ["default", "class"],
          ["class", "constructor"],
        ],
      },
    ),
    Delete: table({}),
    index: table({ a: text }, { indexes: [["a"]], maxRows: 7 }),
    FOO: table({ a: { ...text, mutable: false }, b: { ...text, mutable: false } }),
    foo: table({}),
    Enums: table({
      quotes: { key: { type: "string", enum: ['say "hi"', "it's", "*/", "a | b", "\n"] }, min: 0, max: 1 },
      long_one: { key: { type: "string", enum: words }, min: 0, max: "unlimited" },
      numbers: { key: { type: "integer", enum: Array.from({ length: 60 }, (_, i) => i) }, min: 1, max: 1 },
      wide: { key: { type: "integer", enum: [1, 2n ** 60n] }, min: 0, max: "unlimited" },
      reals: { key: { type: "real", enum: [0.5, 2] }, min: 0, max: "unlimited" },
      truth: { key: { type: "boolean", enum: [true] }, min: 0, max: "unlimited" },
      pairs: {
        key: { type: "string", enum: words },
        value: { type: "string", enum: words },
        min: 0,
        max: "unlimited",
      },
    }),
    [long]: table({
      [long]: { key: { type: "uuid", refTable: "FOO", refType: "weak" }, min: 0, max: 1 },
      bounds: {
        key: { type: "integer", minInteger: -(2n ** 63n), maxInteger: 2n ** 63n - 1n },
        min: 1,
        max: 1,
      },
      plain_uuids: { key: { type: "uuid" }, min: 0, max: 12, ephemeral: true },
      by_number: {
        key: { type: "integer", minInteger: 0, maxInteger: 9 },
        value: { type: "uuid" },
        min: 0,
        max: "unlimited",
      },
      by_truth: {
        key: { type: "boolean" },
        value: { type: "real", minReal: -0.5, maxReal: 1e300 },
        min: 1,
        max: 2,
      },
    }),
  },
};

describe("generated code, to the tools of this project", () => {
  let folder: string;

  before(() => {
    // Inside the project, where its configuration applies, and where git and other checks do not look.
    mkdirSync(join(projectRoot, "temp"), { recursive: true });
    folder = mkdtempSync(join(projectRoot, "temp", "codegen-"));
    const files = generateModel(awkward, { importFrom: "../../lib/ovsdb/index.ts" });
    assert.equal(files.size, 8);
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is formatted and free of lint", () => {
    const args = ["check", "--vcs-enabled=false", "--error-on-warnings", folder];
    assert.match(run("biome", args), /Checked 8 files/);
  });

  it("compiles under the strictest settings", () => {
    const config = { extends: "../../tsconfig.json", include: ["."] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    run("tsc", ["-p", folder]);
  });
});

/** What a tool prints; fails with it when the tool complains. */
function run(tool: string, args: readonly string[]): string {
  const path = join(projectRoot, "node_modules", ".bin", tool);
  const { status, stdout, stderr } = spawnSync(path, args, { cwd: projectRoot, encoding: "utf8" });
  assert.equal(status, 0, `${tool}: ${stdout}${stderr}`);
  return stdout + stderr;
}
