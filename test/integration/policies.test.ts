import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import {
  type AttachmentInput,
  denyGroupIds,
  hashedName,
  layer2,
  type PolicyInput,
  type PolicyPeer,
  type Profile,
  peerSetIds,
  planDeletion,
  policyGroupIds,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { flows, nbctl } from "../support/northd.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  useTopologyBench,
} from "../support/topology.ts";

const web = { labels: { app: "web" } } as const;
const db = { labels: { app: "db" }, ports: [{ name: "sql", protocol: "TCP", port: 5432 }] } as const;
const clients: PolicyPeer = { podSelector: { matchLabels: { app: "web" } } };

/** Only web may reach db, at its sql port. */
function toDatabase(more: Partial<PolicyInput> = {}): PolicyInput {
  return {
    namespace: "default",
    name: "db",
    podSelector: { matchLabels: { app: "db" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [clients], ports: [{ port: "sql" }] }],
    ...more,
  };
}

function withPolicies(
  policies: readonly PolicyInput[],
  pods: Brief["pods"] = twoPods,
  brief = layer2Brief(),
): Brief {
  return { ...brief, ...(pods && { pods }), policies: { policies } };
}

const twoPods: readonly Partial<AttachmentInput>[] = [
  { name: "a", ...web },
  { name: "d", ...db },
];

const setName = hashedName(peerSetIds("net", "default", clients, 4).id);
const denyName = hashedName(denyGroupIds("net", "default", "Ingress").id);
const groupName = hashedName(policyGroupIds("net", "default", "db").id);

describeWithOvn("policies on today's schema", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));
  const addresses = async (): Promise<string> => bench.get("Address_Set", setName, "addresses");
  const portsOf = async (group: string): Promise<readonly string[]> => {
    const [row] = bench.nb.view.find("Port_Group", { name: group });
    return [...((row?.["ports"] ?? []) as readonly string[])]
      .map((uuid) => String(bench.nb.view.byUuid("Logical_Switch_Port", uuid)?.["name"]))
      .sort();
  };

  const briefs: readonly Brief[] = [
    withPolicies([toDatabase()], twoPods, layer2Brief([], { subnets: "10.1.0.0/24,fd01::/64" })),
    withPolicies([toDatabase()], twoPods, layer3Brief()),
    withPolicies([toDatabase()], twoPods, localnetBrief()),
  ];
  for (const brief of briefs)
    it(`${brief.topology}: a second apply does nothing, delete leaves what networks share`, async () => {
      await bench.apply(brief);
      const { notes, omitted } = bench.plan(brief);
      assert.deepEqual([notes, omitted], [[], []]);
      await bench.delete(["net"]);
      const left = Object.keys(await bench.tables()).filter((table) => !table.startsWith("Meter"));
      assert.deepEqual(left, brief.topology === "layer3" ? ["Copp"] : left.includes("Copp") ? ["Copp"] : []);
    });

  it("pods that come, change and go change groups and sets with themselves, in one transaction", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    const came = await bench.plan(withPolicies([toDatabase()], [...twoPods, { name: "b", ...web }])).apply();
    assert.equal(came.transactions, 1);
    assert.equal(await addresses(), '["10.1.0.1", "10.1.0.3"]');
    assert.deepEqual(await portsOf(denyName), [portOf("d")]);
    const changed = [
      { name: "a", ...db },
      { name: "b", ...web },
      { name: "d", ...db },
    ];
    assert.deepEqual(
      await bench.apply(withPolicies([toDatabase()], changed)),
      [
        `update Address_Set ${setName}: addresses`,
        `update Port_Group ${denyName}: ports`,
        `update Port_Group ${groupName}: ports`,
      ].sort(),
    );
    assert.equal(await addresses(), '["10.1.0.3"]');
    assert.deepEqual(await portsOf(groupName), [portOf("a"), portOf("d")]);
    const gone = await bench.plan(withPolicies([toDatabase()], changed.slice(0, 1)), { prune: true }).apply();
    assert.equal(gone.transactions, 1);
    assert.equal(await addresses(), "[]");
    assert.deepEqual(await portsOf(denyName), [portOf("a")]);
  });

  it("a namespace whose labels change lets its pods in or not, in one transaction", async () => {
    const team: PolicyPeer = { namespaceSelector: { matchLabels: { team: "a" } } };
    const policy = toDatabase({ ingress: [{ from: [team] }] });
    const set = hashedName(peerSetIds("net", "default", team, 4).id);
    const asked = (labels: Readonly<Record<string, string>>): Brief => ({
      ...layer2Brief([
        { name: "d", ...db },
        { name: "a", namespace: "other" },
        { name: "b", namespace: "other" },
      ]),
      policies: { policies: [policy], namespaces: [{ name: "default" }, { name: "other", labels }] },
    });
    await bench.apply(asked({ team: "b" }));
    assert.equal(await bench.get("Address_Set", set, "addresses"), "[]");
    const { transactions } = await bench.plan(asked({ team: "a" })).apply();
    assert.equal(transactions, 1);
    const own = ["a", "b"].map((name) => {
      const [port] = bench.nb.view.find("Logical_Switch_Port", { name: `default.net_other_${name}` });
      return String(port?.["addresses"]).split(" ")[1];
    });
    assert.equal(await bench.get("Address_Set", set, "addresses"), `["${own.toSorted().join('", "')}"]`);
    await bench.apply(asked({}));
    assert.equal(await bench.get("Address_Set", set, "addresses"), "[]");
  });

  it("a port that is detached leaves its address behind in no set: the next pod has it", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    const { transactions } = await network.detach(bench.nb, { namespace: "default", name: "a" });
    assert.equal(transactions, 1);
    assert.equal(await addresses(), "[]");
    const next = await network.attach(bench.nb, { namespace: "default", name: "other", node: "n1" });
    assert.deepEqual(next.ips, ["10.1.0.1/24"]);
    assert.equal(await addresses(), "[]");
  });

  it("a port that an attach gives another address has that in the sets", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    await network.attach(bench.nb, { namespace: "default", name: "a", node: "n1", ips: ["10.1.0.77"] });
    assert.equal(await addresses(), '["10.1.0.77"]');
    await bench.apply(
      withPolicies(
        [toDatabase()],
        [
          { name: "a", ...web, ips: ["10.1.0.77"] },
          { name: "d", ...db },
        ],
      ),
    );
    assert.equal(await addresses(), '["10.1.0.77"]');
  });

  it("pods that a request does not name keep their places", async () => {
    await bench.apply(withPolicies([toDatabase()], [...twoPods, { name: "b", ...web }]));
    const before = await bench.everything();
    assert.deepEqual(
      await bench.apply(
        withPolicies([toDatabase({ ingress: [{ from: [clients], ports: [{ port: 5432 }] }] })], []),
      ),
      [],
    );
    assert.deepEqual(await bench.apply({ ...layer2Brief(["c"]) }), [
      `insert Logical_Switch_Port ${portOf("c")}`,
    ]);
    await bench.nbctl(`lsp-del ${portOf("c")}`);
    assert.equal(await bench.everything(), before);
    assert.match(
      bench.plan(layer2Brief(["c"])).notes.join(),
      /default\/db\): a pod that is planned without them/,
    );
  });

  it("drift is repaired: matches, members and rules of another time", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    const before = await bench.tables();
    await bench.nbctl(`
      set Address_Set ${setName} addresses=10.9.9.9
      clear Port_Group ${denyName} ports
      set Port_Group ${groupName} external_ids:k8s.ovn.org/owner-type=NetworkPolicy
    `);
    const [acl] = bench.nb.view.find("ACL", {
      external_ids: { "k8s.ovn.org/id": "net-network-controller:NetworkPolicy:default:db:Ingress:0:tcp:-1" },
    });
    assert.ok(acl);
    await bench.nbctl(`set ACL ${acl._uuid} match=1 action=allow log=true severity=info`);
    await bench.apply(withPolicies([toDatabase()]));
    assert.deepEqual(await bench.tables(), before);
    // Without their marks they would be somebody else's, and stay open when the rule goes.
    for (const { _uuid } of bench.nb.view.rows("ACL")) await bench.nbctl(`set ACL ${_uuid} external_ids={}`);
    await bench.apply(withPolicies([toDatabase()]));
    assert.deepEqual(await bench.tables(), before);
    await bench.apply(withPolicies([toDatabase({ ingress: [] })]));
    assert.equal([...bench.nb.view.rows("ACL")].length, 4);
    assert.equal([...bench.nb.view.rows("Address_Set")].length, 0);
  });

  it("an ACL and a group of somebody else stay", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    await bench.nbctl(`
      acl-add ${groupName} to-lport 5 ip4 drop
      pg-add theirs
    `);
    await bench.apply(withPolicies([toDatabase({ ingress: [] })]));
    const { kept } = bench.plan(withPolicies([]), { prune: true });
    assert.match(kept.join(), /policy default\/db of network "net" stays/);
    assert.throws(
      () =>
        planDeletion(bench.nb, {
          networks: [],
          pods: [],
          policies: [{ namespace: "default", name: "db", role: "secondary" }],
        }),
      { code: "ERR_FOREIGN_ROWS" },
    );
  });

  it("prune and delete take one policy, and the last of a namespace takes what they shared", async () => {
    const other = toDatabase({ name: "other", policyTypes: ["Ingress", "Egress"] });
    await bench.apply(withPolicies([toDatabase()]));
    const one = await bench.tables();
    await bench.apply(withPolicies([toDatabase(), other]));
    const stays = bench.plan(withPolicies([toDatabase()])).notes;
    assert.match(stays.join(), /policy default\/other of network "net" is in the database/);
    await bench.apply(withPolicies([toDatabase()]), { prune: true });
    assert.deepEqual(await bench.tables(), one);

    await bench.apply(withPolicies([toDatabase(), other]));
    const remove = (name: string, role: "primary" | "secondary" = "secondary") =>
      planDeletion(bench.nb, {
        networks: [],
        pods: [],
        policies: [{ namespace: "default", name, role }],
      }).apply();
    const { kept } = await remove("other");
    assert.match(kept.join(), /may stay closed \(Egress\)/);
    await bench.apply(withPolicies([toDatabase()]));
    assert.deepEqual(await bench.tables(), one);
    assert.deepEqual((await remove("db", "primary")).absent, ["policy default/db"]);
    assert.equal((await remove("db")).transactions, 1);
    await bench.apply(withPolicies([]));
    for (const table of ["Port_Group", "Address_Set", "ACL"])
      assert.equal([...bench.nb.view.rows(table)].length, 0, table);
  });

  it("a pod that a policy outside of the request selects stays closed", async () => {
    await bench.apply(withPolicies([toDatabase()]));
    const nobody = { matchLabels: { app: "nobody" } };
    await bench.apply(withPolicies([toDatabase({ name: "other", podSelector: nobody })]));
    assert.deepEqual(await portsOf(denyName), [portOf("d")]);
    await bench.apply(withPolicies([toDatabase({ podSelector: nobody })]), { prune: true });
    assert.deepEqual(await portsOf(denyName), []);
  });

  it("the meter of the log stays as the cluster has it, and the old profile is refused", async () => {
    await bench.nbctl(
      "--id=@band create Meter_Band action=drop rate=100\ncreate Meter name=acl-logging unit=pktps bands=@band",
    );
    await bench.apply(withPolicies([toDatabase()]));
    const [band] = [...bench.nb.view.rows("Meter_Band")].filter((row) => row["rate"] === 100);
    assert.ok(band);
    const old: Profile = "ovn-kubernetes-2023";
    assert.throws(() => bench.plan(withPolicies([toDatabase()]), { profile: old, migrate: true }), {
      path: "profile",
    });
  });
});

describeWithOvn("policies by ovn-northd", () => {
  const handle = useSandbox({ northbound: true, southbound: true, northd: true });
  const bench = useTopologyBench(handle);

  it("takes the rows: flows for every ACL, sets and groups in the southbound database, no complaint", async () => {
    const logging = { allow: "info", deny: "alert" } as const;
    const policy = toDatabase({
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [clients, { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.128/25", "10.9.0.0/16"] } }],
          ports: [{ port: "sql" }, { port: 1000, endPort: 2000 }],
        },
      ],
      egress: [{ ports: [{ protocol: "UDP", port: 53 }] }],
    });
    const brief = {
      ...withPolicies([policy]),
      policies: { policies: [policy], namespaces: [{ name: "default", logging }] },
    };
    await bench.apply(brief);
    await nbctl(handle.sandbox, "--version");
    const all = await flows(handle.sandbox);
    const acls = all.filter((flow) => /ls_(in|out)_acl/.test(flow));
    const some = (...words: string[]): void =>
      assert.ok(
        acls.some((flow) => words.every((word) => flow.includes(word))),
        `${words.join(" ")} in ${acls.join("\n")}`,
      );
    some("ls_out_acl", `outport == @${denyName}`, "drop");
    some(
      `ip4.src == {$${setName}} && tcp && (tcp.dst==5432 || 1000<=tcp.dst<=2000) && outport == @${groupName}`,
    );
    some("(ip4.src == 10.0.0.0/8 && ip4.src != {10.1.0.128/25, 10.9.0.0/16})");
    some("ls_in_acl_after_lb", "udp.dst==53", `inport == @${groupName}`);
    some('log(name="NP:default:Ingress", severity=alert');
    assert.match(
      await handle.sandbox.run("ovn-sbctl", ["get", "Address_Set", setName, "addresses"]),
      /10\.1\.0\.1/,
    );
    assert.doesNotMatch(handle.sandbox.northd.log(), /\|(ERR|EMER)\||acl|match|syntax/i);
    const omitted = bench.plan(brief).omitted.map(({ table, column }) => `${table}.${column}`);
    assert.equal(omitted.includes("ACL.tier"), !bench.nb.supports("ACL", "tier"));
  });
});
