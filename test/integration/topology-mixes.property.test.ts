import assert from "node:assert/strict";
import fc from "fast-check";
import { northbound } from "../../lib/schemas/index.ts";
import { planDeletion, planTopology, type TopologyRequest } from "../../lib/topology/index.ts";
import { checkProperty } from "../support/check-property.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type Mix, mixes, turned } from "../support/network-mixes.ts";
import { renumber, withoutUuids } from "../support/other-uuids.ts";
import { layer2Brief, layer3Brief, type TopologyBench, useTopologyBench } from "../support/topology.ts";

/** Rows that outlive the networks: they serve others, too. */
const shared: readonly string[] = ["Copp table", "Meter table", "Meter_Band table"];

// MIX_RUNS=2000 tries more; see checkProperty.
describeWithOvn("any mix of networks in a real database", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  async function check(one: (mix: Mix) => Promise<void>): Promise<void> {
    const seen = new Set<string>();
    const property = fc.asyncProperty(mixes, async (mix) => {
      for (const kind of mix.kinds) seen.add(kind);
      await one(mix);
    });
    const { runs, repeats } = await checkProperty("MIX", property, 40);
    const missing = ["central", "interconnect"].flatMap((mode) =>
      [
        "secondary layer3",
        "secondary layer2",
        "secondary localnet",
        "primary layer3",
        "primary layer2",
      ].filter((kind) => ![...seen].some((each) => each.startsWith(`${mode} ${kind}`))),
    );
    for (const word of [
      "shared gateway",
      "local gateway",
      "dhcp",
      "machines",
      "moves",
      "default ports",
      "reserved",
      "infrastructure",
    ])
      if (![...seen].some((each) => each.includes(` ${word}`))) missing.push(word);
    // A few dozen may well be without one of the kinds.
    if (!repeats && runs >= 400) assert.deepEqual(missing, [], "kinds of networks that were not tried");
  }

  function apply(request: TopologyRequest): Promise<unknown> {
    return planTopology(bench.nb, request).apply();
  }

  function remove({ request }: Mix): Promise<unknown> {
    const networks = request.networks.map(({ spec }) => spec.name);
    return planDeletion(bench.nb, { networks, pods: [] }).apply();
  }

  /** All rows with their uuids, but those that stay. */
  async function rows(): Promise<string> {
    const tables = (await bench.everything()).split("\n\n");
    return tables.filter((table) => !shared.some((name) => table.split("\n").includes(name))).join("\n\n");
  }

  /** Other networks, and rows of nobody. */
  async function writeOthers(): Promise<void> {
    await bench.apply([
      layer3Brief(["a"], { name: "other", subnets: "10.77.0.0/16" }),
      layer2Brief(["a"], { name: "another", subnets: "10.78.0.0/24", dhcp: true }),
    ]);
    await bench.nbctl(`
      ls-add theirs
      lsp-add theirs their-port
      acl-add theirs to-lport 1 ip4 drop
      lr-add their-router
      pg-add their-group their-port
      create Address_Set name=theirs addresses=10.0.0.1
      create Load_Balancer_Group name=their-group
    `);
  }

  it("applied once it is there, and deleted it leaves every row and column as it was", async function () {
    this.timeout(600_000);
    await writeOthers();
    const before = await rows();
    await check(async (mix) => {
      await apply(mix.request);
      for (const request of [mix.request, turned(mix), { ...mix.request, prune: true }]) {
        const { changes, operations } = planTopology(bench.nb, request);
        assert.deepEqual([changes, operations], [[], []]);
      }
      const during = await rows();
      assert.notEqual(during, before);
      await remove(mix);
      assert.equal(await rows(), before);
    });
  });

  it("the same rows under other uuids, as another tool makes them, are taken as they are", async function () {
    this.timeout(600_000);
    await check(async (mix) => {
      await apply(mix.request);
      const written = withoutUuids(await bench.tables());
      await renumber(bench.nb);
      assert.deepEqual(withoutUuids(await bench.tables()), written);
      for (const more of [{}, { prune: true }, { merge: true }]) {
        const { changes, operations } = planTopology(bench.nb, { ...mix.request, ...more });
        assert.deepEqual([changes, operations], [[], []]);
      }
      await remove(mix);
    });
  });

  it("addresses are on one port each, and the order of what is asked for does not matter", async function () {
    this.timeout(600_000);
    await check(async (mix) => {
      await apply(mix.request);
      const tables = await bench.tables();
      const switches = tables["Logical_Switch"] ?? [];
      const ports = new Map((tables["Logical_Switch_Port"] ?? []).map((row) => [row["name"], row]));
      for (const home of switches) {
        const held = [home["ports"] ?? []].flat().flatMap((name) => {
          const addresses = [ports.get(name)?.["addresses"] ?? []].flat();
          return addresses.flatMap((text) => String(text).split(" ").slice(1));
        });
        assert.equal(new Set(held).size, held.length, `${String(home["name"])}: ${held.join(" ")}`);
      }
      await remove(mix);
      await apply(turned(mix));
      assert.deepEqual(withoutUuids(await bench.tables()), withoutUuids(tables));
      await remove(mix);
    });
  });

  it("a node that leaves takes along what pruning takes of it", async function () {
    this.timeout(600_000);
    for (const node of ["node0", "node1", "node2"]) await bench.nbctl(`ls-add ${node}`);
    const tables = async (): Promise<unknown> => withoutUuids(besidesOtherNodes(await bench.tables()));
    await check(async (mix) => {
      const { mode, networks } = mix.request;
      // A zone that no node is in cannot be planned, and what routers have for all nodes is of the families that any node tells.
      const gone = networks[0]?.nodes.at(mode === "central" ? 0 : 1)?.name;
      const isLast = networks.some(({ spec, nodes }) => spec.topology === "layer3" && nodes.length < 2);
      // Here pods of one name are on several primary networks, and on another node on each: which of them a default port is for?
      const isOdd =
        networks.filter(({ spec }) => spec.primary !== undefined).length > 1 &&
        networks.some(({ attachments }) => attachments.some(({ defaultPort }) => defaultPort));
      if (gone === undefined || isLast || isOdd) return;
      const pruning: TopologyRequest = {
        ...mix.request,
        prune: true,
        networks: networks.map(({ spec, nodes, attachments }) => ({
          spec,
          nodes: nodes.filter(({ name }) => name !== gone),
          attachments: attachments.filter(({ node }) => node !== gone),
        })),
      };
      await apply(mix.request);
      await apply(pruning);
      const pruned = await tables();
      await remove(mix);
      await apply(mix.request);
      const nodes = [{ name: gone, chassisId: gone.replace("node", "chassis") }];
      const { absent } = await planDeletion(bench.nb, { networks: [], pods: [], nodes }).apply();
      assert.ok(absent.length === 0 || networks.every(({ spec }) => spec.topology !== "layer3"));
      assert.deepEqual(await tables(), pruned);
      assert.deepEqual(planDeletion(bench.nb, { networks: [], pods: [], nodes }).changes, []);
      await remove(mix);
    });
  });
});

/** What a plan writes anew of rows that are not the node's: whom the cluster's own network lets in. */
function besidesOtherNodes(tables: Awaited<ReturnType<TopologyBench["tables"]>>): typeof tables {
  const { ACL: acls = [], ...others } = tables;
  const isOpening = (row: object): boolean => JSON.stringify(row).includes("AllowHost");
  return { ...others, ACL: acls.map((row) => (isOpening(row) ? { ...row, match: "" } : row)) };
}
