import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { dialSocket } from "../../lib/jsonrpc/index.ts";
import { Network, type NodeInput, type Northbound, planTopology } from "../../lib/topology/index.ts";
import { runChildren } from "../support/children.ts";
import { dialWithoutChosenUuids } from "../support/count-requests.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  catchUp,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  node,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

const withoutChosenUuids = dialWithoutChosenUuids();
const COUNT = 20;
const numbers = Array.from({ length: COUNT }, (_, index) => index);

describeWithOvn("topologies under concurrent writers", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const all: readonly Brief[] = [
    layer3Brief(["a", "b", { name: "c", node: "n2" }], { name: "l3" }),
    layer2Brief(["a", "b"], { name: "l2", subnets: "10.1.0.0/24,fd00:1::/64" }),
    localnetBrief(["a", { name: "b", ips: ["10.4.0.9"] }], { name: "ln" }),
  ];

  const clients = new Map<typeof dialSocket, Promise<Northbound[]>>();
  after(async () => {
    for (const connections of clients.values()) for (const nb of await connections) await nb.close();
  });

  /** Runs `work` on as many connections of their own, all at once. They are kept for the next time. */
  async function atOnce<T>(
    work: (nb: Northbound, index: number) => Promise<T>,
    dial: typeof dialSocket = dialSocket,
  ): Promise<T[]> {
    const remote = bench.sandbox.northbound.remote;
    const opened = clients.get(dial) ?? Promise.all(numbers.map(() => connectNorthbound(remote, { dial })));
    clients.set(dial, opened);
    const connections = await opened;
    await Promise.all(connections.map(catchUp));
    return Promise.all(connections.map(work));
  }

  /** All addresses of pod ports on the network, by family. */
  async function addressesGiven(nad = "default.net"): Promise<readonly string[][]> {
    const lists = Object.entries(await bench.addresses())
      .filter(([name]) => name.startsWith(nad))
      .map(([, text]) => text.split(" ").slice(1));
    const isV6 = (address: string): boolean => address.includes(":");
    return [lists.flat().filter((address) => !isV6(address)), lists.flat().filter(isV6)];
  }

  /** How many subnets the nodes of a network have, and how many different ones. */
  async function subnetsGiven(network: string): Promise<[number, number]> {
    const text = await bench.nbctl("--bare --columns=name,networks list Logical_Router_Port");
    const ports = text.split("\n\n").map((lines) => lines.split(/\s+/));
    const subnets = ports.flatMap(([name = "", ...own]) => (name.startsWith(`rtos-${network}_`) ? own : []));
    return [subnets.length, new Set(subnets).size];
  }

  async function expected(): Promise<object> {
    await bench.apply(all);
    const tables = await bench.tables();
    await bench.close();
    await bench.open();
    return tables;
  }

  it("20 clients that apply the same at once end with one set of rows and 20 successes", async () => {
    const once = await expected();
    const results = await atOnce((nb) => planTopology(nb, requestFor(all)).apply());
    assert.equal(results.filter(({ changed }) => changed).length, 1);
    assert.deepEqual(await bench.tables(), once);
  });

  it("so do 20 processes, which then attach a pod each and get 20 different addresses", async () => {
    const once = await expected();
    const given = await runChildren(
      bench.sandbox.northbound.remote,
      numbers.map((index) => ({
        briefs: [{ ...layer3Brief([], { name: "grown" }), nodes: [`m${index}`] }, ...all],
        pod: `p${index}`,
      })),
    );
    assert.equal(new Set(given.map(String)).size, COUNT);
    assert.deepEqual(await subnetsGiven("grown"), [COUNT, COUNT]);
    await networkOf(layer3Brief([], { name: "grown" })).delete(bench.nb);
    const [v4 = []] = await addressesGiven("default.ln");
    assert.deepEqual([v4.length, new Set(v4).size], [COUNT + 2, COUNT + 2]);
    const lines = numbers.map((index) => `lsp-del ${portOf(`p${index}`, "default/ln")}`);
    await bench.nbctl(lines.join("\n"));
    assert.deepEqual(await bench.tables(), once);
  });

  it("so do 20 clients of a server that takes no chosen uuids", async () => {
    const once = await expected();
    await atOnce((nb) => planTopology(nb, requestFor(all)).apply(), withoutChosenUuids);
    assert.deepEqual(await bench.tables(), once);
  });

  const networks: readonly (readonly [title: string, brief: Brief, families: readonly number[]])[] = [
    ["layer2", layer2Brief(), [COUNT, 0]],
    ["layer3 on one node", layer3Brief(), [COUNT, 0]],
    ["dual stack", layer2Brief([], { subnets: "10.1.0.0/24,fd00:1::/64" }), [COUNT, COUNT]],
    ["layer3 dual stack", layer3Brief([], { subnets: "10.3.0.0/16/24,fd00:3::/48/64" }), [COUNT, COUNT]],
  ];
  const servers = [
    ["a server of today", dialSocket],
    ["one without chosen uuids", withoutChosenUuids],
  ] as const;
  for (const [title, brief, families] of networks) {
    const attach = (index: number, more = {}) => ({
      namespace: "default",
      name: `p${index}`,
      node: node("n1"),
      ...more,
    });

    it(`20 clients that attach different pods at once get different addresses: ${title}`, async () => {
      await bench.apply(brief);
      const network = networkOf(brief);
      const given = await atOnce((nb, index) => network.attach(nb, attach(index)));
      const lists = await addressesGiven();
      assert.deepEqual(
        lists.map((list) => [list.length, new Set(list).size]),
        families.map((size) => [size, size]),
      );
      assert.equal(new Set(given.map(({ addresses }) => addresses)).size, COUNT);
    });

    for (const [server, dial] of servers) {
      it(`so do those of which some ask for theirs: ${title}, ${server}`, async () => {
        await bench.apply(brief);
        const network = networkOf(brief);
        const prefix = brief.topology === "layer3" ? "10.3.0." : "10.1.0.";
        await atOnce(
          (nb, index) =>
            network
              .attach(nb, attach(index, index % 2 === 0 ? { ips: [`${prefix}${index + 3}`] } : {}))
              .catch((error) => {
                // Somebody who asked for nothing may have been faster.
                assert.match(String(error), /is taken by port/);
              }),
          dial,
        );
        const [v4 = [], v6 = []] = await addressesGiven();
        assert.ok(v4.length >= COUNT / 2);
        assert.deepEqual([new Set(v4).size, new Set(v6).size], [v4.length, v6.length]);
      });
    }
  }

  it("two pods that ask for one address: one gets it, the other is told who has it", async () => {
    await bench.apply(layer2Brief());
    const network = networkOf(layer2Brief());
    const results = await atOnce((nb, index) =>
      network
        .attach(nb, { namespace: "default", name: `p${index}`, node: node("n1"), ips: ["10.1.0.9"] })
        .then(() => "given", String),
    );
    assert.equal(results.filter((result) => result === "given").length, 1);
    assert.equal(results.filter((result) => /10\.1\.0\.9 is taken by port/.test(result)).length, COUNT - 1);
  });

  it("many attached at once by one client get their addresses at the first attempt, in order, and none is held back", async () => {
    const brief = layer2Brief([], { subnets: "10.1.0.0/27" });
    await bench.apply(brief);
    const network = networkOf(brief);
    await using nb = await connectNorthbound(bench.sandbox.northbound.remote);
    const attach = (count: number, prefix: string): Promise<readonly string[]> =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const pod = { namespace: "default", name: `${prefix}${index}`, node: node("n1") };
          return (await network.attach(nb, pod)).ips[0] ?? "";
        }),
      );
    const first = await attach(20, "p");
    assert.deepEqual(
      first,
      Array.from({ length: 20 }, (_, index) => `10.1.0.${index + 1}/27`),
    );
    assert.equal(nb.status().counters.conflicts, 0);
    // One that comes to nothing gives back what it was about to take.
    const pod = { namespace: "default", name: "q", node: node("n1") };
    assert.deepEqual((await network.attach(nb, pod, { dryRun: true })).ips, ["10.1.0.21/27"]);
    assert.equal((await attach(10, "r"))[0], "10.1.0.21/27");
    await assert.rejects(attach(1, "s"), { code: "ERR_ADDRESS" });
  });

  it("a dry run that is under way keeps no address and no subnet from others", async () => {
    await bench.apply([layer2Brief([], { name: "l2" }), layer3Brief()]);
    const network = networkOf(layer2Brief([], { name: "l2" }));
    const attach = (name: string, options = {}) =>
      network.attach(bench.nb, { namespace: "default", name, node: node("n1") }, options);
    const attached = await Promise.all([attach("a", { dryRun: true }), attach("b")]);
    assert.deepEqual(
      attached.map(({ ips }) => ips),
      [["10.1.0.1/24"], ["10.1.0.1/24"]],
    );
    const growth = (name: string, options = {}) =>
      planTopology(bench.nb, requestFor({ ...layer3Brief(), nodes: [name] })).apply(options);
    await Promise.all([growth("n3", { dryRun: true }), growth("n4")]);
    assert.match(await bench.get("Logical_Switch", "net_n4", "other_config"), /subnet="10\.3\.2\.0\/24"/);
  });

  const growing: readonly (readonly [what: string, brief: Brief, dial: typeof dialSocket])[] = [
    ["", layer3Brief(), dialSocket],
    [", of both families", layer3Brief([], { subnets: "10.3.0.0/16/24,fd00:3::/48/64" }), dialSocket],
    [", without chosen uuids", layer3Brief(), withoutChosenUuids],
  ];
  for (const [what, brief, dial] of growing) {
    it(`20 clients that add a node each to one network give every node a subnet of its own${what}`, async () => {
      await bench.apply(brief);
      await atOnce(
        (nb, index) => planTopology(nb, requestFor({ ...brief, nodes: [`m${index}`] })).apply(),
        dial,
      );
      const families = String(brief.input.subnets).split(",").length;
      assert.deepEqual(await subnetsGiven("net"), [(COUNT + 2) * families, (COUNT + 2) * families]);
    });

    it(`also when some ask for theirs, and pairs of them for the same${what}`, async () => {
      await bench.apply(brief);
      const nodeOf = (index: number): NodeInput => ({
        ...node(`m${index}`),
        ...(index % 2 === 0 && { subnets: { net: [`10.3.${2 + (index >> 2)}.0/24`] } }),
      });
      await atOnce(
        (nb, index) =>
          planTopology(nb, requestFor({ ...brief, nodes: [nodeOf(index)] }))
            .apply()
            // Somebody who asked for the same, or for nothing, may have been faster.
            .catch((error) => assert.match(String(error), /belongs to node/)),
        dial,
      );
      const [given = 0, different] = await subnetsGiven("net");
      assert.ok(given >= COUNT / 2);
      assert.equal(different, given);
    });
  }

  it("nodes that one client adds at once with the subnets they ask for do not hold each other back", async () => {
    await bench.apply(layer3Brief());
    const applied = await Promise.all(
      numbers.map((index) => {
        const asking = { ...node(`m${index}`), subnets: { net: [`10.3.${9 + index}.0/24`] } };
        return planTopology(bench.nb, requestFor({ ...layer3Brief(), nodes: [asking] })).apply();
      }),
    );
    assert.deepEqual(
      applied.map(({ attempts }) => attempts),
      numbers.map(() => 1),
    );
  });

  it("attaches that race with the deletion of the network end with all or nothing of it", async () => {
    const brief = layer2Brief();
    for (const round of numbers.slice(0, 5)) {
      await bench.apply(brief);
      const network = networkOf(brief);
      const results = await atOnce((nb, index) =>
        index === round
          ? network.delete(nb).then(() => "deleted")
          : network.attach(nb, { namespace: "default", name: `p${index}`, node: node("n1") }).then(
              () => "attached",
              (error) => String((error as { code?: string }).code),
            ),
      );
      assert.deepEqual(
        [...new Set(results)].filter((result) => !["attached", "deleted", "ERR_SPEC"].includes(result)),
        [],
      );
      const left = await bench.tables();
      assert.deepEqual([left["Logical_Switch"], left["Logical_Switch_Port"]], [undefined, undefined]);
    }
  });

  it("somebody makes a switch or port of our name between plan and apply: it is taken over, or refused", async () => {
    const plan = bench.plan(layer2Brief(["a"]));
    const other = await connectNorthbound(bench.sandbox.northbound.remote);
    const planned = planTopology(other, requestFor(layer2Brief(["b"])));
    await bench.nbctl("ls-add net_ovn_layer2_switch");
    await plan.apply();
    await planned.apply();
    await other.close();
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_ovn_layer2_switch");
    assert.deepEqual(Object.keys(await bench.addresses()).sort(), [portOf("a"), portOf("b")]);
    const refused = bench.plan(layer2Brief(["a", "b", "c"]));
    await bench.nbctl(`
      ls-add theirs
      lsp-add theirs ${portOf("c")}
    `);
    await assert.rejects(refused.apply(), { code: "ERR_FOREIGN_PARENT" });
  });

  function networkOf(brief: Brief): Network {
    const [request] = requestFor(brief).networks;
    assert.ok(request);
    return new Network(request.spec);
  }
});
