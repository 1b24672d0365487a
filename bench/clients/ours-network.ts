// Ours: networks through the builders.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { connectNorthbound } from "ovn-northbound";
import {
  layer2,
  layer3,
  type Network,
  type NodeInput,
  type Plan,
  planDeletion,
  planTopology,
} from "ovn-northbound/topology";
import { writeRequests } from "../requests.ts";
import { slope } from "../statistics.ts";
import { bytesSent, inFlight, peakMemory, report, stopwatch, task } from "./measure.ts";

type Operations = readonly unknown[];

interface NetworkTask {
  /**
   * `record` writes the operations of the next two, and of their rehearsals, to files, `whole` applies a network in one
   * transaction, `nodes` one node after the other, `plans` does that with a plan for each; `build` fills a database, `attach` adds and removes pods, `crowd` adds
   * them all at once, `again` applies what is there.
   */
  readonly kind: "record" | "whole" | "nodes" | "plans" | "build" | "attach" | "crowd" | "again";
  readonly remote: string;
  readonly topology: "layer2" | "dual-stack layer2" | "layer3";
  readonly networks: number;
  readonly nodes: number;
  /** On each network and node. */
  readonly pods: number;
  /** How many other networks are made in the same way, and removed, before `whole`, `nodes` and `plans`. Default: none. */
  readonly rehearsals?: number;
  readonly width: number;
  /** For `record`, the files by what they are replayed as. */
  readonly files: Readonly<Record<"whole" | "nodes" | "wholeRehearsal" | "nodesRehearsal", string>>;
}

const SUBNETS = {
  layer2: "10.0.0.0/8",
  "dual-stack layer2": "10.0.0.0/8,fd00:10::/64",
  layer3: "10.128.0.0/14/24",
} as const;

const given = task<NetworkTask>();
const nb = await connectNorthbound(given.remote);
await {
  record,
  whole: () => rehearsed(applyWhole),
  nodes: () => rehearsed(addNodes),
  plans: () => rehearsed(applyNodes),
  build,
  attach,
  crowd,
  again,
}[given.kind]();
await nb.close();

function network(index: number): Network {
  const name = `net-${index}`;
  const make = given.topology === "layer3" ? layer3 : layer2;
  // Networks are apart from each other, so they may have the same addresses.
  return make({ name, nad: `default/${name}`, subnets: SUBNETS[given.topology] });
}

function nodes(ofNetwork = 0): NodeInput[] {
  return Array.from({ length: given.nodes }, (_, index) => node(index, ofNetwork));
}

/** With the subnet that an annotation tells, as OVN-Kubernetes' cluster manager writes it. */
function node(index: number, ofNetwork: number): NodeInput {
  const subnet = `10.${128 + (index >> 8)}.${index & 255}.0/24`;
  return {
    name: `node-${index}`,
    chassisId: `chassis-${index}`,
    ...(given.topology === "layer3" && { subnets: { [`net-${ofNetwork}`]: [subnet] } }),
  };
}

async function timed(what: () => Promise<unknown>): Promise<Record<string, number>> {
  const stop = stopwatch();
  const before = bytesSent();
  await what();
  return { ...stop(), bytes: bytesSent() - before, peakMb: peakMemory() };
}

async function record(): Promise<void> {
  const rehearsals = Array.from({ length: given.rehearsals ?? 0 }, (_, index) => index + 1);
  for (const [name, plans, rehearsal] of [
    ["whole", wholePlans, given.files.wholeRehearsal],
    ["nodes", nodePlans, given.files.nodesRehearsal],
  ] as const) {
    const rehearsed: Operations[] = [];
    for (const index of rehearsals)
      rehearsed.push(...(await recorded(plans(index))), ...(await recorded(deletion(index))));
    writeRequests(rehearsal, rehearsed);
    writeRequests(given.files[name], await recorded(plans(0)));
    await recorded(deletion(0));
  }
  report({ seconds: 0, cpuSeconds: 0 });
}

/** The operations of plans, each of which is applied before the next is made. */
async function recorded(plans: Iterable<Plan>): Promise<Operations[]> {
  const transactions: Operations[] = [];
  for (const plan of plans) {
    transactions.push(plan.operations);
    await plan.apply();
  }
  return transactions;
}

function* wholePlans(index: number): Generator<Plan> {
  yield network(index).plan(nb, { nodes: nodes(index) });
}

function* nodePlans(index: number): Generator<Plan> {
  yield network(index).plan(nb);
  for (const each of nodes(index)) yield network(index).plan(nb, { nodes: [each] });
}

function* deletion(index: number): Generator<Plan> {
  yield planDeletion(nb, { networks: [network(index).spec.name], pods: [] });
}

/** Does something with a network, and before that as often as wanted with others, which are removed again. */
async function rehearsed(what: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 1; index <= (given.rehearsals ?? 0); index += 1) {
    await what(index);
    await network(index).delete(nb);
  }
  report(await timed(() => what(0)));
}

function applyWhole(index: number): Promise<unknown> {
  return network(index)
    .plan(nb, { nodes: nodes(index) })
    .apply();
}

async function addNodes(index: number): Promise<void> {
  const all = nodes(index);
  const ours = network(index);
  await ours.plan(nb).apply();
  await inFlight(all.length, given.width, async (place) => {
    const next = all[place];
    if (next !== undefined) await ours.addNode(nb, next);
  });
}

async function applyNodes(index: number): Promise<void> {
  const all = nodes(index);
  await network(index).plan(nb).apply();
  await inFlight(all.length, given.width, (place) =>
    network(index)
      .plan(nb, { nodes: all.slice(place, place + 1) })
      .apply(),
  );
}

function request(count: number): Parameters<typeof planTopology>[1] {
  return {
    networks: Array.from({ length: count }, (_, index) => ({
      spec: network(index).spec,
      nodes: nodes(),
      attachments: nodes().flatMap(({ name }) =>
        Array.from({ length: given.pods }, (_each, pod) => ({
          namespace: "default",
          name: `pod-${pod}-on-${name}`,
          uid: `uid-${pod}-${name}`,
          node: name,
          nad: `default/net-${index}`,
        })),
      ),
    })),
  };
}

async function build(): Promise<void> {
  report(
    await timed(() => planTopology(nb, request(given.networks)).apply({ timeout: Number.POSITIVE_INFINITY })),
  );
}

async function attach(): Promise<void> {
  const ours = network(0);
  const pods = Array.from({ length: 100 }, (_, index) => ({
    namespace: "bench",
    name: `one-more-${index}`,
    uid: `uid-${index}`,
    node: `node-${index % given.nodes}`,
  }));
  const attachAll = async (): Promise<void> => {
    for (const pod of pods) await ours.attach(nb, pod);
  };
  const detachAll = async (): Promise<void> => {
    for (const pod of pods) await ours.detach(nb, pod);
  };
  // The first ones build the indexes, and warm up.
  await attachAll();
  await detachAll();
  const attached = await timed(attachAll);
  const detached = await timed(detachAll);
  const each = (value: number | undefined): number => (value ?? 0) / pods.length;
  report({
    seconds: each(attached["seconds"]),
    cpuSeconds: each(attached["cpuSeconds"]),
    bytes: each(attached["bytes"]),
    detachSeconds: each(detached["seconds"]),
    detachCpuSeconds: each(detached["cpuSeconds"]),
    detachBytes: each(detached["bytes"]),
    peakMb: peakMemory(),
  });
}

/** Pods that are all begun in one turn of the event loop. */
async function crowd(): Promise<void> {
  const ours = network(0);
  await ours.plan(nb, { nodes: [node(0, 0)] }).apply();
  const pods = Array.from({ length: given.pods }, (_, index) => ({
    namespace: "bench",
    name: `pod-${index}`,
    uid: `uid-${index}`,
    node: "node-0",
  }));
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const all = await timed(() => Promise.all(pods.map((pod) => ours.attach(nb, pod))));
  stalls.disable();
  report({ ...all, each: (all["seconds"] ?? 0) / pods.length, stallMs: stalls.max / 1e6 });
}

/** What is there already: for a part of it and for all of it. */
async function again(): Promise<void> {
  const points: [rows: number, microseconds: number][] = [];
  let all: Record<string, number> = {};
  for (const share of [0.1, 0.25, 0.5, 0.75, 1]) {
    const count = Math.max(1, Math.round(given.networks * share));
    // Ports of pods, and on layer3 a switch, a router port, two switch ports and a gateway chassis for each node.
    const rows = count * given.nodes * (given.pods + (given.topology === "layer3" ? 5 : 0));
    all = await timed(async () => {
      const { changed } = await planTopology(nb, request(count)).apply();
      if (changed) throw new Error("there was something to change");
    });
    points.push([rows, (all["seconds"] ?? 0) * 1e6]);
  }
  const [rows, microseconds] = points.at(-1) ?? [1, 0];
  report({ ...all, slope: slope(points), perRow: microseconds / rows, rows });
}
