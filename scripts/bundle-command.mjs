// lib/cli -> dist/cli, or another folder: the command line in a few files, each command with what only it needs in files of
// its own. A Node.js that starts loads 300 modules for longer than the command then works:
// docs/decisions/0015-bundled-command.md.
//
//   node scripts/bundle-command.mjs [FOLDER]

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist/cli"));

/**
 * Commander loads what starts processes, for commands that are programs of their own. We have none, and all commands wait for
 * it.
 */
const lazyProcesses = {
  name: "lazy-processes",
  resolveId: (id, importer = "") =>
    id === "node:child_process" && importer.includes(`${sep}commander${sep}`) ? "\0lazy-processes" : null,
  load: (id) =>
    id === "\0lazy-processes"
      ? 'exports.spawn = (...args) => require("node:child_process").spawn(...args);'
      : null,
};

/** The package has the files of lib only: a map to others would lead nowhere. */
const mapsOfLib = {
  name: "maps-of-lib",
  transform: (code, id) => (id.includes(`${sep}node_modules${sep}`) ? { code, map: { mappings: "" } } : null),
};

const bundle = await rolldown({
  input: join(root, "lib/cli/main.ts"),
  platform: "node",
  plugins: [lazyProcesses, mapsOfLib],
  // On a machine with much else to do our callbacks take long: no fault of the bundle.
  checks: { bundlerTimings: false },
  onLog: (level, log) => {
    // What is only told to a terminal would be overlooked here.
    if (level === "warn") throw new Error(log.message);
  },
});
rmSync(folder, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: folder,
  // Files that are required load sooner than those that are imported.
  format: "cjs",
  chunkFileNames: "[name].js",
  sourcemap: true,
  // The package has them, in lib.
  sourcemapExcludeSources: true,
  // Names stay, so that a stack can be read without the maps.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
});
await bundle.close();

// The rest of the package is made of ES modules.
writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
writeLicenses(output.flatMap(({ moduleIds = [] }) => moduleIds));

/** Those whose code is in the bundle ask to be named wherever it goes. */
function writeLicenses(files) {
  const packages = new Set(
    files.flatMap((file) => {
      const [, after] = file.split(`${sep}node_modules${sep}`);
      return after === undefined ? [] : [after.split(sep, 1)[0]];
    }),
  );
  const texts = [...packages].sort().map((name) => {
    const home = join(root, "node_modules", name);
    const license = readdirSync(home).find((file) => /^licen[sc]e/i.test(file));
    if (license === undefined) throw new Error(`${name} has no licence to be copied`);
    return `${name}\n\n${readFileSync(join(home, license), "utf8").trim()}\n`;
  });
  writeFileSync(join(folder, "third-party-licenses.txt"), texts.join("\n---\n\n"));
}
