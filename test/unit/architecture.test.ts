import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { SourceFile } from "../support/architecture.ts";
import {
  allowedLayers,
  circles,
  foldersOf,
  importsOf,
  isGenerated,
  layerViolations,
  styleViolations,
} from "../support/architecture.ts";
import { projectRoot } from "../support/project.ts";

const libFolder = join(projectRoot, "lib");

const files: SourceFile[] = readdirSync(libFolder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path: path.split(sep).join("/"), text: readFileSync(join(libFolder, path), "utf8") }));

describe("the architecture", () => {
  it("is looked at: every layer has files, and they import each other", () => {
    const empty = [...allowedLayers.keys()].filter(
      (layer) => !files.some(({ path }) => path.startsWith(`${layer}/`)),
    );
    assert.deepEqual(empty, []);
    const imports = files.flatMap(importsOf);
    const between = imports.filter(({ specifier }) => /^(\.\.\/)+[a-z]+\/index\.ts$/.test(specifier));
    assert.ok(files.length > 50, `${files.length} files`);
    assert.ok(between.length > 20, `${between.length} imports between layers`);
    assert.ok(files.filter(isGenerated).length > 50, "generated files");
  });

  it("has layers that import only leftwards, through index.ts, and node: only at its edges", () => {
    assert.deepEqual(files.flatMap(layerViolations), []);
  });

  it("has the folders in its large layers that have an order, and no others", () => {
    for (const [layer, folders] of foldersOf) {
      const found = files.flatMap(({ path }) => new RegExp(`^${layer}/([a-z-]+)/`).exec(path)?.[1] ?? []);
      assert.deepEqual([...new Set(found)].sort(), [...folders].sort());
    }
  });

  it("has no files that import each other in a circle", () => {
    assert.deepEqual(circles(files), []);
  });

  it("has short files without any and without non-null assertions", () => {
    assert.deepEqual(files.flatMap(styleViolations), []);
  });

  it("has an index.ts in every layer that another one may import", () => {
    const layers = [...allowedLayers.keys()].filter((layer) => layer !== "cli");
    assert.deepEqual(
      layers.filter((layer) => !files.some(({ path }) => path === `${layer}/index.ts`)),
      [],
    );
  });
});

describe("the architecture's rules", () => {
  const badImports: readonly (readonly [path: string, line: string])[] = [
    ["topology/x.ts", 'import { northbound } from "../schemas/northbound/index.ts";'],
    ["cli/x.ts", 'import { acl } from "../schemas/northbound/acl.ts";'],
    ["ovsdb/x.ts", 'import { Session } from "../session/index.ts";'],
    ["ovsdb/x.ts", 'import { Framer } from "../jsonrpc/framer.ts";'],
    ["ovsdb/x.ts", 'import { Framer } from "../jsonrpc/index.js";'],
    ["ovsdb/x.ts", 'export * from "../replica/index.ts";'],
    ["ovsdb/x.ts", 'import type {\n  Session,\n} from "../session/index.ts";'],
    ["ovsdb/x.ts", 'const later = await import("../session/index.ts");'],
    ["ovsdb/x.ts", 'import "node:fs";'],
    ["ovsdb/hash.ts", 'import { readFileSync } from "node:fs";'],
    ["jsonrpc/peer.ts", 'import { connect } from "node:net";'],
    ["session/x.ts", 'import { connect } from "node:net";'],
    ["schemas/northbound/x.ts", 'import { plan } from "../../reconcile/index.ts";'],
    ["topology/x.ts", 'import { run } from "../cli/index.ts";'],
    ["testing/x.ts", 'import { connect } from "../database/index.ts";'],
    ["index.ts", 'export { Framer } from "./jsonrpc/framer.ts";'],
    ["topology/x.ts", 'import { connectNorthbound } from "ovn-northbound";'],
    ["topology/rows/x.ts", 'import { Plan } from "../plan/plan.ts";'],
    ["topology/rows/x.ts", 'import { Network } from "../network.ts";'],
    ["topology/rows/x.ts", 'import { Framer } from "../../jsonrpc/framer.ts";'],
    ["surprise/x.ts", 'import { Framer } from "../jsonrpc/index.ts";'],
  ];

  for (const [path, text] of badImports) {
    it(`catch ${JSON.stringify(text)} in ${path}`, () => {
      assert.equal(layerViolations({ path, text }).length, 1);
    });
  }

  it("allow what is right", () => {
    const good: SourceFile[] = [
      { path: "ovsdb/hash.ts", text: 'import { createHash } from "node:crypto";' },
      { path: "jsonrpc/socket.ts", text: 'import { connect } from "node:net";' },
      {
        path: "session/x.ts",
        text: 'import { Peer } from "../jsonrpc/index.ts";\nimport { y } from "./y.ts";',
      },
      { path: "schemas/northbound/x.ts", text: 'import type { Uuid } from "../../ovsdb/index.ts";' },
      {
        path: "cli/commands/apply.ts",
        text: 'import { layer3 } from "../../topology/index.ts";\nimport "../x.ts";',
      },
      {
        path: "topology/plan/x.ts",
        text: 'import { layer3 } from "../rows/layer3.ts";\nimport "./plan.ts";\nimport "../../jsonrpc/index.ts";',
      },
      { path: "topology/network.ts", text: 'import { Plan } from "./plan/plan.ts";' },
      { path: "cli/x.ts", text: 'await import("../schemas/northbound/index.ts");' },
      { path: "index.ts", text: 'export { startSandbox } from "./testing/index.ts";' },
      {
        path: "ovsdb/x.ts",
        text: '// import { S } from "../session/index.ts";\nconst url: string = "http://x";',
      },
    ];
    assert.deepEqual(good.flatMap(layerViolations), []);
    assert.equal(good.flatMap(importsOf).length, 13);
  });

  for (const text of [
    "const x: any = 1;",
    "const x = y as any;",
    "const x: Map<string, any> = new Map();",
    "const x = y!.z;",
    "const x = y()!;",
    "call(x!, 1);",
    "\n".repeat(450).concat("const x = 1;"),
  ]) {
    it(`catch ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(styleViolations({ path: "ovsdb/x.ts", text }).length, 1);
    });
  }

  it("catch a circle, also one of types", () => {
    const circle: SourceFile[] = [
      { path: "ovsdb/a.ts", text: 'import { b } from "./b.ts";\nimport "./d.ts";' },
      { path: "ovsdb/b.ts", text: 'import type { C } from "./inner/c.ts";' },
      { path: "ovsdb/inner/c.ts", text: 'export type { A } from "../a.ts";' },
      { path: "ovsdb/d.ts", text: 'import { b } from "./b.ts";' },
    ];
    assert.deepEqual(circles(circle), [["ovsdb/a.ts", "ovsdb/b.ts", "ovsdb/inner/c.ts"]]);
    assert.deepEqual(circles(circle.slice(0, 2)), []);
  });

  it("allow words and operators that look alike", () => {
    const text =
      'const a = "x!.y: any";\n// any, b!.c\nconst d = a !== "" && !e.f; // as any\nif (!(g)) any(h);';
    assert.deepEqual(styleViolations({ path: "ovsdb/x.ts", text }), []);
  });
});
