import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

const bundle = join(projectRoot, "dist/cli");

describeWithOvn("the bundled command", () => {
  const ovn = useSandbox({ northbound: true });
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bundle-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}, from = bundle): Promise<string> =>
    runProgram(process.execPath, [join(from, "main.js"), ...args], {
      cwd: projectRoot,
      env: { ...process.env, ...ovn.sandbox.env, ...env },
    });

  /** What a command loaded of the bundle, in bytes. */
  async function loaded(...args: readonly string[]): Promise<number> {
    await run(args, { NODE_V8_COVERAGE: folder });
    const files = readdirSync(folder).flatMap((file) =>
      (JSON.parse(readFileSync(join(folder, file), "utf8")) as Coverage).result
        .map(({ url }) => url)
        .filter((url) => url.startsWith("file:"))
        .map((url) => fileURLToPath(url)),
    );
    assert.ok(files.includes(join(bundle, "main.js")), `main.js was not seen among ${files.join(", ")}`);
    return files.reduce((sum, file) => sum + statSync(file).size, 0);
  }

  it("writes and shows networks with nothing installed beside it", async () => {
    cpSync(bundle, folder, { recursive: true });
    await run(["apply", "-f", "examples/article"], {}, folder);
    assert.match(await run(["get", "networks"], {}, folder), /^l3-network +layer3 /m);
  });

  it("loads for a list of networks no more than that takes", async () => {
    const networks = await loaded("get", "networks");
    // The limits are a little above what it is; all of the bundle has more than a megabyte.
    assert.ok(networks < 450_000, `${networks} bytes`);
  });

  it("asks the server for the content before it loads what reads it", async () => {
    const preload = join(folder, "order.cjs");
    const told = join(folder, "order.json");
    writeFileSync(
      preload,
      `const { Socket } = require("node:net");
      const Module = require("node:module");
      const { write } = Socket.prototype;
      const { _load: load } = Module;
      const order = [];
      Socket.prototype.write = function (text, ...rest) {
        if (/"method":"monitor_cond_since"/.test(text)) order.push("asked");
        return write.call(this, text, ...rest);
      };
      Module._load = (name, ...rest) => {
        order.push(name);
        return load(name, ...rest);
      };
      process.on("exit", () => require("node:fs").writeFileSync(process.env.TOLD, JSON.stringify(order)));`,
    );
    for (const [command, reader] of [
      ["get networks", "./get-networks.js"],
      ["get pods", "./get-pods.js"],
      ["show", "./inspect.js"],
      ["graph", "./pictures.js"],
    ] as const) {
      await run(command.split(" "), { NODE_OPTIONS: `--require=${preload}`, TOLD: told });
      const order = JSON.parse(readFileSync(told, "utf8")) as readonly string[];
      assert.ok(order.includes(reader), `${command} did not load ${reader}: ${order.join(" ")}`);
      assert.ok(order.indexOf("asked") > 0, `${command} did not ask`);
      assert.ok(order.indexOf("asked") < order.indexOf(reader), `${command}: ${order.join(" ")}`);
    }
  });

  it("loads of Node.js no TLS, hashes, files or processes to list networks over a plain socket", async () => {
    const preload = join(folder, "tell.cjs");
    const told = join(folder, "told.json");
    writeFileSync(
      preload,
      `process.on("exit", () =>
        require("node:fs").writeFileSync(process.env.TOLD, JSON.stringify(process.moduleLoadList)));`,
    );
    await run(["get", "networks"], { NODE_OPTIONS: `--require=${preload}`, TOLD: told });
    const modules = JSON.parse(readFileSync(told, "utf8")) as readonly string[];
    assert.ok(modules.includes("NativeModule net"));
    assert.deepEqual(
      modules.filter((name) => /^NativeModule (?:tls|crypto|fs\/promises|child_process)$/.test(name)),
      [],
    );
  });

  it("loads for its help only the grammar", async () => {
    const help = await loaded("--help");
    assert.ok(help < 100_000, `${help} bytes`);
  });

  it("loads to complete a word only the grammar, where no name of the database is meant", async () => {
    const words = await loaded("__complete", "zsh", "ovn-northbound get ne");
    assert.ok(words < 100_000, `${words} bytes`);
  });

  it("tells the licences of what is in it", () => {
    const licenses = readFileSync(join(bundle, "third-party-licenses.txt"), "utf8");
    const { dependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const name of Object.keys(dependencies))
      assert.match(licenses, new RegExp(`^${name}\n\n[^]*?copyright`, "im"));
  });

  it("shows lines of the source in stacks when asked to", async () => {
    const failing = run(["show", "--db", "unix:/does/not/exist"], { OVN_NORTHBOUND_DEBUG: "1" });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, /at .*\/lib\/jsonrpc\/socket\.ts:\d+:\d+/);
      return true;
    });
  });
});
