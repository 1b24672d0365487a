import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology, type TopologyRequest } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer2Brief, primaryNode } from "../support/primary.ts";
import { primaryLayer2ByHand } from "../support/primary-by-hand.ts";
import { localnetBrief, requestFor } from "../support/topology.ts";
import { recordedPod, zoneNode } from "../support/zones.ts";

// As for primary networks elsewhere: what a server without NAT.match cannot hold, nobody can type into it either.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;
const server = 'server_id=169.254.1.1 options:server_mac="0a:58:a9:fe:01:01" options:lease_time=3500';

/** A pod's port of node n1 with one IPv4 address, from ovn-nbctl(8). */
function pod(network: string, topology: "layer2" | "localnet", name: string, addresses: string): string {
  const port = `default.${network}_default_${name}`;
  const marks = ["pod=true", "namespace=default", `k8s.ovn.org/nad=default/${network}`];
  const own = [...marks, `k8s.ovn.org/network=${network}`, `k8s.ovn.org/topology=${topology}`];
  return `
  lsp-add ${network}_ovn_${topology}_switch ${port}
  lsp-set-addresses ${port} "${addresses}"
  lsp-set-port-security ${port} "${addresses}"
  lsp-set-options ${port} requested-chassis=chassis-of-n1 iface-id-ver=uid-of-${name}
  set Logical_Switch_Port ${port} ${own.map((id) => `external_ids:${id}`).join(" ")}`;
}

// Unlike the others, a localnet network brings neither Copp nor meters.
const localnetByHand = `
  ls-add ln_ovn_localnet_switch
  set Logical_Switch ln_ovn_localnet_switch other_config:subnet=10.4.0.0/16
  lsp-add ln_ovn_localnet_switch ln_ovn_localnet_port
  lsp-set-type ln_ovn_localnet_port localnet
  lsp-set-addresses ln_ovn_localnet_port unknown
  lsp-set-options ln_ovn_localnet_port network_name=ln
  set Logical_Switch_Port ln_ovn_localnet_port tag_request=20
  ${pod("ln", "localnet", "near", "0a:58:0a:04:00:04 10.4.0.4")}
`;

const servedByHand = `
  --id=@dhcp create DHCP_Options cidr=10.4.0.0/16 options:${server} options:mtu=1300 options:router=10.4.0.1 options:dns_server="10.4.0.53"
  set Logical_Switch_Port default.ln_default_near dhcpv4_options=@dhcp
`;

const primaryByHand = `${sharedByHand}${primaryLayer2ByHand()}
  ${pod("p2", "layer2", "vm", "0a:58:0a:06:00:08 10.6.0.8")}
  --id=@dhcp create DHCP_Options cidr=10.6.0.0/16 options:${server} options:mtu=1400 options:router=10.6.0.1 'options:hostname="\\"vm\\""'
  set Logical_Switch_Port default.p2_default_vm dhcpv4_options=@dhcp
`;

/** In the zone of n1 there is no port for the pod of the other zone: the physical network joins them. */
function localnetZone(input: object): TopologyRequest {
  const brief = localnetBrief(
    [recordedPod("near", 4, "n1", "10.4.0"), recordedPod("far", 5, "n2", "10.4.0")],
    {
      name: "ln",
      subnets: "10.4.0.0/16",
      ...input,
    },
  );
  const nodes = [zoneNode("n1", 2), zoneNode("n2", 3)];
  return requestFor({ ...brief, nodes }, { mode: "interconnect", zone: "n1" });
}

const cases = {
  "a zone of a localnet network": { request: localnetZone({}), typed: localnetByHand, offers: 0 },
  "DHCP on a zone of a localnet network": {
    request: localnetZone({ mtu: 1300, dhcp: { router: "10.4.0.1", dnsServers: "10.4.0.53" } }),
    typed: `${localnetByHand}${servedByHand}`,
    offers: 2,
  },
  "DHCP for a machine on a primary layer2 network": {
    request: requestFor(
      primaryLayer2Brief(
        [{ ...recordedPod("vm", 8, "n1", "10.6.0"), vm: { name: "vm" } }],
        { name: "p2", networkId: 2, subnets: "10.6.0.0/16" },
        [primaryNode("n1", 2)],
      ),
    ),
    typed: primaryByHand,
    offers: 2,
  },
};

describeWithOvn("ovn-northd makes the same of DHCP, and of a localnet zone, as of what is typed", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  afterEach(async () => {
    const tables = ["Logical_Switch", "Logical_Router", "Load_Balancer_Group", "Port_Group"];
    const all = [...tables, "Static_MAC_Binding", "DHCP_Options", "Copp", "Meter"];
    for (const { sandbox } of [ours, theirs])
      await nbctl(sandbox, all.map((table) => `--all destroy ${table}`).join("\n"));
  });

  for (const [title, { request, typed, offers }] of Object.entries(cases))
    it(title, async () => {
      const nb = await connectNorthbound(ours.sandbox.northbound.remote);
      try {
        await planTopology(nb, request).apply({ wait: "sb" });
      } finally {
        await nb.close();
      }
      await nbctl(theirs.sandbox, typed);
      const made = await flows(ours.sandbox);
      assert.ok(made.some((line) => line.includes(offers > 0 ? "put_dhcp_opts" : "default.ln_default_near")));
      assert.equal(made.filter((line) => line.includes("put_dhcp_opts")).length, offers);
      assert.deepEqual(made, await flows(theirs.sandbox));
      assert.deepEqual(await bindings(ours.sandbox), await bindings(theirs.sandbox));
    });
});
