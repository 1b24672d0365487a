// dist: declarations that no entry point leads to are removed, and their maps: nobody outside can name what they declare.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.values(exports).flatMap(({ types }) =>
  types === undefined ? [] : [join(root, types)],
);

// The compiler is asked, as it will be the one that looks for them.
const options = ["--ignoreConfig", "--listFilesOnly", "--module", "nodenext", "--types", "node"];
const read = execFileSync(join(root, "node_modules/.bin/tsc"), [...options, ...entries], {
  encoding: "utf8",
});
const needed = new Set(read.split("\n"));
if (!entries.every((entry) => needed.has(entry))) throw new Error(`tsc does not list ${entries.join(", ")}`);

for (const file of readdirSync(dist, { recursive: true })) {
  const path = join(dist, file);
  if (/\.d\.ts(\.map)?$/.test(file) && !needed.has(path.replace(/\.map$/, ""))) rmSync(path);
}
