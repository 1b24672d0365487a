import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import { type PolicyRequest, planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { flows, nbctl } from "../support/northd.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import {
  type Brief,
  emptying,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  requestFor,
} from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;

/** Names of rows on network "net", hashed by another program. */
const DENY = { in: "a13173503900904380819", out: "a2670449798368180219" } as const;
const GROUP = "a12304129340814363329";
const SETS = { 4: "a18254003444080163261", 6: "a18254001245056906839" } as const;

const pods: Brief["pods"] = [
  { name: "a", labels: { app: "web" } },
  { name: "d", labels: { app: "db" }, ports: [{ name: "sql", protocol: "TCP", port: 5432 }] },
];

const policies: PolicyRequest = {
  namespaces: [{ name: "default", logging: { allow: "info", deny: "alert" } }],
  policies: [
    {
      namespace: "default",
      name: "db",
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            { podSelector: { matchLabels: { app: "web" } } },
            { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.128/25", "10.9.0.0/16"] } },
          ],
          ports: [{ port: "sql" }, { port: 1000, endPort: 2000 }],
        },
      ],
      egress: [{ ports: [{ protocol: "UDP", port: 53 }] }],
    },
  ],
};

interface Case {
  readonly title: string;
  readonly brief: Brief;
  /** Of the pod that may come in, IPv4 first. */
  readonly addresses: readonly string[];
}

const cases: readonly Case[] = [
  { title: "a secondary layer3 network", brief: layer3Brief(pods), addresses: ["10.3.0.3"] },
  {
    title: "a secondary layer2 network, dual stack",
    brief: layer2Brief(pods, { subnets: "10.1.0.0/24,fd00:1::/64" }),
    addresses: ["10.1.0.1", "fd00:1::1"],
  },
  { title: "a localnet network", brief: localnetBrief(pods), addresses: ["10.4.0.1"] },
  { title: "a primary layer3 network", brief: primaryLayer3Brief(pods), addresses: ["10.3.0.3"] },
  {
    title: "a primary layer2 network, dual stack",
    brief: primaryLayer2Brief(pods, { subnets: "10.1.0.0/16,fd00:1::/64" }, [
      primaryNode("n1", 2, { families: [4, 6] }),
    ]),
    addresses: ["10.1.0.3", "fd00:1::3"],
  },
];

/** The same policy as an administrator would type it, from ovn-nbctl(8) and upstream's rows. */
function byHand(addresses: readonly string[], tier: string): string {
  const isDual = addresses.length === 2;
  const sources = isDual
    ? `(ip4.src == {$${SETS[4]}} || ip6.src == {$${SETS[6]}})`
    : `ip4.src == {$${SETS[4]}}`;
  const blocks = "(ip4.src == 10.0.0.0/8 && ip4.src != {10.1.0.128/25, 10.9.0.0/16})";
  const ports = "tcp && (tcp.dst==5432 || 1000<=tcp.dst<=2000)";
  const add = (log: string): string =>
    `--type=port-group ${tier} ${log === "" ? "" : `--log --meter=acl-logging ${log}`} acl-add`;
  const after = "--apply-after-lb";
  return `
  --id=@band create Meter_Band action=drop rate=20
  create Meter name=acl-logging unit=pktps fair=true bands=@band
  pg-add ${DENY.in} ${portOf("d")}
  pg-add ${DENY.out} ${portOf("d")}
  pg-add ${GROUP} ${portOf("d")}
  ${addresses.map((address, index) => `create Address_Set name=${SETS[index === 0 ? 4 : 6]} 'addresses="${address}"'`).join("\n")}
  ${add("--severity=alert --name=NP:default:Ingress")} ${DENY.in} to-lport 1000 "outport == @${DENY.in}" drop
  ${add("")} ${DENY.in} to-lport 1001 "outport == @${DENY.in} && (arp || nd)" allow
  ${after} ${add("--severity=alert --name=NP:default:Egress")} ${DENY.out} from-lport 1000 "inport == @${DENY.out}" drop
  ${after} ${add("")} ${DENY.out} from-lport 1001 "inport == @${DENY.out} && (arp || nd)" allow
  ${add("--severity=info --name=NP:default:db:Ingress:0")} ${GROUP} to-lport 1001 "${sources} && ${ports} && outport == @${GROUP}" allow-related
  ${add("--severity=info --name=NP:default:db:Ingress:0")} ${GROUP} to-lport 1001 "${blocks} && ${ports} && outport == @${GROUP}" allow-related
  ${after} ${add("--severity=info --name=NP:default:db:Egress:0")} ${GROUP} from-lport 1001 "${isDual ? "(ip4 || ip6)" : "ip4"} && udp && udp.dst==53 && inport == @${GROUP}" allow-related
  `;
}

/** Each ACL has a fair meter of its own, named after its uuid. */
async function flowsOf(sandbox: Sandbox): Promise<string[]> {
  return (await flows(sandbox))
    .map((line) => line.replace(/acl-logging__[0-9a-f-]{36}/, "acl-logging__ACL"))
    .sort();
}

/** Sets and groups as ovn-controller reads them; a group's name begins with the number of its datapath, and one set is random. */
async function members(sandbox: Sandbox): Promise<string[]> {
  const list = (table: string, columns: string): Promise<string> =>
    sandbox.run("ovn-sbctl", ["-f", "csv", "--no-headings", `--columns=${columns}`, "list", table]);
  const both = [await list("Address_Set", "name,addresses"), await list("Port_Group", "name,ports")];
  return both
    .flatMap((text) => text.trim().split("\n"))
    .map((line) => line.replace(/^"*\d+_/, ""))
    .filter((line) => !line.startsWith("svc_monitor_mac"))
    .sort();
}

describeWithOvn("ovn-northd makes the same of policies and of ACLs that an administrator types", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  afterEach(async () => {
    for (const { sandbox } of [ours, theirs]) await nbctl(sandbox, emptying);
  });

  for (const { title, brief, addresses } of cases)
    it(`on ${title}`, async () => {
      let tier = "";
      for (const [handle, each] of [
        [ours, { ...brief, policies }],
        [theirs, brief],
      ] as const) {
        await using nb = await connectNorthbound(handle.sandbox.northbound.remote);
        await planTopology(nb, requestFor(each)).apply({ wait: "sb" });
        if (nb.supports("ACL", "tier")) tier = "--tier=2";
      }
      const without = await flowsOf(theirs.sandbox);
      await nbctl(theirs.sandbox, byHand(addresses, tier));
      const made = await flowsOf(ours.sandbox);
      assert.ok(made.length > without.length + 7, `${made.length} flows, ${without.length} without policies`);
      assert.deepEqual(made, await flowsOf(theirs.sandbox));
      assert.deepEqual(await members(ours.sandbox), await members(theirs.sandbox));
      await nbctl(theirs.sandbox, `remove Address_Set ${SETS[4]} addresses ${addresses[0]}`);
      assert.notDeepEqual(await members(ours.sandbox), await members(theirs.sandbox));
    });
});
