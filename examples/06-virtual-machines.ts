// A virtual machine on a secondary network: it asks for its address by DHCP, keeps it by an IPAMClaim, and moves to another
// node. Needs nothing to be there; the network is example-machines.
//
//   npm run example -- 06-virtual-machines
import { connectNorthbound } from "ovn-northbound";
import { layer2, type PodAttachment } from "ovn-northbound/topology";

await using nb = await connectNorthbound(process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock");

const network = layer2({
  name: "example-machines",
  nad: "shop/example-machines",
  subnets: "10.100.200.0/24",
  mtu: 1300,
  allowPersistentIPs: true,
  dhcp: { router: "10.100.200.1", dnsServers: "10.100.200.53" },
});
const nodes = [{ name: "worker1" }, { name: "worker2" }];
await network.plan(nb, { nodes }).apply();

// The claim is the machine's memory: whatever pod it runs in has this address.
const claim = { namespace: "shop", name: "db.net1", ips: ["10.100.200.20/24"] };
const pod = (name: string, node: string, active?: boolean): PodAttachment => ({
  namespace: "shop",
  name: `virt-launcher-db-${name}`,
  node,
  claim,
  vm: { name: "db", ...(active !== undefined && { active }) },
});
const show = (when: string): void => {
  for (const port of nb.tables.Logical_Switch_Port.find({
    external_ids: { "k8s.ovn.org/network": "example-machines" },
  }).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    console.log(`${when}: ${port.name} enabled=${port.enabled ?? "unset"} ${port.addresses.join()}`);
};

await network.attach(nb, pod("a", "worker1"));
show("started");
const [options] = nb.tables.DHCP_Options.find({ external_ids: { "k8s.ovn.org/name": "shop/db" } });
console.log(
  `told by DHCP: ${options?.cidr} mtu ${options?.options["mtu"]} router ${options?.options["router"]}`,
);

// KubeVirt makes a second pod; nothing is sent there until the machine has arrived.
await network.plan(nb, { nodes, pods: [pod("a", "worker1"), pod("b", "worker2", false)] }).apply();
show("moving");
await network.plan(nb, { nodes, pods: [pod("a", "worker1", false), pod("b", "worker2", true)] }).apply();
show("arrived");
await network.plan(nb, { nodes, pods: [pod("b", "worker2", true)], prune: true }).apply();
show("done");

await network.delete(nb);
console.log(
  `options left: ${nb.tables.DHCP_Options.find({ external_ids: { "k8s.ovn.org/name": "shop/db" } }).length}`,
);
