import assert from "node:assert/strict";
import { failureLines } from "../../../lib/cli/output/failure.ts";
import { tellAbsent, tellSkipped } from "../../../lib/cli/output/messages.ts";
import { ManifestError, ManifestErrors } from "../../../lib/manifests/index.ts";
import { FakeIo } from "./fake-io.ts";

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function skippedPod(number: number): Parameters<typeof tellSkipped>[1][number] {
  return { file: "m.yaml", document: number, line: number, kind: "Pod", name: `d/p${number}`, reason: "why" };
}

function unknownNad(number: number): ManifestError {
  const position = { file: "m.yaml", document: number, line: 7, field: "f[0]" };
  return new ManifestError(position, "is not among the manifests", "d/blue");
}

describe("messages that say the same of many", () => {
  it("are told five times and then counted, where the next would stand", () => {
    const io = new FakeIo();
    const other = { ...skippedPod(3000), kind: "ConfigMap", name: "d/c" };
    tellSkipped(io, [...numbers(2999).map(skippedPod), other]);
    assert.deepEqual(io.stderr.trimEnd().split("\n"), [
      ...numbers(5).map(
        (number) => `ovn-northbound: skipped: m.yaml:${number}: document ${number}: Pod d/p${number}: why`,
      ),
      "ovn-northbound: skipped: 2994 more: Pod: why",
      "ovn-northbound: skipped: m.yaml:3000: document 3000: ConfigMap d/c: why",
    ]);
  });

  it("are all told where there is one more", () => {
    const io = new FakeIo();
    tellAbsent(io, numbers(6).map(String));
    assert.equal(
      io.stderr,
      numbers(6)
        .map((number) => `ovn-northbound: absent: ${number}\n`)
        .join(""),
    );
    tellAbsent(io, numbers(7).map(String));
    assert.match(io.stderr, /absent: 5\novn-northbound: absent: 2 more\n$/);
  });

  it("do not hide the error that says something else", () => {
    const tab = new ManifestError({ file: "n.yaml", document: 1, line: 3, field: "" }, "is not YAML", "x");
    const lines = failureLines(new ManifestErrors([...numbers(2000).map(unknownNad), tab], []));
    assert.deepEqual(lines.slice(5), [
      '1995 more: f[0]: is not among the manifests ("d/blue")',
      'n.yaml:3: document 1: is not YAML ("x")',
    ]);
  });
});
