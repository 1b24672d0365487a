import assert from "node:assert/strict";
import { ConstraintError, connectNorthbound } from "../../lib/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import { layer3, type Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { catchUp, useTopologyBench } from "../support/topology.ts";

const net = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
const nameOf = (chassis: string): string => `rtos-net_n1-${chassis}`;

// The names of chassis are a unique index, and their rows have random uuids: of two that give a node the same one is refused.
describeWithOvn("a plan that is refused for what a rival has just written", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  let nb: Northbound;

  beforeEach(async () => {
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    await setChassis("a");
    nb = await connectNorthbound(proxy.remote);
    await catchUp(nb);
  });
  afterEach(async () => {
    await nb.close();
    await proxy.close();
  });

  const setChassis = (chassisId: string): Promise<unknown> =>
    net.addNode(bench.nb, { name: "n1", chassisId });

  const has = (chassis: string): boolean =>
    nb.view.find("Gateway_Chassis", { name: nameOf(chassis) }).length > 0;

  const insertsChassis = ({ method, params }: ProxyMessage): boolean =>
    method === "transact" && JSON.stringify(params).includes(`"${nameOf("b")}"`);

  /**
   * Somebody writes the same just before each attempt, and takes it back before its refusal is told, so many times.
   *
   * @returns how often that has happened
   */
  function rival(times: number): () => number {
    let refusals = 0;
    const isRefusal = ({ result }: ProxyMessage): boolean =>
      Array.isArray(result) && JSON.stringify(result).includes("constraint violation");
    const watch = (): void =>
      proxy.setOpenFaults({
        toServer: {
          rewrite: (message) => {
            if (!insertsChassis(message) || refusals >= times) return message;
            proxy.setOpenFaults({ toServer: { hold: true } });
            void setChassis("b").then(watch);
            return message;
          },
        },
        toClient: {
          rewrite: (message, connection) => {
            if (!isRefusal(message)) return message;
            refusals += 1;
            void setChassis("a")
              .then(() => waitFor(() => has("a") && !has("b")))
              .then(() => connection.inject("toClient", message));
            return undefined;
          },
        },
      });
    watch();
    return () => refusals;
  }

  it("is made again as long as it is another row that has the name", async () => {
    const refusals = rival(4);
    const added = await net.addNode(nb, { name: "n1", chassisId: "b" });
    assert.deepEqual([refusals(), added.name], [4, "n1"]);
    assert.equal(await bench.nbctl("--bare --columns=name list Gateway_Chassis"), nameOf("b"));
  });

  it("is refused for good when the row that has the name stays, and is not seen", async () => {
    await bench.nbctl(
      `lr-add other\nlrp-add other hidden 0a:58:00:00:00:01 10.9.0.1/24\n-- --id=@c create Gateway_Chassis name=${nameOf("b")} chassis_name=b priority=1 -- add Logical_Router_Port hidden gateway_chassis @c`,
    );
    await nb.close();
    nb = await connectNorthbound(proxy.remote, {
      tables: {
        ...Object.fromEntries(Object.keys(nb.schema.tables).map((table) => [table, true])),
        Gateway_Chassis: { where: [["name", "!=", nameOf("b")]] },
      },
    });
    let sent = 0;
    proxy.setOpenFaults({
      toServer: {
        rewrite: (message) => {
          if (insertsChassis(message)) sent += 1;
          return message;
        },
      },
    });
    await assert.rejects(net.addNode(nb, { name: "n1", chassisId: "b" }), ConstraintError);
    assert.equal(sent, 2);
  });
});
