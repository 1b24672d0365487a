// Makes a routed network over two nodes as OVN-Kubernetes would, attaches pods, and takes it away again.
// Needs nothing to be there; the network is example-blue. Copp and meters stay, as all networks share them.
//
//   npm run example -- 03-networks
import { connectNorthbound } from "ovn-northbound";
import { layer3 } from "ovn-northbound/topology";

await using nb = await connectNorthbound(process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock");

const network = layer3({
  name: "example-blue",
  nad: "shop/example-blue",
  subnets: [{ cidr: "10.128.0.0/16", hostPrefix: 24 }],
});

// What would change, row by row, before anything is sent.
const plan = network.plan(nb, { nodes: [{ name: "worker1" }, { name: "worker2" }] });
console.log(`${plan.changes.length} rows to write, ${plan.bytes} bytes`);
for (const note of plan.notes) console.log(`note: ${note}`);
await plan.apply();

// Addresses come from the node's subnet; .1 and .2 are the router's and the node's.
const web = await network.attach(nb, { namespace: "shop", name: "web", node: "worker1" });
const db = await network.attach(nb, { namespace: "shop", name: "db", node: "worker2", ips: ["10.128.1.50"] });
console.log(`web ${web.ips.join()} ${web.mac}`);
console.log(`db ${db.ips.join()} ${db.mac}`);

// Doing it again finds nothing to do.
const again = network.plan(nb, { nodes: [{ name: "worker1" }, { name: "worker2" }] });
console.log(`again: ${again.changes.length} changes`);

// A node that joins later, as a controller hears of it; many that are begun at once go together in one transaction.
const { subnets } = await network.addNode(nb, { name: "worker3", chassisId: "worker3" });
console.log(`worker3 ${subnets.join()}`);

await network.detach(nb, { namespace: "shop", name: "web" });
await network.delete(nb);
console.log(
  `switches left: ${nb.tables.Logical_Switch.find({ external_ids: { "k8s.ovn.org/network": "example-blue" } }).length}`,
);
