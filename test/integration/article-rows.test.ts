import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planDeletion, planTopology } from "../../lib/topology/index.ts";
import { articleSources, requestOf } from "../support/article.ts";
import { type Dump, type DumpedRow, dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn, readGolden, useSandbox } from "../support/index.ts";

interface Golden {
  readonly networks: readonly { readonly rows: Readonly<Record<string, readonly DumpedRow[]>> }[];
}

/** All rows that a golden file expects, table by table; rows that several networks share are there once. */
function expectedTables(golden: Golden): Record<string, DumpedRow[]> {
  const tables = new Map<string, Map<string, DumpedRow>>();
  for (const { rows } of golden.networks) {
    for (const [table, list] of Object.entries(rows)) {
      const known = tables.get(table) ?? new Map<string, DumpedRow>();
      for (const row of list) known.set(String(row["name"]), row);
      tables.set(table, known);
    }
  }
  return Object.fromEntries(
    [...tables].map(([table, rows]) => [
      table,
      [...rows.values()].map(normalise).toSorted((a, b) => (String(a["name"]) < String(b["name"]) ? -1 : 1)),
    ]),
  );
}

/** ovsdb-client shows a set of one element as that element. */
function normalise(row: DumpedRow): DumpedRow {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0))
      .map(([column, value]) => [
        column,
        Array.isArray(value) ? (value.length === 1 ? value[0] : value.toSorted()) : value,
      ]),
  );
}

describeWithOvn("the article's networks in a real database", () => {
  const ovn = useSandbox({ northbound: true, southbound: true, northd: true });

  async function applied(profile: "ovn-kubernetes" | "ovn-kubernetes-2023"): Promise<Dump> {
    const nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    try {
      const request = { ...requestOf(articleSources()), profile };
      await planTopology(nb, request).apply({ wait: "sb" });
      const dump = await dumpNorthbound(ovn.sandbox);
      assert.deepEqual(planTopology(nb, request).operations, [], "a second plan has nothing to do");
      return dump;
    } finally {
      await nb.close();
    }
  }

  async function deleted(): Promise<void> {
    const nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    try {
      const networks = requestOf(articleSources()).networks.map(({ spec }) => spec.name);
      await planDeletion(nb, { networks, pods: [] }).apply();
    } finally {
      await nb.close();
    }
  }

  it("profile ovn-kubernetes-2023 writes the rows of the article, column by column, and nothing more", async () => {
    const dump = await applied("ovn-kubernetes-2023");
    assert.deepEqual(dump.tables, expectedTables(readGolden<Golden>("article-2023.json")));
    await deleted();
  });

  it("deletion leaves only the shared Copp and Meter rows", async () => {
    const { tables } = await dumpNorthbound(ovn.sandbox);
    assert.deepEqual(Object.keys(tables).sort(), ["Copp", "Meter", "Meter_Band"]);
  });

  it("ovn-nbctl reads what we wrote", async () => {
    await applied("ovn-kubernetes");
    const show = await ovn.sandbox.run("ovn-nbctl", ["show"]);
    assert.match(show, /switch [0-9a-f-]+ \(l3\.network_master001\)/);
    assert.match(show, /router [0-9a-f-]+ \(l3\.network_ovn_cluster_router\)/);
    const addresses = await ovn.sandbox.run("ovn-nbctl", [
      "lsp-get-addresses",
      "kube.system.l2.network_default_nginx2-l2",
    ]);
    assert.equal(addresses.trim(), "0a:58:0a:16:00:02 10.22.0.2");
  });

  it("ovn-northd makes port bindings and flows of them", async () => {
    const bindings = await ovn.sandbox.run("ovn-sbctl", [
      "--bare",
      "--columns=logical_port",
      "list",
      "Port_Binding",
    ]);
    for (const port of ["kube.system.l3.network_default_nginx1-l3", "localnet.network_ovn_localnet_port"]) {
      assert.ok(bindings.includes(port), `${port} is bound`);
    }
    const flows = await ovn.sandbox.run("ovn-sbctl", ["lflow-list", "l2.network_ovn_layer2_switch"]);
    assert.match(flows, /0a:58:0a:16:00:01/);
  });
});
