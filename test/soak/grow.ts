import { join } from "node:path";
import type { DatabaseSchema } from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";
import type { Growth } from "./growth.ts";
import type { Report, SoakContext } from "./report.ts";

const tables = ["NB_Global", "Logical_Switch", "Logical_Switch_Port", "Connection", "SSL"];

/** A part of the northbound schema: what a connection costs beyond reading the schema is what grows, if something does. */
const small: DatabaseSchema = {
  ...northbound,
  tables: Object.fromEntries(
    Object.entries(northbound.tables)
      .filter(([name]) => tables.includes(name))
      .map(([name, table]) => {
        const columns = Object.entries(table.columns).filter(([, { key, value }]) =>
          [key, value].every((base) => base?.refTable === undefined || tables.includes(base.refTable)),
        );
        return [name, { ...table, columns: Object.fromEntries(columns) }];
      }),
  ),
};

/** How often. */
export interface GrowthOptions {
  readonly cycles: number;
  readonly redials: number;
}

/** What the project's tracker asks for. */
export const fullGrowth: GrowthOptions = { cycles: 10_000, redials: 1_000 };

/** Runs `growth.ts` in a process of its own against a server of its own; resolves when that process has ended by itself. */
export async function measureGrowth(
  { cycles, redials }: GrowthOptions,
  signal?: AbortSignal,
): Promise<Growth> {
  await using sandbox = await startSandbox({ northbound: small });
  const script = join(import.meta.dirname, "growth.js");
  // Optimised code is part of the heap, and when it is made depends on how busy the machine is.
  const args = [
    "--expose-gc",
    "--no-opt",
    "--no-maglev",
    script,
    sandbox.northbound.remote,
    String(cycles),
    String(redials),
  ];
  const timeout = 60_000 + 200 * (cycles + redials);
  const output = await sandbox.run(process.execPath, args, {
    timeout,
    ...(signal === undefined ? {} : { signal }),
  });
  return JSON.parse(output) as Growth;
}

/** What should not have been left behind. */
export function remainders({ cycles, redials, heap, resources, listeners, warnings }: Growth): string[] {
  const found: string[] = [];
  // Bytecode and caches come and go with some 100 kB, whatever the number; one listener for each connection to 100 bytes and more.
  if (heap.cycles > 500_000 + 40 * cycles) found.push(`${heap.cycles} bytes of heap by ${cycles} cycles`);
  if (heap.redials > 500_000 + 200 * redials)
    found.push(`${heap.redials} bytes of heap by ${redials} redials`);
  for (const [kind, count] of Object.entries(resources)) found.push(`${count} ${kind}`);
  if (listeners > 0) found.push(`${listeners} listeners on the signal`);
  return [...found, ...warnings];
}

/** Connections opened, closed and redialled by the thousand: nothing grows, and the process ends. */
export async function growth({ seed, signal, progress }: SoakContext): Promise<Report> {
  const start = performance.now();
  progress(`${fullGrowth.cycles} connections, ${fullGrowth.redials} redials`);
  const grown = await measureGrowth(fullGrowth, signal);
  return {
    scenario: "growth",
    seed,
    seconds: (performance.now() - start) / 1_000,
    figures: {
      "connections opened and closed": `${grown.cycles} in ${grown.seconds.cycles.toFixed(1)} s`,
      "heap left by them": `${grown.heap.cycles} bytes`,
      redials: `${grown.redials} in ${grown.seconds.redials.toFixed(1)} s`,
      "heap left by redials": `${grown.heap.redials} bytes`,
    },
    violations: remainders(grown),
  };
}
