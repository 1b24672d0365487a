import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "ovn-northbound/testing";
import type { Measured } from "./client-process.ts";
import type { Figure } from "./figure.ts";
import { watchMachine } from "./machine.ts";

/** Cores that others may use, or the hypervisor take, while something is measured. */
const tolerated = 0.15;
/** How often a disturbed sample is taken again. */
const repetitions = 4;

/** One workload of issue 5. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** How a bench is run. */
export interface BenchOptions {
  /** What the sizes are multiplied with: 1 is what the issue asks for. */
  readonly scale: number;
  /** Samples of everything, at least. */
  readonly rounds: number;
  /** Seconds for which short samples are taken further, up to three times as many: their medians waver more. */
  readonly seconds: number;
  /** Measure the other clients too. */
  readonly peers: boolean;
}

/** What one client measured, round by round. */
export class Samples {
  readonly #samples: readonly Measured[];

  constructor(samples: readonly Measured[]) {
    this.#samples = samples;
  }

  /** One of the client's figures in each round, multiplied to be in the unit that is wanted. */
  of(figure: keyof Measured, factor = 1): number[] {
    return this.#samples.map((measured) => {
      const value = measured[figure];
      if (value === undefined) throw new Error(`the client did not measure ${figure}`);
      return value * factor;
    });
  }
}

/** What workloads share: a folder for files, sandboxes, and the care that nobody disturbs. */
export class Bench implements AsyncDisposable {
  readonly options: BenchOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "ovn-bench-"));
  readonly #shared = new Map<string, Promise<Sandbox>>();
  readonly #done = new Set<string>();
  readonly #disturbed: string[] = [];
  readonly #skipped = new Map<string, string>();
  #repeated = 0;

  constructor(options: BenchOptions) {
    this.options = options;
  }

  /** Samples that were disturbed however often they were taken. */
  get disturbed(): readonly string[] {
    return this.#disturbed;
  }

  /** How many samples were thrown away and taken again. */
  get repeated(): number {
    return this.#repeated;
  }

  /** A size of the issue, in the proportion asked for. */
  size(full: number): number {
    return Math.max(1, Math.round(full * this.options.scale));
  }

  file(name: string): string {
    return join(this.#folder, name);
  }

  /** A northbound server that `fill` has filled once, and that all who name it use. */
  shared(name: string, fill: (remote: string) => Promise<void>): Promise<Sandbox> {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const started = startSandbox({ northbound: true }).then(async (sandbox) => {
      this.#shared.set(name, Promise.resolve(sandbox));
      await fill(sandbox.northbound.remote);
      return sandbox;
    });
    this.#shared.set(name, started);
    return started;
  }

  /** Gives a shared server up, so that the memory and the disk it takes disturb nobody. */
  async drop(name: string): Promise<void> {
    const sandbox = await this.#shared.get(name);
    this.#shared.delete(name);
    await sandbox?.close();
  }

  /** Does something once for each name, such as writing a file. */
  once(name: string, what: () => void): void {
    if (this.#done.has(name)) return;
    what();
    this.#done.add(name);
  }

  /** Leaves a client out, and says so in the results. */
  skip(name: string, reason: string): void {
    this.#skipped.set(name, reason);
  }

  /** Clients that were left out, and why. */
  get skipped(): ReadonlyMap<string, string> {
    return this.#skipped;
  }

  /** Tells people what happens; results have a file of their own. */
  say(text: string): void {
    console.error(text);
  }

  /**
   * Measures each client once, then each once more, and so on: what drifts, drifts for all. Returns the samples of each,
   * in the order of the rounds, of which there are more when they are short.
   */
  async rounds<K extends string>(
    what: string,
    clients: Readonly<Record<K, () => Promise<Measured>>>,
    peers: Readonly<Record<string, () => Promise<Measured>>> = {},
  ): Promise<Readonly<Record<K, Samples>> & { readonly peers: Readonly<Record<string, Samples>> }> {
    const taken = new Map<string, Measured[]>();
    const { rounds, seconds } = this.options;
    const end = performance.now() + seconds * 1000;
    for (let round = 0; round < rounds || (round < rounds * 3 && performance.now() < end); round += 1) {
      for (const [name, measure] of Object.entries<() => Promise<Measured>>({ ...clients, ...peers })) {
        const samples = taken.get(name) ?? [];
        taken.set(name, samples);
        samples.push(await this.#undisturbed(`${what}, ${name}`, measure));
      }
    }
    this.say(`${what}: measured`);
    const samplesOf = (names: object): Record<string, Samples> =>
      Object.fromEntries(Object.keys(names).map((name) => [name, new Samples(taken.get(name) ?? [])]));
    return { ...(samplesOf(clients) as Record<K, Samples>), peers: samplesOf(peers) };
  }

  async #undisturbed(what: string, sample: () => Promise<Measured>): Promise<Measured> {
    for (let attempt = 1; ; attempt += 1) {
      const stop = watchMachine(await this.#servers());
      const value = await sample();
      const { others, stolen } = stop();
      if (others + stolen <= tolerated) return value;
      const said = `${what}: others used ${others.toFixed(2)} cores, ${stolen.toFixed(2)} were stolen`;
      if (attempt === repetitions || this.options.scale < 1) {
        this.#disturbed.push(said);
        return value;
      }
      this.#repeated += 1;
    }
  }

  async #servers(): Promise<number[]> {
    const sandboxes = await Promise.all(this.#shared.values());
    return sandboxes.flatMap(({ pids }) => Object.values(pids));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#shared.keys()]) await this.drop(name);
    rmSync(this.#folder, { recursive: true });
  }
}
