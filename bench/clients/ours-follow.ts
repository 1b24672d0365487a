// Ours: a reader that follows the changes of a writer.
import { connectNorthbound } from "ovn-northbound";
import { machineTime, report, stopwatch, task } from "./measure.ts";

const { remote, count } = task<{ remote: string; count: number }>();

const nb = await connectNorthbound(remote);
const changes = nb.changes(["Logical_Switch_Port"]);
console.log("ready");
const stop = stopwatch();
const seen = new Set<string>();
for await (const batch of changes) {
  for (const { uuid } of batch.rows) seen.add(uuid);
  if (seen.size === count) break;
}
report({ ...stop(), endedAt: machineTime() });
await nb.close();
