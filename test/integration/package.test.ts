import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CommandError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";
import { typescriptBlocks } from "../support/markdown-code.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as Manifest;
const entryPoints = Object.keys(manifest.exports)
  .filter((key) => !key.endsWith(".json"))
  .map((key) => manifest.name + key.slice(1));
const readme = join(projectRoot, "README.md");

describeWithOvn("the package, installed into an empty project", () => {
  const ovn = useSandbox({ northbound: true, southbound: true, northd: true });
  let project = "";

  before(async function () {
    // npm looks at its cache first, but may have to ask a slow registry.
    this.timeout(620_000);
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    project = mkdtempSync(join(tmpdir(), "package-"));
    writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
    // dist is there already, and building it again would take it from under other tests.
    await npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", project], projectRoot);
    const tarball = `./${manifest.name}-${manifest.version}.tgz`;
    await npm(["install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", tarball], project);
  });

  after(() => {
    if (project !== "") {
      rmSync(project, { recursive: true, force: true });
    }
  });

  it("holds what it should", () => {
    const files = readdirSync(join(project, "node_modules", manifest.name));
    for (const name of ["LICENSE", "CHANGELOG.md", "dist", "lib"]) {
      assert.ok(files.includes(name), `${name} is not in the package`);
    }
    for (const name of ["test", "scripts", "node_modules", "build"]) {
      assert.equal(files.includes(name), false, `${name} is in the package`);
    }
  });

  it("has the declarations that its entry points lead to, and no others", () => {
    const dist = join(project, "node_modules", manifest.name, "dist");
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const [, path = ""] of readFileSync(file, "utf8").matchAll(
        /(?:\bfrom|\bimport\() ?"(\.[^"]+)"/g,
      )) {
        follow(join(dirname(file), path.replace(/\.ts$/, ".d.ts")));
      }
    };
    for (const entryPoint of entryPoints)
      follow(join(dist, entryPoint.slice(manifest.name.length), "index.d.ts"));
    assert.ok(reached.size > entryPoints.length);
    assert.deepEqual(filesOf(dist, ".d.ts").sort(), [...reached].sort());
  });

  it("has maps from JavaScript and declarations to files of lib that it has, too", () => {
    const home = join(project, "node_modules", manifest.name);
    const maps = filesOf(join(home, "dist"), ".map");
    assert.ok(maps.some((map) => map.endsWith(".d.ts.map")) && maps.some((map) => map.endsWith(".js.map")));
    const lost = maps.flatMap((map) => {
      const { sources } = JSON.parse(readFileSync(map, "utf8")) as { readonly sources: readonly string[] };
      return sources
        .filter((source) => !existsSync(join(dirname(map), source)))
        .map((source) => `${map}: ${source}`);
    });
    assert.deepEqual(lost, []);
  });

  it("can be imported by each of its entry points", async () => {
    assert.ok(entryPoints.length >= 3);
    for (const entryPoint of entryPoints) {
      const code = `const all = await import("${entryPoint}"); process.stdout.write(String(Object.keys(all).length));`;
      const count = await node(["--input-type=module", "--eval", code]);
      assert.ok(Number(count) > 0, `${entryPoint} exports nothing`);
    }
  });

  it("can be required by each of its entry points, as docs/getting-started.md says, also in TypeScript", async () => {
    for (const entryPoint of entryPoints) {
      const code = `process.stdout.write(String(Object.keys(require("${entryPoint}")).length));`;
      const count = await node(["--input-type=commonjs", "--eval", code]);
      assert.ok(Number(count) > 0, `${entryPoint} exports nothing`);
    }
    const lines = entryPoints.map((entryPoint, index) => `import * as entry${index} from "${entryPoint}";`);
    const uses = entryPoints.map((_, index) => `entry${index};`);
    await typecheck("commonjs", [["index.cts", [...lines, ...uses].join("\n")]]);
  });

  it("has types for each of its entry points", async () => {
    const lines = entryPoints.map((entryPoint, index) => `export * as entry${index} from "${entryPoint}";`);
    await typecheck("entry-points", [["index.ts", lines.join("\n")]]);
    // The check itself can fail.
    const wrong = `import { thereIsNoSuchName } from "${manifest.name}";\nthereIsNoSuchName();\n`;
    await assert.rejects(typecheck("wrong", [["index.ts", wrong]]), /thereIsNoSuchName/);
  });

  it("asks by itself for the types of Node.js that its declarations use, at each entry point", async () => {
    // TypeScript takes no types by itself since version 6, and `AsyncDisposable` is in no standard library of `lib`.
    const without = { types: undefined, lib: ["es2022"], target: "es2022" };
    const checks = entryPoints.map((entryPoint, index) =>
      typecheck(`own-types-${index}`, [["index.ts", `export * as entry from "${entryPoint}";`]], without),
    );
    await Promise.all(checks);
  });

  it("has types that tell the columns there are, and not their own names, where a column is wrong", async () => {
    const call = (text: string): string =>
      `import { connectNorthbound } from "${manifest.name}";\nconst nb = await connectNorthbound("");\n${text}`;
    const wrong = call(`await nb.transact((tx) => {
      const group = tx.insert("Port_Group", { name: "a" });
      tx.add(group, "port", []);
      tx.setKeys(group, "external_id", {});
      tx.mutate(tx.insert("NB_Global", {}), "nbcfg", "+=", 1);
    });`);
    await assert.rejects(typecheck("wrong-columns", [["index.ts", wrong]]), ({ stdout }: CommandError) => {
      const told = ['"acls" | "ports"', '"external_ids"', '"nb_cfg"'];
      assert.deepEqual(
        told.filter((words) => !stdout.replace('"ports" | "acls"', '"acls" | "ports"').includes(words)),
        [],
      );
      return true;
    });
  });

  it("has the types that a generated model of one's own imports", async () => {
    const atom = (type: string, extra: object = {}): object => ({ key: { type, ...extra } });
    const schema = {
      name: "Fleet",
      version: "1.0.0",
      tables: {
        Car: {
          isRoot: true,
          columns: {
            name: { type: "string" },
            kind: { type: { ...atom("string", { enum: ["set", ["bus", "van"]] }), min: 0, max: 1 } },
            drivers: { type: { ...atom("uuid", { refTable: "Driver" }), min: 0, max: "unlimited" } },
            notes: { type: { ...atom("string"), value: "string", min: 0, max: "unlimited" } },
            odometer: { type: "integer" },
          },
        },
        Driver: { columns: { name: { type: "string" } } },
      },
    };
    writeFileSync(join(project, "fleet.ovsschema"), JSON.stringify(schema));
    const bin = join(project, "node_modules/.bin", Object.keys(manifest.bin)[0] ?? "");
    await runProgram(bin, ["codegen", "--schema", "fleet.ovsschema", "--out", "model"], { cwd: project });
    const files = readdirSync(join(project, "model")).map((file): [string, string] => [
      file,
      readFileSync(join(project, "model", file), "utf8"),
    ]);
    assert.deepEqual(files.map(([file]) => file).sort(), ["car.ts", "driver.ts", "index.ts"]);
    await typecheck("own-model", files);
  });

  it("has a command that explains itself", async () => {
    for (const name of Object.keys(manifest.bin)) {
      const help = await runProgram(join(project, "node_modules/.bin", name), ["--help"]);
      assert.match(help, new RegExp(`usage.*${name}`, "i"));
    }
  });

  it("does what the README's code says", async () => {
    const blocks = typescriptBlocks(readFileSync(readme, "utf8")).filter(
      ({ marks }) => !marks.includes("fragment"),
    );
    const runnable = blocks.filter(({ marks }) => marks.includes("run"));
    assert.ok(runnable.length > 0, "README.md has no code block that begins with ```ts run: nothing to try");
    const names = blocks.map(({ line }) => `readme-line-${line}`);
    const folder = await typecheck(
      "readme",
      blocks.map(({ code }, index) => [`${names[index]}.ts`, code]),
    );
    for (const [index, block] of blocks.entries()) {
      if (runnable.includes(block)) {
        await ovn.sandbox.run(process.execPath, [join(folder, "out", `${names[index]}.js`)], {
          cwd: project,
        });
      }
    }
  });

  /** Compiles files the way a careful user's project would, and returns the folder they are in; throws tsc's words. */
  async function typecheck(
    name: string,
    files: readonly (readonly [file: string, text: string])[],
    options: object = {},
  ): Promise<string> {
    const folder = join(project, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of files) {
      writeFileSync(join(folder, file), `${text}\nexport {};\n`);
    }
    const compilerOptions = {
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      typeRoots: [join(projectRoot, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      rootDir: ".",
      outDir: "out",
      ...options,
    };
    const config = { compilerOptions, files: files.map(([file]) => file) };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    await node([join(projectRoot, "node_modules/typescript/bin/tsc"), "-p", folder]);
    return folder;
  }

  function node(args: readonly string[]): Promise<string> {
    return runProgram(process.execPath, args, { cwd: project, timeout: 150_000 });
  }
});

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
}

/** Runs npm as a person would, not as a part of the `npm test` that is running: its variables would change where things go. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  const inherited = Object.keys(process.env).filter((name) => name.toLowerCase().startsWith("npm_"));
  // Registry and cache come from the user's own settings files and variables; these have to stay.
  const settings =
    /^npm_config_(registry|cache|userconfig|globalconfig|prefer_offline|offline|proxy|https_proxy|cafile)$/i;
  const cleared = inherited.filter((name) => !settings.test(name));
  const env = Object.fromEntries(cleared.map((name) => [name, undefined]));
  try {
    await runProgram("npm", args, { cwd, env, timeout: 300_000 });
  } catch (error) {
    throw error instanceof CommandError ? new Error(`npm ${args.join(" ")}\n${error.stderr}`) : error;
  }
}
