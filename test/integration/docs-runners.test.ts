import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeWithOvn, projectRoot } from "../support/index.ts";
import { typescriptBlocks } from "../support/markdown-code.ts";

const page = readFileSync(join(projectRoot, "docs/testing.md"), "utf8");

/** The tests that docs/testing.md shows, run by the runners they are for, as a user's project would. */
describeWithOvn("the tests in docs/testing.md", () => {
  let folder = "";

  before(async () => {
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    folder = mkdtempSync(join(tmpdir(), "docs-runners-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot, join(folder, "node_modules/ovn-northbound"), "dir");
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    const files = ["mocha", "node-test"].flatMap((runner) => [
      writeTest(`${runner}.test.ts`, codeFor(runner)),
      // What nobody made is not there: so the tests can fail.
      writeTest(`${runner}-wrong.test.ts`, codeFor(runner).replace('"ls-add", "sw0"', '"show"')),
    ]);
    const options = ["--module", "nodenext", "--target", "es2023", "--noCheck"];
    await runProgram(process.execPath, [inModules("typescript/bin/tsc"), ...options, ...files], {
      cwd: folder,
      timeout: 150_000,
    });
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  it("pass and fail with Mocha", async () => {
    const mocha = (file: string) => run([inModules("mocha/bin/mocha.js"), file]);
    assert.match(await mocha("mocha.test.js"), /1 passing/);
    await assert.rejects(mocha("mocha-wrong.test.js"), isFailure(/1 failing/));
  });

  it("pass and fail with node:test", async () => {
    const nodeTest = (file: string) => run(["--test", "--test-reporter=tap", file]);
    assert.match(await nodeTest("node-test.test.js"), /^# pass 1$/m);
    await assert.rejects(nodeTest("node-test-wrong.test.js"), isFailure(/^# fail 1$/m));
  });

  function writeTest(file: string, code: string): string {
    writeFileSync(join(folder, file), code);
    return file;
  }

  function run(args: readonly string[]): Promise<string> {
    // This test's own runner is told by variables what it runs in.
    const env = { NODE_TEST_CONTEXT: undefined };
    return runProgram(process.execPath, args, { cwd: folder, env, timeout: 150_000 });
  }
});

function isFailure(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof CommandError && words.test(error.stdout);
}

function codeFor(runner: string): string {
  const [block, ...others] = typescriptBlocks(page).filter(({ marks }) => marks.includes(runner));
  assert.ok(block !== undefined && others.length === 0, `one block for ${runner}`);
  return block.code;
}

function inModules(path: string): string {
  return join(projectRoot, "node_modules", path);
}
