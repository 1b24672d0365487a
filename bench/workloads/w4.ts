import { startSandbox } from "ovn-northbound/testing";
import type { Bench, Workload } from "../bench.ts";
import { type Client, type Measured, nodeClient, runClient, startClient } from "../client-process.ts";
import { ratio } from "../figure.ts";
import { peersOf } from "../peers.ts";
import { changePorts, fillSwitches, writeRequests } from "../requests.ts";
import { countRows, monitorRequest } from "../server.ts";
import { replay } from "../write-ports.ts";

const marker = "the last change of the bench";

/** A writer and a reader. */
export const w4: Workload = {
  name: "w4",
  title: "one writer makes 10,000 changes, one reader follows",
  async run(bench) {
    const count = bench.size(100) * 100;
    const { raw, plain, ours, peers } = await bench.rounds(
      "W4",
      {
        raw: () => follow(bench, nodeClient("raw"), count),
        plain: () => follow(bench, nodeClient("plain"), count),
        ours: () => follow(bench, nodeClient("ours-follow"), count),
      },
      peersOf(bench, ["python3-ovs"], (client) => follow(bench, client, count)),
    );
    return [
      ratio("time", ours.of("seconds"), raw.of("seconds"), { must: 1.1, goal: 1.05 }),
      {
        what: "client CPU a change",
        unit: "us",
        samples: ours.of("cpuSeconds", 1e6 / count),
        must: 35,
        goal: 20,
      },
      { what: "raw", unit: "s", samples: raw.of("seconds") },
      { what: "raw, CPU a change", unit: "us", samples: raw.of("cpuSeconds", 1e6 / count) },
      ratio("time, plain Node", plain.of("seconds"), raw.of("seconds")),
      { what: "plain Node, CPU a change", unit: "us", samples: plain.of("cpuSeconds", 1e6 / count) },
      ...Object.entries(peers).flatMap(([name, peer]) => [
        ratio(`time, ${name}`, peer.of("seconds"), raw.of("seconds")),
        {
          what: `client CPU a change, ${name}`,
          unit: "us" as const,
          samples: peer.of("cpuSeconds", 1e6 / count),
        },
      ]),
    ];
  },
};

/** From the writer's first byte until the reader has seen the last change. */
async function follow(bench: Bench, client: Client, count: number): Promise<Measured> {
  await using sandbox = await startSandbox({ northbound: true });
  const { remote } = sandbox.northbound;
  await replay(bench, remote, "followed", fillSwitches(count / 100, 100));
  const file = bench.file("changes");
  bench.once(file, () => writeRequests(file, changePorts(count, marker)));
  const monitor = await monitorRequest(remote);
  const reader = await startClient(client, { kind: "follow", remote, monitor, marker, count });
  const { startedAt = Number.NaN } = await runClient(nodeClient("raw"), {
    kind: "replay",
    remote,
    file,
    inFlight: 64,
  });
  const measured = await reader.result;
  const marked = await countRows(remote, "Logical_Switch_Port", [["addresses", "includes", marker]]);
  if (marked !== 1) throw new Error("the bench measured nothing: the last change was not made");
  return { ...measured, seconds: (measured["endedAt"] ?? Number.NaN) - startedAt };
}
