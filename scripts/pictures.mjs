// The pictures of docs/pictures, by the command, from real databases. --check compares; --built is where the library was built to.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { check: { type: "boolean" }, built: { type: "string", default: "dist" } },
});
const load = (file) => import(pathToFileURL(resolve(values.built, file)).href);
const { startSandbox } = await load("testing/index.js");
// The newest schema that the library knows: older servers lack what primary networks need.
const { northbound } = await load("schemas/northbound/index.js");

const pictures = [
  { file: "article.svg", apply: ["-f", "examples/article"], graph: [] },
  { file: "primary.svg", apply: ["-f", "examples/primary"], graph: [] },
  {
    file: "hundred-nodes.svg",
    apply: ["-f", "-"],
    input: hundredNodes(),
    graph: ["shop_blue", "--nodes", "3"],
  },
];

const stale = [];
for (const { file, apply, input, graph } of pictures) {
  const path = `docs/pictures/${file}`;
  const text = await draw(apply, input, graph);
  if (values.check !== true) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) stale.push(path);
}
if (stale.length > 0) {
  console.error(`${stale.join(", ")}: not what the command draws now; npm run pictures writes them`);
  process.exitCode = 1;
}

async function draw(apply, input, graph) {
  const sandbox = await startSandbox({ northbound: { ...northbound, version: "7.19.0" } });
  try {
    run(sandbox, ["apply", ...apply], input);
    return run(sandbox, ["graph", ...graph, "-o", "svg"]);
  } finally {
    await sandbox.close();
  }
}

function run(sandbox, args, input) {
  const options = { env: { ...process.env, ...sandbox.env }, input, encoding: "utf8", maxBuffer: 1e8 };
  const command = [resolve(values.built, "cli/main.js"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  if (status !== 0) throw new Error(`ovn-northbound ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A primary network with 100 nodes and 600 pods. */
function hundredNodes() {
  const label = { "k8s.ovn.org/primary-user-defined-network": "" };
  const node = (id) => ({
    kind: "Node",
    apiVersion: "v1",
    metadata: {
      name: `node${id}`,
      annotations: {
        "k8s.ovn.org/node-chassis-id": `9f2c6d1e-5b0a-4c7d-8e3f-0000000${String(id).padStart(5, "0")}`,
        "k8s.ovn.org/node-id": String(id + 1),
        "k8s.ovn.org/node-masquerade-subnet": JSON.stringify({ ipv4: "169.254.0.0/17", ipv6: "fd69::/112" }),
        "k8s.ovn.org/network-ids": JSON.stringify({ default: "0", shop_blue: "1" }),
        "k8s.ovn.org/l3-gateway-config": JSON.stringify({
          default: {
            mode: "shared",
            "bridge-id": "breth0",
            "interface-id": `breth0_node${id}`,
            "mac-address": `02:42:ac:12:00:${id.toString(16).padStart(2, "0")}`,
            "ip-addresses": [`172.18.0.${id + 1}/16`],
            "next-hops": ["172.18.0.1"],
            "node-port-enable": "true",
            "vlan-id": "0",
          },
        }),
      },
    },
  });
  const pod = (index) => ({
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name: `web-${index}`, namespace: "shop" },
    spec: { nodeName: `node${(index % 100) + 1}` },
  });
  const items = [
    { kind: "Namespace", apiVersion: "v1", metadata: { name: "shop", labels: label } },
    {
      kind: "UserDefinedNetwork",
      apiVersion: "k8s.ovn.org/v1",
      metadata: { name: "blue", namespace: "shop" },
      spec: {
        topology: "Layer3",
        layer3: { role: "Primary", subnets: [{ cidr: "10.20.0.0/16", hostSubnet: 24 }] },
      },
    },
    ...Array.from({ length: 100 }, (_, index) => node(index + 1)),
    ...Array.from({ length: 600 }, (_, index) => pod(index)),
  ];
  return JSON.stringify({ kind: "List", apiVersion: "v1", items });
}
