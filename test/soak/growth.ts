// Connects and closes, and redials, many times over, and prints what has grown by it as one line of JSON.
//
//   node --expose-gc build/test/soak/growth.js REMOTE CYCLES REDIALS
//
// A process of its own, as the heap of a test runner is nobody's; and it has to end by itself.
import { getEventListeners } from "node:events";
import { connectNorthbound } from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";

/** What is left of many connections. */
export interface Growth {
  readonly cycles: number;
  readonly redials: number;
  readonly seconds: { readonly cycles: number; readonly redials: number };
  /** Bytes of the heap, after garbage collection, that were not there before: by cycles, by redials. */
  readonly heap: { readonly cycles: number; readonly redials: number };
  /** Handles and requests that keep the process alive, by kind, more than before. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners left on the signal that all connections shared. */
  readonly listeners: number;
  readonly warnings: readonly string[];
}

/** Connections under way at a time. */
const together = 8;
/** Caches, compiled code and the like are there after so many. */
const warmUp = 1_000;

async function main(remote: string, cycles: number, redials: number): Promise<Growth> {
  const warnings: string[] = [];
  process.on("warning", (warning) => warnings.push(String(warning)));
  const shared = new AbortController();
  const { signal } = shared;
  await connectAndClose(remote, Math.min(warmUp, cycles), signal);
  const resources = countResources();
  const [cyclesHeap, cyclesSeconds] = await measured((half) => connectAndClose(remote, half, signal), cycles);
  await redial(remote, Math.min(warmUp / 5, redials), signal);
  const [redialsHeap, redialsSeconds] = await measured((half) => redial(remote, half, signal), redials);
  return {
    ...{ cycles, redials },
    seconds: { cycles: cyclesSeconds, redials: redialsSeconds },
    heap: { cycles: cyclesHeap, redials: redialsHeap },
    resources: await grown(resources),
    listeners: getEventListeners(signal, "abort").length,
    warnings,
  };
}

async function connectAndClose(remote: string, times: number, signal: AbortSignal): Promise<void> {
  let left = times;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const nb = await connectNorthbound(remote, { signal });
      // What a handle starts and is not ended by its caller has to end with it.
      const changes = nb.changes();
      const waiting = nb.until(() => false, { signal }).catch(() => undefined);
      const next = changes.next();
      await nb.close();
      await Promise.all([waiting, next]);
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
}

async function redial(remote: string, times: number, signal: AbortSignal): Promise<void> {
  await using proxy = await startFaultProxy(remote);
  await using nb = await connectNorthbound(proxy.remote, { minBackoff: 1, maxBackoff: 2, signal });
  for (let time = 0; time < times; time += 1) {
    const before = proxy.counts.connections;
    proxy.cut();
    await proxy.until(({ connections }) => connections > before, { timeout: 10_000 });
    await nb.synced({ timeout: 10_000, signal });
  }
}

/**
 * In two halves, of which the one that leaves less counts for both: what stays behind does so in each, while V8 makes a cache
 * of its own larger once, by a megabyte, at whatever time.
 */
async function measured(
  run: (times: number) => Promise<void>,
  times: number,
): Promise<[heap: number, seconds: number]> {
  const start = performance.now();
  let heap = await settledHeap();
  const left: number[] = [];
  for (let half = 0; half < 2; half += 1) {
    await run(times / 2);
    const before = heap;
    heap = await settledHeap();
    left.push(heap - before);
  }
  return [2 * Math.min(...left), (performance.now() - start) / 1_000];
}

/** Sockets and timers are let go of some turns after they have ended, and finalizers make more garbage. */
async function settledHeap(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("run with --expose-gc");
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
  return process.memoryUsage().heapUsed;
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What there is more than before, if it does not go away: the end of a socket takes some turns. */
async function grown(before: ReadonlyMap<string, number>): Promise<Record<string, number>> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const more = [...countResources()].map(
      ([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const,
    );
    const left = Object.fromEntries(more.filter(([, count]) => count > 0));
    if (Object.keys(left).length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const [remote = "", cycles = "0", redials = "0"] = process.argv.slice(2);
// Without an exit: whatever still holds the process is to be seen.
console.log(JSON.stringify(await main(remote, Number(cycles), Number(redials))));
