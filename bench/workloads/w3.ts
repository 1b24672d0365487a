import type { Workload } from "../bench.ts";
import { type Client, type Measured, nodeClient, runClient } from "../client-process.ts";
import { ratio } from "../figure.ts";
import { largeDatabase } from "../large-database.ts";
import { peersOf } from "../peers.ts";
import { monitorRequest } from "../server.ts";

/** A controller that starts on a large cluster. */
export const w3: Workload = {
  name: "w3",
  title: "first sync of 1,000 switches with 100 ports each, until any query can be answered",
  async run(bench) {
    const ports = bench.size(1000) * 100;
    const { northbound } = await largeDatabase(bench, ports);
    const { remote } = northbound;
    const monitor = await monitorRequest(remote);
    const measure = (client: Client): Promise<Measured> =>
      runClient(client, { kind: "sync", remote, monitor, ports, questions: 0 });
    const { raw, ours, peers } = await bench.rounds(
      "W3",
      {
        raw: () => measure(nodeClient("raw")),
        ours: () => measure(nodeClient("ours-read")),
      },
      peersOf(bench, ["python3-ovs", "ovsdbapp", "ovn-nbctl daemon"], measure),
    );
    const seconds = { raw: raw.of("seconds"), ours: ours.of("seconds"), read: ours.of("readSeconds") };
    const since = (from: readonly number[], to: readonly number[]): number[] =>
      to.map((value, index) => value - (from[index] ?? Number.NaN));
    return [
      ratio("time", seconds.ours, seconds.raw, { must: 1.15, goal: 1.1 }),
      { what: "on top of raw", unit: "s", samples: since(seconds.raw, seconds.ours) },
      { what: "raw", unit: "s", samples: seconds.raw },
      { what: "received", unit: "MB", samples: raw.of("bytes", 1e-6) },
      { what: "peak memory", unit: "MB", samples: ours.of("peakMb"), must: 300, goal: 220 },
      { what: "longest stall", unit: "ms", samples: ours.of("stallMs"), must: 100, goal: 25 },
      ratio(
        "then reading every row once, in all",
        seconds.ours.map((value, index) => value + (seconds.read[index] ?? Number.NaN)),
        seconds.raw,
        { must: 1.6, goal: 1.4 },
      ),
      ...Object.entries(peers).flatMap(([name, peer]) => [
        ratio(`time, ${name}`, peer.of("seconds"), seconds.raw),
        { what: `peak memory, ${name}`, unit: "MB" as const, samples: peer.of("peakMb") },
      ]),
    ];
  },
};
