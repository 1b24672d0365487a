import { startSandbox } from "ovn-northbound/testing";
import type { Bench, Workload } from "../bench.ts";
import { type Client, type Measured, nodeClient, runClient } from "../client-process.ts";
import { type Figure, ratio } from "../figure.ts";
import { expectRows, monitorRequest } from "../server.ts";

/** A network for a cluster of 1,000 nodes. */
export const w5: Workload = {
  name: "w5",
  title: "a layer3 network over 1,000 nodes, against a replay of the same operations",
  async run(bench) {
    const nodes = bench.size(1000);
    const files = { wholeFile: bench.file("whole"), nodesFile: bench.file("nodes") };
    const width = 16;
    const onNew = async (client: Client, task: Readonly<Record<string, unknown>>): Promise<Measured> => {
      await using sandbox = await startSandbox({ northbound: true });
      const { remote } = sandbox.northbound;
      const monitor = await monitorRequest(remote);
      const measured = await runClient(client, {
        topology: "layer3",
        nodes,
        ...files,
        remote,
        monitor,
        ...task,
      });
      await expectRows(remote, "Logical_Router_Port", nodes);
      return measured;
    };
    await onNew(nodeClient("ours-network"), { kind: "record" });
    const replayed = (client: Client, file: string): Promise<Measured> =>
      onNew(client, { kind: "replay", file, inFlight: width });
    return [
      ...(await compare(bench, "one transaction", {
        replayed: (client) => replayed(client, files.wholeFile),
        ours: () => onNew(nodeClient("ours-network"), { kind: "whole" }),
        others: {
          "in a process that has planned ten": () =>
            onNew(nodeClient("ours-network"), { kind: "whole", rehearsals: 10 }),
        },
      })),
      ...(await compare(bench, "node by node, 16 in flight", {
        replayed: (client) => replayed(client, files.nodesFile),
        ours: () => onNew(nodeClient("ours-network"), { kind: "nodes", width }),
        others: {
          "in a process that has done it three times": () =>
            onNew(nodeClient("ours-network"), { kind: "nodes", width, rehearsals: 3 }),
        },
      })),
    ];
  },
};

interface Ways {
  readonly replayed: (client: Client) => Promise<Measured>;
  readonly ours: () => Promise<Measured>;
  readonly others?: Readonly<Record<string, () => Promise<Measured>>>;
}

async function compare(bench: Bench, what: string, ways: Ways): Promise<Figure[]> {
  const { raw, ours, peers } = await bench.rounds(
    `W5 ${what}`,
    { raw: () => ways.replayed(nodeClient("raw")), ours: ways.ours },
    { "replayed by plain Node": () => ways.replayed(nodeClient("plain")), ...ways.others },
  );
  return [
    ratio(what, ours.of("seconds"), raw.of("seconds"), { must: 2, goal: 1.5 }),
    { what: `${what}, ours`, unit: "s", samples: ours.of("seconds") },
    { what: `${what}, raw`, unit: "s", samples: raw.of("seconds") },
    ...Object.entries(peers).map(([name, peer]) =>
      ratio(`${what}, ${name}`, peer.of("seconds"), raw.of("seconds")),
    ),
  ];
}
