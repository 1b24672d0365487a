import assert from "node:assert/strict";
import type { Sandbox } from "../../lib/testing/index.ts";
import { type Families, first, macByHand } from "./by-hand.ts";
import { management, managementNatPort } from "./primary-by-hand.ts";
import { nbctlArguments } from "./topology.ts";

/** Runs ovn-nbctl with one command a line, all in one transaction, and waits for ovn-northd. */
export function nbctl(sandbox: Sandbox, script: string): Promise<string> {
  return sandbox.run("ovn-nbctl", ["--wait=sb", ...nbctlArguments(script)]);
}

/**
 * Types what {@link primaryByHand} leaves out, for a server that has NAT.match, whether ovn-nbctl knows that column or not:
 * pods' traffic to the node itself goes by its management port's MAC (upstream's rows, section 6.1, number 10).
 */
export async function typeNatMatches(
  sandbox: Sandbox,
  families: Families,
  topologies: readonly (keyof typeof management)[] = ["layer3", "layer2"],
): Promise<void> {
  const operations = topologies.map((topology) => ({
    op: "update",
    table: "NAT",
    where: [["logical_port", "==", managementNatPort[topology]]],
    row: { match: `eth.dst == ${macByHand(first(families, management[topology]))}` },
  }));
  const text = JSON.stringify(["OVN_Northbound", ...operations]);
  const answer = await sandbox.run("ovsdb-client", ["transact", sandbox.northbound.remote, text]);
  const counts = topologies.map(() => ({ count: families.length }));
  assert.deepEqual(JSON.parse(answer), counts);
  // ovn-northd 26.03 forgets what the ports of a router advertise when a NAT of it changes, until it computes all anew.
  await sandbox.northd.appctl("inc-engine/recompute");
  await nbctl(sandbox, "set NB_Global . external_ids:seen=true");
}

/**
 * Types upstream's tier into all ACLs that have none, where the database knows tiers: an older ovn-nbctl has no option for it, and
 * who types for all versions cannot give it.
 */
export async function typeTiers(sandbox: Sandbox): Promise<void> {
  const { remote } = sandbox.northbound;
  const columns = await sandbox.run("ovsdb-client", ["list-columns", remote, "OVN_Northbound", "ACL"]);
  if (!/^tier\b/m.test(columns)) return;
  const update = { op: "update", table: "ACL", where: [["tier", "==", 0]], row: { tier: 2 } };
  await sandbox.run("ovsdb-client", ["transact", remote, JSON.stringify(["OVN_Northbound", update])]);
  await nbctl(sandbox, "sync");
}

/** Fails unless ovn-northd made the same flows and bindings of both databases; returns the flows. */
export async function assertSame(ours: Sandbox, theirs: Sandbox): Promise<readonly string[]> {
  const [made, typed] = [await flows(ours), await flows(theirs)];
  // First what differs alone: of thousands of lines nobody sees it.
  const without = (list: readonly string[], other: ReadonlySet<string>): string[] =>
    list.filter((line) => !other.has(line));
  assert.deepEqual(without(made, new Set(typed)), without(typed, new Set(made)));
  assert.deepEqual(made, typed);
  assert.deepEqual(await bindings(ours), await bindings(theirs));
  return made;
}

const meters = [
  "arp",
  "arp-resolve",
  "bfd",
  "event-elb",
  "icmp4-error",
  "icmp6-error",
  "reject",
  "tcp-reset",
  "svc-monitor",
];

/** Commands for the rows that all networks share, as an administrator would type them; `@copp` stands for the Copp then. */
export const sharedByHand: string = `
  --id=@band create Meter_Band action=drop rate=25
  ${meters.map((name) => `create Meter name=${name}-rate-limiter unit=pktps fair=true bands=@band`).join("\n")}
  --id=@copp create Copp name=ovnkube-default ${meters.map((name) => `meters:${name}=${name}-rate-limiter`).join(" ")}
`;

/** All flows by datapath and pipeline, without what is numbered at random. */
export async function flows(sandbox: Sandbox): Promise<string[]> {
  const text = await sandbox.run("ovn-sbctl", ["lflow-list"]);
  let datapath = "";
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      if (!line.startsWith("Datapath:"))
        return [`${datapath}: ${line.trim().replace(/(?<=ct_mark\.ecmp_reply_port = )\d+/g, "N")}`];
      datapath = line.replace(/ \([0-9a-f-]{36}\)/, "");
      return [];
    })
    .sort();
}

/** All port bindings and what a chassis would do with them, as ovn-sbctl prints them. */
export async function bindings(sandbox: Sandbox): Promise<string[]> {
  const columns =
    "logical_port,type,mac,options,external_ids,tag,parent_port,port_security,requested_chassis,nat_addresses";
  const text = await sandbox.run("ovn-sbctl", [
    "-f",
    "csv",
    "--no-headings",
    `--columns=${columns}`,
    "list",
    "Port_Binding",
  ]);
  const groups = await sandbox.run("ovn-sbctl", [
    "-f",
    "csv",
    "--no-headings",
    "--columns=name",
    "list",
    "Gateway_Chassis",
  ]);
  const meters = await sandbox.run("ovn-sbctl", [
    "-f",
    "csv",
    "--no-headings",
    "--columns=name,unit",
    "list",
    "Meter",
  ]);
  return [text, groups, meters].flatMap((part) => part.trim().split("\n")).sort();
}
