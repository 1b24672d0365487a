import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Operation } from "../../lib/ovsdb/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { type Applied, layer3, type ServiceInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer3Brief } from "../support/primary.ts";
import { layer3Brief, node, useTopologyBench } from "../support/topology.ts";

/** The tables that the server goes through for an operation of a plan, as none has an index on anything but `_uuid`. */
function scanned(operations: readonly Operation[]): string[] {
  return operations.flatMap((operation) =>
    "where" in operation && !operation.where.some(([column]) => column === "_uuid") ? operation.table : [],
  );
}

const net = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });

// Decision 19.
describeWithOvn("names of which each node has one", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  it("are looked for by no scan of the server, and that of a network by one", async () => {
    assert.deepEqual(scanned(bench.plan(layer3Brief()).operations), ["Logical_Router"]);
    await bench.apply(layer3Brief());
    const more = { ...layer3Brief(), nodes: ["n1", "n2", "n3", "n4"] };
    assert.deepEqual(scanned(bench.plan(more).operations), []);
  });

  it("nor are those of primary networks and their services", async () => {
    const web: ServiceInput = {
      namespace: "default",
      name: "web",
      clusterIPs: ["10.96.0.1"],
      ports: [{ port: 80, nodePort: 30080 }],
      slices: [{ family: 4, ports: [{ port: 8080 }], endpoints: [{ pod: "a", node: "n1" }] }],
    };
    const plan = bench.plan({ ...primaryLayer3Brief(["a"]), services: [web] });
    const names = plan.changes.map(({ name }) => name);
    for (const part of ["GR_", "ext_", "net_Service_"])
      assert.ok(
        names.some((name) => name.startsWith(part)),
        names.join(),
      );
    assert.deepEqual(scanned(plan.operations).toSorted(), ["Logical_Router", "Logical_Switch"]);
  });

  /** Adds node n1 to a network, while ovn-nbctl does something that is not seen before the transaction is sent. */
  async function addMeanwhile(script: string): Promise<Applied> {
    await net.plan(bench.nb).apply();
    await using proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote);
    proxy.setOpenFaults({
      toClient: { hold: true },
      toServer: {
        rewrite: (message) => {
          if (message["method"] === "transact") proxy.setOpenFaults({});
          return message;
        },
      },
    });
    await bench.nbctl(script);
    return await net.plan(nb, { nodes: [node("n1")] }).apply();
  }

  it("are there once when somebody makes the same switch with its port meanwhile", async () => {
    const { attempts } = await addMeanwhile("ls-add net_n1\nlsp-add net_n1 stor-net_n1");
    assert.ok(attempts > 1);
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_n1");
    assert.match(await bench.get("Logical_Switch_Port", "stor-net_n1", "options"), /router-port=rtos-net_n1/);
  });

  it("are told of when somebody makes the same switch without ports in that moment, and merged when asked", async () => {
    await addMeanwhile("ls-add net_n1");
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_n1\n\nnet_n1");
    const plan = net.plan(bench.nb, { nodes: [node("n1")] });
    assert.match(plan.notes.join(), /^Logical_Switch net_n1 is .*; others bear that name: /);
    await net.plan(bench.nb, { nodes: [node("n1")], merge: true }).apply();
    assert.equal(await bench.nbctl("--bare --columns=name list Logical_Switch"), "net_n1");
    assert.match(await bench.get("Logical_Switch", "net_n1", "other_config"), /subnet="10\.3\.0\.0\/24"/);
  });
});
