import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/project.ts";

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Packages = Readonly<Record<string, LockedPackage>>;

// `npm ci` refuses a lock file that lacks any, and `npm install` writes such a file when its registry does not offer
// the packages for other platforms.
describe("package-lock.json", () => {
  it("has an entry for every dependency, those for other platforms too", () => {
    const text = readFileSync(join(projectRoot, "package-lock.json"), "utf8");
    const { packages } = JSON.parse(text) as { readonly packages: Packages };
    assert.ok(Object.keys(packages).length > 50);
    assert.deepEqual(missingEntries(packages), []);
  });

  it("is seen to lack entries", () => {
    const packages: Packages = {
      "": { dependencies: { a: "1" } },
      "node_modules/a": { dependencies: { b: "1", c: "1" }, optionalDependencies: { "@o/o": "1" } },
      "node_modules/a/node_modules/b": {},
      "node_modules/c": {},
    };
    assert.deepEqual(missingEntries(packages), ["node_modules/a needs @o/o"]);
  });
});

function missingEntries(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${path} needs ${name}`),
  );
}

/** Looks where Node looks: in the package's own node_modules, then in those of the folders above. */
function isLocked(packages: Packages, path: string, name: string): boolean {
  const candidate = `${path === "" ? "" : `${path}/`}node_modules/${name}`;
  if (packages[candidate] !== undefined) {
    return true;
  }
  const above = path.lastIndexOf("node_modules/");
  return path !== "" && isLocked(packages, path.slice(0, Math.max(0, above - 1)), name);
}
