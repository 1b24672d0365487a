import type { FakeMultinode, FakeNode } from "../../lib/testing/index.ts";
import { startCentral } from "../../lib/testing/multinode/central.ts";
import { waitFor } from "./wait-for.ts";

/** A zone: its databases, and the one chassis that is connected to them. */
export interface ZoneOfCluster {
  readonly node: FakeNode;
  /** Where this machine reaches its northbound database. */
  readonly northbound: string;
  /** Runs ovn-sbctl against its southbound database. */
  sbctl(...args: readonly string[]): Promise<string>;
}

/**
 * Divides a cluster into zones, one for each chassis: each gets databases and an ovn-northd on its own node, and its
 * ovn-controller is connected to those. Every zone knows the others as remote chassis, which is what OVN-Kubernetes writes of
 * nodes into southbound databases (go-controller/pkg/ovn/zone_interconnect/chassis_handler.go).
 */
export async function divideIntoZones(cluster: FakeMultinode): Promise<readonly ZoneOfCluster[]> {
  const nodes = cluster.nodes("chassis");
  const zones = await Promise.all(nodes.map((node) => startZone(cluster, node)));
  for (const { node, sbctl } of zones) {
    await waitFor(async () => (await chassisOf(sbctl)).includes(node.chassisId), {
      what: `${node.name} is a chassis of its own zone`,
      timeout: 60_000,
    });
    for (const other of nodes.filter((each) => each !== node)) {
      await sbctl("chassis-add", other.chassisId, "geneve", other.address);
      await sbctl("set", "Chassis", other.chassisId, "other_config:is-remote=true", `hostname=${other.name}`);
    }
  }
  return zones;
}

async function startZone(cluster: FakeMultinode, node: FakeNode): Promise<ZoneOfCluster> {
  await startCentral([node], undefined, undefined);
  const socket = (database: string): string => `unix:${node.directory}/ovn${database}_db.sock`;
  await node.exec("ovs-vsctl", [
    `--db=unix:${node.directory}/db.sock`,
    ...["set", "Open_vSwitch", ".", `external_ids:ovn-remote="tcp:${node.address}:6642"`],
  ]);
  return {
    node,
    northbound: socket("nb"),
    sbctl: (...args) => cluster.run("ovn-sbctl", [`--db=${socket("sb")}`, ...args]),
  };
}

/**
 * Binds remote ports to the chassis that they ask for, as ovn-northd does itself since 23.09, and waits until the zone's chassis
 * has the flows.
 */
export async function bindRemotePorts({ sbctl }: ZoneOfCluster): Promise<void> {
  const columns = "--columns=_uuid,chassis,requested_chassis";
  const text = await sbctl("-f", "csv", "--no-headings", columns, "find", "Port_Binding", "type=remote");
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [uuid = "", chassis = "", requested = ""] = line.split(",");
    if (chassis !== requested) await sbctl("set", "Port_Binding", uuid, `chassis=${requested}`);
  }
}

async function chassisOf(sbctl: ZoneOfCluster["sbctl"]): Promise<readonly string[]> {
  return (await sbctl("--bare", "--columns=name", "list", "Chassis")).split(/\s+/);
}
