import type { Bench, Workload } from "../bench.ts";
import { nodeClient } from "../client-process.ts";
import { type Figure, ratio } from "../figure.ts";
import { peersOf } from "../peers.ts";
import { writePorts } from "../write-ports.ts";

/** Pods that come one by one. */
export const w1: Workload = {
  name: "w1",
  title: "10,000 ports, one transaction each",
  async run(bench) {
    return [...(await pipelined(bench, 64)), ...(await pipelined(bench, 256)), ...(await sequential(bench))];
  },
};

async function pipelined(bench: Bench, width: number): Promise<Figure[]> {
  const count = bench.size(10_000);
  const task = { count, switches: 100, batch: 1, width };
  const { raw, plain, ours, peers } = await bench.rounds(
    `W1 ${width} in flight`,
    {
      raw: () => writePorts(bench, nodeClient("raw"), task),
      plain: () => writePorts(bench, nodeClient("plain"), task),
      ours: () => writePorts(bench, nodeClient("ours-write"), task),
    },
    peersOf(bench, width === 64 ? ["python3-ovs"] : [], (client) => writePorts(bench, client, task)),
  );
  const times = (what: string): string => `${width} in flight, ${what}`;
  return [
    ratio(times("time"), ours.of("seconds"), raw.of("seconds"), { must: 1.15, goal: 1.08 }),
    {
      what: times("client CPU a transaction"),
      unit: "us",
      samples: ours.of("cpuSeconds", 1e6 / count),
      must: 90,
      goal: 70,
    },
    { what: times("raw"), unit: "s", samples: raw.of("seconds") },
    // A bar in microseconds was made for one machine. These tell what this one takes: for the two messages alone, and for a
    // Node.js program that does nothing with them but what it must.
    { what: times("raw, CPU a transaction"), unit: "us", samples: raw.of("cpuSeconds", 1e6 / count) },
    ratio(times("plain Node"), plain.of("seconds"), raw.of("seconds")),
    {
      what: times("plain Node, CPU a transaction"),
      unit: "us",
      samples: plain.of("cpuSeconds", 1e6 / count),
    },
    ...Object.entries(peers).map(([name, peer]) => ratio(times(name), peer.of("seconds"), raw.of("seconds"))),
  ];
}

async function sequential(bench: Bench): Promise<Figure[]> {
  const task = { count: bench.size(10_000), switches: 100, batch: 1, width: 1 };
  const { raw, ours, peers } = await bench.rounds(
    "W1 sequential",
    {
      raw: () => writePorts(bench, nodeClient("raw"), task),
      ours: () => writePorts(bench, nodeClient("ours-write"), task),
    },
    peersOf(bench, ["python3-ovs", "ovsdbapp", "ovn-nbctl daemon", "ovn-nbctl"], (client) =>
      writePorts(bench, client, task),
    ),
  );
  return [
    ratio("sequential, p50 warm", ours.of("p50"), raw.of("p50"), { must: 1.8, goal: 1.4 }),
    { what: "sequential, p50 warm, ours", unit: "us", samples: ours.of("p50") },
    { what: "sequential, p50 warm, raw", unit: "us", samples: raw.of("p50") },
    ...Object.entries(peers).map(([name, peer]) =>
      ratio(`sequential, p50, ${name}`, peer.of("p50"), raw.of("p50")),
    ),
  ];
}
