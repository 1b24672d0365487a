// Starts real daemons in a private directory, as tests do: ovsdb-server for both databases, and ovn-northd.
// They end with the program, and their directory goes.
//
//   npm run example -- 05-test-kit
import { connectNorthbound, connectSouthbound } from "ovn-northbound";
import { startSandbox } from "ovn-northbound/testing";

await using sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
await using nb = await connectNorthbound(sandbox.northbound.remote);
await using sb = await connectSouthbound(sandbox.southbound.remote);

// With wait: "sb" the promise resolves when ovn-northd has made the flows.
await nb.transact((tx) => tx.insert("Logical_Switch", { name: "sw0" }), { wait: "sb" });
await sb.until(() => sb.tables.Datapath_Binding.size === 1, { timeout: 30_000 });
console.log(
  `${sb.tables.Datapath_Binding.size} datapath, ${sb.tables.Logical_Flow.size > 0 ? "with" : "without"} flows`,
);
