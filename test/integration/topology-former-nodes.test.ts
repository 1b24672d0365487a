import assert from "node:assert/strict";
import type { NodeInput, TopologyRequest } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, useTopologyBench } from "../support/topology.ts";
import { zoneBriefs, zoneNode } from "../support/zones.ts";

describeWithOvn("numbers of nodes that have gone, when new nodes get them", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const gone =
    "which is not in the request and has rows in the database (the option prune removes such, and removeNode takes one out)";
  type Options = Omit<TopologyRequest, "networks">;

  function refused(brief: Brief, path: string, value: unknown, node: string, options: Options = {}): void {
    assert.throws(
      () => bench.plan(brief, options),
      (error: Error & { path?: string; value?: unknown }) => {
        assert.equal(error.name, "SpecError", String(error));
        assert.deepEqual([error.path, error.value], [path, value]);
        assert.ok(error.message.startsWith(`${path} is that of node ${node}, ${gone}`), error.message);
        return true;
      },
    );
  }

  /** MACs of router ports whose names begin so, each once. */
  async function macs(prefix: string): Promise<readonly string[]> {
    const rows = await bench.nbctl("--bare --columns=name,mac list Logical_Router_Port");
    return rows
      .split("\n\n")
      .map((row) => row.split("\n"))
      .flatMap(([name = "", mac = ""]) => (name.startsWith(prefix) ? [mac] : []))
      .toSorted();
  }

  const primary = (...nodes: readonly NodeInput[]): Brief => primaryLayer3Brief([], {}, nodes);

  it("on a primary network are refused while the rows of the first are there, and taken with prune", async () => {
    await bench.apply(primary(primaryNode("n1", 2), primaryNode("n2", 3)));
    const { gateway, ...heir } = primaryNode("n3", 3);
    refused(primary(primaryNode("n1", 2), primaryNode("n3", 3)), "nodes[n3].id", 3, "n2");
    const other = { ...heir, gateway: primaryNode("x", 9).gateway as NonNullable<typeof gateway> };
    refused(primary(primaryNode("n1", 2), other), "nodes[n3].id", 3, "n2");
    const samePlace = { ...other, id: 9, gateway: gateway as NonNullable<typeof gateway> };
    refused(primary(primaryNode("n1", 2), samePlace), "nodes[n3].gateway.mac", "02:42:ac:12:00:03", "n2");
    await bench.apply(primary(primaryNode("n1", 2), primaryNode("n3", 3)), { prune: true });
    assert.deepEqual(await macs("rtoj-GR_"), ["0a:58:64:41:00:02", "0a:58:64:41:00:03"]);
  });

  it("are no matter for nodes with numbers of their own, and for those that the request has", async () => {
    await bench.apply(primary(primaryNode("n1", 2), primaryNode("n2", 3)));
    await bench.apply(primary(primaryNode("n3", 4)));
    assert.equal((await macs("rtoj-GR_")).length, 3);
    const swapped = primary(
      primaryNode("n1", 3, { gateway: primaryNode("n2", 3).gateway as never }),
      primaryNode("n2", 2, { gateway: primaryNode("n1", 2).gateway as never }),
    );
    await bench.apply(swapped);
    assert.deepEqual(await macs("rtoj-GR_"), ["0a:58:64:41:00:02", "0a:58:64:41:00:03", "0a:58:64:41:00:04"]);
  });

  it("between zones are refused, wherever the two nodes are", async () => {
    const here = { mode: "interconnect", zone: "n1" } as const;
    const routed = (...nodes: readonly NodeInput[]): Brief => ({ ...zoneBriefs.layer3(nodes), pods: [] });
    const n1 = zoneNode("n1", 2);
    await bench.apply(routed(n1, zoneNode("n2", 3)), here);
    const heir = zoneNode("n3", 3, { subnets: { net: ["10.3.9.0/24"] } });
    const addresses = ["100.88.0.3/16"];
    refused(routed(n1, heir), "nodes[n3].transitAddresses", addresses, "n2", here);
    refused(routed(n1, { ...heir, zone: "n1" }), "nodes[n3].transitAddresses", addresses, "n2", here);
    await bench.apply(routed(n1, zoneNode("n4", 5)), here);
    await bench.apply(routed(n1, heir), { ...here, prune: true });
    assert.deepEqual(bench.plan(routed(n1, heir), here).operations, []);
    const moved = zoneNode("n5", 2, { zone: "n1", subnets: { net: ["10.3.8.0/24"] } });
    refused(routed(moved, heir), "nodes[n5].transitAddresses", ["100.88.0.2/16"], "n1", here);
  });
});
