import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn, projectRoot } from "../support/index.ts";
import { typescriptBlocks } from "../support/markdown-code.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { runCli } from "../support/run-cli.ts";

const remote = '"unix:/var/run/ovn/ovnnb_db.sock"';
const writes = /\.(?:apply|attach|transact)\(/;
/** What pages say of rows that are no network: `ovn-nbctl ls-del shop`. */
const removals = /`ovn-nbctl ((?:ls-del|destroy)(?: [\w-]+)+)`/g;

interface Program {
  readonly file: string;
  readonly code: string;
}

/** Whoever follows the pages has one database for all of them. */
describeWithOvn("the programs in docs", () => {
  let folder = "";
  const pages = readdirSync(join(projectRoot, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => ({ file, text: readFileSync(join(projectRoot, "docs", file), "utf8") }));
  const programs = pages.flatMap(({ file, text }) =>
    typescriptBlocks(text)
      .filter(({ marks }) => marks.length === 0)
      .map(({ line, code }) => ({ file: file.replace(/\.md$/, `-line-${line}`), code })),
  );
  const cleaners = programs.filter(({ code }) => code.includes("planDeletion("));
  const writers = programs.filter(
    (each) => !cleaners.includes(each) && each.code.includes(remote) && writes.test(each.code),
  );
  // Others need what these make.
  const [first, rest] = [true, false].map((isFirst) =>
    writers.filter(({ file }) => file.startsWith("getting-started") === isFirst),
  ) as [Program[], Program[]];
  const sandboxes = programs.filter(({ code }) => /\bstart(?:Sandbox|Cluster)\(/.test(code));

  before(async () => {
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    folder = mkdtempSync(join(tmpdir(), "docs-programs-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot, join(folder, "node_modules/ovn-northbound"), "dir");
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    copyFileSync(join(projectRoot, "examples/article/networks.yaml"), join(folder, "networks.yaml"));
    const all = [...writers, ...cleaners, ...sandboxes];
    for (const { file, code } of all)
      writeFileSync(join(folder, `${file}.ts`), code.replaceAll(remote, 'process.env["OVN_NB_DB"]'));
    const options = ["--module", "nodenext", "--target", "es2023", "--noCheck"];
    const compiler = join(projectRoot, "node_modules/typescript/bin/tsc");
    const files = all.map(({ file }) => `${file}.ts`);
    await runProgram(process.execPath, [compiler, ...options, ...files], { cwd: folder, timeout: 150_000 });
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  for (const [order, others] of [
    ["in the order of the pages", rest],
    ["in the reverse order", rest.toReversed()],
  ] as const)
    it(`run on one database ${order}, and what they leave goes as the pages say`, async () => {
      assert.ok(first.length >= 2 && others.length >= 8, `${writers.length} programs`);
      await using sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
      await sandbox.run("ovn-nbctl", ["--wait=sb", "init"]);
      const empty = await dumpNorthbound(sandbox);
      for (const program of [...first, ...others]) await run(program, sandbox);
      for (const name of ["green", "red", "yellow", "lab", "l2-network"])
        assert.notEqual(await switchesOf(sandbox, name), "", `no program leaves ${name}`);
      for (const [, command = ""] of pages.flatMap(({ text }) => [...text.matchAll(removals)]))
        await sandbox.run("ovn-nbctl", command.split(" "));
      assert.equal(cleaners.length, 1);
      for (const program of cleaners) await run(program, sandbox);
      const shared = ["Copp", "Meter", "Meter_Band"];
      assert.deepEqual(
        Object.keys((await dumpNorthbound(sandbox)).tables).sort(),
        [...Object.keys(empty.tables), ...shared].sort(),
      );
    });

  for (const program of sandboxes)
    it(`run with servers of their own: ${program.file}`, async () => {
      await run(program);
    });

  function run({ file }: Program, sandbox?: Sandbox): Promise<string> {
    const args = [join(folder, `${file}.js`)];
    return sandbox === undefined
      ? runProgram(process.execPath, args, { cwd: folder, timeout: 150_000 })
      : sandbox.run(process.execPath, args, { cwd: folder, timeout: 150_000 });
  }
});

describeWithOvn("the manifests in examples", () => {
  const folders = ["examples/article", "examples/primary", "examples/services"];
  for (const order of [folders, folders.toReversed()])
    it(`are applied to one database: ${order.join(", ")}`, async () => {
      await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
      for (const folder of order) {
        const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", folder]);
        assert.equal(exitCode, 0, stderr);
      }
      // The program with primary networks of its own runs beside them.
      await sandbox.run(process.execPath, [join(projectRoot, "build/examples/07-every-network.js")]);
    });
});

function switchesOf(sandbox: Sandbox, network: string): Promise<string> {
  const match = `external_ids:k8s.ovn.org/network=${network}`;
  return sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "find", "Logical_Switch", match]);
}
