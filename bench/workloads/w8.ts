import type { Workload } from "../bench.ts";
import { nodeClient, runClient } from "../client-process.ts";
import { expectRows } from "../server.ts";

/** A controller that applies everything again and again. */
export const w8: Workload = {
  name: "w8",
  title: "apply with nothing to change: 100 layer3 networks of 100 nodes, 10 pods on each",
  async run(bench) {
    const networks = bench.size(100);
    const task = { topology: "layer3", networks, nodes: 100, pods: 10 };
    const { northbound } = await bench.shared("many networks", async (remote) => {
      bench.say(`making ${networks} networks`);
      await runClient(nodeClient("ours-network"), { kind: "build", remote, ...task });
      await expectRows(remote, "Logical_Router_Port", networks * task.nodes);
    });
    const { remote } = northbound;
    const { ours } = await bench.rounds("W8", {
      ours: () => runClient(nodeClient("ours-network"), { kind: "again", remote, ...task }),
    });
    await bench.drop("many networks");
    return [
      {
        what: "slope over 10 % to 100 % of the networks",
        unit: "us a row",
        samples: ours.of("slope"),
        goal: 5,
      },
      { what: "all of them", unit: "us a row", samples: ours.of("perRow") },
      { what: "all of them, rows", unit: "rows", samples: ours.of("rows") },
      { what: "bytes sent", unit: "bytes", samples: ours.of("bytes"), must: 0 },
    ];
  },
};
