import { median } from "./statistics.ts";

/** One number that a workload measures, several times over. */
export interface Figure {
  /** What it is, within its workload. */
  readonly what: string;
  /** What it is counted in: "x" is a ratio to the raw client. */
  readonly unit: string;
  readonly samples: readonly number[];
  /** What issue 5 owes. */
  readonly must?: number;
  /** What it is after. */
  readonly goal?: number;
  /** More is better: `must` and `goal` are lower bounds. @default false */
  readonly moreIsBetter?: boolean;
}

/** How a figure stands to its bars. */
export type Verdict = "goal" | "must" | "missed" | "";

export function verdict({ samples, must, goal, moreIsBetter = false }: Figure): Verdict {
  const value = median(samples);
  const meets = (bar: number | undefined): boolean =>
    bar !== undefined && (moreIsBetter ? value >= bar : value <= bar);
  if (must === undefined && goal === undefined) return "";
  if (meets(goal)) return "goal";
  return meets(must) ? "must" : "missed";
}

/** The figures that compare two clients, sample by sample as they were measured side by side. */
export function ratio(
  what: string,
  ours: readonly number[],
  raw: readonly number[],
  bars: Pick<Figure, "must" | "goal"> = {},
): Figure {
  const samples = ours.map((value, index) => value / (raw[index] ?? Number.NaN));
  return { what, unit: "x", samples, ...bars };
}
