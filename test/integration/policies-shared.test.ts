import assert from "node:assert/strict";
import { ConflictError } from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import {
  denyGroupIds,
  hashedName,
  type PolicyInput,
  type PolicyPeer,
  peerSetIds,
  planDeletion,
  policyGroupIds,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import { type Brief, layer2Brief, portOf, useTopologyBench } from "../support/topology.ts";

function from(app: string): PolicyPeer {
  return { podSelector: { matchLabels: { app } } };
}

/** A policy that closes db but for pods of this label. */
function policy(name: string, app: string): PolicyInput {
  return {
    namespace: "default",
    name,
    podSelector: { matchLabels: { app: "db" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [from(app)] }],
  };
}

const pods = [
  { name: "a", labels: { app: "web" } },
  { name: "d", labels: { app: "db" } },
];

function briefOf(...policies: readonly PolicyInput[]): Brief {
  return { ...layer2Brief(pods), policies: { policies } };
}

describeWithOvn("what policies share", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  it("stays by prune as long as nobody says which policies there are", async () => {
    await bench.apply(briefOf(policy("one", "web")));
    const before = await bench.everything();
    assert.deepEqual(await bench.apply(layer2Brief(pods), { prune: true }), []);
    assert.equal(await bench.everything(), before);
    assert.deepEqual(bench.plan(layer2Brief(pods)).notes, [], "no pod of these is new");
  });

  it("stays for another policy with the same pods and peers, when one is deleted", async () => {
    await bench.apply(briefOf(policy("one", "web")));
    const before = await bench.tables();
    await bench.apply(briefOf(policy("one", "web"), policy("two", "web")));
    const two = { namespace: "default", name: "two", role: "secondary" } as const;
    const { kept } = await planDeletion(bench.nb, { networks: [], pods: [], policies: [two] }).apply();
    assert.match(kept.join(), new RegExp(`${portOf("d")} of network "net" may stay closed \\(Ingress\\)`));
    assert.deepEqual(await bench.tables(), before);
  });

  it("stays for a policy that prune leaves, since it has an ACL of somebody else", async () => {
    await bench.apply(briefOf(policy("one", "web"), policy("two", "batch")));
    await bench.nbctl(
      `acl-add ${hashedName(policyGroupIds("net", "default", "two").id)} to-lport 5 ip4 drop`,
    );
    const set = (app: string): string => hashedName(peerSetIds("net", "default", from(app), 4).id);
    const deny = hashedName(denyGroupIds("net", "default", "Ingress").id);
    await bench.apply(briefOf(), { prune: true });
    const sets = await bench.nbctl("--bare --columns=name list Address_Set");
    assert.deepEqual(sets.split(/\s+/), [set("batch")]);
    const port = await bench.get("Logical_Switch_Port", portOf("d"), "_uuid");
    assert.equal(await bench.get("Port_Group", deny, "ports"), `[${port}]`);
  });

  it("stays with what somebody hangs there between plan and apply", async () => {
    await bench.apply(briefOf(policy("one", "web")));
    const plan = bench.plan(briefOf(), { prune: true });
    const { operations } = plan;
    await bench.nbctl(
      `acl-add ${hashedName(policyGroupIds("net", "default", "one").id)} to-lport 5 ip4 drop`,
    );
    // What was planned does not come through, so that it is planned anew.
    const client = await OvsdbClient.of(bench.sandbox);
    await assert.rejects(client.transact(operations), ConflictError);
    const { kept } = await plan.apply();
    assert.match(kept.join(), /policy default\/one of network "net" stays/);
    assert.match(await bench.nbctl("--bare --columns=priority list ACL"), /^5$/m);
  });

  it("is not what others have of that name: the cluster's own network, another tool's ACL, another namespace's group", async () => {
    const policies = [policy("one", "web"), { ...policy("two", "web"), namespace: "other" }];
    const brief = (...asked: readonly PolicyInput[]): Brief => ({
      ...layer2Brief([...pods, { name: "e", namespace: "other", labels: { app: "db" } }]),
      policies: { policies: asked },
    });
    await bench.apply(brief(...policies));
    const deny = hashedName(denyGroupIds("net", "default", "Ingress").id);
    const group = hashedName(policyGroupIds("net", "default", "one").id);
    const before = await bench.get("Port_Group", deny, "ports");
    const theirs = "external_ids:k8s.ovn.org/owner-controller=default-network-controller";
    await bench.nbctl(`
      create Port_Group name=theirs ${theirs} external_ids:k8s.ovn.org/owner-type=NetworkPolicy external_ids:k8s.ovn.org/name="default:one"
      --id=@acl create ACL direction=to-lport priority=7 match=ip4 action=drop external_ids:k8s.ovn.org/owner-controller=net-network-controller
      add Port_Group ${group} acls @acl
      add Port_Group ${deny} ports ${await bench.get("Logical_Switch_Port", "default.net_other_e", "_uuid")}
    `);
    await bench.apply(brief(...policies.slice(0, 1)));
    assert.match(await bench.nbctl("--bare --columns=priority list ACL"), /^7$/m);
    assert.equal(await bench.get("Port_Group", deny, "ports"), before);
    await planDeletion(bench.nb, {
      networks: [],
      pods: [],
      policies: [{ namespace: "default", name: "one", role: "secondary" }],
      force: true,
    }).apply();
    assert.match(await bench.nbctl("--bare --columns=name list Port_Group"), /^theirs$/m);
  });

  it("goes with the last rule that needs it, also where another tool made it", async () => {
    await bench.apply(briefOf(policy("one", "web")));
    const set = (app: string): string => hashedName(peerSetIds("net", "default", from(app), 4).id);
    const ids = "external_ids:k8s.ovn.org/owner-controller=net-network-controller";
    await bench.nbctl(`
      destroy Address_Set ${set("web")}
      create Address_Set name=${set("web")} ${ids} external_ids:k8s.ovn.org/owner-type=PodSelector
    `);
    await bench.apply(briefOf(policy("one", "batch")));
    assert.equal(await bench.nbctl("--bare --columns=name list Address_Set"), set("batch"));
  });

  it("holds no pod that is not described where a port has a name, but another one of a described machine", async () => {
    const machine = (name: string): object => ({
      name,
      labels: { app: "db" },
      ports: [{ name: "sql", protocol: "TCP", port: 5432 }],
      vm: { name: "vm" },
    });
    const [web] = pods;
    const brief = (...others: readonly object[]): Brief => ({
      ...layer2Brief([{ ...web }, ...others]),
      policies: {
        policies: [
          {
            namespace: "default",
            name: "out",
            podSelector: { matchLabels: { app: "web" } },
            policyTypes: ["Egress"],
            egress: [{ to: [from("db")], ports: [{ port: "sql" }] }],
          },
        ],
      },
    });
    await bench.apply(brief(machine("d"), machine("e")));
    await bench.apply(brief(machine("d")));
    await bench.apply(brief(machine("d"), { ...machine("f"), vm: { name: "other" } }));
    assert.throws(() => bench.plan(brief(machine("d"))), {
      path: "policies[default/out].egress[0].ports[0].port",
      message: new RegExp(`the port ${portOf("f")} is of a pod that is not described`),
    });
  });
});
