// A localnet network in a VLAN, and two primary ones, routed and switched, with a policy and a service on them: what a pod may
// reach and how it leaves the cluster. Needs nothing to be there; the networks are example-vlan, example-routed and
// example-flat. Copp and meters stay, as all networks share them.
//
//   npm run example -- 07-every-network
import { connectNorthbound } from "ovn-northbound";
import {
  layer2,
  layer3,
  localnet,
  type NodeInput,
  planDeletion,
  planTopology,
} from "ovn-northbound/topology";

await using nb = await connectNorthbound(process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock");

// Chassis whose ovn-bridge-mappings name "plant" bridge this network to what is wired there.
const vlan = localnet({
  name: "example-vlan",
  nad: "shop/example-vlan",
  physicalNetworkName: "plant",
  vlanID: 20,
  subnets: "192.168.20.0/24",
  excludeSubnets: "192.168.20.0/28",
});

// A primary network takes the place of the cluster's own one for its pods. What it needs of nodes stands in their annotations.
const node: NodeInput = {
  name: "worker1",
  id: 2,
  chassisId: "9f2c6d1e-5b0a-4c7d-8e3f-0a1b2c3d4e5f",
  masqueradeSubnets: ["169.254.0.0/17"],
  gateway: {
    mode: "shared",
    bridge: "breth0",
    mac: "02:42:ac:12:00:02",
    ips: ["172.18.0.2/16"],
    nextHops: ["172.18.0.1"],
  },
};
const routed = layer3({
  name: "example-routed",
  nad: "shop/example-routed",
  role: "primary",
  networkId: 7,
  subnets: [{ cidr: "10.130.0.0/16", hostPrefix: 24 }],
});
const flat = layer2({
  name: "example-flat",
  nad: "bank/example-flat",
  role: "primary",
  networkId: 8,
  subnets: "10.140.0.0/16",
  reservedSubnets: "10.140.9.0/24",
});

// All three in one transaction.
const plan = planTopology(nb, {
  networks: [
    {
      spec: vlan.spec,
      nodes: [node],
      attachments: [{ namespace: "shop", name: "scanner", node: "worker1", nad: "shop/example-vlan" }],
    },
    {
      spec: routed.spec,
      nodes: [node],
      attachments: [
        {
          namespace: "shop",
          name: "web",
          node: "worker1",
          nad: "shop/example-routed",
          labels: { app: "web" },
        },
        { namespace: "shop", name: "db", node: "worker1", nad: "shop/example-routed", labels: { app: "db" } },
      ],
      policies: {
        namespaces: [{ name: "shop" }],
        policies: [
          {
            namespace: "shop",
            name: "to-db",
            podSelector: { matchLabels: { app: "db" } },
            policyTypes: ["Ingress"],
            ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5432 }] }],
          },
        ],
      },
      services: [
        {
          namespace: "shop",
          name: "web",
          clusterIPs: ["10.96.0.10"],
          ports: [{ port: 80, nodePort: 30_080 }],
          slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: [{ pod: "web", node: "worker1" }] }],
        },
      ],
    },
    {
      spec: flat.spec,
      nodes: [node],
      // An address of reservedSubnets is for who asks for it.
      attachments: [
        { namespace: "bank", name: "vault", node: "worker1", nad: "bank/example-flat", ips: ["10.140.9.7"] },
      ],
    },
  ],
});
const { transactions } = await plan.apply();
console.log(`transactions: ${transactions}`);

for (const nad of [
  "shop.example.vlan_shop_scanner",
  "shop.example.routed_shop_db",
  "bank.example.flat_bank_vault",
])
  console.log(`${nad} ${nb.tables.Logical_Switch_Port.get({ name: nad })?.addresses.join()}`);
for (const { name, vips } of nb.tables.Load_Balancer.find({
  external_ids: { "k8s.ovn.org/network": "example-routed" },
}).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  console.log(`${name} ${JSON.stringify(vips)}`);

const networks = [vlan, routed, flat].map(({ spec }) => spec.name);
await planDeletion(nb, { networks, pods: [] }).apply();
console.log(
  `switches left: ${networks.flatMap((network) => nb.tables.Logical_Switch.find({ external_ids: { "k8s.ovn.org/network": network } })).length}`,
);
