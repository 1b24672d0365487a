import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectNorthbound } from "../../lib/index.ts";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";
import { startCli } from "../support/run-cli.ts";

const run = promisify(execFile);
const script = join(projectRoot, "scripts/scale.mjs");
const generator = join(projectRoot, "scripts/scale/manifests.mjs");

describeWithOvn("npm run scale -- --scenario topologies", () => {
  const ovn = useSandbox({ northbound: true });
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "scale-test-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Cells of the table, by case and step. */
  async function measured(...args: string[]): Promise<readonly (readonly string[])[]> {
    const page = join(folder, "scale.md");
    copyFileSync(join(projectRoot, "docs/scale.md"), page);
    const before = readFileSync(page, "utf8");
    await run(process.execPath, [script, "--scenario", "topologies", "--output", page, ...args], {
      timeout: 170_000,
    });
    const [chassis = "", topologies = "", ...rest] = readFileSync(page, "utf8")
      .split(/^(?=## )/m)
      .slice(1);
    assert.deepEqual(rest, []);
    assert.ok(before.includes(chassis.trim()), "the other section stays as it is");
    return topologies
      .split("\n")
      .filter((line) => /^\| \d/.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
  }

  it("measures each step, beside an ovn-northd that catches up", async () => {
    const cases = ["2x3x4", "2x2x2:layer2", "2x2x2:primary"];
    const rows = await measured("--cases", cases.join(","));
    assert.equal(rows.length, 5 * cases.length);
    for (const [
      cluster,
      step,
      time,
      ,
      peak,
      transactions,
      operations,
      bytes,
      largest,
      northd,
      memory,
    ] of rows) {
      const what = `${cluster}, ${step}`;
      assert.ok(Number(time) > 0 && Number(peak) > 0 && Number(northd) >= 0 && Number(memory) > 0, what);
      // A layer2 network has nothing of a node.
      if (step === "apply again" || (step === "add a node" && cluster?.endsWith("layer2"))) {
        assert.deepEqual([transactions, operations, bytes, largest], ["0", "0", "0", "0"], what);
      } else {
        assert.equal(transactions, "1", what);
        assert.ok(Number(operations) > 0 && Number(bytes) > 100 && largest === bytes, what);
      }
    }
  });

  it("gives up an ovn-northd that takes too much, and says so in every later row", async () => {
    const rows = await measured("--cases", "1x2x2", "--memory", "0.001");
    assert.deepEqual(
      rows.map((cells) => cells[9]?.replace(/ \d.*/, "")),
      ["more than", "given up", "given up", "given up", "given up"],
    );
  });

  it("refuses cases and scenarios that it does not know", async () => {
    for (const [args, message] of [
      [["--scenario", "topologies", "--cases", "5x5"], /"5x5" is not NETWORKSxNODESxPODS/],
      [["--scenario", "topologies", "--cases", "1x1x1:localnet"], /"localnet" is neither layer3 nor layer2/],
      [["--scenario", "topologies", "--cases", "0x1x1"], /"0" is no number of networks/],
      [["--scenario", "many"], /there are chassis and topologies/],
    ] as const) {
      await assert.rejects(run(process.execPath, [script, ...args]), { code: 1, stderr: message });
    }
  });

  it("writes manifests of the sizes that were asked for", async () => {
    const sizes = ["--networks", "3", "--nodes", "4", "--pods", "9"];
    const { stdout } = await run(process.execPath, [generator, folder, ...sizes]);
    const { exitCode, stderr } = await startCli(ovn.sandbox, ["apply", "-f", stdout.trim()]).outcome;
    assert.equal(exitCode, 0, stderr);
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    assert.equal(nb.tables.Logical_Router.find({}).length, 3);
    assert.equal(nb.tables.Logical_Switch.find({}).length, 3 * 4);
    const pods = nb.tables.Logical_Switch_Port.find({ external_ids: { pod: "true" } });
    assert.equal(pods.length, 9);
  });
});
