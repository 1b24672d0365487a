import assert from "node:assert/strict";
import type { Applied, TopologyRequest } from "../../lib/topology/index.ts";
import { draftTopology } from "../../lib/topology/plan/draft-plan.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief, primaryNode } from "../support/primary.ts";
import { type Brief, requestFor, useTopologyBench } from "../support/topology.ts";
import { zoneBriefs } from "../support/zones.ts";

/** Every network that may be a transaction of its own is one. */
const asManyAsCanBe = { maxBytes: 1 };

describeWithOvn("networks that take numbers of others, in several transactions", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const inZone = { mode: "interconnect", zone: "n1" } as const;

  function flat(name: string, networkId: number): Brief {
    const brief = zoneBriefs.layer2();
    return { ...brief, input: { ...brief.input, name, networkId }, pods: [] };
  }

  function primary(name: string, networkId: number): Brief {
    return primaryLayer2Brief([], { name, networkId, subnets: `10.${networkId}.0.0/16` }, [
      primaryNode("n1", 2),
    ]);
  }

  /** Which switches ask for which tunnel key, as ovn-nbctl knows it. */
  async function keys(): Promise<Record<string, string>> {
    const names = (await bench.nbctl("--bare --columns=name list Logical_Switch")).split(/\s+/);
    const asked = names.map(async (name) => [
      name.replace("_ovn_layer2_switch", ""),
      await bench.get("Logical_Switch", name, "other_config:requested-tnl-key"),
    ]);
    return Object.fromEntries(await Promise.all(asked));
  }

  /** Applies up to the end of the first transaction, and tells which networks that was about. */
  async function applyFirst(
    briefs: readonly Brief[],
    options: Omit<TopologyRequest, "networks">,
  ): Promise<readonly (readonly string[])[]> {
    const abort = new AbortController();
    const seen: (readonly string[])[] = [];
    const cut = bench.plan(briefs, options).apply({
      ...asManyAsCanBe,
      signal: abort.signal,
      onProgress: (networks) => {
        seen.push(networks);
        abort.abort(new Error("killed"));
      },
    });
    await assert.rejects(cut, /killed/);
    return seen;
  }

  const applyAll = (briefs: readonly Brief[], options: Omit<TopologyRequest, "networks">): Promise<Applied> =>
    bench.plan(briefs, options).apply(asManyAsCanBe);

  it("the key of a network that is pruned is free in the transaction that takes it", async () => {
    await bench.apply([flat("old", 5), flat("older", 6)], inZone);
    const { old: key } = await keys();
    const options = { ...inZone, pruneNetworks: true };
    const briefs = [flat("new", 5), flat("other", 7)];
    // Alone it is refused: the other one is still there.
    assert.throws(() => draftTopology(bench.nb, requestFor(briefs, options), { only: new Set(["new"]) }), {
      code: "ERR_SPEC",
      path: "networkId",
      network: "new",
    });
    assert.deepEqual(await applyFirst(briefs, options), [["new", "old"]]);
    const { new: taken, ...rest } = await keys();
    assert.deepEqual([taken, Object.keys(rest)], [key, ["older"]]);
    assert.equal((await applyAll(briefs, options)).transactions, 2);
    assert.deepEqual(Object.keys(await keys()).toSorted(), ["new", "other"]);
  });

  it("networks change keys with each other in one transaction, and a third one apart from them", async () => {
    await bench.apply([flat("a", 5), flat("b", 6), flat("c", 7)], inZone);
    const before = await keys();
    const { transactions } = await applyAll([flat("a", 6), flat("c", 8), flat("b", 5)], inZone);
    const after = await keys();
    assert.deepEqual([after["a"], after["b"], transactions], [before["b"], before["a"], 2]);
    assert.ok(!Object.values(before).includes(after["c"] ?? ""));
  });

  it("keys go round among three networks", async () => {
    await bench.apply([flat("a", 5), flat("b", 6), flat("c", 7)], inZone);
    const { a, b, c } = await keys();
    assert.equal((await applyAll([flat("a", 6), flat("b", 7), flat("c", 5)], inZone)).transactions, 1);
    assert.deepEqual(await keys(), { a: b, b: c, c: a });
  });

  it("a switch with the mark of a network that the transaction does not write keeps its key, and nobody else gets it", async () => {
    await bench.apply([flat("a", 5), flat("b", 6)], inZone);
    const { a } = await keys();
    const key = String(Number(JSON.parse(a ?? "")) + 2);
    await bench.nbctl(`
      ls-add extra
      set Logical_Switch extra external_ids:k8s.ovn.org/network=a other_config:requested-tnl-key=${key}
    `);
    // Both networks are in the request: what has the mark of one of them need not be in the transaction.
    assert.throws(() => bench.plan([flat("a", 5), flat("b", 7)], inZone), {
      code: "ERR_SPEC",
      path: "networkId",
      network: "b",
      message: `networkId would make b_ovn_layer2_switch ask for the tunnel key ${key}, which extra of network "a" has: 7`,
    });
    await bench.nbctl("ls-del extra");
    await bench.apply([flat("a", 5), flat("b", 7)], inZone);
    assert.equal((await keys())["b"], `"${key}"`);
  });

  it("two networks change masquerade addresses with each other, and a new one takes that of one that is pruned", async () => {
    const addresses = async (router: string): Promise<string> =>
      (await bench.nbctl(`lr-nat-list ${router}`)).match(/169\.254\.\d+\.\d+/g)?.join() ?? "";
    const of = (name: string): Promise<string> => addresses(`GR_${name}_n1`);
    await bench.apply([primary("a", 5), primary("b", 6)]);
    const [a, b] = [await of("a"), await of("b")];
    assert.notEqual(a, b);
    await applyAll([primary("a", 6), primary("b", 5)], {});
    assert.deepEqual([await of("a"), await of("b")], [b, a]);
    const options = { pruneNetworks: true };
    const briefs = [primary("new", 5), primary("other", 7)];
    assert.throws(() => draftTopology(bench.nb, requestFor(briefs, options), { only: new Set(["new"]) }), {
      code: "ERR_SPEC",
      path: "networkId",
      network: "new",
    });
    assert.deepEqual(await applyFirst(briefs, options), [["new", "b"]]);
    assert.equal(await of("new"), a);
    assert.doesNotMatch(await bench.nbctl("--bare --columns=name list Logical_Router"), /GR_b_n1/);
  });
});
