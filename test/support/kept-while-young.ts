import { bytesInUse, garbageCollector } from "./collect-garbage.ts";

/** Times that something is made, and bytes of each. */
const TIMES = 20_000;
const BYTES = 1024;

/**
 * Which part stays of what was used and let go at once, where the garbage collector looks for young garbage only, as it does
 * nearly always: near 0, or near 1 where something old leads to it all. `use` is given something large to keep, and lets go of what
 * it was given a few dozen calls before.
 */
export function keptWhileYoung(use: (index: number, large: readonly number[]) => void): number {
  const collect = garbageCollector();
  const before = bytesInUse();
  for (let index = 0; index < TIMES; index += 1) {
    use(index, new Array<number>(BYTES / 8).fill(index));
    if (index % 500 === 0) collect({ type: "minor" });
  }
  // What is young becomes old at the second time.
  for (let times = 0; times < 2; times += 1) collect({ type: "minor" });
  return (process.memoryUsage().heapUsed - before) / (TIMES * BYTES);
}
