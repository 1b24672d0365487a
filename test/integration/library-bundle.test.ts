import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as library from "../../lib/index.ts";
import * as manifests from "../../lib/manifests/index.ts";
import * as reconcile from "../../lib/reconcile/index.ts";
import * as testing from "../../lib/testing/index.ts";
import { CommandError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import * as topology from "../../lib/topology/index.ts";
import { allowedLayers } from "../support/architecture.ts";
import { projectRoot } from "../support/index.ts";

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

const dist = join(projectRoot, "dist");
const entryPoints = {
  "ovn-northbound": library,
  "ovn-northbound/topology": topology,
  "ovn-northbound/reconcile": reconcile,
  "ovn-northbound/manifests": manifests,
  "ovn-northbound/testing": testing,
};

describe("the library as it is published", () => {
  let folder = "";

  before(() => {
    assert.ok(existsSync(join(dist, "index.js")), "dist is missing: run npm run build");
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "library-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a program that imports the package by its name, as this package's own name is known within it. */
  const run = (code: string, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []): Promise<string> =>
    runProgram(process.execPath, [...flags, "--input-type=module", "--eval", code], {
      cwd: projectRoot,
      env: { ...process.env, ...env },
    });

  /** The files of dist that a program loads. */
  async function loaded(code: string): Promise<string[]> {
    await run(code, { NODE_V8_COVERAGE: folder });
    return readdirSync(folder)
      .flatMap((file) => (JSON.parse(readFileSync(join(folder, file), "utf8")) as Coverage).result)
      .filter(({ url }) => url.startsWith("file:"))
      .map(({ url }) => relative(dist, fileURLToPath(url)))
      .filter((file) => !file.startsWith(".."))
      .sort();
  }

  it("exports what lib exports", async () => {
    for (const [name, module] of Object.entries(entryPoints)) {
      const told = await run(
        `process.stdout.write(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))));`,
      );
      assert.deepEqual((JSON.parse(told) as string[]).sort(), Object.keys(module).sort(), name);
    }
  });

  it("is loaded as one file for each layer", async () => {
    const client = ["database", "jsonrpc", "ovsdb", "replica", "schemas", "session"];
    const files = (layers: readonly string[]): string[] =>
      [...layers].sort().map((name) => `layers/${name}.js`);
    assert.deepEqual(await loaded('import "ovn-northbound"'), ["index.js", ...files(client)]);
    rmSync(folder, { recursive: true });
    const both = await loaded('import "ovn-northbound"; import "ovn-northbound/topology";');
    assert.deepEqual(both, ["index.js", ...files([...client, "reconcile", "topology"]), "topology/index.js"]);
  });

  it("has a file for every layer, and one for what only TLS needs", () => {
    const layers = [...allowedLayers.keys()].filter((layer) => layer !== "cli" && layer !== "codegen");
    assert.deepEqual(
      readdirSync(join(dist, "layers"))
        .filter((file) => file.endsWith(".js"))
        .sort(),
      [...layers, "socket-tls"].map((name) => `${name}.js`).sort(),
    );
  });

  it("has each class once, whichever entry point it comes by", async () => {
    const code = `import { UsageError } from "ovn-northbound";
      import { layer3 } from "ovn-northbound/topology";
      import { readManifests } from "ovn-northbound/manifests";
      import { startSandbox } from "ovn-northbound/testing";
      const told = [];
      for (const one of [() => layer3(), () => readManifests(), () => startSandbox({ nothing: 1 })])
        try { await one(); } catch (error) { told.push(error instanceof UsageError); }
      process.stdout.write(JSON.stringify(told));`;
    assert.equal(await run(code), "[true,true,true]");
  });

  it("loads of Node.js no TLS before somebody asks for it", async () => {
    const connect = (remote: string): string => `
      import { connectNorthbound } from "ovn-northbound";
      const has = () => process.moduleLoadList.includes("NativeModule tls");
      await connectNorthbound(${JSON.stringify(remote)}, { reconnect: false, tls: {} }).catch(() => undefined);
      process.stdout.write(String(has()));`;
    assert.equal(await run(connect("unix:/does/not/exist")), "false");
    assert.equal(await run(connect("ssl:127.0.0.1:1")), "true");
  });

  it("shows lines of lib in stacks where source maps are used", async () => {
    const failing = run('import { layer3 } from "ovn-northbound/topology"; layer3({});', {}, [
      "--enable-source-maps",
    ]);
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, /at .*\/lib\/topology\/description\/[\w-]+\.ts:\d+:\d+/);
      return true;
    });
  });
});
