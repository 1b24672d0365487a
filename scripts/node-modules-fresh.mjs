// Exit code 0 when node_modules holds what package-lock.json asks for, 1 when `npm ci` is needed. By content, not by
// time: a checkout gives every file a new date. Uses no package, since there may be none.
import { existsSync, readFileSync } from "node:fs";

const installedList = "node_modules/.package-lock.json";

function packages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

function isFresh() {
  if (!existsSync(installedList)) {
    return false;
  }
  const wanted = packages("package-lock.json");
  const installed = packages(installedList);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") {
      return true;
    }
    const found = installed[path];
    // Optional packages are those of other platforms.
    return found === undefined
      ? entry.optional === true
      : found.version === entry.version && existsSync(path);
  });
}

process.exitCode = isFresh() ? 0 : 1;
