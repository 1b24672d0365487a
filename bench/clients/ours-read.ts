// Ours: the first sync, and then questions.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { connectNorthbound } from "ovn-northbound";
import { portName } from "../ports.ts";
import { peakMemory, report, stopwatch, task } from "./measure.ts";

const { remote, ports, questions } = task<{ remote: string; ports: number; questions: number }>();

const stalls = monitorEventLoopDelay({ resolution: 1 });
stalls.enable();
const stopSync = stopwatch();
const nb = await connectNorthbound(remote);
const table = nb.tables.Logical_Switch_Port;
if (table.get({ name: portName(ports - 1) }) === undefined) throw new Error("the last port is not there");
const sync = stopSync();
const peakMb = peakMemory();
// A delay is known only when the timer that was late has run.
await pause(5);
stalls.disable();

const readAll = (): number => {
  let seen = 0;
  for (const row of table) seen += row.addresses.length;
  return seen;
};
const stopReading = stopwatch();
if (readAll() !== ports) throw new Error(`${table.size} rows, not ${ports}`);
const { seconds: readSeconds } = stopReading();

report({ ...sync, peakMb, stallMs: stalls.max / 1e6, readSeconds, ...(questions > 0 && queryRates()) });
await nb.close();

/** What is asked for is made before: composing a name takes a third as long as finding its row. */
function queryRates(): Record<"get" | "find" | "iterate" | "map", number> {
  const names = Array.from({ length: ports }, (_, index) => portName(index));
  // What the machine takes to find a string in memory: its share in the other figures.
  const map = new Map(names.map((name, index) => [name, index]));
  const pods = Array.from({ length: ports }, (_, index) => `pod-${index}`);
  return {
    get: rate(questions, (index) => table.get({ name: names[index % ports] ?? "" }) !== undefined),
    find: rate(
      questions,
      (index) => table.find({ external_ids: { "k8s.ovn.org/name": pods[index % ports] ?? "" } }).length === 1,
    ),
    iterate: ports * rate(20, () => readAll() === ports),
    map: rate(questions, (index) => map.get(names[index % ports] ?? "") !== undefined),
  };
}

/** How often in a second it can be asked; asked once before, so that the index is there. */
function rate(times: number, ask: (index: number) => boolean): number {
  if (!ask(0)) throw new Error("a wrong answer");
  const stop = stopwatch();
  let right = 0;
  for (let index = 0; index < times; index += 1) if (ask(index)) right += 1;
  const { seconds } = stop();
  if (right !== times) throw new Error(`${times - right} wrong answers`);
  return times / seconds;
}
