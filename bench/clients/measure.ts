import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

/** Starts to measure; the function returned tells what has passed since. */
export function stopwatch(): () => { readonly seconds: number; readonly cpuSeconds: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    return { seconds, cpuSeconds: (used.user + used.system) / 1e6 };
  };
}

/** Seconds of a clock that all processes of the machine share. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/**
 * The most memory that this process has had, in MB. The kernel's figure for getrusage(2) would count what the parent had
 * when it forked.
 */
export function peakMemory(): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}

const sockets: Socket[] = [];
subscribe("net.client.socket", (message) => {
  sockets.push((message as { readonly socket: Socket }).socket);
});

/** Bytes that this process has sent so far, over all its sockets. */
export function bytesSent(): number {
  return sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
}

/** What the one who started this client wants of it. */
export function task<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}

/** The last thing that a client prints. */
export function report(measured: Readonly<Record<string, number>>): void {
  console.log(JSON.stringify(measured));
}

/** Does things with so many of them under way at any time, and tells how long each took, in microseconds. */
export async function inFlight(
  count: number,
  width: number,
  one: (index: number) => Promise<unknown>,
): Promise<Float64Array> {
  const times = new Float64Array(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const start = performance.now();
      await one(index);
      times[index] = (performance.now() - start) * 1000;
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return times;
}
