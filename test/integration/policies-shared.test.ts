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
});
