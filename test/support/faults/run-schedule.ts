import assert from "node:assert/strict";
import type { DatabaseServer } from "../../../lib/testing/index.ts";
import { type Rows, readRows, resetRows } from "./content.ts";
import { Ledger, type Outcome } from "./ledger.ts";
import { Line } from "./line.ts";
import type { Schedule, Step } from "./schedule.ts";
import { finishAll, WatchedClient } from "./watched-client.ts";
import { carryOut } from "./writer.ts";

/** A schedule that is not over by then hangs. */
const longest = 120_000;

/** What a schedule came to: how many transactions had which outcome, and how often a proxied client dialled again. */
export type Tally = Readonly<Record<Exclude<Outcome, "pending"> | "redials", number>>;

/**
 * Runs a schedule on an emptied database and checks that every client has told and holds what the server has, that what
 * was acknowledged was done once, and that nothing was found missing meanwhile. Throws what was wrong.
 */
export async function runSchedule(server: DatabaseServer, schedule: Schedule): Promise<Tally> {
  await resetRows(server);
  const run = new ScheduleRun(server, schedule);
  try {
    return await inTime(run.run(), () => run.describe());
  } finally {
    await run.clear();
  }
}

class ScheduleRun {
  readonly #server: DatabaseServer;
  readonly #schedule: Schedule;
  readonly #ledger = new Ledger();
  readonly #lines: Line[] = [];
  readonly #clients: WatchedClient[] = [];
  /** Transactions under way; each settles with what was unexpected. */
  readonly #writes: Promise<unknown>[] = [];
  #restarting: Promise<void> = Promise.resolve();
  #at = "connecting";

  constructor(server: DatabaseServer, schedule: Schedule) {
    this.#server = server;
    this.#schedule = schedule;
  }

  async run(): Promise<Tally> {
    await this.#connect();
    for (const step of this.#schedule.steps) {
      this.#at = JSON.stringify(step);
      await this.#take(step);
      for (const client of this.#clients) client.look();
    }
    this.#at = "healing";
    for (const line of this.#lines) await line.heal();
    await this.#restarting;
    this.#at = "waiting for the transactions";
    const unexpected = (await Promise.all(this.#writes)).find((error) => error !== undefined);
    if (unexpected !== undefined) throw unexpected;
    this.#at = "comparing";
    const rows = await this.#compare();
    this.#ledger.check(rows);
    const outcomes = this.#ledger.entries.map(({ outcome }) => outcome);
    const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
    const redials = this.#lines.reduce((sum, line) => sum + line.connections - 1, 0);
    return { done: count("done"), unknown: count("unknown"), refused: count("refused"), redials };
  }

  /** What to say of a run that hangs. */
  describe(): string {
    const pending = this.#ledger.entries.filter(({ outcome }) => outcome === "pending");
    return `${this.#at}; pending: ${pending.map(({ action, tag }) => `${action} ${tag}`).join(", ") || "none"}`;
  }

  /** Leaves the server as the next schedule wants it: running, and without clients. */
  async clear(): Promise<void> {
    await this.#restarting.catch(() => undefined);
    for (const { nb } of this.#clients) await nb.close();
    for (const line of this.#lines) await line[Symbol.asyncDispose]();
    await this.#server.start();
  }

  async #connect(): Promise<void> {
    const { listen, seed, conditional } = this.#schedule;
    const target = this.#server.remote;
    this.#lines.push(
      await Line.open(target, { listen, seed }),
      await Line.open(target, { listen, seed: seed + 1 }),
    );
    const remotes = [...this.#lines.map(({ remote }) => remote), target];
    for (const [index, remote] of remotes.entries()) {
      const client = await WatchedClient.connect(`client ${index}`, remote, conditional && index === 1, {
        minBackoff: 1,
        maxBackoff: 8,
        probeInterval: 40,
        syncIdleTimeout: 120,
        // The machine may be busy in the moment in which the first connection is made.
        connectTimeout: 20_000,
        dialTimeout: 1_000,
      });
      this.#clients.push(client);
    }
  }

  async #take(step: Step): Promise<void> {
    switch (step.type) {
      case "write": {
        const client = this.#clients[step.by];
        assert.ok(client !== undefined);
        const write = carryOut(client, this.#ledger, step);
        this.#writes.push(
          write.then(
            () => undefined,
            (error: unknown) => error,
          ),
        );
        return;
      }
      case "fault":
        return this.#lines[step.on]?.break(step.fault);
      case "restart":
        this.#restarting = this.#restarting.then(async () => {
          await this.#server.kill();
          await this.#server.start();
        });
        if (step.wait) await this.#restarting;
        return;
      case "turns":
        for (let turn = 0; turn < step.turns; turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        return;
      case "pause":
        await new Promise((resolve) => setTimeout(resolve, step.milliseconds));
    }
  }

  /** Every client's replica, and its streams, against what the server has. */
  async #compare(): Promise<Rows> {
    for (const line of this.#lines) await line.quiet();
    // What a connection that was given up has left at the server is done before this, on a new connection after it.
    await readRows(this.#server);
    return finishAll(this.#clients, this.#server);
  }
}

async function inTime<R>(work: Promise<R>, describe: () => string): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${longest} ms: ${describe()}`)), longest);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
