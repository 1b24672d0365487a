// Writes rows in transactions that are checked before they are sent, and run again when somebody else was faster.
// Needs nothing to be there; makes a switch example-shop with two ports and removes it again.
//
//   npm run example -- 02-transactions
import { ConstraintError, connectNorthbound, ValidationError } from "ovn-northbound";

await using nb = await connectNorthbound(process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock");

// Its ports go with a switch. Also at the beginning, in case an earlier run broke off.
const clear = () =>
  nb.transact((tx) => {
    for (const sw of nb.tables.Logical_Switch.find({ name: "example-shop" })) tx.delete(sw);
  });
await clear();

// One transaction: a switch with two ports. References between new rows are handles.
await nb.transact((tx) => {
  const ports = ["example-web", "example-db"].map((name) =>
    tx.insert("Logical_Switch_Port", { name, addresses: ["dynamic"] }),
  );
  tx.insert("Logical_Switch", { name: "example-shop", ports, other_config: { subnet: "10.0.0.0/24" } });
});

// A counter that several programs may raise at once. `verify` makes the function run again on fresh data if the
// column has changed since it was read.
for (let round = 0; round < 3; round += 1) {
  await nb.transact((tx) => {
    const [shop] = nb.tables.Logical_Switch.find({ name: "example-shop" });
    if (shop === undefined) throw new Error("the switch is gone");
    const visits = Number(shop.external_ids["visits"] ?? 0) + 1;
    tx.verify(shop, "external_ids");
    tx.setKeys(shop, "external_ids", { visits: String(visits) });
  });
}
console.log(`visits: ${nb.tables.Logical_Switch.find({ name: "example-shop" })[0]?.external_ids["visits"]}`);

// A value that the schema does not allow is refused here, by table and column, before anything is sent.
try {
  await nb.transact((tx) =>
    tx.insert("ACL", { action: "allow", direction: "to-lport", match: "1", priority: 99_999 }),
  );
} catch (error) {
  if (error instanceof ValidationError) console.log(`${error.code}: ${error.message}`);
}

// What only the server can know, it refuses; nothing was changed then.
try {
  await nb.transact((tx) => {
    const port = tx.insert("Logical_Switch_Port", { name: "example-web" });
    tx.insert("Logical_Switch", { name: "example-other", ports: [port] });
  });
} catch (error) {
  if (error instanceof ConstraintError) console.log(`${error.code}: the name "example-web" is taken`);
}

await clear();
