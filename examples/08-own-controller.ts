// A controller on the typed client alone: keeps a switch whose ports are served by DHCP, with port groups, address sets and ACLs,
// as a list of machines says, and repairs what somebody else changes. It says each time all that shall be; `onlyChanges` sends
// what differs of it, as a rule nothing.
// Needs nothing to be there; makes a switch example-lab with all that belongs to it and removes it again.
//
//   npm run example -- 08-own-controller
import { connectNorthbound, type NorthboundTables, type Target, type Transaction } from "ovn-northbound";

interface Machine {
  readonly name: string;
  readonly mac: string;
  readonly ip: string;
  readonly group: "example_web" | "example_db";
}

/** What shall be: in a real program the content of a file, or what an API tells. */
let wanted: readonly Machine[] = [
  { name: "example-web1", mac: "0a:00:00:00:00:11", ip: "10.0.0.11", group: "example_web" },
  { name: "example-db1", mac: "0a:00:00:00:00:21", ip: "10.0.0.21", group: "example_db" },
];

/** Marks the rows that are ours: others on the same switch are left alone. */
const ours = { "example.com/owner": "example-lab" };

const remote = process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock";
await using nb = await connectNorthbound(remote);
const { ACL, Address_Set, DHCP_Options, Logical_Switch, Logical_Switch_Port, Port_Group } = nb.tables;

function say(tx: Transaction<NorthboundTables>): void {
  const dhcp = {
    cidr: "10.0.0.0/24",
    options: {
      router: "10.0.0.1",
      server_id: "10.0.0.1",
      server_mac: "0a:00:00:00:00:01",
      lease_time: "3600",
    },
  };
  const [knownDhcp] = DHCP_Options.find({ external_ids: ours });
  if (knownDhcp !== undefined) tx.update(knownDhcp, dhcp);
  const dhcpv4_options = knownDhcp ?? tx.insert("DHCP_Options", { ...dhcp, external_ids: ours });

  const ports = new Map<string, Target<"Logical_Switch_Port">>();
  for (const { name, mac, ip } of wanted) {
    const columns = { addresses: [`${mac} ${ip}`], port_security: [`${mac} ${ip}`], dhcpv4_options };
    const known = Logical_Switch_Port.get({ name });
    if (known !== undefined) tx.update(known, columns);
    ports.set(name, known ?? tx.insert("Logical_Switch_Port", { name, ...columns, external_ids: ours }));
  }
  const [sw] = Logical_Switch.find({ name: "example-lab" });
  if (sw === undefined) {
    tx.insert("Logical_Switch", { name: "example-lab", ports: [...ports.values()], external_ids: ours });
  } else {
    tx.add(sw, "ports", [...ports.values()]);
    const old = Logical_Switch_Port.find({ external_ids: ours }).filter(({ name }) => !ports.has(name));
    tx.remove(
      sw,
      "ports",
      old.filter((port) => nb.has(sw, "ports", port)),
    ); // a port goes with the last who refers to it
  }

  for (const group of ["example_web", "example_db"] as const) {
    const members = wanted.filter((machine) => machine.group === group);
    const addresses = members.map(({ ip }) => ip);
    const set = Address_Set.get({ name: group });
    if (set !== undefined) tx.update(set, { addresses });
    else tx.insert("Address_Set", { name: group, addresses, external_ids: ours });

    const columns = {
      ports: members.flatMap(({ name }) => ports.get(name) ?? []),
      acls: aclsOf(group).map((acl) => {
        const known = ACL.find({ match: acl.match, external_ids: ours })[0];
        if (known !== undefined) tx.update(known, acl);
        return known ?? tx.insert("ACL", { ...acl, external_ids: ours });
      }),
    };
    const known = Port_Group.get({ name: group });
    if (known !== undefined) tx.update(known, columns);
    else tx.insert("Port_Group", { name: group, ...columns, external_ids: ours });
  }
}

/** The web reaches the databases, and nobody else does. */
function aclsOf(group: Machine["group"]): (NorthboundTables["ACL"]["insert"] & { match: string })[] {
  if (group !== "example_db") return [];
  const to = `outport == @${group} && ip4`;
  return [
    { direction: "to-lport", priority: 1000, match: to, action: "drop" },
    {
      direction: "to-lport",
      priority: 1001,
      match: `${to} && ip4.src == $example_web && tcp.dst == 5432`,
      action: "allow-related",
    },
  ];
}

let last: Promise<unknown> = Promise.resolve();
/**
 * One after the other: of two at once both would insert what is missing. A round may be done twice, and so a lost reply is no
 * matter: `idempotent`.
 */
function round(): Promise<{ readonly changed: boolean }> {
  const next = last.then(() => nb.transact(say, { onlyChanges: true, idempotent: true }));
  last = next.catch(() => undefined);
  return next;
}

/** Each change of the database is a reason to look, also one of ours: nothing is sent for that. */
async function keep(signal: AbortSignal): Promise<void> {
  // What a controller that runs for ever does about errors: examples/controller.ts.
  for await (const _ of nb.changes(undefined, { initial: true, signal })) await round();
}

const stop = new AbortController();
const keeping = keep(stop.signal).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
});

// Somebody else, who takes a port away and opens the databases.
await using somebody = await connectNorthbound(remote);
const inOrder = () => somebody.tables.Port_Group.get({ name: "example_db" })?.acls.length === 2;
await somebody.until(inOrder, { timeout: 30_000 });
await somebody.transact((tx) => {
  for (const sw of somebody.tables.Logical_Switch.find({ name: "example-lab" })) tx.update(sw, { ports: [] });
  for (const group of somebody.tables.Port_Group.find({ name: "example_db" })) tx.update(group, { acls: [] });
});
await somebody.until(inOrder, { timeout: 30_000 });
console.log(`repaired: ${somebody.tables.Logical_Switch_Port.find({ external_ids: ours }).length} ports`);

// Something else is wanted.
wanted = wanted.filter(({ group }) => group === "example_db");
console.log(`changed: ${(await round()).changed}, again: ${(await round()).changed}`);
console.log(`left: ${Logical_Switch_Port.find({ external_ids: ours }).map(({ name }) => name)}`);

stop.abort();
await keeping;
await nb.transact((tx) => {
  for (const table of [DHCP_Options, Logical_Switch, Address_Set, Port_Group]) {
    for (const row of table.find({ external_ids: ours })) tx.delete(row);
  }
});
