import assert from "node:assert/strict";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { runCli } from "../support/run-cli.ts";

const twice = "l3.network_ovn_cluster_router";

describeWithOvn("the command and rows that are there twice", () => {
  const ovn = useSandbox({ northbound: true });
  const args = (command: string, ...more: string[]): string[] => [
    command,
    "-f",
    "examples/article",
    "--profile",
    "ovn-kubernetes-2023",
    ...more,
  ];

  it("names the option, shows what would be merged, merges, and is done", async () => {
    const { sandbox } = ovn;
    await sandbox.run("ovn-nbctl", [
      ...["create", "Logical_Router", `name=${twice}`, "external_ids:theirs=1"],
      ...["--", "create", "Logical_Router", `name=${twice}`, "external_ids:theirs=1"],
    ]);
    const refused = await runCli(sandbox, args("apply"));
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /2 rows of Logical_Router are named .*; --merge makes one of them\n$/);
    assert.equal((await runCli(sandbox, args("diff"))).exitCode, 2);
    const shown = await runCli(sandbox, args("diff", "--merge"));
    assert.equal(shown.exitCode, 1);
    assert.match(
      shown.stdout,
      new RegExp(`^- Logical_Router ${twice} \\(merged into [0-9a-f-]{36}\\)$`, "m"),
    );
    const merged = await runCli(sandbox, args("apply", "--merge"));
    assert.equal(merged.exitCode, 0, merged.stderr);
    assert.match(merged.stdout, /1 deleted in 1 transaction\n$/);
    const left = await sandbox.run("ovn-nbctl", [
      "--bare",
      "--columns=external_ids",
      "find",
      "Logical_Router",
      `name=${twice}`,
    ]);
    assert.match(left, /theirs=1/);
    for (const more of [[], ["--merge"]])
      assert.equal((await runCli(sandbox, args("diff", ...more))).exitCode, 0);
  });

  it("goes on with its own row, and says that there is another", async () => {
    const { sandbox } = ovn;
    assert.equal((await runCli(sandbox, args("apply"))).exitCode, 0);
    await sandbox.run("ovn-nbctl", ["create", "Logical_Switch", "name=l3.network_work001"]);
    const { exitCode, stdout, stderr } = await runCli(sandbox, args("apply"));
    assert.deepEqual([exitCode, stdout], [0, "nothing to change\n"]);
    assert.match(
      stderr,
      /note: Logical_Switch l3\.network_work001 is .*others bear that name: .*; --merge makes one of them$/m,
    );
    assert.equal((await runCli(sandbox, args("apply", "--merge"))).exitCode, 0);
    assert.equal((await runCli(sandbox, args("apply"))).stderr.includes("others bear"), false);
  });
});
