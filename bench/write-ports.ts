import { startSandbox } from "ovn-northbound/testing";
import type { Bench } from "./bench.ts";
import { type Client, type Measured, nodeClient, runClient } from "./client-process.ts";
import { addPorts, dropPorts, makeSwitches, writeRequests } from "./requests.ts";
import { expectRows, monitorRequest } from "./server.ts";

/** Ports that are added to switches: workloads W1 and W2, and their curves. */
export interface PortTask {
  readonly count: number;
  readonly switches: number;
  /** Ports in one transaction. */
  readonly batch: number;
  /** Transactions under way at any time. */
  readonly width: number;
  /** Whether what is replayed has a guard for each switch, as ours. */
  readonly guarded?: boolean;
  /** How often all of it is done before, and taken back. Default: never. */
  readonly rehearsals?: number;
}

/** Lets a client add ports to a new database, and sees that they are there afterwards. */
export async function writePorts(bench: Bench, client: Client, task: PortTask): Promise<Measured> {
  await using sandbox = await startSandbox({ northbound: true });
  const { remote } = sandbox.northbound;
  await replay(bench, remote, "switches", [makeSwitches(task.switches)]);
  const { count, switches, batch, guarded = false, rehearsals = 0 } = task;
  const file = bench.file(`ports-${count}-${switches}-${batch}${guarded ? "-guarded" : ""}`);
  bench.once(file, () => writeRequests(file, addPorts(count, switches, batch, guarded)));
  const rehearsalFile = `${file}-${rehearsals}-times`;
  if (rehearsals > 0) {
    bench.once(rehearsalFile, () => {
      const rehearsal = [...addPorts(count, switches, batch, guarded), dropPorts(switches)];
      writeRequests(rehearsalFile, Array.from({ length: rehearsals }, () => rehearsal).flat());
    });
  }
  const monitor = await monitorRequest(remote);
  const measured = await runClient(client, {
    ...task,
    remote,
    monitor,
    kind: "replay",
    file,
    inFlight: task.width,
    ...(rehearsals > 0 && { rehearsalFile }),
  });
  // Slow peers do only the first few, and say how many.
  await expectRows(remote, "Logical_Switch_Port", measured["ports"] ?? task.count);
  return measured;
}

/** Does transactions as fast as the server can, to prepare something. */
export async function replay(
  bench: Bench,
  remote: string,
  name: string,
  transactions: Iterable<readonly unknown[]>,
): Promise<void> {
  const file = bench.file(name);
  writeRequests(file, transactions);
  await runClient(nodeClient("raw"), { kind: "replay", remote, file, inFlight: 16 });
}
