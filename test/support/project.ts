import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project's root folder, from wherever the compiled tests lie (they are moved around by `--outDir`). */
export const projectRoot: string = findRoot(import.meta.dirname);

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package-lock.json"))) {
    return folder;
  }
  if (dirname(folder) === folder) {
    throw new Error(`no package-lock.json above ${import.meta.dirname}`);
  }
  return findRoot(dirname(folder));
}

/** A file of `test/golden`: expected rows, written by hand. */
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(join(projectRoot, "test/golden", file), "utf8")) as T;
}
