// How long the command line takes for large clusters, and how large its transactions are, beside ovn-northd.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNorthbound } from "../../dist/index.js";
import { startSandbox } from "../../dist/testing/index.js";
import { clusterOf, writeManifests } from "./manifests.mjs";
import { loadNow, madeBy, mebibytes, memoryOf, report, seconds, table, timed } from "./report.mjs";

const cli = join(import.meta.dirname, "../../dist/cli/main.js");
const probe = join(import.meta.dirname, "probe.mjs");

/** Runs one case after the other and writes what it has after each. */
export async function topologies({ cases, limit, memory, output }, command) {
  const clusters = cases.split(",").filter(Boolean).map(parseCase);
  const limits = { milliseconds: Number(limit) * 1000, bytes: Number(memory) * 2 ** 20 };
  const load = loadNow();
  const rows = [];
  for (const [index, cluster] of clusters.entries()) {
    rows.push(...(await measure(cluster, limits)));
    // After each, as the last ones may take too long for somebody's patience. A terminal needs only the end.
    if (output !== "-" || index === clusters.length - 1) {
      report(output, "Large topologies from manifests", page(rows, limits, madeBy(command, load)));
    }
  }
}

const flag = "no-gateway-mtu";

/** "500x20x500:layer2:primary": networks, nodes, pods; layer3 and secondary unless told. */
function parseCase(text) {
  const [sizes, ...kinds] = text.split(":");
  const [networks, nodes, pods, ...rest] = sizes.split("x");
  if (pods === undefined || rest.length > 0) {
    throw new Error(`cases: "${text}" is not NETWORKSxNODESxPODS[:layer2][:primary][:${flag}]`);
  }
  const isRole = (kind) => kind === "primary" || kind === "secondary";
  const topology = kinds.find((kind) => !isRole(kind) && kind !== flag) ?? "layer3";
  const role = kinds.find(isRole) ?? "secondary";
  return clusterOf({ networks, nodes, pods, topology, role, [flag]: kinds.includes(flag) });
}

async function measure(cluster, limits) {
  const { networks, nodes, pods, topology, role, noGatewayMtu } = cluster;
  const mtu = noGatewayMtu ? " without gateway_mtu" : "";
  const name = `${networks} x ${nodes}, ${pods} pods, ${role} ${topology}${mtu}`;
  console.error(`${name}:`);
  const folder = mkdtempSync(join(tmpdir(), "scale-"));
  const sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
  try {
    const paths = writeManifests(folder, cluster);
    const apply = ["apply", "-f", paths.cluster];
    const steps = [
      ["apply", apply],
      ["apply again", apply],
      ["add a node", [...apply, "-f", paths.oneNode]],
      ["add a pod", [...apply, "-f", paths.oneNode, "-f", paths.onePod]],
      ["delete a network", ["delete", "-f", paths.oneNetwork]],
    ];
    const northd = new Northd(sandbox, limits);
    const results = [];
    for (const [step, args] of steps) {
      const figures = await command(step, args, sandbox, join(folder, "probe.json"));
      results.push({ name, step, ...figures, northd: await northd.digest(step, figures.firstAt) });
    }
    return results;
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  }
}

/** Runs the command line as a process of its own, as a user would. */
async function command(step, args, sandbox, file) {
  const [errors, time] = await timed(step, async () => {
    const child = spawn(process.execPath, ["--import", probe, cli, ...args, "--timeout", "900"], {
      env: { ...process.env, ...sandbox.env, SCALE_PROBE: file },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) {
      throw new Error(`${step}: ended with ${code}: ${text.slice(-2000)}`);
    }
    return text;
  });
  const { peak, transactions } = JSON.parse(readFileSync(file, "utf8"));
  const sent = transactions.filter(({ outcome }) => outcome === "committed" || outcome === "settled");
  const sum = (of) => sent.reduce((total, each) => total + each[of], 0);
  return {
    ...{ time, peak, notes: errors.split("\n").length - 1, transactions: sent.length },
    ...{ operations: sum("operations"), bytes: sum("bytes"), milliseconds: sum("milliseconds") },
    firstAt: sent[0]?.at,
    largest: Math.max(0, ...sent.map(({ bytes }) => bytes)),
  };
}

/** The ovn-northd of a sandbox, which is given up when it takes too much. */
class Northd {
  #sandbox;
  #limits;
  #ended = false;

  constructor(sandbox, limits) {
    this.#sandbox = sandbox;
    this.#limits = limits;
  }

  /** Milliseconds from the first commit, or from now, until it has caught up; or why it was given up. */
  async digest(step, since = Date.now()) {
    if (this.#ended) {
      return { gaveUp: "given up" };
    }
    const { northbound, pids } = this.#sandbox;
    const tooMuch = new AbortController();
    const look = () => {
      if (memoryOf(Object.values(pids)) > this.#limits.bytes) {
        tooMuch.abort();
      }
    };
    // Also now: a small network is digested before the next look.
    look();
    const watch = setInterval(look, 500);
    const nb = await connectNorthbound(northbound.remote, { tables: { NB_Global: true } });
    try {
      const options = { wait: "sb", timeout: this.#limits.milliseconds, signal: tooMuch.signal };
      await timed(`${step}, ovn-northd afterwards`, () => nb.transact(() => undefined, options));
      const time = Date.now() - since;
      return { time, memory: memoryOf(Object.values(pids)) };
    } catch (error) {
      const memory = memoryOf(Object.values(pids));
      this.#ended = true;
      process.kill(pids.northd, "SIGKILL");
      console.error(`  ovn-northd was given up: ${error.message}`);
      const gaveUp = tooMuch.signal.aborted
        ? `more than ${mebibytes(this.#limits.bytes)} MiB`
        : `more than ${seconds(this.#limits.milliseconds)}`;
      return { gaveUp, memory };
    } finally {
      clearInterval(watch);
      await nb.close();
    }
  }
}

function page(rows, limits, made) {
  const head = [
    ...["cluster", "step", "time", "of it: plan and commit", "peak memory", "transactions", "operations"],
    ...["bytes", "largest", "ovn-northd", "memory of the daemons"],
  ];
  const lines = rows.map(({ name, step, northd, ...one }) => [
    ...[name, step, seconds(one.time), seconds(one.milliseconds), mebibytes(one.peak), one.transactions],
    ...[one.operations, one.bytes, one.largest, northd.gaveUp ?? seconds(northd.time)],
    northd.memory === undefined ? "" : mebibytes(northd.memory),
  ]);
  return `${made}

Manifests written by \`scripts/scale/manifests.mjs\`: networks x nodes, and pods. Each step is the command line as a process
of its own, from its start to its end: \`apply -f FOLDER\` with all manifests each time (one more node, one more pod), and
\`delete -f\` with one network. So its time holds reading all manifests and all rows of the database.
ovn-northd: from the first commit (from the end, where there was none) until \`sb_cfg\` says that the southbound database has
all of it; it shares the processors with us. It is given up ${seconds(limits.milliseconds)} seconds after our end, or when the
daemons have more than ${mebibytes(limits.bytes)} MiB, and is gone then in the steps that follow. No chassis, no packets.

${table(head, lines)}

A layer3 network is one router with a port for each node, and OVN-Kubernetes gives these ports \`gateway_mtu\`: of every two
of them ovn-northd makes flows in \`lr_in_larger_pkts\` (\`ovn-sbctl lflow-list\` counts them), 2n(n - 1) for n nodes:
most of what it needs its memory for at 1,000. The nodes' annotation \`k8s.ovn.org/gateway-mtu-support: "false"\`
(${flag} in a case) leaves \`gateway_mtu\` out. With zones (\`--mode interconnect\`) each database has the ports of
its own nodes only.
`;
}
