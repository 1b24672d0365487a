import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { addressClaim, layer2, layer3, type Network, type Northbound } from "../../lib/topology/index.ts";
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
      assert.deepEqual([went.early, went.sent, went.turns > 2], [0, COUNT / 100, true]);
      assert.equal(portsOfPods(nb).length, 0);
    });
  }

  it("plans of one client that are applied at once give out different subnets and addresses at the first attempt", async () => {
    const { nb } = bench;
    const network = layer3({ name: "net", nad: "default/net", subnets: "10.1.0.0/19/24" });
    await network.plan(nb).apply();
    const { conflicts, messagesSent } = nb.status().counters;
    // All of them, when they are made, are about the same.
    const plans = Array.from({ length: 30 }, (_, index) =>
      network.plan(nb, {
        nodes: [{ name: `n${index}` }],
        pods: [{ namespace: "default", name: `p${index}`, node: `n${index}` }],
      }),
    );
    assert.equal(new Set(plans.map(({ attachments: [port] }) => port?.ips.join())).size, 1);
    const applied = await Promise.all(plans.map((plan) => plan.apply()));
    const { counters } = nb.status();
    assert.deepEqual([counters.conflicts - conflicts, counters.messagesSent - messagesSent], [0, 30]);
    assert.deepEqual([...new Set(applied.map(({ attempts }) => attempts))], [1]);
    assert.equal(new Set(applied.map(({ attachments: [port] }) => port?.ips.join())).size, 30);
    assert.equal((await subnets()).size, 30);

    // What comes to nothing, or was only looked at, keeps nobody from what it would have taken.
    network.plan(nb, { nodes: [{ name: "looked-at" }] });
    await network.plan(nb, { nodes: [{ name: "tried" }] }).apply({ dryRun: true });
    const last = ["n30", "n31", "n32"].map((name) => network.plan(nb, { nodes: [{ name }] }).apply());
    const results = await Promise.allSettled(last);
    assert.deepEqual(
      results.map((result) => (result.status === "rejected" ? result.reason.code : "given")),
      ["given", "given", "ERR_ADDRESS"],
    );
    assert.equal((await subnets()).size, 32);
  });

  it("pods that are planned at once on one switch get different addresses, and so does one that is attached", async () => {
    const { nb } = bench;
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    await network.plan(nb, { nodes: [{ name: "n1" }] }).apply();
    const { conflicts } = nb.status().counters;
    const planned = Array.from({ length: 20 }, (_, index) =>
      network
        .plan(nb, {
          nodes: [{ name: "n1" }],
          pods: [{ namespace: "default", name: `p${index}`, node: "n1" }],
        })
        .apply(),
    );
    const attached = network.attach(nb, { namespace: "default", name: "q", node: "n1" });
    const ports = (await Promise.all(planned)).flatMap(({ attachments }) => attachments);
    assert.equal(new Set([...ports, await attached].map(({ ips }) => ips.join())).size, 21);
    assert.equal(nb.status().counters.conflicts, conflicts);
  });

  it("an address that was asked for is claimed, although another plan is about to take it: others learn of it only by that", async () => {
    const { nb } = bench;
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    await network.plan(nb, { nodes: [{ name: "n1" }] }).apply();
    const planOf = (name: string, ips?: readonly string[]) =>
      network.plan(nb, {
        nodes: [{ name: "n1" }],
        pods: [{ namespace: "default", name, node: "n1", ...(ips && { ips }) }],
      });
    // Both begin before anything is sent; the first one, which takes the lowest address, comes to nothing.
    const given = planOf("given").apply({ dryRun: true });
    const asked = planOf("asked", ["10.1.0.1"]).apply();
    const addresses = [await given, await asked].map(({ attachments: [port] }) => port?.ips);
    assert.deepEqual(addresses, [["10.1.0.1/24"], ["10.1.0.1/24"]]);
    const [port, ...others] = nb.view.rows("Logical_Switch_Port");
    assert.deepEqual([port?._uuid, others], [addressClaim("net", "10.1.0.1"), []]);
  });

  /** Of nodes, as ovn-nbctl lists them. */
  async function subnets(): Promise<ReadonlySet<string>> {
    const text = await bench.nbctl("--bare --columns=networks list Logical_Router_Port");
    return new Set(text.split(/\s+/).filter((each) => each !== ""));
  }
});

function portsOfPods(nb: Northbound): readonly { readonly addresses: readonly string[] }[] {
  return nb.tables.Logical_Switch_Port.find({ external_ids: { pod: "true" } });
}
