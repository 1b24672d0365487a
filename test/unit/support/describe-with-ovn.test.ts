import assert from "node:assert/strict";
import { describeUnlessMissing } from "../../support/describe-with-ovn.ts";

describe("describeWithOvn", () => {
  const missing = [{ program: "ovn-northd", debian: "ovn-central", fedora: "ovn-central" }];

  function record(ci: boolean, absent: typeof missing): { calls: string[]; printed: string } {
    const calls: string[] = [];
    const describeStub = Object.assign(
      (title: string, body: () => void) => {
        calls.push(`describe ${title}`);
        body();
      },
      { skip: (title: string) => calls.push(`skip ${title}`) },
    );
    const itStub = (title: string, body: () => void): void => {
      calls.push(`it ${title}`);
      assert.throws(body, /not installed: ovn-northd/);
    };
    const printed = captureStderr(() =>
      describeUnlessMissing("flows", () => calls.push("body"), absent, ci, {
        describe: describeStub,
        it: itStub,
      }),
    );
    return { calls, printed };
  }

  it("runs the tests where everything is there", () => {
    assert.deepEqual(record(true, []), { calls: ["describe flows", "body"], printed: "" });
  });

  it("skips them on a laptop and prints why", () => {
    const { calls, printed } = record(false, missing);
    assert.deepEqual(calls, ["skip flows"]);
    assert.match(printed, /SKIPPED: flows: not installed: ovn-northd.*apt-get install ovn-central/);
  });

  it("fails them in CI", () => {
    assert.deepEqual(record(true, missing).calls, ["describe flows", "it needs what this machine lacks"]);
  });
});

function captureStderr(run: () => void): string {
  const write = process.stderr.write;
  let text = "";
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    run();
  } finally {
    process.stderr.write = write;
  }
  return text;
}
