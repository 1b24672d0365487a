import assert from "node:assert/strict";
import fc from "fast-check";
import type { DesiredRow, DesiredValue } from "../../../lib/reconcile/index.ts";
import {
  type AttachmentInput,
  type BuiltNetwork,
  buildNetwork,
  macOfAddress,
  type NetworkInput,
  type NodeInput,
  nothingObserved,
  parseAddress,
  parseNetwork,
  type TopologyName,
} from "../../../lib/topology/index.ts";
import { today } from "./support.ts";

interface Cluster {
  readonly topology: TopologyName;
  readonly input: NetworkInput;
  readonly nodes: readonly NodeInput[];
  readonly pods: readonly AttachmentInput[];
}

/** Some families of a network on some nodes in some zones, with all that OVN-Kubernetes would have given them. */
const clusters: fc.Arbitrary<Cluster> = fc
  .record({
    topology: fc.constantFrom<TopologyName>("layer3", "layer2", "localnet"),
    isPrimary: fc.boolean(),
    families: fc.constantFrom<readonly number[]>([4], [6], [4, 6]),
    // Each node's number, and which zone it is in; 0: one of its own.
    nodes: fc.uniqueArray(fc.tuple(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 6,
      selector: ([id]) => id,
    }),
    podsOnNodes: fc.array(fc.nat(5), { maxLength: 8 }),
    networkId: fc.integer({ min: 1, max: 4095 }),
  })
  .map(({ topology, isPrimary, families, nodes, podsOnNodes, networkId }) => {
    const role = isPrimary && topology !== "localnet" ? "primary" : "secondary";
    const has = (family: number): boolean => families.includes(family);
    const pick = (four: string, six: string): string[] => [
      ...(has(4) ? [four] : []),
      ...(has(6) ? [six] : []),
    ];
    const list = nodes.map(([id, zone]): NodeInput => {
      const hex = id.toString(16);
      return {
        name: `n${id}`,
        id,
        chassisId: `c${id}`,
        // A primary layer2 network has one node in a zone.
        ...(zone > 0 && !(topology === "layer2" && role === "primary") && { zone: `z${zone}` }),
        transitAddresses: pick(`100.88.0.${id}/16`, `fd97::${hex}/64`),
        subnets: { net: pick(`10.3.${id}.0/24`, `fd00:3:0:${hex}::/64`) },
        masqueradeSubnets: ["169.254.0.0/16", "fd69::/112"],
        gateway: {
          mode: "shared",
          bridge: "breth0",
          mac: `02:42:ac:12:00:${hex.padStart(2, "0")}`,
          ips: pick(`172.18.0.${id}/16`, `fc00:f853:ccd:e793::${hex}/64`),
          nextHops: pick("172.18.0.1", "fc00:f853:ccd:e793::1"),
        },
      };
    });
    return {
      topology,
      input: {
        name: "net",
        role,
        networkId,
        subnets: pick("10.3.0.0/16", "fd00:3::/48"),
        ...(topology === "layer2" &&
          role === "primary" && { tunnelKeys: [16_711_683 + networkId, 16_715_779 + networkId] }),
      },
      nodes: list,
      pods: podsOnNodes.map(
        (index, number): AttachmentInput => ({
          namespace: "default",
          name: `p${number}`,
          nad: "default/net",
          node: list[index % list.length]?.name ?? "",
          ...(topology !== "layer3" && {
            recorded: {
              ips: pick(`10.3.9.${number + 1}/16`, `fd00:3::9:${(number + 1).toString(16)}/48`),
              tunnelId: number + 10,
            },
          }),
        }),
      ),
    };
  });

/** What each zone's database is to hold. */
function databases({ topology, input, nodes, pods }: Cluster): ReadonlyMap<string, BuiltNetwork> {
  const spec = parseNetwork(topology, input);
  const zones = new Set(nodes.map(({ name, zone = name }) => zone));
  return new Map(
    [...zones].map((zone) => {
      const options = { ...today, mode: "interconnect", zone } as const;
      return [zone, buildNetwork(spec, nothingObserved, nodes, pods, options)];
    }),
  );
}

function named(rows: readonly DesiredRow[], name: string): DesiredRow | undefined {
  return rows.find((row) => row.name === name);
}

function option(row: DesiredRow | undefined, name: string): string | undefined {
  return row?.keys?.["options"]?.[name];
}

function strings(value: DesiredValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Of a row that all zones have, what must be the same: everything but who is on it. */
function shared(row: DesiredRow): unknown {
  return { columns: row.columns, keys: row.keys };
}

describe("the databases of all zones agree", () => {
  it("on the switches and routers that they share, and on every tunnel key", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const keys = new Map<string, string>();
        const common = new Map<string, unknown>();
        for (const { rows } of databases(cluster).values())
          for (const row of rows) {
            const key = option(row, "requested-tnl-key") ?? row.keys?.["other_config"]?.["requested-tnl-key"];
            if (key === undefined) continue;
            assert.equal(keys.get(row.name) ?? key, key, row.name);
            keys.set(row.name, key);
            if (
              row.kind !== "transit switch" &&
              row.kind !== "transit router" &&
              row.kind !== "layer2 switch"
            )
              continue;
            assert.deepEqual(common.get(row.name) ?? shared(row), shared(row));
            common.set(row.name, shared(row));
          }
        // Keys are of ports of one switch or router; the one has all pods and the other all nodes.
        const byHome = [...keys].filter(([name]) => name.includes("tstor-") || name.includes("_default_"));
        assert.equal(new Set(byHome.map(([, key]) => key)).size, byHome.length);
      }),
    );
  });

  it("on who is where: each node and pod is at home in one zone, and each other that knows it asks for its chassis", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const all = databases(cluster);
        const chassisOf = new Map(cluster.nodes.map(({ name, chassisId }) => [name, chassisId]));
        for (const { name } of cluster.nodes) {
          const ports = [...all.values()].flatMap(({ rows }) => named(rows, `net_tstor-${name}`) ?? []);
          assert.equal(ports.length, cluster.topology === "layer3" ? all.size : 0);
          const local = ports.filter((port) => port.columns?.["type"] === "router");
          assert.equal(local.length, ports.length === 0 ? 0 : 1);
          for (const port of ports.filter((each) => !local.includes(each)))
            assert.equal(option(port, "requested-chassis"), chassisOf.get(name));
        }
        for (const pod of cluster.pods) {
          const port = `default.net_default_${pod.name}`;
          const ports = [...all.values()].flatMap(({ rows }) => named(rows, port) ?? []);
          assert.equal(ports.length, cluster.topology === "layer2" ? all.size : 1);
          assert.equal(ports.filter(({ columns }) => columns?.["type"] === "").length, 1);
          for (const each of ports) {
            assert.equal(option(each, "requested-chassis"), chassisOf.get(pod.node));
            assert.deepEqual(each.columns?.["addresses"], ports[0]?.columns?.["addresses"]);
          }
        }
      }),
    );
  });

  it("on addresses: what a remote port says of a router's port is what that one has, and routes lead to it", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const all = databases(cluster);
        for (const { name, zone: home = name } of cluster.nodes) {
          const port = named(all.get(home)?.rows ?? [], `net_rtots-${name}`);
          const gateway = `GR_net_${name}`;
          const link = named(all.get(home)?.rows ?? [], `trtor-${gateway}`);
          const inner = named(all.get(home)?.rows ?? [], `rtotr-${gateway}`);
          const reached = [...strings(port?.columns?.["networks"]), ...strings(inner?.columns?.["networks"])];
          const addresses = new Set(reached.map((each) => each.replace(/\/.*/, "")));
          for (const [zone, { rows }] of all) {
            if (zone === home) continue;
            const remote = named(rows, `net_tstor-${name}`);
            if (remote)
              assert.deepEqual(remote.columns?.["addresses"], [
                [port?.columns?.["mac"], ...strings(port?.columns?.["networks"])].join(" "),
              ]);
            const far = named(rows, `trtor-${gateway}`);
            assert.deepEqual(
              [far?.columns?.["mac"], far?.columns?.["networks"]],
              [link?.columns?.["mac"], link?.columns?.["networks"]],
            );
            const routes = rows.filter(({ keys = {} }) =>
              [keys["external_ids"]?.["ic-node"], keys["external_ids"]?.["k8s.ovn.org/node"]].includes(name),
            );
            for (const route of routes.filter(({ kind }) => kind === "static route"))
              assert.ok(addresses.has(String(route.columns?.["nexthop"])), route.name);
          }
          // Where nobody can be asked for it, a MAC follows from the first address.
          const [first] = strings(port?.columns?.["networks"]);
          const address = parseAddress((first ?? "").replace(/\/.*/, ""));
          if (address) assert.equal(port?.columns?.["mac"], macOfAddress(address));
        }
      }),
    );
  });

  it("on ways: every zone of a layer3 network has one to the subnets of all nodes, to its own by a port", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        if (cluster.topology !== "layer3") return;
        for (const [zone, { rows }] of databases(cluster))
          for (const { name, zone: home = name, subnets } of cluster.nodes)
            for (const subnet of subnets?.["net"] ?? []) {
              const routes = rows.filter(
                ({ identity }) =>
                  identity?.match["ip_prefix"] === subnet && identity.match["policy"] === null,
              );
              assert.equal(routes.length, zone === home ? 0 : 1, `${subnet} from ${zone}`);
              assert.equal(named(rows, `rtos-net_${name}`) !== undefined, zone === home);
            }
      }),
    );
  });

  it("and no order of nodes and pods changes what any of them holds", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const turned = { ...cluster, nodes: cluster.nodes.toReversed(), pods: cluster.pods.toReversed() };
        const [one, other] = [databases(cluster), databases(turned)];
        for (const [zone, { rows }] of one) assert.deepEqual(other.get(zone)?.rows, rows);
      }),
    );
  });
});
