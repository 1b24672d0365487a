import type { Bench, Workload } from "../bench.ts";
import { nodeClient } from "../client-process.ts";
import { type Figure, ratio } from "../figure.ts";
import { peersOf } from "../peers.ts";
import { writePorts } from "../write-ports.ts";

/** V8 has compiled by then what a new process runs slowly, and the server has done it as often for both. */
const WARM = "in a process that has done it three times";

/** The least that a Node.js program takes that makes the same promise: half of a transaction is never written. */
const PLAIN = "plain Node with guards";

/** Pods that come in crowds. */
export const w2: Workload = {
  name: "w2",
  title: "10,000 ports, 100 in a transaction",
  async run(bench) {
    return [
      ...(await batches(bench, 1, { must: 1.5, goal: 1.3 })),
      ...(await batches(bench, 16, { must: 1.35, goal: 1.15 })),
    ];
  },
};

async function batches(bench: Bench, width: number, bars: Pick<Figure, "must" | "goal">): Promise<Figure[]> {
  const task = { count: bench.size(10_000), switches: 100, batch: 100, width };
  const rehearsed = { ...task, rehearsals: 3 };
  const { raw, guarded, ours, warmRaw, warm, peers } = await bench.rounds(
    `W2 ${width} in flight`,
    {
      raw: () => writePorts(bench, nodeClient("raw"), task),
      guarded: () => writePorts(bench, nodeClient("raw"), { ...task, guarded: true }),
      ours: () => writePorts(bench, nodeClient("ours-write"), task),
      warmRaw: () => writePorts(bench, nodeClient("raw"), rehearsed),
      warm: () => writePorts(bench, nodeClient("ours-write"), rehearsed),
    },
    {
      [PLAIN]: () => writePorts(bench, nodeClient("plain"), { ...task, guarded: true }),
      ...peersOf(bench, width === 1 ? ["python3-ovs", "ovsdbapp"] : ["python3-ovs"], (client) =>
        writePorts(bench, client, task),
      ),
    },
  );
  return [
    ratio(`${width} in flight, time`, ours.of("seconds"), raw.of("seconds"), bars),
    { what: `${width} in flight, ours`, unit: "s", samples: ours.of("seconds") },
    { what: `${width} in flight, raw`, unit: "s", samples: raw.of("seconds") },
    ratio(`${width} in flight, ${WARM}`, warm.of("seconds"), warmRaw.of("seconds")),
    ratio(`${width} in flight, raw with guards`, guarded.of("seconds"), raw.of("seconds")),
    ...Object.entries(peers).map(([name, peer]) =>
      ratio(`${width} in flight, ${name}`, peer.of("seconds"), raw.of("seconds")),
    ),
  ];
}
