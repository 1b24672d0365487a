// What a program costs the compiler that follows all tables at once: test/integration/type-cost.test.ts. It is never run.
import { connectNorthbound, connectOpenvswitch, connectSouthbound } from "ovn-northbound";

/** Changes of all tables, of which some are told apart. */
export async function followAll(remote: string): Promise<void> {
  await using nb = await connectNorthbound(remote);
  for await (const { rows } of nb.changes()) {
    for (const change of rows) {
      console.log(change.kind, change.uuid, change.columns.includes("external_ids"), change.old?._uuid);
      if (change.table === "Logical_Switch" && change.kind === "modify")
        console.log(change.old.name, change.new.ports, change.elements("ports"));
      if (change.table === "ACL") console.log(change.new?.action);
    }
  }
  await using sb = await connectSouthbound(remote);
  for await (const { rows } of sb.changes()) {
    for (const change of rows) {
      if (change.table === "Port_Binding")
        console.log(change.new?.chassis, change.columns.includes("chassis"));
    }
  }
  await using ovs = await connectOpenvswitch(remote);
  for await (const { rows } of ovs.changes()) {
    for (const change of rows) {
      if (change.table === "Interface") console.log(change.old?.ofport, change.columns.includes("ofport"));
    }
  }
}
