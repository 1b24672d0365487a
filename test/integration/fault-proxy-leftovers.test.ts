import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { waitFor } from "../support/index.ts";

const goesOn = "setInterval(() => {}, 1000);";

/** How a process with a proxy ends: by its own code, or by a signal. */
const ends: Readonly<Record<string, { readonly code: string; readonly signal?: NodeJS.Signals }>> = {
  "has nothing left to do": { code: "" },
  exits: { code: "process.exit(3);" },
  throws: { code: 'setImmediate(() => { throw new Error("meant to be"); });' },
  "is interrupted": { code: goesOn, signal: "SIGINT" },
  "is terminated": { code: goesOn, signal: "SIGTERM" },
  "is killed": { code: goesOn, signal: "SIGKILL" },
};

describe("a fault proxy that nobody closes leaves nothing behind", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "parent-"));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  for (const [how, { code, signal }] of Object.entries(ends)) {
    it(`when its process ${how}`, async () => {
      const { child, socket } = await startInOtherProcess(parent, code);
      assert.equal(dirname(dirname(socket)), parent);
      if (signal !== undefined) {
        assert.ok(existsSync(socket));
        child.kill(signal);
      }
      await waitFor(() => child.exitCode !== null || child.signalCode !== null, {
        what: "the process ended",
      });
      await waitFor(() => readdirSync(parent).length === 0, { what: "the directory is gone" });
    });
  }

  it("when it is closed, also twice", async () => {
    const proxy = await startFaultProxy("unix:/nowhere");
    const socket = proxy.remote.slice("unix:".length);
    assert.ok(existsSync(socket));
    await Promise.all([proxy.close(), proxy.close()]);
    assert.equal(existsSync(dirname(socket)), false);
    await proxy.close();
  });
});

/** Another node process starts a proxy below `parent`, tells its socket on standard output, then runs `code`. */
async function startInOtherProcess(
  parent: string,
  code: string,
): Promise<{ readonly child: ChildProcess; readonly socket: string }> {
  const kit = pathToFileURL(join(import.meta.dirname, "../../lib/testing/index.js")).href;
  const script = `
    import { writeSync } from "node:fs";
    import { startFaultProxy } from ${JSON.stringify(kit)};
    const proxy = await startFaultProxy("unix:/nowhere");
    writeSync(1, proxy.remote + "\\n");
    ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, TMPDIR: parent },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  await waitFor(() => output.includes("\n"), { timeout: 30_000, what: "the other process has its proxy" });
  return { child, socket: output.trim().slice("unix:".length) };
}
