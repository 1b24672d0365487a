import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Bench, type Workload } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { type Results, toMarkdown } from "./report.ts";
import { types } from "./workloads/types.ts";
import { w1 } from "./workloads/w1.ts";
import { w2 } from "./workloads/w2.ts";
import { w3 } from "./workloads/w3.ts";
import { w4 } from "./workloads/w4.ts";
import { w5 } from "./workloads/w5.ts";
import { w7 } from "./workloads/w7.ts";
import { w8 } from "./workloads/w8.ts";
import { w9 } from "./workloads/w9.ts";
import { w10 } from "./workloads/w10.ts";

const workloads: readonly Workload[] = [w1, w2, w3, w9, w4, w5, w7, w8, w10, types];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: "boolean", default: false },
    // A tenth of the sizes, one round, noise allowed, nothing written: does the bench itself work?
    quick: { type: "boolean", default: false },
    // So many and no more. Otherwise five, and more where they are short.
    rounds: { type: "string" },
  },
});
const unknown = positionals.filter((name) => !workloads.some((workload) => workload.name === name));
if (unknown.length > 0) {
  console.error(
    `bench: no workload ${unknown.join(", ")}; there are ${workloads.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
const chosen = workloads.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const start = performance.now();
const machine = describeMachine();
await using bench = new Bench({
  scale: values.quick ? 0.1 : 1,
  rounds: values.quick ? 1 : Number(values.rounds ?? 5),
  seconds: values.quick || values.rounds !== undefined ? 0 : 25,
  peers: values.peers,
});
const measured: Results["workloads"][number][] = [];
for (const { name, title, run } of chosen) measured.push({ name, title, figures: await run(bench) });

const results: Results = {
  date: new Date().toISOString(),
  machine,
  minutes: (performance.now() - start) / 60_000,
  repeated: bench.repeated,
  disturbed: bench.disturbed,
  skipped: Object.fromEntries(bench.skipped),
  workloads: measured,
};
console.log(toMarkdown(results));
if (!values.quick && positionals.length === 0) {
  const file = (name: string): string => fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));
  writeFileSync(file("results.md"), toMarkdown(results));
  writeFileSync(file("results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
}
if (bench.disturbed.length > 0 && !values.quick) {
  console.error("bench: others used the machine meanwhile, so these figures are no proof");
  process.exitCode = 1;
}
