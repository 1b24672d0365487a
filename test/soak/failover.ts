import { connectNorthbound } from "../../lib/schemas/index.ts";
import { type DatabaseCluster, startCluster } from "../../lib/testing/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { checkPods } from "./pod-check.ts";
import { type AttachedPod, PodFleet } from "./pod-fleet.ts";
import { podNetwork } from "./pod-protocol.ts";
import { RawWatcher } from "./raw-watcher.ts";
import { type Report, type SoakContext, spread } from "./report.ts";

/** How much a run of the scenario does, if there is time for all of it. */
export interface FailoverSize {
  readonly kills: number;
  readonly pods: number;
  readonly clients: number;
  readonly nodes: number;
  /** Milliseconds; see `ClusterOptions`. */
  readonly electionTimer: number;
  /** Milliseconds from when the new leader has acknowledged a write, and the last victim is back, to the next kill. */
  readonly calm: number;
}

/** As issue 3 asks for, with ovsdb-server's own election timer. */
export const fullFailover: FailoverSize = {
  kills: 100,
  pods: 10_000,
  clients: 4,
  nodes: 20,
  electionTimer: 1_000,
  calm: 2_000,
};

/** Longest that anything in a cycle may take. */
const patience = 60_000;
const tick = 20;

/**
 * Kills the leader of a cluster again and again, or freezes it for a while, while clients attach pods; then every pod
 * that was acknowledged must be there once, with the addresses that were told.
 */
export async function failover(context: SoakContext, size: FailoverSize = fullFailover): Promise<Report> {
  const started = performance.now();
  const { electionTimer, clients } = size;
  await using cluster = await startCluster({ servers: 3, tls: true, electionTimer, signal: context.signal });
  const nodes = Array.from({ length: size.nodes }, (_, index) => `node${index}`);
  await makeNetwork(cluster, nodes);
  const task = { remotes: cluster.ssl, tls: cluster.tls.client, nodes };
  await using fleet = await PodFleet.start(task, clients);
  const run = new FailoverRun(context, size, cluster, fleet, nodes);
  await run.run();
  const violations = [
    ...fleet.violations,
    ...(await checkPods(cluster, fleet.attached, run.watcher.acknowledged)),
  ];
  if (fleet.pending > 0) violations.push(`${fleet.pending} pods were never attached`);
  const seconds = (performance.now() - started) / 1_000;
  return { scenario: "failover", seed: context.seed, seconds, figures: run.figures(), violations };
}

async function makeNetwork(cluster: DatabaseCluster, nodes: readonly string[]): Promise<void> {
  await using nb = await connectNorthbound(cluster.ssl, { tls: cluster.tls.client });
  await podNetwork
    .plan(nb, { nodes: nodes.map((name) => ({ name, chassisId: `chassis-of-${name}` })) })
    .apply();
}

/** One leader that went, in milliseconds from then. */
interface Failover {
  readonly how: "killed" | "stopped";
  /** Until a server said that it leads. */
  readonly elected: number;
  /** Until it acknowledged a write. */
  readonly written: number;
  /** The longest time in which no client's attachment was acknowledged. */
  readonly stall: number;
}

class FailoverRun {
  readonly watcher: RawWatcher;
  readonly #context: SoakContext;
  readonly #size: FailoverSize;
  readonly #cluster: DatabaseCluster;
  readonly #fleet: PodFleet;
  readonly #nodes: readonly string[];
  /** One each, so that the leaders' fates do not depend on how many pods come between. */
  readonly #fates: SeededRandom;
  readonly #places: SeededRandom;
  readonly #failovers: Failover[] = [];
  #ordered = 0;
  #cycleStarted = 0;

  constructor(
    context: SoakContext,
    size: FailoverSize,
    cluster: DatabaseCluster,
    fleet: PodFleet,
    nodes: readonly string[],
  ) {
    this.#context = context;
    this.#size = size;
    this.#cluster = cluster;
    this.#fleet = fleet;
    this.#nodes = nodes;
    this.#fates = new SeededRandom(context.seed, 1);
    this.#places = new SeededRandom(context.seed, 2);
    this.watcher = new RawWatcher(cluster);
  }

  async run(): Promise<void> {
    const started = performance.now();
    const pacing = setInterval(() => this.#order(started), tick);
    try {
      while (this.#failovers.length < this.#size.kills && performance.now() < this.#context.until) {
        this.#context.signal.throwIfAborted();
        this.#cycleStarted = performance.now();
        this.#failovers.push(await this.#cycle());
        this.#tell();
      }
    } finally {
      clearInterval(pacing);
    }
    // All of them, if no time was lacking; else as many as belong to the kills that were made.
    if (this.#failovers.length === this.#size.kills) this.#orderUpTo(this.#size.pods);
    const { until, signal } = this.#context;
    const end = Math.max(until, performance.now()) + patience;
    while (this.#fleet.pending > 0 && performance.now() < end) {
      signal.throwIfAborted();
      await pause(tick);
    }
    await this.#fleet.end();
  }

  /** One leader goes, another one acknowledges a write, the old one comes back, and all is calm for a while. */
  async #cycle(): Promise<Failover> {
    const signal = AbortSignal.any([this.#context.signal, AbortSignal.timeout(patience)]);
    const victim = await this.watcher.leader(this.#cluster.servers, signal);
    const others = this.#cluster.servers.filter((server) => server !== victim);
    const how = this.#fates.integer(0, 1) === 0 ? "killed" : "stopped";
    this.#fleet.takeStall();
    const began = performance.now();
    if (how === "killed") victim.signal("SIGKILL");
    else victim.pause();
    const leader = await this.watcher.leader(others, signal);
    const elected = performance.now() - began;
    await this.watcher.write(leader, signal);
    const written = performance.now() - began;
    if (how === "killed") {
      await victim.kill();
      await victim.start(signal);
    } else {
      victim.resume();
    }
    await this.#cluster.settled({ timeout: patience, signal });
    await pause(this.#size.calm);
    return { how, elected, written, stall: this.#fleet.takeStall() };
  }

  /** Spreads the pods evenly over the kills, by the time that a kill has taken so far. */
  #order(started: number): void {
    const done = this.#failovers.length;
    const now = performance.now();
    const mean = done === 0 ? 4_000 + this.#size.calm : (this.#cycleStarted - started) / done;
    const progress = (done + Math.min(1, (now - this.#cycleStarted) / mean)) / this.#size.kills;
    this.#orderUpTo(Math.floor(this.#size.pods * Math.min(1, progress)));
  }

  #orderUpTo(count: number): void {
    for (; this.#ordered < count; this.#ordered += 1) {
      // As a rule a node is one client's business; every fifth pod is one that several contend for.
      const { clients } = this.#size;
      const own = this.#nodes.filter((_, index) => index % clients === this.#ordered % clients);
      const candidates = this.#ordered % 5 === 0 || own.length === 0 ? this.#nodes : own;
      const node = candidates[this.#places.integer(0, candidates.length - 1)] ?? "";
      this.#fleet.order({ name: `pod${this.#ordered}`, node });
    }
  }

  #tell(): void {
    const { length } = this.#failovers;
    if (length % 10 !== 0 && length !== this.#size.kills) return;
    const { attached, pending, violations } = this.#fleet;
    this.#context.progress(
      `${length} leaders gone, ${attached.length} pods attached, ${pending} under way, ${violations.length} violations`,
    );
  }

  figures(): Report["figures"] {
    const all = this.#failovers;
    const of = (how: Failover["how"]): readonly Failover[] => all.filter((one) => one.how === how);
    const { attached, summaries } = this.#fleet;
    const sum = (read: (summary: (typeof summaries)[number]) => number): number =>
      summaries.reduce((total, summary) => total + read(summary), 0);
    return {
      "leaders killed": of("killed").length,
      "leaders stopped": of("stopped").length,
      clients: this.#size.clients,
      "pods attached": attached.length,
      attach: spread(attached.map(({ milliseconds }) => milliseconds)),
      "nothing attached, leader killed": spread(of("killed").map(({ stall }) => stall)),
      "nothing attached, leader stopped": spread(of("stopped").map(({ stall }) => stall)),
      "server alone, new leader": spread(all.map(({ elected }) => elected)),
      "server alone, first write": spread(all.map(({ written }) => written)),
      "attempts that ended in an error": errorsOf(attached),
      "looks at rows that are there": sum(({ looks }) => looks),
      "looks refused meanwhile": sum(({ refused }) => refused),
      "resyncs with changes": sum(({ resyncs }) => resyncs),
    };
  }
}

function errorsOf(attached: readonly AttachedPod[]): string {
  const counts = new Map<string, number>();
  for (const code of attached.flatMap(({ errors }) => errors)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${count} ${code}`).join(", ") || "none";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
