// run-mocha.mjs FILE ...: runs test files with Mocha, in as many processes as there are processors and four at most, or
// TEST_PROCESSES: most tests wait for daemons and commands that they started. What the first process prints is seen at
// once, what the others print when they have ended. Exit code 1 when one of them failed.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const files = process.argv.slice(2);
const wanted = Number(process.env.TEST_PROCESSES || Math.min(availableParallelism(), 4));
if (!Number.isInteger(wanted) || wanted < 1) {
  console.error(`run-mocha.mjs: TEST_PROCESSES is a whole number above 0, not ${process.env.TEST_PROCESSES}`);
  process.exit(2);
}
const count = Math.min(wanted, files.length);
const totals = process.env.TOTALS_FILE;
// So many have to come to their end: scripts/totals.mjs.
if (totals) appendFileSync(totals, "begin\n".repeat(count));

const outcomes = Array.from({ length: count }, (_, place) => {
  // Neighbours in the list are alike in what they cost, so each takes every second or third.
  const share = files.filter((_file, index) => index % count === place);
  const args = ["node_modules/mocha/bin/mocha.js", "--reporter", "scripts/mocha-reporter.cjs", ...share];
  const child = spawn(process.execPath, args, {
    stdio: place === 0 ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  const printed = [];
  child.stdout?.on("data", (bytes) => printed.push([process.stdout, bytes]));
  child.stderr?.on("data", (bytes) => printed.push([process.stderr, bytes]));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ failure: `${error.message}\n`, printed }));
    child.on("close", (code, signal) => {
      const failure = signal === null ? undefined : `a process of the tests was ended by ${signal}\n`;
      resolve({ code, failure, printed });
    });
  });
});

for (const outcome of outcomes) {
  const { code, failure, printed } = await outcome;
  for (const [stream, bytes] of printed) stream.write(bytes);
  if (failure !== undefined) process.stderr.write(failure);
  if (code !== 0) process.exitCode = 1;
}
