import { type Figure, verdict } from "./figure.ts";
import type { Machine } from "./machine.ts";
import { median } from "./statistics.ts";

/** All that a run of the bench found. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly minutes: number;
  /** Samples that were taken again since others disturbed them. */
  readonly repeated: number;
  /** Samples that were disturbed and count all the same. */
  readonly disturbed: readonly string[];
  readonly skipped: Readonly<Record<string, string>>;
  readonly workloads: readonly {
    readonly name: string;
    readonly title: string;
    readonly figures: readonly Figure[];
  }[];
}

/** The results as a page. */
export function toMarkdown(results: Results): string {
  const { machine } = results;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return `${[
    "# Results of the bench",
    "",
    "Made by `npm run bench`; docs/performance.md says what is measured and how. Ratios are to the raw client in the same round.",
    "",
    `* ${results.date.slice(0, 16).replace("T", " ")} UTC, ${results.minutes.toFixed(1)} minutes`,
    `* ${machine.cores} x ${machine.cpu}, ${machine.memoryGb} GB, ${machine.kernel}, load ${machine.load.toFixed(2)} at the start`,
    `* ${versions.join(", ")}`,
    `* ${results.repeated} samples were disturbed and taken again`,
    ...results.disturbed.map((text) => `* **disturbed:** ${text}`),
    ...Object.entries(results.skipped).map(([name, reason]) => `* left out: ${name}: ${reason}`),
    ...results.workloads.flatMap(({ name, title, figures }) => [
      "",
      `## ${name.toUpperCase()}: ${title}`,
      "",
      "| | median | lowest | highest | must | goal | |",
      "|---|---|---|---|---|---|---|",
      ...figures.map(toRow),
    ]),
  ].join("\n")}\n`;
}

function toRow(figure: Figure): string {
  const { what, unit, samples, must, goal } = figure;
  const reached = { goal: "goal", must: "must", missed: "**missed**", "": "" }[verdict(figure)];
  const cells = [
    what,
    `${show(median(samples))} ${unit}`,
    show(Math.min(...samples)),
    show(Math.max(...samples)),
    must === undefined ? "" : show(must),
    goal === undefined ? "" : show(goal),
    reached,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Three digits that count. */
function show(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
