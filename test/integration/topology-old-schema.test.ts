import assert from "node:assert/strict";
import { UnsupportedError } from "../../lib/ovsdb/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import {
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
