import assert from "node:assert/strict";
import { commandFirst } from "../../../lib/cli/command-first.ts";
import { createProgram } from "../../../lib/cli/program.ts";
import { FakeIo } from "./fake-io.ts";

const program = await createProgram(new FakeIo(), () => {});

describe("commandFirst", () => {
  const first = (line: string): readonly [string | undefined, string] => {
    const { name, argv } = commandFirst(line.split(" "), program);
    return [name, argv.join(" ")];
  };

  it("puts the command before its options", () => {
    assert.deepEqual(first("-f x apply --wait sb"), ["apply", "apply -f x --wait sb"]);
    assert.deepEqual(first("--dry-run --db=y -fx apply"), ["apply", "apply --dry-run --db=y -fx"]);
    assert.deepEqual(first("show net"), ["show", "show net"]);
  });

  it("takes no value of an option for the command", () => {
    assert.deepEqual(first("-f diff apply"), ["apply", "apply -f diff"]);
    assert.deepEqual(first("--db show -o json get pods"), ["get", "get --db show -o json pods"]);
    assert.deepEqual(first("apply -f diff"), ["apply", "apply -f diff"]);
  });

  it("reads flags as kubectl has them", () => {
    assert.deepEqual(first("-t=5 -wo json get pods"), ["get", "get -t5 -w -o json pods"]);
  });

  it("leaves a line without a known command as it is", () => {
    for (const line of ["--help", "bogus apply", "-- apply", "-f apply"])
      assert.deepEqual(first(line), [undefined, line]);
  });
});
