// A topology of your own on the engine under the builders: say which rows you want and what of them you own; the engine
// finds the difference and makes one guarded transaction of it. Rows and columns of others stay as they are.
// Needs nothing to be there; makes a switch example-rack with three ports and removes it again.
//
//   npm run example -- 04-own-topology
import { connectNorthbound, type NorthboundTables } from "ovn-northbound";
import { applyRows, type DesiredRowOf, describeChanges, type RowKindOf } from "ovn-northbound/reconcile";

const kinds = {
  "rack switch": {
    table: "Logical_Switch",
    columns: [],
    keys: { external_ids: ["rack"], other_config: ["mcast_snoop"] },
    elements: ["ports"],
    root: true,
  },
  "server port": {
    table: "Logical_Switch_Port",
    columns: ["addresses"],
    keys: {},
    elements: [],
    root: false,
  },
} as const satisfies Readonly<Record<string, RowKindOf<NorthboundTables>>>;

// So the compiler knows the columns of each kind, and their types.
type Row = DesiredRowOf<NorthboundTables, typeof kinds>;

function rack(name: string, servers: readonly string[]): Row[] {
  return [
    { key: name, kind: "rack switch", name, guard: "name", keys: { external_ids: { rack: name } } },
    ...servers.map(
      (server): Row => ({
        key: server,
        kind: "server port",
        name: server,
        columns: { addresses: ["unknown"] },
        parent: { key: name, column: "ports" },
      }),
    ),
  ];
}

await using nb = await connectNorthbound(process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock");

for (const servers of [
  ["example-server1", "example-server2"],
  ["example-server1", "example-server2", "example-server3"],
]) {
  // Planned again, on fresh rows, if somebody changes what the plan was made for, or the connection is lost.
  const { changes } = await applyRows(nb, kinds, () => ({ rows: rack("example-rack", servers) }));
  console.log(describeChanges(changes).join("\n"));
}

await nb.transact((tx) => {
  for (const sw of nb.tables.Logical_Switch.find({ name: "example-rack" })) tx.delete(sw);
});
