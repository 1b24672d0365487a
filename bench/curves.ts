// How the cost of a row grows with the number of rows: measures, and draws docs/pictures. With --draw it only draws.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Bench, type Samples } from "./bench.ts";
import { type Chart, toSvg } from "./chart.ts";
import { type Client, type Measured, nodeClient, runClient } from "./client-process.ts";
import { largeDatabase } from "./large-database.ts";
import { describeMachine } from "./machine.ts";
import { monitorRequest } from "./server.ts";
import { median } from "./statistics.ts";
import { writePorts } from "./write-ports.ts";

const sizes = [1000, 10_000, 100_000, 300_000];
const resultsFile = fileURLToPath(new URL("../../bench/curves.json", import.meta.url));
const pictures = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));

const { values } = parseArgs({
  options: {
    draw: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
  },
});

if (values.draw) draw(JSON.parse(readFileSync(resultsFile, "utf8")));
else await measure();

interface Curves {
  readonly charts: Readonly<Record<string, Chart>>;
}

function draw({ charts }: Curves): void {
  mkdirSync(pictures, { recursive: true });
  for (const [name, chart] of Object.entries(charts)) writeFileSync(`${pictures}${name}.svg`, toSvg(chart));
}

async function measure(): Promise<void> {
  const machine = describeMachine();
  await using bench = new Bench({
    scale: values.quick ? 0.1 : 1,
    rounds: values.quick ? 1 : Number(values.rounds),
    seconds: 0,
    peers: false,
  });
  const writes: Line[] = [];
  const syncs: Line[] = [];
  for (const rows of sizes.map((size) => bench.size(size))) {
    writes.push([rows, await write(bench, rows)]);
    syncs.push([rows, await sync(bench, rows)]);
  }
  const charts = {
    "w1-curve": {
      title: "W1: one port in each transaction, 64 in flight",
      unit: "microseconds for each port",
      series: allSeries(writes),
    },
    "w3-curve": {
      title: "W3: first sync until any query can be answered",
      unit: "microseconds for each port",
      series: allSeries(syncs),
    },
  };
  const { disturbed, repeated } = bench;
  const results = { date: new Date().toISOString(), machine, disturbed, repeated, charts };
  console.log(JSON.stringify(results, undefined, 2));
  if (values.quick) return;
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  draw(results);
  if (disturbed.length > 0) {
    console.error("bench: others used the machine meanwhile, so these curves are no proof");
    process.exitCode = 1;
  }
}

type Line = readonly [rows: number, clients: Readonly<Record<"raw" | "ours", Samples>>];

function allSeries(lines: readonly Line[]): Chart["series"] {
  return [
    series("time, raw client", lines, "raw", "seconds"),
    series("time, ours", lines, "ours", "seconds"),
    series("client CPU, ours", lines, "ours", "cpuSeconds"),
  ];
}

function series(
  name: string,
  lines: readonly Line[],
  client: "raw" | "ours",
  figure: "seconds" | "cpuSeconds",
): Chart["series"][number] {
  return {
    name,
    points: lines.map(([rows, clients]) => [rows, median(clients[client].of(figure, 1e6 / rows))]),
  };
}

/** 100 ports on a switch, or fewer: a switch that grows costs the server more for each port, whatever the client. */
function write(bench: Bench, count: number): Promise<Line[1]> {
  const task = { count, switches: Math.max(100, count / 100), batch: 1, width: 64 };
  return bench.rounds(`W1 with ${count} ports`, {
    raw: () => writePorts(bench, nodeClient("raw"), task),
    ours: () => writePorts(bench, nodeClient("ours-write"), task),
  });
}

async function sync(bench: Bench, ports: number): Promise<Line[1]> {
  const { northbound } = await largeDatabase(bench, ports);
  const { remote } = northbound;
  const monitor = await monitorRequest(remote);
  const read = (client: Client): Promise<Measured> =>
    runClient(client, { kind: "sync", remote, monitor, ports, questions: 0 });
  const samples = await bench.rounds(`W3 with ${ports} ports`, {
    raw: () => read(nodeClient("raw")),
    ours: () => read(nodeClient("ours-read")),
  });
  await bench.drop(`${ports} ports`);
  return samples;
}
