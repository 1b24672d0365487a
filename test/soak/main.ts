// npm run soak -- --minutes N [--scenario NAME] [--seed S] [--kills N] [--pods N]: runs for so long, says what it has found out as
// text and then as a line of JSON, and ends with 1 when a promise was not kept.
import { parseArgs } from "node:util";
import { controller } from "./controller.ts";
import { failover, fullFailover } from "./failover.ts";
import { faults } from "./faults.ts";
import { growth } from "./grow.ts";
import { formatReport, type Report, type SoakContext } from "./report.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    scenario: { type: "string" },
    seed: { type: "string" },
    kills: { type: "string", default: String(fullFailover.kills) },
    pods: { type: "string", default: String(fullFailover.pods) },
  },
});

const scenarios: Readonly<Record<string, (context: SoakContext) => Promise<Report>>> = {
  failover: (context) => failover(context, { ...fullFailover, kills: number("kills"), pods: number("pods") }),
  faults,
  controller,
  growth,
};

function number(name: "minutes" | "seed" | "kills" | "pods"): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`soak: --${name} takes a number above 0`);
  process.exit(2);
}

const chosen = values.scenario === undefined ? Object.keys(scenarios) : [values.scenario];
if (chosen.some((name) => !Object.hasOwn(scenarios, name))) {
  console.error(`soak: --scenario is one of ${Object.keys(scenarios).join(", ")}`);
  process.exit(2);
}
const each = (number("minutes") * 60_000) / chosen.length;
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : number("seed");
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

const reports: Report[] = [];
for (const name of chosen) {
  const progress = (line: string): void => console.error(`${name}: ${line}`);
  const context = { seed, until: performance.now() + each, signal: stop.signal, progress };
  try {
    const report = await scenarios[name]?.(context);
    if (report === undefined) continue;
    reports.push(report);
    console.log(formatReport(report));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error(`soak: ${stop.signal.reason.message}`);
    process.exit(130);
  }
}
console.log(JSON.stringify(reports));
// Whatever is left running must not keep a soak that is over.
process.exit(reports.some(({ violations }) => violations.length > 0) ? 1 : 0);
