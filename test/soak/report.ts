/** What a scenario has found out. */
export interface Report {
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  /** Counts and times, in the order in which they are printed. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** What was promised and not kept; empty in a good run. */
  readonly violations: readonly string[];
}

/** What a scenario gets to know. */
export interface SoakContext {
  readonly seed: number;
  /** When to begin no more, in milliseconds of `performance.now()`. */
  readonly until: number;
  /** Aborts when the user stops the run. */
  readonly signal: AbortSignal;
  /** Says how far it is. */
  readonly progress: (line: string) => void;
}

/** A report as text. */
export function formatReport({ scenario, seed, seconds, figures, violations }: Report): string {
  const width = Math.max(0, ...Object.keys(figures).map((name) => name.length));
  const verdict = violations.length === 0 ? "every promise kept" : `${violations.length} VIOLATIONS`;
  return [
    `${scenario}: ${verdict} in ${seconds.toFixed(0)} s (seed ${seed})`,
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...violations.slice(0, 20).map((violation) => `  VIOLATED: ${violation}`),
  ].join("\n");
}

/** `p50 12 ms, p99 80 ms, longest 95 ms` of some durations; nothing of none. */
export function spread(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return "none";
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return [
    `p50 ${formatTime(quantile(sorted, 0.5))}`,
    `p99 ${formatTime(quantile(sorted, 0.99))}`,
    `longest ${formatTime(sorted.at(-1) ?? 0)}`,
  ].join(", ");
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function formatTime(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1_000).toFixed(2)} s`;
}
