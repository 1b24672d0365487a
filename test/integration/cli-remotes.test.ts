import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { runCli } from "../support/run-cli.ts";

describeWithOvn("the command's options of the connection", () => {
  const ovn = useSandbox({ northbound: true });
  const proxies: FaultProxy[] = [];
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "ovn-cli-"));
    for (let index = 0; index < 8; index += 1) {
      proxies.push(await startFaultProxy(ovn.sandbox.northbound.remote));
    }
  });
  after(async () => {
    for (const proxy of proxies) await proxy.close();
    rmSync(folder, { recursive: true });
  });

  const connections = (): number[] => proxies.map(({ counts }) => counts.connections);

  it("are the same for every command: --no-shuffle-remotes takes the first of several", async () => {
    const db = proxies.map(({ remote }) => remote).join(",");
    const commands = [
      "show",
      "get networks",
      "diff -f examples/article",
      "apply -f examples/article",
      "delete -f examples/article",
      `codegen --out ${join(folder, "model")}`,
    ];
    for (const [index, command] of commands.entries()) {
      const { exitCode, stderr } = await runCli({ env: {} }, [
        ...command.split(" "),
        ...["--db", db, "--no-shuffle-remotes", "--no-leader-only", "--timeout", "30"],
      ]);
      assert.ok(exitCode === 0 || command.startsWith("diff"), stderr);
      const [first, ...others] = connections();
      assert.deepEqual([first, ...others], [index + 1, 0, 0, 0, 0, 0, 0, 0], command);
    }
  });
});
