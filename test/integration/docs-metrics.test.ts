import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNorthbound } from "../../lib/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeWithOvn, projectRoot, useSandbox, waitFor } from "../support/index.ts";
import { typescriptBlocks } from "../support/markdown-code.ts";

const remote = '"unix:/var/run/ovn/ovnnb_db.sock"';

describeWithOvn("the metrics in docs/observability.md", () => {
  const ovn = useSandbox({ northbound: true });

  it("are what a scrape of the program gives, in Prometheus' text format", async () => {
    const folder = mkdtempSync(join(tmpdir(), "docs-metrics-"));
    const socketPath = join(folder, "http.sock");
    const file = join(folder, "metrics.ts");
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot, join(folder, "node_modules/ovn-northbound"), "dir");
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    writeFileSync(
      file,
      program().replace(remote, 'process.env["OVN_NB_DB"]').replace("9464", `"${socketPath}"`),
    );
    const compiler = join(projectRoot, "node_modules/typescript/bin/tsc");
    const options = ["--module", "nodenext", "--target", "es2023", "--noCheck"];
    await runProgram(process.execPath, [compiler, ...options, file], { cwd: folder, timeout: 150_000 });

    await ovn.sandbox.run("ovn-nbctl", ["ls-add", "sw0"]);
    const child = spawn(process.execPath, [file.replace(/ts$/, "js")], {
      cwd: folder,
      env: { ...process.env, OVN_NB_DB: ovn.sandbox.northbound.remote },
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      await waitFor(() => existsSync(socketPath));
      assert.equal((await scrape(socketPath, "/")).status, 404);
      const { status, text } = await scrape(socketPath, "/metrics");
      assert.equal(status, 200);
      const samples = [
        ...text.matchAll(/^# TYPE (\w+) (counter|gauge)\n\1\{database="OVN_Northbound"\} (\d+)\n/gm),
      ];
      assert.equal(samples.map(([all]) => all).join(""), text);
      const values = new Map(samples.map(([, name, type, value]) => [`${type} ${name}`, Number(value)]));
      assert.equal(values.get("gauge ovn_northbound_synced"), 1);
      assert.equal(values.get("counter ovn_northbound_connections_total"), 1);
      assert.equal(values.get("counter ovn_northbound_impossible_updates_total"), 0);
      await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
      assert.equal(values.get("gauge ovn_northbound_rows"), nb.status().rows);
      assert.equal(samples.length, Object.keys(nb.status().counters).length + 4);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function program(): string {
  const page = readFileSync(join(projectRoot, "docs/observability.md"), "utf8");
  const [block, ...more] = typescriptBlocks(page).filter(({ code }) => code.includes("/metrics"));
  assert.ok(block !== undefined && more.length === 0 && block.code.includes(remote));
  return block.code;
}

async function scrape(
  socketPath: string,
  path: string,
): Promise<{ status: number | undefined; text: string }> {
  return await new Promise((resolve, reject) => {
    get({ socketPath, path }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    }).on("error", reject);
  });
}
