import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createProgram } from "../../lib/cli/program.ts";
import { generateModel } from "../../lib/codegen/index.ts";
import type { RowKind } from "../../lib/reconcile/index.ts";
import { rowKinds } from "../../lib/topology/index.ts";
import { projectRoot } from "../support/project.ts";

/** Folders whose pages are not ours to judge, or are made by builds. */
const otherFolders = /^(node_modules|dist|build.*|coverage|temp|\.git)$/;

const pages = findPages(projectRoot).map((path) => ({ path, text: read(path) }));

describe("the documentation", () => {
  it("is found", () => {
    assert.ok(pages.length > 20, `${pages.length} pages`);
    assert.ok(pages.some(({ path }) => path === "README.md"));
  });

  for (const { path, text } of pages) {
    it(`${path} has links that lead somewhere`, () => {
      assert.deepEqual(brokenLinks(path, text), []);
    });
  }

  it("has a heading for the code of every error, and for no other", () => {
    const headings = [...read("docs/errors.md").matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code);
    assert.deepEqual(headings.toSorted(), errorCodes());
  });

  it("lists every error with its class", () => {
    const lines = read("docs/errors.md").split("\n");
    const missing = errorCodes().filter((code) => !lines.some((line) => line.startsWith(`| [${code}](#`)));
    assert.deepEqual(missing, []);
  });

  it("tells every command, argument and option of the command line, and no other", async () => {
    const text = read("docs/command-line.md");
    const printed = new Set((await commandLine()).flatMap(({ help }) => namesInHelp(help)));
    assert.ok(printed.size > 20, [...printed].join(" "));
    const missing = [...printed].filter((name) => !text.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
    const told = [...text.matchAll(/(?<=[\s`(])--?[a-zA-Z][\w-]*/g)].map(([name]) => name);
    const known = new Set([...printed].map((name) => name.split(" ")[0]));
    assert.deepEqual(
      [...new Set(told)].filter((name) => !known.has(name)),
      [],
    );
  });

  it("has a section for every command, with its options in it", async () => {
    const sections = sectionsOf(read("docs/command-line.md"));
    for (const { name, own } of await commandLine()) {
      if (name === "") continue;
      const section = sections.get(name) ?? "";
      // diff says in a sentence which of apply's options it takes.
      const options = name === "diff" ? [] : own;
      const missing = options.filter((option) => !section.includes(option));
      assert.ok(section !== "", `no section ${name}`);
      assert.deepEqual(missing, [], name);
    }
  });

  it("publishes what lib/topology/rows/ownership.ts says", () => {
    const page = read("docs/rows.md");
    const [, published = ""] =
      /<!-- ownership:[^\n]*-->\n([\s\S]*?)<!-- end of ownership -->/.exec(page) ?? [];
    assert.equal(published.trim(), ownershipTable(rowKinds), "print what it should be with ownershipTable");
  });

  it("names no columns as bigint that are not, see docs/model.md", async () => {
    const { isWideInteger } = await import("../../lib/ovsdb/index.ts");
    const { northbound, openvswitch, southbound } = await import("../../lib/schemas/index.ts");
    const lines = [northbound, southbound, openvswitch].map((model) => {
      const tables = Object.entries(model.tables).flatMap(([table, { columns }]) => {
        const wide = Object.entries(columns).flatMap(([column, { key, value }]) => {
          const isWide = [key, value].some((base) => base?.type === "integer" && isWideInteger(base));
          return isWide ? [`\`${column}\`${value === undefined ? "" : " (values)"}`] : [];
        });
        return wide.length === 0 ? [] : [`${table}: ${wide.join(", ")}`];
      });
      return `| ${model.name} | ${tables.join("; ")} |`;
    });
    for (const line of lines) assert.ok(read("docs/model.md").includes(`${line}\n`), line);
  });

  it("tells how generated models are named", () => {
    const column = { key: { type: "string" }, min: 1, max: 1 } as const;
    const table = { columns: { name: column }, indexes: [], isRoot: true };
    const tables = { Road_Sign: table, QoS: table };
    const files = generateModel({ name: "My_Db", version: "1.0.0", tables }, { importFrom: "x" });
    const page = read("docs/model.md");
    const index = files.get("index.ts") ?? "";
    assert.ok(page.includes("`My_Db`: `mydb`") && /export const mydb\b/.test(index), index);
    assert.ok(page.includes("`My_Db`: `MydbTables`") && index.includes("export interface MydbTables"), index);
    const sign = files.get("road-sign.ts") ?? "";
    assert.ok(page.includes("`Road_Sign`: `road-sign.ts`") && sign !== "", [...files.keys()].join(" "));
    assert.ok(page.includes("`RoadSignRow`") && sign.includes("export interface RoadSignRow"), sign);
    assert.ok(page.includes("`roadSign`; `QoS`: `qos`") && /export const roadSign\b/.test(sign), sign);
    assert.match(files.get("qos.ts") ?? "", /export const qos\b/);
  });

  it("numbers the decisions without gaps, each with its three parts", () => {
    const files = readdirSync(join(projectRoot, "docs/decisions")).sort();
    for (const [index, file] of files.entries()) {
      const number = index + 1;
      assert.ok(file.startsWith(`${String(number).padStart(4, "0")}-`), file);
      const text = read(`docs/decisions/${file}`);
      assert.match(text, new RegExp(`^# ${number}\\. `), file);
      assert.deepEqual(
        [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title),
        ["Context", "Decision", "Consequences"],
      );
    }
  });
});

describe("the checks of the documentation", () => {
  it("see broken links", () => {
    const text =
      "[a](nowhere.md) [b](../README.md#no-such-part) [c](../README.md#install) [d](https://x.test/y) [e](#none)";
    assert.deepEqual(brokenLinks("docs/model.md", text), [
      "nowhere.md",
      "../README.md#no-such-part",
      "#none",
    ]);
  });

  it("ignore what looks like a link in code", () => {
    assert.deepEqual(brokenLinks("README.md", "`[a](b)`\n\n```ts\nx[0](y);\n```\n"), []);
  });
});

function read(path: string): string {
  return readFileSync(join(projectRoot, path), "utf8");
}

function findPages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return otherFolders.test(entry.name) ? [] : findPages(path);
    // Files that begin with a dot are nobody's documentation.
    return entry.name.endsWith(".md") && !entry.name.startsWith(".") ? [relative(projectRoot, path)] : [];
  });
}

/** Relative links whose file, or whose heading in it, does not exist. */
function brokenLinks(path: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target ?? "");
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [file = "", anchor] = target.split("#");
    const found = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(projectRoot, found))) return true;
    if (anchor === undefined) return false;
    if (statSync(join(projectRoot, found)).isDirectory()) return true;
    const page = file === "" ? text : read(found);
    return !anchorsOf(page).includes(anchor);
  });
}

/** The anchors that forges make of headings: lower case, no punctuation, hyphens for spaces. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

/** Codes of all classes of errors in lib. */
function errorCodes(): string[] {
  const files = readdirSync(join(projectRoot, "lib"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  const codes = files.flatMap((path) =>
    [...read(join("lib", path)).matchAll(/\bcode(?:: string)? = "(ERR_\w+)"/g)].map(([, code = ""]) => code),
  );
  assert.ok(codes.length > 20, `${codes.length} errors`);
  return [...new Set(codes)].sort();
}

interface CommandHelp {
  /** Empty for the program itself. */
  readonly name: string;
  readonly help: string;
  /** Long names of its own options. */
  readonly own: readonly string[];
}

async function commandLine(): Promise<CommandHelp[]> {
  const nothing = (): void => undefined;
  const program = await createProgram(
    {
      env: {},
      width: 200,
      begun: 0,
      signal: new AbortController().signal,
      unread: new AbortController().signal,
      out: nothing,
      written: () => Promise.resolve(),
      err: nothing,
      progress: nothing,
      readStdin: () => Promise.resolve(new Uint8Array()),
    },
    nothing,
  );
  const help = (command: typeof program, name: string): CommandHelp => ({
    name,
    help: command.helpInformation(),
    own: command.options.flatMap(({ long }) => long ?? []),
  });
  return [help(program, ""), ...program.commands.map((command) => help(command, command.name()))];
}

/** Names of commands, and options as help shows them with their values: `-f`, `--filename <path>`. */
function namesInHelp(help: string): string[] {
  const options = [...help.matchAll(/^ {2}(-[^\n]*?)(?: {2,}|$)/gm)].flatMap(([, option = ""]) =>
    option.split(", "),
  );
  const commands = /^Commands:\n((?: {2}.*\n?)+)/m.exec(help)?.[1] ?? "";
  return [...options, ...[...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name)];
}

function sectionsOf(page: string): ReadonlyMap<string, string> {
  return new Map(page.split(/^## /m).map((section) => [section.split("\n", 1)[0] ?? "", section] as const));
}

/** The table between the marks in docs/rows.md. */
function ownershipTable(kinds: Readonly<Record<string, RowKind>>): string {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  const rows = Object.entries(kinds).map(
    ([kind, { table, columns, onDemand = [], keys, elements, members = [], shared }]) => {
      const maps = Object.entries(keys).map(([column, names]) => `${column}: ${code(names)}`);
      const sets = code([...elements, ...members]);
      const asked = onDemand.length > 0 ? `; on demand ${code(onDemand)}` : "";
      const cells = [kind, table, code(columns) + asked, maps.join("; "), sets, shared === true ? "yes" : ""];
      return `| ${cells.join(" | ")} |`;
    },
  );
  return [
    "| kind | table | columns | map keys | set elements | shared |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
