import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Workload } from "../bench.ts";
import type { Measured } from "../client-process.ts";
import { ratio } from "../figure.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What the types cost: no server takes part. */
export const types: Workload = {
  name: "types",
  title:
    "a program that uses every table of the three models is type-checked (`skipLibCheck`), against one that only imports them",
  async run(bench) {
    const { empty, all } = await bench.rounds("types", {
      empty: () => check("empty"),
      all: () => check("all-tables"),
    });
    return [
      ratio("time", all.of("seconds"), empty.of("seconds"), { must: 1.5 }),
      { what: "the program with every table", unit: "ms", samples: all.of("seconds", 1000) },
      { what: "the empty program", unit: "ms", samples: empty.of("seconds", 1000) },
    ];
  },
};

async function check(program: string): Promise<Measured> {
  const args = ["-p", `bench/types/tsconfig.${program}.json`, "--skipLibCheck", "--extendedDiagnostics"];
  const start = performance.now();
  const { status, stdout } = spawnSync("node_modules/.bin/tsc", args, { cwd: root, encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  const checked = Number(/^Types: +(\d+)$/m.exec(stdout)?.[1] ?? 0);
  if (status !== 0 || checked === 0)
    throw new Error(`the bench measured nothing: tsc ended with ${status}: ${stdout}`);
  return { seconds, cpuSeconds: 0 };
}
