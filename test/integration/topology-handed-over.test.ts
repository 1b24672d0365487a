import assert from "node:assert/strict";
import { planTopology, type TopologyRequest } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { withoutUuids } from "../support/other-uuids.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  pod,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const nad = "default/shared";
const port = portOf("a", nad);

/** A network whose pods are attached by the same NAD as those of others, and closed by a policy if that is asked for. */
function named(brief: Brief, name: string, pods: readonly string[], isClosed = false): Brief {
  const policy = { namespace: "default", name: "p", podSelector: {}, policyTypes: ["Ingress"] as const };
  return {
    ...brief,
    input: { ...brief.input, name, nad: [nad, `default/${name}`] },
    pods: pods.map((each) => pod(each, nad)),
    policies: {
      policies: isClosed ? [{ ...policy, ingress: [{ from: [{ podSelector: {} }] }] }] : [],
      namespaces: [{ name: "default" }],
    },
  };
}

describeWithOvn("a NAD that leads to another network", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const all: Omit<TopologyRequest, "networks"> = { prune: true, pruneNetworks: true };
  const networkOf = (): Promise<string> =>
    bench.get("Logical_Switch_Port", port, "external_ids:k8s.ovn.org/network");

  for (const [what, from, to] of [
    ["layer2", layer2Brief(), layer2Brief()],
    ["layer3", layer3Brief(), layer3Brief()],
    ["another topology", layer2Brief(), layer3Brief()],
  ] as const)
    it(`${what}: is renamed in one transaction, with what a fresh database would hold`, async () => {
      const later = named(to, "new", ["a", "c"], true);
      await bench.apply(later);
      const fresh = withoutUuids(await bench.tables());
      await bench.delete(["new"]);
      await bench.apply(named(from, "old", ["a", "b"], true));
      const old = await bench.get("Logical_Switch_Port", port, "_uuid");
      await bench.nbctl(`pg-add theirs ${port}`);
      const { transactions } = await planTopology(bench.nb, requestFor(later, all)).apply({ maxBytes: 1 });
      assert.equal(transactions, 1);
      assert.equal(await networkOf(), "new");
      // It is another port, which is in none of the groups that others put the first one in.
      assert.notEqual(await bench.get("Logical_Switch_Port", port, "_uuid"), old);
      assert.equal(await bench.get("Port_Group", "theirs", "ports"), "[]");
      await bench.nbctl("pg-del theirs");
      assert.deepEqual(withoutUuids(await bench.tables()), fresh);
      assert.deepEqual(bench.plan(later, all).operations, []);
    });

  it("pods move to a network that is there, whichever of the two stays", async () => {
    const one = (...pods: readonly string[]): Brief => named(layer2Brief(), "one", pods);
    const two = (...pods: readonly string[]): Brief =>
      named(layer3Brief([], { subnets: "10.9.0.0/16" }), "two", pods);
    await bench.apply([one("a"), two("b")]);
    for (const [here, there] of [
      [one(), two("a", "b")],
      [one("a", "b"), two()],
    ] as const) {
      await bench.apply([here, there], { prune: true });
      assert.equal(await networkOf(), here.pods?.length === 0 ? "two" : "one");
    }
  });

  it("is refused where the old network stays, with what is to be done", async () => {
    await bench.apply(named(layer2Brief(), "old", ["a"]));
    const before = await bench.everything();
    const collision = `the pod port of network "new" and the existing row of network "old" would both be the Logical_Switch_Port "${port}"`;
    const later = named(layer2Brief(), "new", ["a"]);
    const refusal = (options: typeof all): unknown => {
      try {
        return bench.plan(later, options);
      } catch (error) {
        return error instanceof Error ? `${error.name}: ${error.message}` : error;
      }
    };
    const ofWhole = "that network is not in the request; the option pruneNetworks removes such";
    assert.equal(refusal({ prune: true }), `NameCollisionError: ${collision}; ${ofWhole}`);
    const both = [later, named(layer2Brief(), "old", ["a"])];
    assert.throws(() => bench.plan(both, all), { name: "NameCollisionError" });
    assert.equal(await bench.everything(), before);
    await bench.nbctl("lsp-add old_ovn_layer2_switch theirs");
    assert.equal(
      refusal(all),
      `NameCollisionError: ${collision}; network "old" stays: Logical_Switch_Port theirs in Logical_Switch old_ovn_layer2_switch not ours`,
    );
  });
});
