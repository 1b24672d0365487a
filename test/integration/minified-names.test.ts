import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { rolldown } from "rolldown";
import { projectRoot } from "../support/project.ts";

type ErrorClass = new (...args: never[]) => Error;

/** What the bundled program gives. */
interface Program {
  readonly libraries: readonly { readonly [name: string]: unknown }[];
  readonly Unnamed: ErrorClass;
  readonly failures: readonly unknown[];
}

const { exports: entryPoints } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  readonly exports: { readonly [path: string]: unknown };
};
const modules = Object.keys(entryPoints)
  .filter((path) => path !== "./package.json")
  .map((path) => `ovn-northbound${path.slice(1)}`);

describe("errors of a program that is bundled and minified", () => {
  let folder = "";
  let program: Program;
  let classes: readonly (readonly [name: string, made: ErrorClass])[] = [];

  before(async () => {
    assert.ok(existsSync(join(projectRoot, "dist/index.js")), "dist is missing: run npm run build");
    folder = mkdtempSync(join(tmpdir(), "minified-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot, join(folder, "node_modules/ovn-northbound"), "dir");
    const input = join(folder, "main.js");
    writeFileSync(
      input,
      `${modules.map((name, index) => `import * as library${index} from "${name}";`).join("\n")}
      import { OvsdbError, parseEndpoints } from "ovn-northbound";
      import { layer3 } from "ovn-northbound/topology";
      import { readManifests } from "ovn-northbound/manifests";
      const failureOf = (call) => { try { return call(); } catch (error) { return error; } };
      export const libraries = [${modules.map((_, index) => `library${index}`)}];
      export class Unnamed extends OvsdbError {}
      export const failures = [
        () => parseEndpoints("nowhere"),
        () => layer3({ name: "" }),
        () => readManifests([{ file: "a.yaml", text: "kind: [" }]),
      ].map(failureOf);`,
    );
    const made = await rolldown({ input, platform: "node", logLevel: "silent" });
    await made.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", minify: true });
    await made.close();
    program = (await import(pathToFileURL(join(folder, "main.mjs")).href)) as Program;
    classes = program.libraries.flatMap((library) => Object.entries(library).filter(isErrorClass));
  });
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  it("are of classes that the minifier has renamed, where they do not say their name", () => {
    assert.notEqual(program.Unnamed.name, "Unnamed");
  });

  it("have the names of docs/errors.md, all of them", () => {
    const table = readFileSync(join(projectRoot, "docs/errors.md"), "utf8").match(/^\| \[ERR_.*$/gm) ?? [];
    const documented = table.flatMap((line) => line.match(/(?<=`)\w+(?=`)/g) ?? []);
    const names = new Set(classes.map(([, made]) => made.name));
    assert.deepEqual([...names].sort(), [...documented, "OvsdbError"].sort());
    assert.deepEqual(
      classes.filter(([name, made]) => made.name !== name).map(([name, made]) => `${name}: ${made.name}`),
      [],
    );
  });

  it("show them as name, as text, in stacks and to the console", () => {
    const base = classes.find(([name]) => name === "OvsdbError")?.[1];
    assert.ok(base !== undefined);
    for (const [name, made] of classes) {
      // As every class does, and without what its own constructor wants to know.
      assertNamed(Reflect.construct(base, ["words"], made), name);
    }
  });

  it("do so when the library throws them", () => {
    for (const [index, name] of ["EndpointError", "SpecError", "ManifestErrors"].entries()) {
      assertNamed(program.failures[index], name);
    }
  });
});

function assertNamed(error: unknown, name: string): void {
  assert.ok(error instanceof Error);
  assert.equal(error.name, name);
  const begin = `${name}: ${error.message}`;
  assert.equal(String(error), begin);
  // The message of some has several lines.
  assert.ok(error.stack?.startsWith(begin), error.stack);
  // In brackets where there is no stack.
  assert.ok(inspect(error).replace(/^\[/, "").startsWith(begin), inspect(error));
}

function isErrorClass(entry: readonly [string, unknown]): entry is [string, ErrorClass] {
  const [, value] = entry;
  return typeof value === "function" && value.prototype instanceof Error;
}
