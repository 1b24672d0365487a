// Mocha's own "spec" output, and a file with one line per result, written as results come: what is in it is right
// even when the run crashes half-way. scripts/totals.mjs reads it.
// Programs that use this library end when they are done, so the tests have to end as well: what keeps them alive is a
// failure.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");
const { reporters, Runner } = require("mocha");

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants;

/** Far more than a closed handle takes to let the process go. */
const PATIENCE = 10_000;

function failIfAlive(note) {
  const timer = setTimeout(() => {
    note();
    console.error(
      `\nFAILED: the tests are over, and the process does not end: ${process.getActiveResourcesInfo().join(", ")}`,
    );
    // Mocha sets the exit code in such a listener as well; the last one counts.
    process.on("exit", () => {
      process.exitCode = 1;
    });
    process.exit();
  }, PATIENCE);
  timer.unref();
}

module.exports = class SpecWithTotals extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TOTALS_FILE;
    runner.once(EVENT_RUN_END, () =>
      failIfAlive(() => (file ? appendFileSync(file, "failed\n") : undefined)),
    );
    if (file === undefined || file === "") {
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    const note = (word) => () => appendFileSync(file, `${word}\n`);
    runner.on(EVENT_TEST_PASS, note("passed"));
    runner.on(EVENT_TEST_FAIL, note("failed"));
    runner.on(EVENT_TEST_PENDING, note("skipped"));
    runner.on(EVENT_RUN_END, note("end"));
  }
};
