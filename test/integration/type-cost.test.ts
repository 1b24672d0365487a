import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { northbound, openvswitch, southbound } from "../../lib/schemas/index.ts";
import { projectRoot } from "../support/project.ts";

const models = [northbound, southbound, openvswitch];
const tables = models.flatMap((model) => Object.keys(model.tables));

/** What the compiler had to make for a program of bench/types: counts, which are the same on every machine. */
interface Cost {
  readonly types: number;
  readonly instantiations: number;
}

function costOf(program: string, ...options: readonly string[]): Cost {
  const args = ["-p", `bench/types/tsconfig.${program}.json`, "--extendedDiagnostics", ...options];
  const report = execFileSync(join(projectRoot, "node_modules/.bin/tsc"), args, {
    cwd: projectRoot,
    encoding: "utf8",
  });
  const count = (name: string): number => {
    const [, digits] = new RegExp(`^${name}: +(\\d+)$`, "m").exec(report) ?? [];
    assert.ok(digits !== undefined, report);
    return Number(digits);
  };
  return { types: count("Types"), instantiations: count("Instantiations") };
}

// They check against the package's declarations, as programs of others do: dist has to be there.
describe("what the types cost the compiler", () => {
  it("is measured with a program that uses every table", () => {
    const program = readFileSync(join(projectRoot, "bench/types/all-tables.ts"), "utf8");
    assert.ok(tables.length > 80);
    assert.deepEqual(
      tables.filter((table) => !program.includes(`db.tables.${table}.find(`)),
      [],
    );
    assert.deepEqual(
      tables.filter((table) => !program.includes(`tx.insert("${table}"`)),
      [],
    );
  });

  it("is for every table at most half as much again as for the import of the package alone", () => {
    const [empty, all] = [costOf("empty"), costOf("all-tables")];
    const ratios = [all.types / empty.types, all.instantiations / empty.instantiations];
    assert.ok(Math.max(...ratios) <= 1.5, `${ratios}`);
  });

  it("is small for each table that is used", () => {
    const [empty, all] = [costOf("empty", "--skipLibCheck"), costOf("all-tables", "--skipLibCheck")];
    // A little above what it is: 55 types and 100 instantiations.
    const types = (all.types - empty.types) / tables.length;
    const instantiations = (all.instantiations - empty.instantiations) / tables.length;
    assert.ok(types > 10 && types < 75, `${types} types a table`);
    assert.ok(instantiations > 10 && instantiations < 140, `${instantiations} instantiations a table`);
  });

  it("is small for changes of all tables at once, whose rows are told apart by their table", () => {
    const [empty, all] = [costOf("empty", "--skipLibCheck"), costOf("all-changes", "--skipLibCheck")];
    // A little above what it is: 34 types and 47 instantiations.
    const types = (all.types - empty.types) / tables.length;
    const instantiations = (all.instantiations - empty.instantiations) / tables.length;
    assert.ok(types > 10 && types < 45, `${types} types a table`);
    assert.ok(instantiations > 10 && instantiations < 65, `${instantiations} instantiations a table`);
  });
});
