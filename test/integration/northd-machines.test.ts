import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { layer2Brief, localnetBrief, requestFor } from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;
const server = 'server_id=169.254.1.1 options:server_mac="0a:58:a9:fe:01:01" options:lease_time=3500';

/** A layer2 network with a pod and a virtual machine, as an administrator would type them, from ovn-nbctl(8). */
const byHand = (fqdn: string): string => `${sharedByHand}
  ls-add l2_ovn_layer2_switch
  set Logical_Switch l2_ovn_layer2_switch other_config:subnet=10.1.0.0/24 'other_config:ipv6_prefix="fd00:1::"'
  ${pod("a", "0a:58:0a:01:00:02 10.1.0.2 fd00:1::1")}
  ${pod("b", "0a:58:0a:01:00:03 10.1.0.3 fd00:1::2")}
  --id=@pods4 create DHCP_Options cidr=10.1.0.0/24 options:${server} options:mtu=1300 options:router=10.1.0.1 options:dns_server="10.1.0.53"
  --id=@pods6 create DHCP_Options 'cidr="fd00:1::/64"' 'options:server_id="0a:58:6d:6d:c1:50"'
  --id=@vm4 create DHCP_Options cidr=10.1.0.0/24 options:${server} options:mtu=1300 options:router=10.1.0.1 options:dns_server="10.1.0.53" 'options:hostname="\\"vm\\""'
  --id=@vm6 create DHCP_Options 'cidr="fd00:1::/64"' 'options:server_id="0a:58:6d:6d:c1:50"' ${fqdn}
  set Logical_Switch_Port default.l2_default_a dhcpv4_options=@pods4 dhcpv6_options=@pods6
  set Logical_Switch_Port default.l2_default_b dhcpv4_options=@vm4 dhcpv6_options=@vm6
`;

function pod(name: string, addresses: string): string {
  const port = `default.l2_default_${name}`;
  const ids = [
    "pod=true",
    "namespace=default",
    "k8s.ovn.org/nad=default/l2",
    "k8s.ovn.org/network=l2",
    "k8s.ovn.org/topology=layer2",
  ];
  return `lsp-add l2_ovn_layer2_switch ${port}
  lsp-set-addresses ${port} "${addresses}"
  lsp-set-port-security ${port} "${addresses}"
  lsp-set-options ${port} requested-chassis=chassis-of-n1
  set Logical_Switch_Port ${port} ${ids.map((id) => `external_ids:${id}`).join(" ")}`;
}

/** A machine that has moved on a localnet network: its first port is disabled and has no addresses. */
const moved = `${sharedByHand}
  ls-add ln_ovn_localnet_switch
  set Logical_Switch ln_ovn_localnet_switch other_config:subnet=10.4.0.0/24
  lsp-add ln_ovn_localnet_switch ln_ovn_localnet_port
  lsp-set-type ln_ovn_localnet_port localnet
  lsp-set-addresses ln_ovn_localnet_port unknown
  lsp-set-options ln_ovn_localnet_port network_name=ln
  set Logical_Switch_Port ln_ovn_localnet_port tag_request=20
  ${machinePort("a", "n1", false)}
  ${machinePort("b", "n2", true)}
`;

function machinePort(name: string, node: string, active: boolean): string {
  const port = `default.ln_default_${name}`;
  const ids = ["nad=default/ln", "network=ln", "topology=localnet"].map(
    (id) => `external_ids:k8s.ovn.org/${id}`,
  );
  return `lsp-add ln_ovn_localnet_switch ${port}
  lsp-set-enabled ${port} ${active ? "enabled" : "disabled"}
  ${active ? `lsp-set-addresses ${port} "0a:58:0a:04:00:01 10.4.0.1"` : ""}
  lsp-set-port-security ${port} "0a:58:0a:04:00:01 10.4.0.1"
  lsp-set-options ${port} requested-chassis=chassis-of-${node}
  set Logical_Switch_Port ${port} external_ids:pod=true external_ids:namespace=default ${ids.join(" ")}`;
}

describeWithOvn("ovn-northd makes the same of our virtual machines and of an administrator's", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  it("flows and port bindings", async () => {
    let fqdn = "";
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      const request = requestFor(
        layer2Brief(["a", { name: "b", vm: { name: "vm" } }], {
          name: "l2",
          subnets: "10.1.0.0/24,fd00:1::/64",
          mtu: 1300,
          dhcp: { router: "10.1.0.1", dnsServers: "10.1.0.53" },
        }),
      );
      await planTopology(nb, request).apply({ wait: "sb" });
      if (nb.supports("Logical_Router_Port", "status")) fqdn = `'options:fqdn="\\"vm\\""'`;
    } finally {
      await nb.close();
    }
    await nbctl(theirs.sandbox, byHand(fqdn));
    const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
    const offers = made.filter((line) => /put_dhcp(v6)?_opts/.test(line));
    assert.ok(offers.length >= 4, offers.join("\n"));
    assert.ok(
      offers.some((line) => line.includes('hostname = "vm"')),
      offers.join("\n"),
    );
    assert.deepEqual(made, typed);
    assert.deepEqual(await bindings(ours.sandbox), await bindings(theirs.sandbox));
  });

  it("flows and port bindings of a machine that has moved", async () => {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      const machine = (name: string, node: string, active: boolean): object => ({
        name,
        node,
        vm: { name: "vm", active },
      });
      await planTopology(nb, {
        ...requestFor(localnetBrief([machine("a", "n1", false), machine("b", "n2", true)], { name: "ln" })),
        pruneNetworks: true,
      }).apply({ wait: "sb" });
    } finally {
      await nb.close();
    }
    await nbctl(
      theirs.sandbox,
      ["Logical_Switch", "DHCP_Options", "Copp", "Meter"].map((table) => `--all destroy ${table}`).join("\n"),
    );
    await nbctl(theirs.sandbox, moved);
    const made = await flows(ours.sandbox);
    assert.ok(made.some((line) => line.includes("default.ln_default_b")));
    assert.deepEqual(made, await flows(theirs.sandbox));
    assert.deepEqual(await bindings(ours.sandbox), await bindings(theirs.sandbox));
  });
});
