import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSandboxDirectory, socketPath } from "../../../lib/testing/sandbox-directory.ts";

describe("the sandbox's directory", () => {
  it("leaves room for its sockets' names", () => {
    const directory = makeSandboxDirectory();
    try {
      assert.ok(existsSync(directory));
      assert.doesNotThrow(() => socketPath(directory, "ovnnb_db.sock"));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("is refused below a folder with too long a name", () => {
    assert.throws(() => makeSandboxDirectory(`/tmp/${"x".repeat(80)}`), /too long for unix sockets/);
  });

  it("is not made in the system's temp directory when that is too long", () => {
    const before = process.env["TMPDIR"];
    const long = mkdtempSync(join(tmpdir(), "y".repeat(90)));
    process.env["TMPDIR"] = long;
    try {
      const directory = makeSandboxDirectory();
      assert.match(directory, /^\/tmp\/ovn-/);
      rmSync(directory, { recursive: true });
    } finally {
      if (before === undefined) {
        delete process.env["TMPDIR"];
      } else {
        process.env["TMPDIR"] = before;
      }
      rmSync(long, { recursive: true });
    }
  });

  it("counts a socket's path in bytes", () => {
    const limit = process.platform === "linux" ? 107 : 103;
    assert.equal(socketPath("/d", "s".repeat(limit - 3)).length, limit);
    assert.throws(() => socketPath("/d", "s".repeat(limit - 2)), new RegExp(`${limit + 1} bytes`));
    assert.throws(() => socketPath("/d", "é".repeat(limit / 2)), /bytes/);
  });
});
