import assert from "node:assert/strict";
import { everyRow, selectOp, UnsupportedError } from "../../lib/ovsdb/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";

const briefs = [
  layer3Brief(["a"], { name: "l3" }),
  layer2Brief(["a"], { name: "l2" }),
  localnetBrief(["a"], { name: "ln" }),
];

describeWithOvn("topologies on a northbound database without load balancer groups and named Copp", () => {
  const missing = ["Load_Balancer_Group", "Copp.name", "Meter.fair"];
  const bench = useTopologyBench(useSandbox({ northbound: schemaWithout("5.31.0", missing) }));

  for (const profile of profiles) {
    it(`${profile}: networks work without them, and what is left out is said`, async () => {
      const { omitted, notes } = bench.plan(briefs, { profile });
      const reasons = omitted.map(({ table, column }) => `${table}.${column}`).sort();
      const groups = profile === "ovn-kubernetes" ? ["Logical_Switch.load_balancer_group"] : [];
      assert.deepEqual(reasons, ["Logical_Router.copp", ...groups]);
      assert.match(notes.join("\n"), /schema OVN_Northbound 5\.31\.0 has no .*Copp/);
      await bench.apply(briefs, { profile });
      const { [portOf("a", "default/l3")]: address } = await bench.addresses();
      assert.equal(address, "0a:58:0a:03:00:03 10.3.0.3");
      assert.match(await bench.get("Logical_Router_Port", "rtos-l3_n1", "networks"), /10\.3\.0\.1\/24/);
      const other = profiles.find((each) => each !== profile) ?? profile;
      assert.throws(() => bench.plan(briefs, { profile: other }), { code: "ERR_PROFILE" });
      // Of the marks that tell the profile this schema has one less: the lack of groups tells nothing.
      const [mark] = profile === "ovn-kubernetes" ? ["k8s.ovn.org/role"] : ["k8s-ovn-topo-version"];
      await bench.nbctl(`remove Logical_Switch l2_ovn_layer2_switch external_ids ${mark}`);
      await bench.apply(briefs, { profile });
      assert.ok((await bench.get("Logical_Switch", "l2_ovn_layer2_switch", "external_ids")).includes(mark));
      await bench.apply(briefs, { profile: other, migrate: true });
      await bench.delete(["l3", "l2", "ln"]);
      assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "");
    });
  }
});

describeWithOvn("topologies on a northbound database whose meters are not fair", () => {
  const bench = useTopologyBench(useSandbox({ northbound: schemaWithout("6.2.0", ["Meter.fair"]) }));

  it("the column is left out, and that is said", async () => {
    const { omitted } = bench.plan(briefs);
    assert.deepEqual(
      omitted.map(({ table, column }) => `${table}.${column}`),
      ["Meter.fair"],
    );
    await bench.apply(briefs);
  });
});

describeWithOvn("policies on a northbound database whose ACLs have no tiers", () => {
  const bench = useTopologyBench(useSandbox({ northbound: schemaWithout("6.3.0", ["ACL.tier"]) }));
  // Made by another program: FNV-1a-64 of the ids of both default-deny groups and of the policy's.
  const [denyIn, denyOut, own] = ["a13173503900904380819", "a2670449798368180219", "a17648791181518971349"];

  it("the column is left out, that is said, and the ACLs are there with everything else", async () => {
    const brief: Brief = {
      ...layer2Brief(["a"]),
      policies: {
        policies: [
          {
            namespace: "default",
            name: "p",
            podSelector: {},
            policyTypes: ["Ingress"],
            ingress: [{ from: [{ ipBlock: { cidr: "10.9.0.0/16" } }], ports: [{ port: 80 }] }],
          },
        ],
      },
    };
    const { omitted } = bench.plan(brief);
    assert.deepEqual(
      omitted.map(({ table, column }) => `${table}.${column}`),
      ["ACL.tier"],
    );
    await bench.apply(brief);
    const { results } = await bench.nb.transact((tx) => tx.raw(selectOp("ACL", everyRow)));
    const [selected] = results;
    assert.ok(selected?.op === "select");
    const { rows } = selected;
    assert.deepEqual(
      rows
        .map(({ priority, action, direction, match }) => [priority, action, direction, match].join(" "))
        .sort(),
      [
        `1000 drop from-lport inport == @${denyOut}`,
        `1000 drop to-lport outport == @${denyIn}`,
        `1001 allow from-lport inport == @${denyOut} && (arp || nd)`,
        `1001 allow to-lport outport == @${denyIn} && (arp || nd)`,
        `1001 allow-related to-lport ip4.src == 10.9.0.0/16 && tcp && tcp.dst==80 && outport == @${own}`,
      ],
    );
    for (const row of rows) {
      assert.equal(row["meter"], "acl-logging");
      assert.ok(!("tier" in row));
    }
  });
});

for (const [missing, table] of [
  ["Gateway_Chassis", "Gateway_Chassis"],
  ["Logical_Switch_Port.tag_request", "Logical_Switch_Port"],
] as const) {
  describeWithOvn(`topologies on a northbound database without ${missing}`, () => {
    const bench = useTopologyBench(useSandbox({ northbound: schemaWithout("5.2.0", [missing]) }));

    it("are refused before anything is written, naming what is missing", async () => {
      const before = await bench.everything();
      assert.throws(
        () => bench.plan(briefs),
        (error: unknown) =>
          error instanceof UnsupportedError && error.table === table && error.message.includes("5.2.0"),
      );
      assert.equal(await bench.everything(), before);
      // What does not need it works.
      await bench.apply(layer2Brief(["a"]));
    });
  });
}
