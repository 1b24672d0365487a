import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";

describeWithOvn("a program that is bundled with the library", () => {
  const ovn = useSandbox({ northbound: true, tls: true });
  let folder = "";

  before(() => {
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    folder = mkdtempSync(join(tmpdir(), "bundled-"));
    mkdirSync(join(folder, "project/node_modules"), { recursive: true });
    symlinkSync(projectRoot, join(folder, "project/node_modules/ovn-northbound"), "dir");
  });
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  /** Writes it to a folder that has no node_modules above it; what comes is the file to run, and all code. */
  async function bundle(
    name: string,
    code: string,
  ): Promise<{ readonly main: string; readonly code: string }> {
    const input = join(folder, "project", `${name}.js`);
    writeFileSync(input, code);
    const made = await rolldown({ input, platform: "node", logLevel: "silent" });
    const dir = join(folder, name);
    const { output } = await made.write({ dir, format: "esm", entryFileNames: "[name].mjs" });
    await made.close();
    const chunks = output.filter((one): one is OutputChunk => one.type === "chunk");
    return { main: join(dir, `${name}.mjs`), code: chunks.map((chunk) => chunk.code).join("\n") };
  }

  it("needs no node_modules, also for TLS, which is loaded when it is asked for", async () => {
    const { northbound, tls } = ovn.sandbox;
    const { main } = await bundle(
      "whole",
      `import { connectNorthbound } from "ovn-northbound";
      import { readManifests } from "ovn-northbound/manifests";
      import { layer2 } from "ovn-northbound/topology";
      const nb = await connectNorthbound(process.argv[2], { tls: JSON.parse(process.argv[3]) });
      await layer2({ name: "green", nad: "shop/green", subnets: "10.22.0.0/16" }).plan(nb).apply();
      const { nodes } = readManifests([{ file: "a.yaml", text: "{apiVersion: v1, kind: Node, metadata: {name: a}}" }]);
      console.log(nb.tables.Logical_Switch.size, nodes.length);
      await nb.close();`,
    );
    assert.equal(
      (await runProgram(process.execPath, [main, northbound.ssl, JSON.stringify(tls?.client)])).trim(),
      "1 1",
    );
  });

  it("has nothing of what it does not use: other databases' tables, builders, manifests", async () => {
    const { code } = await bundle(
      "connecting",
      `import { connectNorthbound, connectSouthbound } from "ovn-northbound";
      import { readManifests } from "ovn-northbound/manifests";
      import { layer2 } from "ovn-northbound/topology";
      await connectNorthbound("");`,
    );
    const words = [
      "connectNorthbound",
      "Logical_Switch_Port",
      "Chassis_Private",
      "IPFIX",
      "SpecError",
      "ManifestError",
    ];
    assert.deepEqual(
      words.filter((word) => code.includes(word)),
      ["connectNorthbound", "Logical_Switch_Port"],
    );
  });
});
