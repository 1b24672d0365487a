import assert from "node:assert/strict";
import { connectNorthbound, type Uuid } from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { layer2, planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

// A weak reference holds whatever row has the uuid at the commit.
describeWithOvn(
  "a row that was replaced by one of another name, under its uuid, unseen by who refers to it",
  () => {
    const ovn = useSandbox({ northbound: true });
    const uuid = "0a1b2c3d-0000-4000-8000-00000000beef" as Uuid<"Logical_Switch_Port">;

    it("is what a weak reference holds then, unless its name is verified", async () => {
      const { remote } = ovn.sandbox.northbound;
      await using proxy = await startFaultProxy(remote);
      await using other = await connectNorthbound(remote);
      for (const isVerified of [false, true]) {
        await other.transact((tx) => {
          tx.insert("Port_Group", { name: "group" });
          const port = tx.insert("Logical_Switch_Port", { name: "first" }, { uuid });
          tx.insert("Logical_Switch", { name: "sw", ports: [port] });
        });
        await using behind = await connectNorthbound(proxy.remote);
        proxy.setFaults({ toClient: { hold: true } });
        await other.transact((tx) => {
          const sw = other.tables.Logical_Switch.only({ name: "sw" });
          tx.delete(other.tables.Logical_Switch_Port.only({ name: "first" }));
          tx.remove(sw, "ports", uuid);
        });
        await other.transact((tx) => {
          const port = tx.insert("Logical_Switch_Port", { name: "second" }, { uuid });
          tx.add(other.tables.Logical_Switch.only({ name: "sw" }), "ports", port);
        });
        const { frames } = proxy.counts.toServer;
        const seen: string[] = [];
        const asked = behind.transact((tx) => {
          const port = behind.tables.Logical_Switch_Port.only();
          seen.push(port.name);
          if (port.name !== "first") return;
          if (isVerified) tx.verify(port, "name");
          tx.add(behind.tables.Port_Group.only({ name: "group" }), "ports", port);
        });
        await proxy.until((counts) => counts.toServer.frames > frames);
        proxy.setFaults({});
        await asked;
        const group = await other.transact((tx) => tx.select("Port_Group", { name: "group" }, ["ports"]));
        assert.deepEqual(
          [seen, group.rows(group.value).map(({ ports }) => ports)],
          isVerified ? [["first", "second"], [[]]] : [["first"], [[uuid]]],
        );
        await other.transact((tx) => {
          tx.delete(other.tables.Port_Group.only({ name: "group" }));
          tx.delete(other.tables.Logical_Switch.only({ name: "sw" }));
        });
      }
    });

    it("leaves the groups of policies with the next plan that knows it", async () => {
      const { remote } = ovn.sandbox.northbound;
      await using proxy = await startFaultProxy(remote);
      await using other = await connectNorthbound(remote);
      const network = layer2({ name: "lab", nad: "shop/lab", subnets: "10.1.0.0/24" });
      const [first, second] = ["first", "second"].map((name) => ({ namespace: "shop", name, node: "n1" }));
      assert.ok(first && second);
      const nodes = [{ name: "n1" }];
      await network.plan(other, { nodes, pods: [first] }).apply();
      await using behind = await connectNorthbound(proxy.remote);
      const plan = (pod: typeof first) =>
        planTopology(behind, {
          networks: [
            {
              spec: network.spec,
              nodes,
              attachments: [{ ...pod, nad: "shop/lab", labels: { app: pod.name } }],
              policies: {
                namespaces: [{ name: "shop" }],
                policies: [
                  {
                    namespace: "shop",
                    name: "only-first",
                    podSelector: { matchLabels: { app: "first" } },
                    policyTypes: ["Ingress"],
                  },
                ],
              },
            },
          ],
        });
      const members = async (): Promise<number> => {
        const { rows, value } = await other.transact((tx) => tx.select("Port_Group", {}, ["ports"]));
        return rows(value).reduce((sum, { ports }) => sum + ports.length, 0);
      };
      const late = plan(first);
      proxy.setFaults({ toClient: { hold: true } });
      await network.detach(other, first);
      await network.attach(other, second);
      const { frames } = proxy.counts.toServer;
      const applied = late.apply();
      await proxy.until((counts) => counts.toServer.frames > frames);
      proxy.setFaults({});
      await applied;
      assert.ok((await members()) > 0);
      await behind.until((view) => view.tables.Logical_Switch_Port.get({ name: "shop.lab_shop_second" }));
      await plan(second).apply();
      assert.equal(await members(), 0);
    });
  },
);
