// Reads a northbound database from a replica in memory, and follows its changes. Needs nothing to be there; makes a
// switch example-sw0 and removes it again.
//
//   npm run example -- 01-read-and-watch
import { connectNorthbound } from "ovn-northbound";

const remote = process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock";

// The replica is whole when the promise resolves; the connection closes at the end of the block.
await using nb = await connectNorthbound(remote, {
  // Only what is needed: every other table and column would throw when read.
  tables: { Logical_Switch: true, Logical_Switch_Port: ["name", "addresses", "external_ids"] },
});
console.log(`connected to ${nb.remote}, schema ${nb.schema.version}`);

// A unique index of the schema gives one row or undefined; find() uses an index for any scalar or map key.
for (const sw of nb.tables.Logical_Switch.find({ external_ids: { team: "example-blue" } })) {
  console.log(`${sw.name} has ${sw.ports.length} ports`);
  for (const port of nb.deref(sw, "ports")) console.log(`  ${port.name} ${port.addresses.join(", ")}`);
}

// Every change, in order, one batch for each update of the server.
const changes = nb.changes(["Logical_Switch"]);
const created = await nb.transact((tx) =>
  tx.insert("Logical_Switch", { name: "example-sw0", external_ids: { team: "example-blue" } }),
);
for await (const batch of changes) {
  for (const change of batch.rows) console.log(`${change.kind} ${change.new?.name}`);
  break;
}

// What transact() wrote can be read as soon as its promise resolves.
const sw = nb.tables.Logical_Switch.byUuid(created.uuid(created.value));
console.log(`read back: ${sw?.name}`);

if (sw !== undefined) await nb.transact((tx) => tx.delete(sw));
