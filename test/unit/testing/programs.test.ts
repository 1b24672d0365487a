import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMissing, MissingProgramsError } from "../../../lib/testing/index.ts";
import { findProgram, isProgramName } from "../../../lib/testing/programs.ts";

describe("programs", () => {
  const path = process.env["PATH"];
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "programs-"));
    writeFileSync(join(folder, "works-here"), "#!/bin/sh\n");
    chmodSync(join(folder, "works-here"), 0o755);
    writeFileSync(join(folder, "not-executable"), "");
    process.env["PATH"] = `relative:${folder}`;
  });
  after(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });

  it("are found on PATH when they can be executed", () => {
    assert.equal(findProgram("works-here"), join(folder, "works-here"));
    assert.equal(findProgram("not-executable"), undefined);
    assert.equal(findProgram("nowhere-at-all"), undefined);
    assert.equal(findProgram(join(folder, "works-here")), join(folder, "works-here"));
  });

  it("that are missing are named with how to install them, each package once", () => {
    const missing = [
      { program: "ovsdb-server", debian: "openvswitch-switch", fedora: "openvswitch" },
      { program: "ovsdb-tool", debian: "openvswitch-switch", fedora: "openvswitch" },
      { program: "ovn-northd", debian: "ovn-central", fedora: "ovn-central" },
    ];
    const text =
      "not installed: ovsdb-server, ovsdb-tool, ovn-northd. " +
      "Debian, Ubuntu: apt-get install openvswitch-switch ovn-central. Fedora: dnf install openvswitch ovn-central.";
    assert.equal(describeMissing(missing), text);
    const error = new MissingProgramsError(missing);
    assert.deepEqual([error.message, error.code, error.missing], [text, "ERR_MISSING_PROGRAMS", missing]);
  });

  it("are known by name", () => {
    assert.deepEqual(["ovn-northd", "constructor", "ls"].map(isProgramName), [true, false, false]);
  });
});
