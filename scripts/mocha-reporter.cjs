// Mocha's own "spec" output, and a file with one line per result, written as results come: what is in it is right
// even when the run crashes half-way. scripts/totals.mjs reads it.
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { reporters, Runner } = require("mocha");

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants;

module.exports = class SpecWithTotals extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TOTALS_FILE;
    if (file === undefined || file === "") {
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    const note = (word) => () => appendFileSync(file, `${word}\n`);
    runner.on(EVENT_TEST_PASS, note("passed"));
    runner.on(EVENT_TEST_FAIL, note("failed"));
    runner.on(EVENT_TEST_PENDING, note("skipped"));
    runner.on(EVENT_RUN_END, note("end"));
  }
};
