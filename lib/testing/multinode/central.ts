import { join } from "node:path";
import { ask } from "../control.ts";
import { socketPath } from "../sandbox-directory.ts";
import type { TlsFiles } from "../tls-material.ts";
import { tlsOptions } from "../tls-material.ts";
import type { FakeNode } from "./fake-node.ts";

interface CentralDatabase {
  readonly name: "northbound" | "southbound";
  readonly database: "OVN_Northbound" | "OVN_Southbound";
  readonly port: number;
  readonly raftPort: number;
}

const databases: readonly CentralDatabase[] = [
  {
    name: "northbound",
    database: "OVN_Northbound",
    port: 6641,
    raftPort: 6643,
  },
  {
    name: "southbound",
    database: "OVN_Southbound",
    port: 6642,
    raftPort: 6644,
  },
];

/** The unix socket of a central node's database; reachable from every namespace and from outside. */
export function databaseSocket(node: FakeNode, name: "northbound" | "southbound"): string {
  return socketPath(node.directory, name === "northbound" ? "ovnnb_db.sock" : "ovnsb_db.sock");
}

/** What nodes dial to reach a database on the given nodes over the underlay. */
export function underlayRemote(
  nodes: readonly FakeNode[],
  name: "northbound" | "southbound",
  keys: TlsFiles | undefined,
): string {
  const port = name === "northbound" ? 6641 : 6642;
  return nodes.map(({ address }) => `${keys === undefined ? "tcp" : "ssl"}:${address}:${port}`).join(",");
}

/** Starts databases and ovn-northd on the central nodes; with more than one, the databases are clustered. */
export async function startCentral(
  nodes: readonly FakeNode[],
  keys: TlsFiles | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) {
    return;
  }
  await startDatabases(first, nodes, keys);
  // The others join a cluster that has to be there.
  await Promise.all(others.map((node) => startDatabases(node, nodes, keys)));
  await Promise.all(nodes.map((node) => startNorthd(node, nodes, keys)));
  signal?.throwIfAborted();
}

async function startDatabases(
  node: FakeNode,
  nodes: readonly FakeNode[],
  keys: TlsFiles | undefined,
): Promise<void> {
  await Promise.all(
    databases.map(async (one) => {
      const file = join(node.directory, `${one.name}.db`);
      await createDatabase(file, one, node, nodes, keys);
      const socket = databaseSocket(node, one.name);
      await node.startDaemon({
        name: one.name,
        program: "ovsdb-server",
        args: [
          `--remote=punix:${socket}`,
          `--remote=${keys === undefined ? "ptcp" : "pssl"}:${one.port}:${node.address}`,
          ...tlsOptions(keys),
          file,
        ],
        isReady: (_daemon, stop) => isConnected(socket, one.database, stop),
      });
    }),
  );
}

async function createDatabase(
  file: string,
  { name, database, raftPort }: CentralDatabase,
  node: FakeNode,
  nodes: readonly FakeNode[],
  keys: TlsFiles | undefined,
): Promise<void> {
  const raft = ({ address }: FakeNode): string =>
    `${keys === undefined ? "tcp" : "ssl"}:${address}:${raftPort}`;
  const [first] = nodes;
  if (nodes.length === 1 || first === undefined) {
    await node.exec("ovsdb-tool", ["create", file, node.schema(name)]);
  } else if (node === first) {
    await node.exec("ovsdb-tool", ["create-cluster", file, node.schema(name), raft(node)]);
  } else {
    await node.exec("ovsdb-tool", ["join-cluster", file, database, raft(node), raft(first)]);
  }
}

/** Whether a server serves the database; one of a cluster does once it is in contact with the leader. */
export async function isConnected(socket: string, database: string, signal: AbortSignal): Promise<boolean> {
  const select = {
    op: "select",
    table: "Database",
    where: [
      ["name", "==", database],
      ["connected", "==", true],
    ],
    columns: ["schema"],
  };
  const reply = await ask(socket, "transact", ["_Server", select], signal);
  const [selected] = reply as readonly { readonly rows?: readonly { readonly schema?: unknown }[] }[];
  return typeof selected?.rows?.[0]?.schema === "string";
}

async function startNorthd(
  node: FakeNode,
  nodes: readonly FakeNode[],
  keys: TlsFiles | undefined,
): Promise<void> {
  const clustered = nodes.length > 1;
  const remote = (name: "northbound" | "southbound"): string =>
    clustered ? underlayRemote(nodes, name, keys) : `unix:${databaseSocket(node, name)}`;
  const southbound = databaseSocket(node, "southbound");
  const selectGlobal = { op: "select", table: "SB_Global", where: [], columns: ["_uuid"] };
  await node.startDaemon({
    name: "northd",
    program: "ovn-northd",
    args: [`--ovnnb-db=${remote("northbound")}`, `--ovnsb-db=${remote("southbound")}`, ...tlsOptions(keys)],
    // Only one northd is active; any of them has made this row.
    isReady: async (_daemon, stop) => {
      const reply = await ask(southbound, "transact", ["OVN_Southbound", selectGlobal], stop);
      const [selected] = reply as readonly { readonly rows?: readonly unknown[] }[];
      return selected?.rows?.length === 1;
    },
  });
}

/** Starts a relay of the southbound database (ovsdb(7), "Relay Service Model"). */
export async function startRelay(
  node: FakeNode,
  central: readonly FakeNode[],
  keys: TlsFiles | undefined,
): Promise<void> {
  const socket = databaseSocket(node, "southbound");
  await node.startDaemon({
    name: "southbound",
    program: "ovsdb-server",
    args: [
      `--remote=punix:${socket}`,
      `--remote=${keys === undefined ? "ptcp" : "pssl"}:6642:${node.address}`,
      ...tlsOptions(keys),
      `relay:OVN_Southbound:${underlayRemote(central, "southbound", keys)}`,
    ],
    isReady: (_daemon, stop) => isConnected(socket, "OVN_Southbound", stop),
  });
}
