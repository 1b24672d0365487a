import type { Json } from "../../lib/jsonrpc/index.ts";
import type { DatabaseCluster } from "../../lib/testing/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import type { AttachedPod } from "./pod-fleet.ts";

type WireRow = { readonly [column: string]: Json };

/** What is wrong with the database after all pods: by a plain connection, past replicas of ours. */
export async function checkPods(
  cluster: DatabaseCluster,
  attached: readonly AttachedPod[],
  written: readonly string[],
): Promise<string[]> {
  const leader = await cluster.leader();
  using peer = await DialledPeer.dial(leader.remote);
  const [ports, switches, sets] = await select(peer, cluster.database, [
    ["Logical_Switch_Port", ["_uuid", "name", "addresses", "external_ids"]],
    ["Logical_Switch", ["name", "ports"]],
    ["Address_Set", ["name"]],
  ]);
  const pods = (ports ?? []).filter((row) => JSON.stringify(row["external_ids"]).includes('["pod","true"]'));
  const uses = countBy(
    (switches ?? []).flatMap((row) => [...JSON.stringify(row["ports"]).matchAll(uuids)].map(String)),
  );
  const rowsByName = new Map<string, WireRow[]>();
  for (const row of pods)
    rowsByName.set(String(row["name"]), [...(rowsByName.get(String(row["name"])) ?? []), row]);
  const addresses = countBy(pods.flatMap((row) => String(row["addresses"]).split(" ").slice(1)));
  return [
    ...attached.flatMap(({ pod, port, ips }) => {
      const rows = rowsByName.get(port) ?? [];
      const [row] = rows;
      if (row === undefined || rows.length > 1) return [`acknowledged ${pod} is there ${rows.length} times`];
      const used = uses.get(String([row["_uuid"]].flat()[1])) ?? 0;
      const held = String(row["addresses"]).split(" ").slice(1);
      return [
        ...(used === 1 ? [] : [`the port of ${pod} is on ${used} switches`]),
        ...(ips.every((ip) => held.includes(ip.split("/")[0] ?? ""))
          ? []
          : [`${pod} was told ${ips.join()} and has ${held.join()}`]),
      ];
    }),
    ...[...addresses].flatMap(([address, count]) => (count === 1 ? [] : [`${count} pods have ${address}`])),
    ...(pods.length === attached.length
      ? []
      : [`${pods.length} pods are there, ${attached.length} acknowledged`]),
    ...written
      .filter((name) => !(sets ?? []).some((row) => row["name"] === name))
      .map((name) => `acknowledged write ${name} is lost`),
  ];
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

async function select(
  peer: DialledPeer,
  database: string,
  queries: readonly (readonly [table: string, columns: readonly string[]])[],
): Promise<readonly (readonly WireRow[])[]> {
  const operations = queries.map(([table, columns]) => ({ op: "select", table, where: [], columns }));
  const reply = await peer.call("transact", [database, ...operations]);
  return (reply as unknown as readonly { readonly rows: readonly WireRow[] }[]).map(({ rows }) => rows);
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
