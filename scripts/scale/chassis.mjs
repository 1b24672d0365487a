// How long clusters of many chassis take to follow.
import { connectNorthbound } from "../../dist/index.js";
import { FakeMultinode, probeMultinode } from "../../dist/testing/index.js";
import { layer2, layer3, planTopology } from "../../dist/topology/index.js";
import { loadNow, madeBy, mebibytes, memoryOf, report, seconds, table, timed } from "./report.mjs";

const nad = "default/scale";
const timeout = 900_000;
const attaches = 5;
const pingDeadline = 30_000;

/** Measures one cluster after the other and writes what it has after each. */
export async function chassis(values, command) {
  const probe = await probeMultinode({ backend: "namespaces" });
  if (!probe.possible) {
    throw new Error(probe.reason);
  }
  const ports = Number(values.ports);
  const runs = [
    ...sizes(values.packets).map((chassis) => ({ chassis, datapath: probe.datapath, topology: "layer3" })),
    // A switch for each of 100 chassis on each of 100 chassis is more than a machine of 24 GiB can hold.
    ...sizes(values.dummy).map((chassis) => ({ chassis, datapath: "dummy", topology: "layer2" })),
  ];
  const load = loadNow();
  const results = [];
  for (const [index, run] of runs.entries()) {
    results.push(await measure(run, ports));
    // After each, as the last ones may take too long for somebody's patience. A terminal needs only the end.
    if (values.output !== "-" || index === runs.length - 1) {
      report(values.output, "Clusters of many chassis", page(results, ports, madeBy(command, load)));
    }
  }
}

function sizes(text) {
  return text.split(",").filter(Boolean).map(Number);
}

async function measure({ chassis, datapath, topology }, ports) {
  console.error(`${chassis} chassis, ${datapath}:`);
  const nodes = Array.from({ length: chassis }, (_, index) => ({ name: `node${index + 1}` }));
  const [cluster, up] = await timed("up", () =>
    FakeMultinode.up({
      backend: "namespaces",
      datapath,
      gateways: 0,
      chassis: nodes.map(({ name }) => name),
      timeout,
    }),
  );
  const nb = await connectNorthbound(cluster.northbound);
  try {
    const network =
      topology === "layer3"
        ? layer3({ name: "scale", nad, subnets: "10.128.0.0/12/20" })
        : layer2({ name: "scale", nad, subnets: "10.128.0.0/12" });
    await timed("apply of the network", () => network.plan(nb, { nodes }).apply({ wait: "hv", timeout }));
    const [pods] = await timed("a pod on each", () => bindOnEach(cluster, nb, network, nodes));
    const reached = datapath === "dummy" ? undefined : await pingAround(pods);
    const [, attachBefore] = await timed(`${attaches} attaches`, () =>
      attachSome(nb, network, nodes, "before"),
    );

    const inputs = Array.from({ length: ports }, (_, index) => ({
      ...{ nad, namespace: "default" },
      name: `many-${index}`,
      node: nodes[index % nodes.length].name,
    }));
    const [, apply] = await timed(`apply of ${ports} ports`, () =>
      planTopology(nb, { networks: [{ spec: network.spec, nodes, attachments: inputs }] }).apply({
        wait: "hv",
        timeout,
      }),
    );
    const [, attachAfter] = await timed(`${attaches} attaches more`, () =>
      attachSome(nb, network, nodes, "after"),
    );
    const again = reached === undefined ? undefined : await pingAround(pods);
    const memory = memoryOf(cluster.nodes().flatMap(({ pids }) => Object.values(pids)));
    return {
      ...{ chassis, datapath, topology, up, reached, again, apply, memory },
      ...{ attachBefore: attachBefore / attaches, attachAfter: attachAfter / attaches },
    };
  } finally {
    await nb.close();
    await cluster.down();
  }
}

/** One pod on each node, so that every chassis has to know the whole network. */
async function bindOnEach(cluster, nb, network, nodes) {
  const inputs = nodes.map(({ name }) => ({ nad, namespace: "default", name: `on-${name}`, node: name }));
  const spec = { spec: network.spec, nodes, attachments: inputs };
  const { attachments } = await planTopology(nb, { networks: [spec] }).apply({ wait: "hv", timeout });
  const pods = [];
  for (const { input, portName, mac, ips } of attachments) {
    const [ip] = ips[0].split("/");
    const gateway = { to: "10.128.0.0/12", via: ip.replace(/\d+$/, "1") };
    const pod = await cluster.addPod(input.node, {
      ...{ name: input.name, port: portName, mac, addresses: ips, routes: [gateway] },
      // All at once is what is measured, so the first ones need not wait for the last.
      wait: false,
    });
    pods.push({ pod, ip });
  }
  // One after the other: hundreds of questions at once would take the processors from those that are to answer.
  for (const { pod } of pods) {
    await pod.untilInstalled();
  }
  return pods;
}

/** Mean, as single ones depend on what else the chassis were just doing. */
async function attachSome(nb, network, nodes, name) {
  for (let index = 0; index < attaches; index += 1) {
    const input = { namespace: "default", name: `${name}-${index}`, node: nodes[index % nodes.length].name };
    await network.attach(nb, input, { wait: "hv", timeout });
  }
}

/** How many pods reach the one on the next node; first packets may be lost while addresses are resolved. */
async function pingAround(pods) {
  let reached = 0;
  for (const [index, { pod }] of pods.entries()) {
    const { ip } = pods[(index + 1) % pods.length];
    const end = performance.now() + pingDeadline;
    let answer = "";
    while (!answer.includes("bytes from") && performance.now() < end) {
      answer = await pod.exec("sh", ["-c", `ping -n -c1 -W1 ${ip} 2>&1 || true`]);
    }
    reached += answer.includes("bytes from") ? 1 : 0;
  }
  console.error(`  ${reached} of ${pods.length} pods reach the next`);
  return reached;
}

function page(results, ports, made) {
  const head = [
    ...["chassis", "datapath", "network", "up", "one attach", `apply of ${ports} ports`],
    ...["one attach after it", "packets", "memory of all daemons"],
  ];
  const rows = results.map((one) => [
    ...[one.chassis, one.datapath, one.topology],
    ...[one.up, one.attachBefore, one.apply, one.attachAfter].map(seconds),
    one.reached === undefined ? "none" : `${one.reached} and ${one.again} of ${one.chassis}`,
    mebibytes(one.memory),
  ]);
  return `${made}

One network over all nodes (layer3: with a switch for each) and one bound pod on each, so that every chassis has to know
all of it. All times are until \`wait: "hv"\` resolves: until every chassis has installed what was written. One attach is
the mean of ${attaches}. Packets: how many pods reach the one on the next node, before and after the ${ports} ports.

${table(head, rows)}

Nearly all of it is the work of OVN's daemons, which share these processors: the numbers tell what a test on one machine
has to wait for, not what a real cluster does, where each chassis has its own.
`;
}
