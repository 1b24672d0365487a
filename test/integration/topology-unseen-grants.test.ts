import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { Network, type NodeInput, type Northbound } from "../../lib/topology/index.ts";
import { gatedDial } from "../support/gated-dial.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import {
  type Brief,
  catchUp,
  layer2Brief,
  layer3Brief,
  node,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const ROUTER = "net_ovn_cluster_router";
const DUAL = { subnets: "10.3.0.0/16/24,fd00:3::/48/64" };

// What is given to a node or pod that is there shows in its own row alone, which others at work do not look at.
describeWithOvn("subnets and addresses that are given to what is there", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const gate = gatedDial();
  let late: Northbound;

  beforeEach(async () => {
    late = await connectNorthbound(bench.sandbox.northbound.remote, { dial: gate.dial });
  });
  afterEach(async () => {
    gate.open();
    await late.close();
  });

  /** Begins the second work, and does the first one before the server hears of that. */
  async function inBetween<T>(
    first: (nb: Northbound) => Promise<unknown>,
    second: (nb: Northbound) => Promise<T>,
  ) {
    await catchUp(late);
    gate.close();
    const outcome = second(late).then((value) => ({ value }), String);
    await waitFor(() => gate.held > 0);
    await first(bench.nb);
    gate.open();
    return outcome;
  }

  function networkOf(brief: Brief): Network {
    const [request] = requestFor(brief).networks;
    assert.ok(request);
    return new Network(request.spec);
  }

  const asking = (name: string, ...subnets: string[]): NodeInput => ({
    ...node(name),
    subnets: { net: subnets },
  });
  const apply = (brief: Brief, nodes: readonly NodeInput[]) => (nb: Northbound) =>
    networkOf(brief).plan(nb, { nodes }).apply();

  /** The subnets of the network's nodes, as the server has them. */
  async function subnets(): Promise<readonly string[]> {
    const text = await bench.nbctl("--bare --columns=name,networks list Logical_Router_Port");
    return text
      .split("\n\n")
      .map((port) => port.trim().replaceAll("\n", " "))
      .sort();
  }

  const isMarked = async (table: string, row: string): Promise<boolean> =>
    (await bench.get(table, row, "external_ids")).includes("ovn-northbound/grant");

  it("are not claimed by a node that is added meanwhile", async () => {
    await bench.apply(layer3Brief());
    const added = await inBetween(
      apply(layer3Brief(), [asking("n1", "10.3.2.0/24")]),
      apply(layer3Brief(), [node("n3")]),
    );
    assert.equal(typeof added === "object" && added.value.attempts, 2);
    assert.deepEqual(await subnets(), [
      "rtos-net_n1 10.3.2.1/24",
      "rtos-net_n2 10.3.1.1/24",
      "rtos-net_n3 10.3.3.1/24",
    ]);
    assert.equal(await isMarked("Logical_Router", ROUTER), true);
    assert.deepEqual(
      await bench.apply({ ...layer3Brief(), nodes: [asking("n1", "10.3.2.0/24"), "n2", "n3"] }),
      [],
    );
  });

  it("are refused to another node that is there, and for which they are recorded, too", async () => {
    await bench.apply(layer3Brief());
    const moved = await inBetween(
      apply(layer3Brief(), [asking("n1", "10.3.2.0/24")]),
      apply(layer3Brief(), [asking("n2", "10.3.2.0/24")]),
    );
    assert.match(String(moved), /subnet 10\.3\.2\.0\/24 of network "net" belongs to node n1/);
  });

  it("are refused also where the node comes back to the subnet that its port was made for", async () => {
    await bench.apply(layer3Brief());
    await apply(layer3Brief(), [asking("n1", "10.3.2.0/24")])(bench.nb);
    const moved = await inBetween(
      apply(layer3Brief(), [asking("n3", "10.3.0.0/24")]),
      apply(layer3Brief(), [asking("n1", "10.3.0.0/24")]),
    );
    assert.match(String(moved), /subnet 10\.3\.0\.0\/24 of network "net" belongs to node n3/);
  });

  it("are not given to a node that is added meanwhile: second families", async () => {
    const brief = layer3Brief([], DUAL);
    await bench.apply(brief);
    await inBetween(apply(brief, [asking("n1", "fd00:3:0:3::/64")]), apply(brief, [node("n3")]));
    assert.deepEqual(await subnets(), [
      "rtos-net_n1 10.3.0.1/24 fd00:3:0:3::1/64",
      "rtos-net_n2 10.3.1.1/24 fd00:3:0:2::1/64",
      "rtos-net_n3 10.3.2.1/24 fd00:3:0:1::1/64",
    ]);
  });

  it("are not claimed by a node that is added meanwhile either where a new node gets several parts as one", async () => {
    await bench.apply(layer3Brief());
    await inBetween(
      apply(layer3Brief(), [asking("n3", "10.3.2.0/23")]),
      apply(layer3Brief(), [asking("n4", "10.3.3.0/24")]),
    ).then((outcome) => assert.match(String(outcome), /overlaps with 10\.3\.2\.0\/23 of node n3/));
  });

  it("are not given to a pod that is attached meanwhile: second families", async () => {
    const brief = layer2Brief([{ name: "a", ips: ["10.1.0.1", "fd00:1::1"] }], {
      subnets: "10.1.0.0/24,fd00:1::/64",
    });
    await bench.apply(brief);
    const network = networkOf(brief);
    const attach =
      (name: string, ...ips: string[]) =>
      (nb: Northbound) =>
        network.attach(nb, { namespace: "default", name, node: "n1", ...(ips.length > 0 && { ips }) });
    await inBetween(attach("a", "10.1.0.1", "fd00:1::2"), attach("b"));
    const given = Object.values(await bench.addresses()).map((text) => text.split(" ").slice(1).join(" "));
    assert.deepEqual(given.sort(), ["10.1.0.1 fd00:1::2", "10.1.0.2 fd00:1::1"]);
    assert.equal(await isMarked("Logical_Switch", "net_ovn_layer2_switch"), true);
  });

  it("are not those of a pod that goes in the same transaction: who has not seen that one come may claim them", async () => {
    const brief = layer2Brief([], { subnets: "10.1.0.0/29" });
    await bench.apply(brief);
    const network = networkOf(brief);
    const attach = (nb: Northbound, name: string) =>
      network.attach(nb, { namespace: "default", name, node: "n1" });
    const replace = (name: string) =>
      network.plan(bench.nb, { pods: [{ namespace: "default", name, node: "n1" }], prune: true }).apply();
    await inBetween(
      async (nb) => {
        await attach(nb, "a");
        await replace("b");
      },
      (nb) => attach(nb, "c"),
    );
    const given = Object.values(await bench.addresses());
    assert.deepEqual([given.length, new Set(given).size], [2, 2]);
    // Where there is no other address they are given nevertheless.
    for (const name of ["d", "e", "f", "g"]) await attach(bench.nb, name);
    await replace("h");
    assert.equal(Object.keys(await bench.addresses()).length, 1);
  });

  it("leave no mark where claims and ports that come tell all of it", async () => {
    await bench.apply(layer3Brief(["a"], DUAL));
    await apply(layer3Brief([], DUAL), [node("n3"), asking("n4", "10.3.9.0/24")])(bench.nb);
    assert.equal(await isMarked("Logical_Router", ROUTER), false);
    assert.equal(await isMarked("Logical_Switch", "net_n1"), false);
  });
});
