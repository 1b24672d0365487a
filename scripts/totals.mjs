// totals.mjs FILE: prints "N passed, N failed" from what scripts/mocha-reporter.cjs wrote. Exit code 1 when a test
// failed, when the run did not come to its end (which counts as one failure), or when no test ran at all. Where
// several processes share the tests (scripts/run-mocha.mjs), all of them have to come to their end.
import { existsSync, readFileSync } from "node:fs";

const file = process.argv[2];
const lines = file !== undefined && existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
const count = (word) => lines.filter((line) => line === word).length;

const passed = count("passed");
const crashed = count("end") < Math.max(count("begin"), 1);
const failed = count("failed") + (crashed ? 1 : 0);
const skipped = count("skipped");

if (crashed) {
  console.error("the test run did not come to its end: counted as one failure");
}
if (skipped > 0) {
  console.error(`${skipped} skipped`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
