import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { projectRoot } from "../support/index.ts";
import { typescriptBlocks } from "../support/markdown-code.ts";

/** Every block of the pages is a file of its own, compiled as a careful user's project would, against dist. */
describe("the code in docs", () => {
  let folder = "";

  before(() => {
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    folder = mkdtempSync(join(tmpdir(), "docs-code-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot, join(folder, "node_modules/ovn-northbound"), "dir");
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  });

  after(() => {
    if (folder !== "") {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("type-checks", async () => {
    const files = readdirSync(join(projectRoot, "docs"))
      .filter((page) => page.endsWith(".md"))
      .flatMap((page) =>
        typescriptBlocks(readFileSync(join(projectRoot, "docs", page), "utf8"))
          .filter(({ marks }) => !marks.includes("fragment"))
          .map(({ line, code }) => [`${page.replace(/\.md$/, "")}-line-${line}.ts`, code] as const),
      );
    assert.ok(files.length > 15, `${files.length} blocks`);
    assert.equal(await typecheck(files), "");
  });

  it("would be found wrong if it were", async () => {
    const words = await typecheck([
      ["wrong.ts", 'import { noSuchName } from "ovn-northbound";\nnoSuchName();\n'],
    ]);
    assert.match(words, /wrong\.ts.*noSuchName/);
  });

  /** What tsc says; nothing when it is content. */
  async function typecheck(files: readonly (readonly [file: string, code: string])[]): Promise<string> {
    for (const [file, code] of files) {
      writeFileSync(join(folder, file), `${code}\nexport {};\n`);
    }
    const compilerOptions = {
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      typeRoots: [join(projectRoot, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: files.map(([file]) => file) }),
    );
    try {
      return await runProgram(
        process.execPath,
        [join(projectRoot, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"],
        { cwd: folder, timeout: 150_000 },
      );
    } catch (error) {
      if (error instanceof CommandError) return error.stdout;
      throw error;
    }
  }
});
