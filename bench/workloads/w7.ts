import { startSandbox } from "ovn-northbound/testing";
import type { Bench, Workload } from "../bench.ts";
import { type Measured, nodeClient, runClient } from "../client-process.ts";
import { type Figure, ratio } from "../figure.ts";
import { expectRows } from "../server.ts";

interface Size {
  readonly nodes: number;
  readonly pods: number;
}

/** One more pod, in a small network and in a large one. */
export const w7: Workload = {
  name: "w7",
  title:
    "attach and detach of one pod in a layer3 network of 500 nodes with 200 pods each, against 1 with 100",
  async run(bench) {
    const sizes = { small: { nodes: 1, pods: 100 }, large: { nodes: bench.size(500), pods: 200 } };
    const { small, large } = await bench.rounds("W7", {
      small: () => attach(bench, sizes.small),
      large: () => attach(bench, sizes.large),
    });
    await bench.drop(nameOf(sizes.large));
    const bars = { must: 1.3, goal: 1.1 };
    const compared = (what: string, figure: string): Figure =>
      ratio(what, large.of(figure), small.of(figure), bars);
    return [
      compared("attach, client CPU, large to small", "cpuSeconds"),
      compared("attach, bytes sent, large to small", "bytes"),
      compared("detach, client CPU, large to small", "detachCpuSeconds"),
      compared("detach, bytes sent, large to small", "detachBytes"),
      { what: "attach, client CPU, large", unit: "us", samples: large.of("cpuSeconds", 1e6) },
      { what: "attach, time, large", unit: "us", samples: large.of("seconds", 1e6) },
      { what: "attach, bytes sent, large", unit: "bytes", samples: large.of("bytes") },
      { what: "detach, client CPU, large", unit: "us", samples: large.of("detachCpuSeconds", 1e6) },
      ...(await crowds(bench, "layer2")),
      ...(await crowds(bench, "dual-stack layer2")),
    ];
  },
};

/** Pods that are attached at once: what each of many takes must not grow with their number. */
async function crowds(bench: Bench, topology: string): Promise<Figure[]> {
  const [few, many] = [500, bench.size(4_000)];
  const { small, large } = await bench.rounds(`W7 ${topology}, pods that are attached at once`, {
    small: () => crowd(topology, few),
    large: () => crowd(topology, many),
  });
  const what = `${many} attached at once, ${topology}`;
  return [
    ratio(`${what}, time of each, to ${few} at once`, large.of("each"), small.of("each")),
    { what: `${what}, time of each`, unit: "us", samples: large.of("each", 1e6) },
    { what: `${what}, longest stall`, unit: "ms", samples: large.of("stallMs") },
  ];
}

async function crowd(topology: string, pods: number): Promise<Measured> {
  await using sandbox = await startSandbox({ northbound: true });
  const { remote } = sandbox.northbound;
  const measured = await runClient(nodeClient("ours-network"), { kind: "crowd", remote, topology, pods });
  await expectRows(remote, "Logical_Switch_Port", pods);
  return measured;
}

function nameOf({ nodes, pods }: Size): string {
  return `${nodes} nodes with ${pods} pods`;
}

async function attach(bench: Bench, size: Size): Promise<Measured> {
  const task = { topology: "layer3", networks: 1, ...size };
  const { northbound } = await bench.shared(nameOf(size), async (remote) => {
    bench.say(`making a network of ${nameOf(size)}`);
    await runClient(nodeClient("ours-network"), { kind: "build", remote, ...task });
    await expectRows(remote, "Logical_Router_Port", size.nodes);
  });
  return runClient(nodeClient("ours-network"), { kind: "attach", remote: northbound.remote, ...task });
}
