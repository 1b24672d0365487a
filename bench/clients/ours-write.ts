// Ours: adds ports to switches through typed transactions, with a full replica.
import { connectNorthbound } from "ovn-northbound";
import { port, switchName } from "../ports.ts";
import { quantile } from "../statistics.ts";
import { inFlight, peakMemory, report, stopwatch, task } from "./measure.ts";

const given = task<{
  remote: string;
  count: number;
  switches: number;
  /** Ports in one transaction. */
  batch: number;
  /** Transactions under way at any time. */
  width: number;
  /** How often all of it is done before, and taken back: V8 has compiled most of it then. Default: never. */
  rehearsals?: number;
}>();
const { remote, count, switches, batch, width } = given;

const nb = await connectNorthbound(remote);
const parents = Array.from({ length: switches }, (_, index) => {
  const [row] = nb.tables.Logical_Switch.find({ name: switchName(index) });
  if (row === undefined) throw new Error(`${switchName(index)} is not there`);
  return row;
});
const rows = Array.from({ length: count }, (_, index) => port(index));

for (let rehearsal = 0; rehearsal < (given.rehearsals ?? 0); rehearsal += 1) {
  await writeAll();
  await nb.transact((tx) => {
    for (const parent of parents) tx.update(parent, { ports: [] });
  });
}
const stop = stopwatch();
const times = await writeAll();
const measured = stop();
if (nb.tables.Logical_Switch_Port.size !== count) throw new Error("the replica lacks ports");
// The first third warms up.
const warm = [...times.subarray(times.length / 3)];
report({ ...measured, p50: quantile(warm, 0.5), p99: quantile(warm, 0.99), peakMb: peakMemory() });
await nb.close();

function writeAll(): Promise<Float64Array> {
  return inFlight(Math.ceil(count / batch), width, (transaction) =>
    nb.transact((tx) => {
      for (let index = transaction * batch; index < Math.min(count, (transaction + 1) * batch); index += 1) {
        const [row, parent] = [rows[index], parents[index % switches]];
        if (row === undefined || parent === undefined) throw new Error("more ports than rows");
        tx.add(parent, "ports", tx.insert("Logical_Switch_Port", row));
      }
    }),
  );
}
