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

  it("takes -o=json for -o json, as kubectl does, and nothing else that looks like it", () => {
    assert.deepEqual(first("get pods -o=json -n=d --db=x"), ["get", "get pods -ojson -nd --db=x"]);
    assert.deepEqual(first("-t=5 get pods"), ["get", "get -t5 pods"]);
    assert.deepEqual(first("get pods -o= -R=x -o =x"), ["get", "get pods -o= -R=x -o =x"]);
    assert.deepEqual(first("shell n1 -- env -o=x"), ["shell", "shell n1 -- env -o=x"]);
  });

  it("takes letters apart that stand together, whoever's they are", () => {
    assert.deepEqual(first("get pods -Ao wide"), ["get", "get pods -A -o wide"]);
    assert.deepEqual(first("get -wAo=json pods -wt5"), ["get", "get -w -A -ojson pods -w -t5"]);
    assert.deepEqual(first("-Rf x apply"), ["apply", "apply -R -f x"]);
    assert.deepEqual(first("get -n -wA pods -Aw=x -R-"), ["get", "get -n -wA pods -A -w=x -R-"]);
    assert.deepEqual(first("shell n1 -- ls -Ao"), ["shell", "shell n1 -- ls -Ao"]);
  });

  it("leaves a line without a known command as it is", () => {
    for (const line of ["--help", "bogus apply", "-- apply", "-f apply"])
      assert.deepEqual(first(line), [undefined, line]);
  });
});
