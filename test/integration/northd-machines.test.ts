import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology, type TopologyRequest } from "../../lib/topology/index.ts";
import { localnetByHand, podByHand, switchConfig } from "../support/by-hand.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { assertSame, nbctl, sharedByHand } from "../support/northd.ts";
import { emptying, layer2Brief, localnetBrief, requestFor } from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;
const server = 'server_id=169.254.1.1 options:server_mac="0a:58:a9:fe:01:01" options:lease_time=3500';

/** A layer2 network with a pod and a virtual machine, as an administrator would type them, from ovn-nbctl(8). */
const byHand = (fqdn: string): string => `${sharedByHand}
  ls-add l2_ovn_layer2_switch
  ${switchConfig([4, 6], "l2_ovn_layer2_switch", ["10.1.0.0/24", "fd00:1::"])}
  ${podByHand({ network: "l2", topology: "layer2", name: "a", addresses: "0a:58:0a:01:00:02 10.1.0.2 fd00:1::1" })}
  ${podByHand({ network: "l2", topology: "layer2", name: "b", addresses: "0a:58:0a:01:00:03 10.1.0.3 fd00:1::2" })}
  --id=@pods4 create DHCP_Options cidr=10.1.0.0/24 options:${server} options:mtu=1300 options:router=10.1.0.1 options:dns_server="10.1.0.53"
  --id=@pods6 create DHCP_Options 'cidr="fd00:1::/64"' 'options:server_id="0a:58:6d:6d:c1:50"'
  --id=@vm4 create DHCP_Options cidr=10.1.0.0/24 options:${server} options:mtu=1300 options:router=10.1.0.1 options:dns_server="10.1.0.53" 'options:hostname="\\"vm\\""'
  --id=@vm6 create DHCP_Options 'cidr="fd00:1::/64"' 'options:server_id="0a:58:6d:6d:c1:50"' ${fqdn}
  set Logical_Switch_Port default.l2_default_a dhcpv4_options=@pods4 dhcpv6_options=@pods6
  set Logical_Switch_Port default.l2_default_b dhcpv4_options=@vm4 dhcpv6_options=@vm6
`;

/** A machine that has moved on a localnet network: its first port is disabled and has no addresses. No Copp, no meters. */
const moved = `
  ${localnetByHand("ln", [4], ["10.4.0.0/24", ""])}
  ${machinePort("a", "n1", false)}
  ${machinePort("b", "n2", true)}
`;

function machinePort(name: string, node: "n1" | "n2", active: boolean): string {
  const port = `default.ln_default_${name}`;
  const addresses = "0a:58:0a:04:00:01 10.4.0.1";
  return `${podByHand({ network: "ln", topology: "localnet", name, node, addresses })}
  lsp-set-enabled ${port} ${active ? "enabled" : "disabled"}
  ${active ? "" : `lsp-set-addresses ${port}`}`;
}

describeWithOvn("ovn-northd makes the same of our virtual machines and of an administrator's", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  /** Applies to our database; whether a server's schema has a column tells how old its ovn-northd is. */
  async function apply(request: TopologyRequest): Promise<{ readonly knowsFqdn: boolean }> {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      await planTopology(nb, request).apply({ wait: "sb" });
      return { knowsFqdn: nb.supports("Logical_Router_Port", "status") };
    } finally {
      await nb.close();
    }
  }

  // What one network leaves to all others, meters say, must not be there for the next.
  afterEach(async () => {
    for (const { sandbox } of [ours, theirs]) await nbctl(sandbox, emptying);
  });

  it("flows and port bindings", async () => {
    const { knowsFqdn } = await apply(
      requestFor(
        layer2Brief(["a", { name: "b", vm: { name: "vm" } }], {
          name: "l2",
          subnets: "10.1.0.0/24,fd00:1::/64",
          mtu: 1300,
          dhcp: { router: "10.1.0.1", dnsServers: "10.1.0.53" },
        }),
      ),
    );
    await nbctl(theirs.sandbox, byHand(knowsFqdn ? `'options:fqdn="\\"vm\\""'` : ""));
    const made = await assertSame(ours.sandbox, theirs.sandbox);
    const offers = made.filter((line) => /put_dhcp(v6)?_opts/.test(line));
    assert.ok(offers.length >= 4, offers.join("\n"));
    assert.ok(
      offers.some((line) => line.includes('hostname = "vm"')),
      offers.join("\n"),
    );
  });

  it("flows and port bindings of a machine that has moved", async () => {
    const machine = (name: string, node: string, active: boolean): object => ({
      name,
      node,
      vm: { name: "vm", active },
    });
    await apply(
      requestFor(localnetBrief([machine("a", "n1", false), machine("b", "n2", true)], { name: "ln" })),
    );
    await nbctl(theirs.sandbox, moved);
    const made = await assertSame(ours.sandbox, theirs.sandbox);
    assert.ok(made.some((line) => line.includes("default.ln_default_b")));
  });
});
