import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology, type ServiceInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { flows, nbctl } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer3Brief } from "../support/primary.ts";
import { type Brief, requestFor } from "../support/topology.ts";

// What a server without NAT.match cannot hold, nobody can type into it either: the same test for every installed OVN.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;

const network: Brief = primaryLayer3Brief([
  { name: "a", node: "n1" },
  { name: "b", node: "n2" },
]);

const endpoints = [
  { pod: "a", node: "n1" },
  { pod: "b", node: "n2" },
];

const services: readonly ServiceInput[] = [
  {
    namespace: "default",
    name: "web",
    clusterIPs: ["10.96.0.1"],
    ports: [{ port: 80, nodePort: 30080 }],
    externalTrafficPolicy: "Local",
    affinityTimeout: 600,
    slices: [{ family: 4, ports: [{ port: 8080 }], endpoints }],
  },
  {
    namespace: "default",
    name: "dns",
    clusterIPs: ["10.96.0.10"],
    ports: [{ protocol: "UDP", port: 53 }],
    slices: [
      {
        family: 4,
        ports: [{ protocol: "UDP", port: 5353 }],
        endpoints: [{ pod: "b", node: "n2", ready: false }],
      },
    ],
  },
];

const common = `options:reject=true options:event=false options:neighbor_responder=none 'options:hairpin_snat_ip="169.254.0.5 fd69::5"'`;

/** The same load balancers as an administrator would type them, from ovn-nbctl(8) and upstream's rows. */
const byHand = `
  lb-add web 10.96.0.1:80 10.3.0.3:8080,10.3.1.3:8080 tcp
  set Load_Balancer web ${common} options:skip_snat=false options:affinity_timeout=600
  --id=@dns create Load_Balancer name=dns protocol=udp vips={"10.96.0.10:53"=""} ${common} options:skip_snat=false
  add Load_Balancer_Group net_clusterLBGroup load_balancer @dns
  ${["n1", "n2"]
    .map((node, index) => {
      const own = `10.3.${index}.3:8080`;
      const vip = `172.18.0.${index + 2}:30080`;
      return `
  lb-add local-${node} ${vip} ${own} tcp
  set Load_Balancer local-${node} ${common} options:skip_snat=true options:affinity_timeout=600
  lr-lb-add GR_net_${node} local-${node}
  lb-add switch-${node} ${vip} 10.3.0.3:8080,10.3.1.3:8080 tcp
  lb-add switch-${node} 169.254.0.3:30080 ${own} tcp
  set Load_Balancer switch-${node} ${common} options:skip_snat=false options:affinity_timeout=600
  ls-lb-add net_${node} switch-${node}`;
    })
    .join("\n")}
`;

describeWithOvn(
  "ovn-northd makes the same of services and of load balancers that an administrator types",
  () => {
    const ours = useSandbox(options);
    const theirs = useSandbox(options);

    before(async () => {
      for (const { sandbox, brief } of [
        { sandbox: ours.sandbox, brief: { ...network, services } },
        { sandbox: theirs.sandbox, brief: network },
      ]) {
        const nb = await connectNorthbound(sandbox.northbound.remote);
        try {
          await planTopology(nb, requestFor(brief)).apply({ wait: "sb" });
        } finally {
          await nb.close();
        }
      }
    });

    it("logical flows, which there are more of than without", async () => {
      const without = await flows(theirs.sandbox);
      await nbctl(theirs.sandbox, byHand);
      const uuid = (await nbctl(theirs.sandbox, "--bare --columns=_uuid find Load_Balancer name=web")).trim();
      await nbctl(theirs.sandbox, `add Load_Balancer_Group net_clusterLBGroup load_balancer ${uuid}`);
      const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
      assert.deepEqual(made, typed);
      assert.ok(
        made.length > without.length + 50,
        `${made.length} flows, ${without.length} without services`,
      );
      for (const part of ["10.96.0.1", "10.96.0.10", "169.254.0.3", "172.18.0.3", "skip_snat"])
        assert.ok(
          made.some((line) => line.includes(part)),
          part,
        );
    });

    it("and the comparison sees one option that differs", async () => {
      const before = await flows(theirs.sandbox);
      await nbctl(theirs.sandbox, "set Load_Balancer local-n1 options:skip_snat=false");
      assert.notDeepEqual(await flows(theirs.sandbox), before);
    });
  },
);
