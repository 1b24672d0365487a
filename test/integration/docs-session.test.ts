import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";

describeWithOvn("the README's session on the command line", () => {
  const ovn = useSandbox({ northbound: true, southbound: true, northd: true });

  it("prints what the README says, line by line, after what npm run quickstart does", async () => {
    const [, session = ""] = /^```console\n([\s\S]*?)^```$/m.exec(read("README.md")) ?? [];
    const commands = [...session.matchAll(/^\$ (.+)$/gm)].map(([, command = ""]) => command);
    assert.ok(commands.length > 5, session);
    await shell("ovn-northbound apply -f examples/article");
    let printed = "";
    for (const command of commands) printed += `$ ${command}\n${await shell(command)}`;
    assert.equal(printed, session);
  });

  function shell(command: string): Promise<string> {
    const script = `cd '${projectRoot}'; ovn-northbound() { node dist/cli/main.js "$@"; }; set -o pipefail\n${command}`;
    // diff says by its exit code that there are differences.
    return ovn.sandbox.run("bash", ["-c", command.includes(" diff ") ? `${script} || [ $? = 1 ]` : script]);
  }

  function read(path: string): string {
    return readFileSync(join(projectRoot, path), "utf8");
  }
});
