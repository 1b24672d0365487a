import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeWithOvn, projectRoot } from "../support/index.ts";

const run = promisify(execFile);
// The compiled tests of `npm test` lie beside the compiled bench.
const main = join(projectRoot, "build/bench/main.js");

describeWithOvn("the bench", () => {
  it("measures a workload, here a tenth of it, and prints figures that are more than nothing", async () => {
    const { stdout } = await run(process.execPath, [main, "--quick", "w2"], { timeout: 170_000 });
    const figures = [...stdout.matchAll(/^\| (\d+ in flight, \w+) \| ([\d.]+) (?:x|s) \|/gm)];
    assert.deepEqual(
      figures.map(([, what]) => what),
      ["1", "16"].flatMap((width) => ["time", "ours", "raw"].map((what) => `${width} in flight, ${what}`)),
    );
    for (const [line, , value] of figures) assert.ok(Number(value) > 0, line);
  });

  it("knows no other workloads than it has", async () => {
    await assert.rejects(run(process.execPath, [main, "w6"]), {
      code: 2,
      stderr: /no workload w6; there are w1, /,
    });
  });
});
