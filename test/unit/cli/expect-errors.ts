import assert from "node:assert/strict";
import { type FakeIo, runCli } from "./fake-io.ts";

/** Usage errors are one line that ends with where to read on. */
export async function expectUsageError(
  argv: readonly string[],
  exitCode: number,
  reason: RegExp,
): Promise<void> {
  const outcome = await runCli(argv);
  assert.match(outcome.stderr, /^ovn-northbound: [^\n]+ \(--help shows the usage\)\n$/);
  assert.match(outcome.stderr, reason);
  assert.deepEqual([outcome.exitCode, outcome.stdout], [exitCode, ""]);
}

/** Other errors are one line. */
export async function expectError(
  argv: readonly string[],
  exitCode: number,
  reason: RegExp,
  io?: FakeIo,
): Promise<void> {
  const outcome = await runCli(argv, io);
  assert.match(outcome.stderr, /^ovn-northbound: [^\n]+\n$/);
  assert.match(outcome.stderr, reason);
  assert.deepEqual([outcome.exitCode, outcome.stdout], [exitCode, ""]);
}
