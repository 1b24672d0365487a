import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { layer2, layer3, type Network, type Northbound } from "../../lib/topology/index.ts";
import { countingDial } from "../support/count-requests.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

const COUNT = 1_000;
const pods = Array.from({ length: COUNT }, (_, index) => ({
  namespace: "default",
  name: `p${index}`,
  node: "n1",
}));

const kinds: Readonly<Record<string, () => Network>> = {
  layer2: () => layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/16" }),
  "dual-stack layer2": () => layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/16,fd00:1::/64" }),
  layer3: () => layer3({ name: "net", nad: "default/net", subnets: "10.0.0.0/8/16" }),
};

describeWithOvn("pods that come in crowds", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  for (const [kind, make] of Object.entries(kinds)) {
    it(`${kind}: ${COUNT} that are begun in one turn leave the event loop turns in between, coming, staying and going`, async () => {
      const { dial, requests } = countingDial();
      await using nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial });
      const network = make();
      await network.plan(nb, { nodes: [{ name: "n1" }] }).apply();

      /** Does something with all pods. In how many turns of the event loop, and what was sent in the first and in all. */
      const all = async (what: (pod: (typeof pods)[number]) => Promise<unknown>) => {
        let turns = 0;
        let early = 0;
        let next: NodeJS.Immediate;
        const count = (): void => {
          turns += 1;
          if (turns === 1) early = requests.transacts.length;
          next = setImmediate(count);
        };
        requests.transacts.length = 0;
        next = setImmediate(count);
        await Promise.all(pods.map(what)).finally(() => clearImmediate(next));
        return { turns, early, sent: requests.transacts.length };
      };

      const came = await all((pod) => network.attach(nb, pod));
      assert.ok(came.turns > 2, `${came.turns} turns`);
      assert.ok(came.early < came.sent, `${came.early} of ${came.sent} were sent in the first turn`);
      const addresses = portsOfPods(nb).flatMap(({ addresses: [text = ""] }) => text.split(" ").slice(1));
      assert.equal(new Set(addresses).size, COUNT * network.spec.subnets.length);
      const stayed = await all((pod) => network.attach(nb, pod));
      assert.deepEqual([stayed.sent, stayed.turns > 1], [0, true]);
      const went = await all((pod) => network.detach(nb, pod));
      assert.ok(went.early < went.sent && went.sent === COUNT, `${went.early} of ${went.sent}`);
      assert.equal(portsOfPods(nb).length, 0);
    });
  }
});

function portsOfPods(nb: Northbound): readonly { readonly addresses: readonly string[] }[] {
  return nb.tables.Logical_Switch_Port.find({ external_ids: { pod: "true" } });
}
