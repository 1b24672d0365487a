import { startSandbox } from "ovn-northbound/testing";
import type { Bench, Workload } from "../bench.ts";
import { type Client, type Measured, nodeClient, runClient } from "../client-process.ts";
import { type Figure, ratio } from "../figure.ts";
import { makeSwitches } from "../requests.ts";
import { expectRows, monitorRequest } from "../server.ts";
import { replay } from "../write-ports.ts";

/** A network for a cluster of 1,000 nodes. */
export const w5: Workload = {
  name: "w5",
  title: "a layer3 network over 1,000 nodes, against a replay of the same operations",
  async run(bench) {
    const nodes = bench.size(1000);
    const files = {
      whole: bench.file("whole"),
      nodes: bench.file("nodes"),
      wholeRehearsal: bench.file("whole-rehearsal"),
      nodesRehearsal: bench.file("nodes-rehearsal"),
    };
    const width = 16;
    const rehearsals = 3;
    const others = bench.size(10_000);
    /** @param beside How many switches of others there are. */
    const onNew = async (
      client: Client,
      task: Readonly<Record<string, unknown>>,
      beside = 0,
    ): Promise<Measured> => {
      await using sandbox = await startSandbox({ northbound: true });
      const { remote } = sandbox.northbound;
      if (beside > 0) await replay(bench, remote, "others", [makeSwitches(beside)]);
      const monitor = await monitorRequest(remote);
      const measured = await runClient(client, {
        topology: "layer3",
        nodes,
        width,
        remote,
        monitor,
        ...task,
      });
      if (task["kind"] !== "record") await expectRows(remote, "Logical_Router_Port", nodes);
      return measured;
    };
    await onNew(nodeClient("ours-network"), { kind: "record", files, rehearsals });
    const ways = (kind: "whole" | "nodes"): Ways => {
      const replayed = { kind: "replay", file: files[kind], inFlight: width };
      const rehearsalFile = files[`${kind}Rehearsal`];
      return {
        raw: () => onNew(nodeClient("raw"), replayed),
        ours: () => onNew(nodeClient("ours-network"), { kind }),
        warmRaw: () => onNew(nodeClient("raw"), { ...replayed, rehearsalFile }),
        warm: () => onNew(nodeClient("ours-network"), { kind, rehearsals }),
        plain: () => onNew(nodeClient("plain"), replayed),
      };
    };
    return [
      ...(await compare(bench, "one transaction", ways("whole"))),
      ...(await compare(bench, "node by node, 16 in flight", ways("nodes"), {
        "with a plan for each": () => onNew(nodeClient("ours-network"), { kind: "plans" }),
      })),
      ...(await beside(bench, others, (count) =>
        onNew(nodeClient("ours-network"), { kind: "nodes" }, count),
      )),
    ];
  },
};

/** Whether a node costs more where there are other networks. */
async function beside(
  bench: Bench,
  others: number,
  nodeByNode: (beside: number) => Promise<Measured>,
): Promise<Figure[]> {
  const { few, many } = await bench.rounds("W5 beside others", {
    few: () => nodeByNode(0),
    many: () => nodeByNode(others),
  });
  return [
    ratio(`node by node, beside ${others} other switches, to none`, many.of("seconds"), few.of("seconds")),
  ];
}

type Ways = Readonly<Record<"raw" | "ours" | "warmRaw" | "warm" | "plain", () => Promise<Measured>>>;

async function compare(
  bench: Bench,
  what: string,
  ways: Ways,
  others: Readonly<Record<string, Ways["ours"]>> = {},
): Promise<Figure[]> {
  const { raw, ours, warmRaw, warm, plain, peers } = await bench.rounds(`W5 ${what}`, ways, others);
  return [
    ratio(what, ours.of("seconds"), raw.of("seconds"), { must: 2, goal: 1.5 }),
    { what: `${what}, ours`, unit: "s", samples: ours.of("seconds") },
    { what: `${what}, raw`, unit: "s", samples: raw.of("seconds") },
    // The server has done it as often for both.
    ratio(`${what}, in a process that has done it three times`, warm.of("seconds"), warmRaw.of("seconds")),
    ...Object.entries(peers).map(([name, other]) =>
      ratio(`${what}, ${name}`, other.of("seconds"), raw.of("seconds")),
    ),
    ratio(`${what}, replayed by plain Node`, plain.of("seconds"), raw.of("seconds")),
  ];
}
