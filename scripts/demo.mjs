// The networks of examples/article on chassis of their own, with pods that send packets; started by scripts/demo.sh.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectNorthbound } from "../dist/index.js";
import { readManifests } from "../dist/manifests/index.js";
import { FakeMultinode } from "../dist/testing/index.js";
import { planTopology } from "../dist/topology/index.js";

const usage = `Usage: npm run demo                   try it, leave nothing behind
       npm run demo -- --keep         leave the cluster running
       npm run demo -- --stop DIR     end what --keep left running`;

const command = "dist/cli/main.js";
const manifests = "examples/article";
const deadline = 10_000;

try {
  const { values } = parseArgs({ options: { keep: { type: "boolean" }, stop: { type: "string" } } });
  if (values.stop !== undefined) {
    await FakeMultinode.stop(values.stop);
    console.log("Stopped.");
  } else {
    await demo(values.keep === true);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error?.code?.startsWith("ERR_PARSE_ARGS")) {
    console.error(usage);
  }
  process.exitCode = 1;
}

async function demo(keep) {
  const set = readManifests(
    readdirSync(manifests)
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => ({ file, text: readFileSync(join(manifests, file), "utf8") })),
  );
  const start = performance.now();
  const cluster = await FakeMultinode.up({
    gateways: 0,
    chassis: set.nodes.map(({ name, chassisId }) => ({ name, chassisId })),
    physicalNetworks: ["localnet-network"],
  });
  try {
    const names = cluster.nodes().map(({ name }) => name);
    heading(
      `Started ${names.join(", ")} in ${Math.round(performance.now() - start)} ms: ${cluster.directory}`,
    );
    const env = { ...process.env, OVN_NB_DB: cluster.northbound };
    heading(`$ ovn-northbound apply -f ${manifests} --wait hv`);
    run(env, ["apply", "-f", manifests, "--wait", "hv"]);
    heading("$ ovn-northbound show");
    run(env, ["show"]);

    const places = await startPlaces(cluster, set);
    heading("Who reaches whom, by ping (time to live of the answer; 63: over a router; .: no answer):\n");
    const answers = await pingAll(places);
    console.log(matrix(places, answers));
    check(places, answers);
    if (keep) {
      await leaveRunning(cluster, places);
    } else {
      heading("Try next: npm run demo -- --keep     the same, and the cluster stays for you to play with");
    }
  } finally {
    // Does nothing after detach.
    await cluster.down();
  }
}

/** The pods of the manifests on their nodes, and a machine on the physical network. */
async function startPlaces(cluster, set) {
  const networks = set.networks.map(({ spec }) => ({
    spec,
    nodes: set.nodes,
    attachments: set.pods.flatMap((pod) =>
      pod.attachments.filter(({ network }) => network === spec.name).map(({ input }) => input),
    ),
  }));
  const nb = await connectNorthbound(cluster.northbound);
  const { attachments } = planTopology(nb, { networks });
  await nb.close();
  const pods = await Promise.all(
    attachments.map(async ({ network, input, portName, mac, ips }) => {
      const { topology, subnets } = networks.find(({ spec }) => spec.name === network).spec;
      const [ip] = ips[0].split("/");
      const routes = topology === "layer3" ? [{ to: subnets[0].text, via: ip.replace(/\d+$/, "1") }] : [];
      const place = await cluster.addPod(input.node, {
        name: input.name,
        port: portName,
        version: input.uid,
        interface: "eth1",
        mac,
        addresses: ips,
        routes,
      });
      return { name: input.name, network, ip, place };
    }),
  );
  const address = "192.168.100.102";
  const place = await cluster.addPhysicalHost({ name: "machine", addresses: [`${address}/24`] });
  return [...pods, { name: "machine", network: "localnet-network", ip: address, place }];
}

async function pingAll(places) {
  const rows = places.map((from) =>
    Promise.all(places.map((to) => (from === to ? Promise.resolve("-") : ping(from, to)))),
  );
  return await Promise.all(rows);
}

/** Where an answer is expected, first packets may be lost while addresses are resolved. */
async function ping(from, to) {
  const end = performance.now() + (from.network === to.network ? deadline : 0);
  do {
    const output = await from.place.exec("sh", ["-c", `ping -n -c1 -W1 ${to.ip} 2>&1 || true`]);
    const ttl = /ttl=(\d+)/.exec(output)?.[1];
    if (ttl !== undefined) {
      return ttl;
    }
  } while (performance.now() < end);
  return ".";
}

function matrix(places, answers) {
  const width = Math.max(...places.map(({ name }) => name.length));
  const line = (cells) => cells.map((cell) => cell.padStart(width)).join("  ");
  const rows = places.map(({ name }, index) => line([name, ...answers[index]]));
  return [line(["from \\ to", ...places.map(({ name }) => name)]), ...rows].join("\n");
}

/** Exactly the pods of one network reach each other. */
function check(places, answers) {
  for (const [row, from] of places.entries()) {
    for (const [column, to] of places.entries()) {
      const answered = answers[row][column] !== ".";
      if (answered !== (from.network === to.network)) {
        throw new Error(`${from.name} ${answered ? "reaches" : "does not reach"} ${to.name}`);
      }
    }
  }
}

async function leaveRunning(cluster, places) {
  const [first, second] = places;
  await cluster.detach();
  console.log(`
The cluster stays:
  export OVN_NB_DB=${cluster.northbound}
  export OVN_SB_DB=${cluster.southbound}
  export OVN_MULTINODE=${cluster.directory}
  ${command} get pods
  ${command} shell ${first.name} -- ping -c1 ${second.ip}
  ${command} shell work001

Stop it with:
  npm run demo -- --stop ${cluster.directory}`);
}

function run(env, args) {
  const { status, error, signal } = spawnSync(process.execPath, [command, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  if (status !== 0) {
    throw new Error(`ovn-northbound ${args.join(" ")}: ${error?.message ?? signal ?? `exit code ${status}`}`);
  }
}

function heading(text) {
  console.log(`\n${text}`);
}
