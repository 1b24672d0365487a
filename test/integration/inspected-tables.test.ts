import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectNorthbound } from "../../lib/index.ts";
import type { MonitorTables } from "../../lib/ovsdb/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";
import {
  graphTables,
  graphTopology,
  inspectedTables,
  listNetworks,
  listNodes,
  listPolicies,
  listServices,
  type Northbound,
  nodeTables,
  PodWatch,
  podTables,
  policyTables,
  serviceTables,
  summarisedTables,
  summariseNetworks,
} from "../../lib/topology/index.ts";
import { describeWithOvn, projectRoot } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { runCli } from "../support/run-cli.ts";
import { nodesIn, podsIn, policiesIn, summaryOf } from "../support/summary-of.ts";
import { blue, documents, nad, pod } from "../unit/manifests/fixtures.ts";

const READERS: Readonly<Record<string, readonly [MonitorTables, (nb: Northbound) => readonly unknown[]]>> = {
  inspectedTables: [inspectedTables, ({ view }) => listNetworks(view)],
  summarisedTables: [summarisedTables, ({ view }) => summariseNetworks(view)],
  nodeTables: [nodeTables, ({ view }) => listNodes(view)],
  podTables: [podTables, ({ view }) => new PodWatch(view).look().now],
  policyTables: [policyTables, ({ view }) => listPolicies(view)],
  serviceTables: [serviceTables, ({ view }) => listServices(view)],
  graphTables: [graphTables, ({ view }) => graphTopology(view).boxes],
};

/** Secondary networks of all topologies, and a primary one with a policy and a service. */
const manifests = documents(
  readFileSync(join(projectRoot, "examples/services/shop.yaml"), "utf8"),
  blue({ subnets: "10.9.0.0/16" }),
  nad("ns/red", { name: "red", topology: "layer3", subnets: "10.5.0.0/16/24" }),
  nad("ns/lo", { name: "lo", topology: "localnet", vlanID: 7 }),
  pod("shop/db", "kube-system/blue,ns/red,ns/lo", { spec: { nodeName: "node1" } }),
  JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: "shop", name: "closed" },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  }),
);

const zones = readFileSync(join(projectRoot, "examples/zones/networks.yaml"), "utf8");

describeWithOvn("the tables for those who read nothing else", () => {
  for (const [mode, input, args, absent] of [
    ["central", manifests, [], []],
    ["interconnect", zones, ["--zone", "node1"], ["policyTables", "serviceTables"]],
  ] as const)
    it(`have all that is read of networks in ${mode} mode`, async () => {
      await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
      const apply = ["apply", "-f", "-", "--mode", mode, ...args];
      const { exitCode, stderr } = await runCli(sandbox, apply, { input });
      assert.equal(exitCode, 0, stderr);
      const { remote } = sandbox.northbound;
      await using nb = await connectNorthbound(remote);
      const networks = listNetworks(nb.view);
      assert.deepEqual(listNodes(nb.view), nodesIn(networks));
      assert.deepEqual(listPolicies(nb.view), policiesIn(networks));
      assert.deepEqual(summariseNetworks(nb.view), networks.map(summaryOf));
      assert.deepEqual(new Set(new PodWatch(nb.view).look().now), new Set(podsIn(networks)));
      const empty: string[] = [];
      for (const [name, [tables, read]] of Object.entries(READERS)) {
        await using only = await connectNorthbound(remote, { tables });
        const seen = read(only);
        if (seen.length === 0) empty.push(name);
        assert.deepEqual(seen, read(nb), name);
      }
      assert.deepEqual(empty, absent);
    });
});
