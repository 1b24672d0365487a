import assert from "node:assert/strict";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows } from "../support/northd.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  useTopologyBench,
} from "../support/topology.ts";

const old = { profile: "ovn-kubernetes-2023" } as const;

describeWithOvn("networks of 2023 that become today's", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true, southbound: true, northd: true }));
  const briefs: readonly Brief[] = [
    layer3Brief(["a", { name: "b", node: "n2" }], { name: "routed" }),
    layer2Brief(["a", "b"], { name: "switched" }),
    localnetBrief(["a"], { name: "physical" }),
  ];
  const names = briefs.map(({ input }) => input.name);

  async function settled(): Promise<void> {
    await bench.sandbox.run("ovn-nbctl", ["--wait=sb", "sync"]);
  }

  /** Which row binds which port, under which keys: a chassis sees a port come and go when one of them changes. */
  async function bound(): Promise<readonly string[]> {
    const text = await bench.sandbox.run("ovn-sbctl", [
      "-f",
      "csv",
      "--no-headings",
      "--columns=logical_port,_uuid,datapath,tunnel_key",
      "find",
      "Port_Binding",
      'type=""',
    ]);
    return text.trim().split("\n").toSorted();
  }

  it("make ovn-northd write what it writes of new ones, and no port is bound anew", async () => {
    await bench.apply(briefs);
    await settled();
    const [expectedFlows, expectedBindings] = [await flows(bench.sandbox), await bindings(bench.sandbox)];
    const expected = await bench.tables();
    assert.ok(expectedFlows.length > 300, `${expectedFlows.length} flows`);
    await bench.delete(names);
    // What all networks share stays at a deletion; it is to come anew, as 2023 had it.
    await bench.nbctl("--all destroy Copp\n--all destroy Meter");
    await bench.apply(briefs, old);
    await settled();
    const before = await bound();
    assert.ok(before.length > 3, before.join("\n"));
    assert.notDeepEqual(await bench.tables(), expected);
    await bench.apply(briefs, { migrate: true });
    await settled();
    assert.deepEqual(await bench.tables(), expected, "every row, Copp and meters and groups too");
    assert.deepEqual(await bound(), before);
    assert.deepEqual(await flows(bench.sandbox), expectedFlows);
    assert.deepEqual(await bindings(bench.sandbox), expectedBindings);
  });
});
