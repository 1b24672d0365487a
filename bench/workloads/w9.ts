import type { Workload } from "../bench.ts";
import { nodeClient, runClient } from "../client-process.ts";
import { largeDatabase } from "../large-database.ts";

/** Questions to a large replica. */
export const w9: Workload = {
  name: "w9",
  title: "queries at 100,000 ports",
  async run(bench) {
    const ports = bench.size(1000) * 100;
    const { northbound } = await largeDatabase(bench, ports);
    const { ours } = await bench.rounds("W9", {
      ours: () =>
        runClient(nodeClient("ours-read"), { remote: northbound.remote, ports, questions: 500_000 }),
    });
    const moreIsBetter = true;
    return [
      { what: "schema index", unit: "M/s", samples: ours.of("get", 1e-6), must: 2, goal: 4, moreIsBetter },
      {
        what: "index on a key of external_ids",
        unit: "M/s",
        samples: ours.of("find", 1e-6),
        must: 1,
        goal: 2,
        moreIsBetter,
      },
      {
        what: "iteration over decoded rows",
        unit: "M/s",
        samples: ours.of("iterate", 1e-6),
        must: 5,
        goal: 10,
        moreIsBetter,
      },
      { what: "for scale: a Map of the names", unit: "M/s", samples: ours.of("map", 1e-6) },
    ];
  },
};
