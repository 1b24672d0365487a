import assert from "node:assert/strict";
import { plainFlags } from "../../../lib/cli/plain-flags.ts";
import { createProgram } from "../../../lib/cli/program.ts";
import { FakeIo } from "./fake-io.ts";

const program = await createProgram(new FakeIo(), () => {});

describe("plainFlags", () => {
  const plain = (line: string): string => plainFlags(line.split(" "), program).join(" ");

  it("takes -o=json for -o json, as kubectl does, and nothing else that looks like it", () => {
    assert.equal(plain("get pods -o=json -n=d --db=x"), "get pods -ojson -nd --db=x");
    assert.equal(plain("-t=5 get pods"), "-t5 get pods");
    assert.equal(plain("get pods -R=x -o =x"), "get pods -R=x -o =x");
    assert.equal(plain("shell n1 -- env -o=x"), "shell n1 -- env -o=x");
  });

  it("takes what is empty for empty", () => {
    assert.deepEqual(plainFlags(["get", "-n=", "-wo=", "pods"], program), [
      ...["get", "-n", "", "-w", "-o", "", "pods"],
    ]);
  });

  it("takes letters apart that stand together, whoever's they are", () => {
    assert.equal(plain("get pods -Ao wide"), "get pods -A -o wide");
    assert.equal(plain("get -wAo=json pods -wt5"), "get -w -A -ojson pods -w -t5");
    assert.equal(plain("-Rf x apply"), "-R -f x apply");
    assert.equal(plain("get -n -wA pods -Aw=x -R-"), "get -n -wA pods -A -w=x -R-");
    assert.equal(plain("shell n1 -- ls -Ao"), "shell n1 -- ls -Ao");
  });

  it("takes --watch=true for --watch, and leaves out what is false", () => {
    assert.equal(plain("delete --ignore-not-found=true pod a"), "delete --ignore-not-found pod a");
    assert.equal(plain("get --watch=false pods"), "get pods");
    assert.equal(plain("get --no-headers=true pods"), "get --no-headers pods");
    assert.equal(plain("get --no-headers=false pods"), "get pods");
  });

  it("leaves true and false to options that have a value, or are none", () => {
    for (const line of [
      "apply --dry-run=true --db=true",
      "get pods --watch=1 --bogus=true",
      "get --db --watch=true",
      "shell n1 -- x --watch=true",
    ])
      assert.equal(plain(line), line);
  });
});
