import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology, type TopologyRequest } from "../../lib/topology/index.ts";
import {
  all,
  type Families,
  localnetByHand,
  macAndAddresses,
  type Pair,
  podByHand,
} from "../support/by-hand.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { assertSame, flows, nbctl, sharedByHand, typeTiers } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer2Brief, primaryNode } from "../support/primary.ts";
import { primaryByHand } from "../support/primary-by-hand.ts";
import { emptying, localnetBrief, requestFor } from "../support/topology.ts";
import { recordedPod, zoneNode } from "../support/zones.ts";

// As for primary networks elsewhere: what a server without NAT.match cannot hold, nobody can type into it either.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;

const server4 = 'server_id=169.254.1.1 options:server_mac="0a:58:a9:fe:01:01" options:lease_time=3500';
// The MAC of fe80::1.
const server6 = `'options:server_id="0a:58:6d:6d:c1:50"'`;

/** Rows of DHCP in both families and a port told of them, from ovn-nb(5) and upstream's rows, section 7.4. */
function servedByHand(port: string, families: Families, [v4, v6]: Pair): string {
  return families
    .map((family) => {
      const row = family === 4 ? v4 : v6;
      return `--id=@dhcp${family} create DHCP_Options ${row}\nset Logical_Switch_Port ${port} dhcpv${family}_options=@dhcp${family}`;
    })
    .join("\n");
}

/** In the zone of n1 there is no port for the pod of the other zone: the physical network joins them. */
function localnetZone(families: Families, input: object): TopologyRequest {
  const of = (pair: Pair): string[] => all(families, pair).split(" ");
  const pod = (name: string, number: number, node: string): object => ({
    ...recordedPod(name, number, node, ""),
    recorded: { ips: of([`10.4.0.${number}/16`, `fd00:4::${number}/64`]), tunnelId: number },
  });
  const brief = localnetBrief([pod("near", 4, "n1"), pod("far", 5, "n2")], {
    name: "ln",
    subnets: of(["10.4.0.0/16", "fd00:4::/64"]),
    ...input,
  });
  const nodes = [zoneNode("n1", 2), zoneNode("n2", 3)];
  return requestFor({ ...brief, nodes }, { mode: "interconnect", zone: "n1" });
}

// Unlike the others, a localnet network brings neither Copp nor meters.
function localnetZoneByHand(families: Families): string {
  return `
  ${localnetByHand("ln", families, ["10.4.0.0/16", "fd00:4::"])}
  ${podByHand({
    ...{ network: "ln", topology: "localnet", name: "near", uid: true },
    addresses: macAndAddresses(families, ["10.4.0.4", "fd00:4::4"]),
  })}`;
}

interface Case {
  readonly request: TopologyRequest;
  readonly typed: string;
  /** Of how many flows it is, in each family. */
  readonly offers: Families;
}

const familiesOf = { IPv4: [4], IPv6: [6], "IPv4 and IPv6": [4, 6] } as const;
const cases: Record<string, Case> = {};
for (const [title, families] of Object.entries(familiesOf)) {
  cases[`a zone of a localnet network, ${title}`] = {
    request: localnetZone(families, {}),
    typed: localnetZoneByHand(families),
    offers: [],
  };
  const dnsServers = all(families, ["10.4.0.53", "fd00:4::53"]).split(" ");
  const router = families.some((family) => family === 4) ? { router: "10.4.0.1" } : {};
  cases[`DHCP on a zone of a localnet network, ${title}`] = {
    request: localnetZone(families, { mtu: 1300, dhcp: { ...router, dnsServers } }),
    typed: `${localnetZoneByHand(families)}
    ${servedByHand("default.ln_default_near", families, [
      `cidr=10.4.0.0/16 options:${server4} options:mtu=1300 options:router=10.4.0.1 options:dns_server="10.4.0.53"`,
      `'cidr="fd00:4::/64"' ${server6} 'options:dns_server="fd00:4::53"'`,
    ])}`,
    offers: families,
  };
  const machine = {
    ...recordedPod("vm", 8, "n1", ""),
    recorded: { ips: all(families, ["10.6.0.8/16", "fd00:6::8/64"]).split(" "), tunnelId: 8 },
    vm: { name: "vm" },
  };
  cases[`DHCP for a machine on a primary layer2 network, ${title}`] = {
    request: requestFor(
      primaryLayer2Brief(
        [machine],
        { name: "p2", networkId: 2, subnets: all(families, ["10.6.0.0/16", "fd00:6::/64"]).split(" ") },
        [primaryNode("n1", 2, { families })],
      ),
    ),
    typed: `${sharedByHand}${primaryByHand({ topology: "layer2", mode: "shared", families, natMatch: false })}
    ${podByHand({
      ...{ network: "p2", topology: "layer2", name: "vm", uid: true },
      addresses: macAndAddresses(families, ["10.6.0.8", "fd00:6::8"]),
    })}
    ${servedByHand("default.p2_default_vm", families, [
      `cidr=10.6.0.0/16 options:${server4} options:mtu=1400 options:router=10.6.0.1 'options:hostname="\\"vm\\""'`,
      `'cidr="fd00:6::/64"' ${server6} 'options:fqdn="\\"vm\\""'`,
    ])}`,
    offers: families,
  };
}

describeWithOvn("ovn-northd makes the same of DHCP, and of a localnet zone, as of what is typed", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  afterEach(async () => {
    for (const { sandbox } of [ours, theirs]) await nbctl(sandbox, emptying);
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
      await typeTiers(theirs.sandbox);
      const made = await assertSame(ours.sandbox, theirs.sandbox);
      for (const [family, action] of [
        [4, "put_dhcp_opts"],
        [6, "put_dhcpv6_opts"],
      ] as const) {
        const count = made.filter((line) => line.includes(action)).length;
        if (offers.includes(family)) assert.ok(count > 0, action);
        else assert.equal(count, 0, action);
      }
      assert.ok(made.some((line) => /default\.(ln_default_near|p2_default_vm)/.test(line)));
    });

  it("and the comparison sees an option that differs", async () => {
    const { typed } = cases["DHCP on a zone of a localnet network, IPv6"] ?? { typed: "" };
    await nbctl(theirs.sandbox, typed);
    const before = await flows(theirs.sandbox);
    const row = "find DHCP_Options cidr!=10.0.0.0/8";
    const uuid = (await nbctl(theirs.sandbox, `--bare --columns=_uuid ${row}`)).trim();
    await nbctl(theirs.sandbox, `set DHCP_Options ${uuid} 'options:dns_server="fd00:4::54"'`);
    assert.notDeepEqual(await flows(theirs.sandbox), before);
  });
});
