import assert from "node:assert/strict";
import {
  type DeletionRequest,
  layer2,
  layer3,
  type Northbound,
  planDeletion,
  planTopology,
} from "../../lib/topology/index.ts";
import { countingView } from "../support/count-work.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { node, useTopologyBench } from "../support/topology.ts";

/** The same handle with a view that counts. */
function counting(nb: Northbound): { readonly nb: Northbound; readonly asked: () => number } {
  const { view, asked } = countingView(nb.view);
  const counted = new Proxy(nb, {
    get: (target, key) => {
      if (key === "view") return view;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { nb: counted, asked: () => [...asked.values()].reduce((sum, count) => sum + count, 0) };
}

// Counts, not times: they are the same on every machine.
describeWithOvn("a deletion of many transactions", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `net${index}`);

  /** What is looked at when so many networks, every second one a layer2 network without a row of the node, have one transaction each. */
  async function asked(count: number, request: Omit<DeletionRequest, "pods">): Promise<number> {
    const nodes = ["n1", "n2"].map(node);
    await planTopology(bench.nb, {
      networks: names(count).map((name, index) => {
        const subnets = index % 2 === 0 ? "10.1.0.0/16/24" : "10.1.0.0/24";
        const { spec } = (index % 2 === 0 ? layer3 : layer2)({ name, subnets });
        const nad = `default/${name}`;
        const attachments = [{ namespace: "default", name: "p", nad, node: "n1" }];
        return { spec, nodes, attachments };
      }),
    }).apply();
    const { nb, asked: all } = counting(bench.nb);
    const { transactions } = await planDeletion(nb, { ...request, pods: [] }).apply({ maxBytes: 1 });
    assert.equal(transactions, count);
    await planDeletion(bench.nb, { networks: names(count), pods: [] }).apply();
    return all();
  }

  const requests = {
    "of a node that leaves all": () => ({ networks: [], nodes: [{ name: "n1" }] }),
    "of networks": (count: number) => ({ networks: names(count) }),
  };
  for (const [what, request] of Object.entries(requests))
    it(`looks at each network a few times, and not once for each transaction: ${what}`, async () => {
      const [few, many] = [await asked(8, request(8)), await asked(32, request(32))];
      assert.ok(many < 8 * few, `${few} rows and look-ups for 8 networks, ${many} for 32`);
    });
});
