import { existsSync } from "node:fs";
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
