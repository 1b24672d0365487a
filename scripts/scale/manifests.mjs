// Writes manifests of a cluster as large as one likes: `node scripts/scale/manifests.mjs FOLDER [--networks 500 ...]`.
// A namespace for each network, pods spread evenly over networks and nodes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** The sizes of a cluster and what its networks are; each with its default. */
export const clusterOptions = {
  networks: { type: "string", default: "50" },
  nodes: { type: "string", default: "20" },
  pods: { type: "string", default: "100" },
  topology: { type: "string", default: "layer3" },
  role: { type: "string", default: "secondary" },
  "no-gateway-mtu": { type: "boolean", default: false },
};

/**
 * Writes FOLDER/cluster with nodes.yaml, networks.yaml and pods.yaml, and beside it what comes and goes later: one
 * node more, one pod more, one of the networks alone.
 */
export function writeManifests(folder, cluster) {
  const { networks, nodes, pods } = cluster;
  const paths = {
    cluster: join(folder, "cluster"),
    oneNode: join(folder, "one-node.yaml"),
    onePod: join(folder, "one-pod.yaml"),
    oneNetwork: join(folder, "one-network.yaml"),
  };
  mkdirSync(paths.cluster, { recursive: true });
  const write = (name, objects) => writeFileSync(join(paths.cluster, name), objects.join(""));
  write(
    "nodes.yaml",
    each(nodes, (index) => node(index, cluster)),
  );
  write(
    "networks.yaml",
    each(networks, (index) => namespace(index, cluster) + network(index, cluster)),
  );
  write(
    "pods.yaml",
    each(pods, (index) => pod(index, cluster)),
  );
  writeFileSync(paths.oneNode, node(nodes, cluster));
  writeFileSync(paths.onePod, pod(pods, cluster));
  writeFileSync(paths.oneNetwork, network(0, cluster));
  return paths;
}

function each(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

function node(index, { networks, role, noGatewayMtu }) {
  const ids = [["default", "0"], ...each(networks, (each) => [`team${each}_net`, `${each + 1}`])];
  const address = `172.${18 + Math.floor(index / 60_000)}.${Math.floor(index / 250) % 240}.${(index % 250) + 2}`;
  const gateway = {
    ...{ mode: "shared", "bridge-id": "breth0", "interface-id": `breth0_node${index}` },
    "mac-address": `02:42:ac:12:${hex(index >> 8)}:${hex(index & 0xff)}`,
    ...{ "ip-addresses": [`${address}/16`], "next-hops": ["172.18.255.1"] },
    ...{ "node-port-enable": "true", "vlan-id": "0" },
  };
  // Only primary networks ask a node for these.
  const annotations =
    role === "primary"
      ? `
    k8s.ovn.org/node-id: "${index + 2}"
    k8s.ovn.org/node-masquerade-subnet: '{"ipv4":"169.254.0.0/17","ipv6":"fd69::/112"}'
    k8s.ovn.org/network-ids: '${JSON.stringify(Object.fromEntries(ids))}'
    k8s.ovn.org/l3-gateway-config: '${JSON.stringify({ default: gateway })}'`
      : "";
  const noMtu = noGatewayMtu ? '\n    k8s.ovn.org/gateway-mtu-support: "false"' : "";
  return `---
apiVersion: v1
kind: Node
metadata:
  name: node${index}
  annotations:
    k8s.ovn.org/node-chassis-id: 00000000-0000-4000-8000-${String(index).padStart(12, "0")}${noMtu}${annotations}
`;
}

function namespace(index, { role }) {
  return `---
apiVersion: v1
kind: Namespace
metadata:
  name: team${index}
${role === "primary" ? '  labels:\n    k8s.ovn.org/primary-user-defined-network: ""\n' : ""}`;
}

function network(index, { topology, role }) {
  const subnets = topology === "layer3" ? "[{cidr: 10.128.0.0/12, hostSubnet: 24}]" : '["10.128.0.0/12"]';
  return `---
apiVersion: k8s.ovn.org/v1
kind: UserDefinedNetwork
metadata:
  name: net
  namespace: team${index}
spec:
  topology: ${capital(topology)}
  ${topology}:
    role: ${capital(role)}
    subnets: ${subnets}
`;
}

function pod(index, { networks, nodes, role }) {
  const wants = role === "secondary" ? "\n  annotations:\n    k8s.v1.cni.cncf.io/networks: net" : "";
  return `---
apiVersion: v1
kind: Pod
metadata:
  name: pod${index}
  namespace: team${index % networks}
  uid: 10000000-0000-4000-8000-${String(index).padStart(12, "0")}${wants}
spec:
  nodeName: node${Math.floor(index / networks) % nodes}
`;
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function hex(byte) {
  return (byte & 0xff).toString(16).padStart(2, "0");
}

/** The texts of the command line as a cluster; throws for what is none. */
export function clusterOf({ networks, nodes, pods, topology, role, "no-gateway-mtu": noGatewayMtu }) {
  const sizes = Object.entries({ networks, nodes, pods }).map(([name, text]) => {
    if (!/^\d+$/.test(text) || (name !== "pods" && Number(text) === 0)) {
      throw new Error(`${name}: "${text}" is no number of ${name}`);
    }
    return [name, Number(text)];
  });
  if (!["layer3", "layer2"].includes(topology)) {
    throw new Error(`topology: "${topology}" is neither layer3 nor layer2`);
  }
  if (!["primary", "secondary"].includes(role)) {
    throw new Error(`role: "${role}" is neither primary nor secondary`);
  }
  return { ...Object.fromEntries(sizes), topology, role, noGatewayMtu };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values, positionals } = parseArgs({ options: clusterOptions, allowPositionals: true });
  if (positionals.length !== 1) {
    console.error("Usage: node scripts/scale/manifests.mjs FOLDER [--networks N] [--nodes N] [--pods N]");
    console.error("         [--topology layer3|layer2] [--role secondary|primary] [--no-gateway-mtu]");
    process.exitCode = 1;
  } else {
    console.log(writeManifests(positionals[0], clusterOf(values)).cluster);
  }
}
