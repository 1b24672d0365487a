// lib -> dist, or another folder: the JavaScript of the package's entry points, each layer in one file. A Node.js that imports
// it has a dozen files to find, read and link, and not one for each of lib: docs/decisions/0018-bundled-library.md.
//
//   node scripts/bundle-library.mjs [FOLDER]

import { readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const lib = join(root, "lib");
const dist = join(root, "dist");
const folder = resolve(process.argv[2] ?? dist);
const { dependencies, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Each layer after those that it imports: what a file needs is put into that file, unless an earlier one has it. */
const layers = [
  "jsonrpc",
  "ovsdb",
  "session",
  "replica",
  "database",
  "schemas",
  "reconcile",
  "topology",
  "manifests",
  "testing",
];

/** Loaded by `import()` when TLS is asked for, and with them the TLS of Node.js. */
const ondemand = new Set(["socket-tls.ts", "socket-pem.ts"].map((file) => join(lib, "jsonrpc", file)));

/** `dist/topology/index.js` is `topology/index`, of `lib/topology/index.ts`. */
const entries = Object.values(exports).flatMap((target) =>
  target.default === undefined ? [] : [relative(dist, join(root, target.default)).replace(/\.js$/, "")],
);

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((entry) => [entry, join(lib, `${entry}.ts`)])),
  platform: "node",
  external: Object.keys(dependencies),
  // On a machine with much else to do our callbacks take long: no fault of the bundle.
  checks: { bundlerTimings: false },
  onLog: (level, log) => {
    // What is only told to a terminal would be overlooked here.
    if (level === "warn") throw new Error(log.message);
  },
});
const { output } = await bundle.write({
  dir: folder,
  format: "esm",
  chunkFileNames: "layers/[name].js",
  sourcemap: true,
  // The package has them, in lib.
  sourcemapExcludeSources: true,
  codeSplitting: {
    groups: layers.map((name, index) => ({
      name,
      priority: layers.length - index,
      test: (id) => id.startsWith(join(lib, name) + sep) && !ondemand.has(id),
    })),
  },
});
await bundle.close();

// A module that is in no layer's file would be loaded beside it, or be there twice.
const made = new Set(output.filter(({ type }) => type === "chunk").map(({ name }) => name));
const unexpected = [...made].filter((name) => ![...entries, ...layers, "socket-tls"].includes(name));
if (unexpected.length > 0) throw new Error(`unexpected files: ${unexpected.join(", ")}`);
