import assert from "node:assert/strict";
import { SandboxError } from "../../../lib/testing/index.ts";
import { macOfNode, planCluster } from "../../../lib/testing/multinode/options.ts";

describe("the plan of a cluster", () => {
  const layout = (options: Parameters<typeof planCluster>[0]): string[] =>
    planCluster(options).nodes.map(({ kind, name, address }) => `${kind} ${name} ${address}`);

  it("has ovn-fake-multinode's names and addresses by default", () => {
    assert.deepEqual(layout({}), [
      "central ovn-central-az1 170.168.0.2",
      "gateway ovn-gw-1 170.168.0.3",
      "chassis ovn-chassis-1 170.168.0.4",
      "chassis ovn-chassis-2 170.168.0.5",
    ]);
    assert.deepEqual(planCluster({}).physicalNetworks, ["public"]);
  });

  it("numbers clustered central nodes and puts relays before chassis", () => {
    assert.deepEqual(layout({ central: 3, relays: 1, gateways: 0, chassis: 1 }), [
      "central ovn-central-az1-1 170.168.0.2",
      "central ovn-central-az1-2 170.168.0.3",
      "central ovn-central-az1-3 170.168.0.4",
      "relay ovn-central-az1-relay-1 170.168.0.5",
      "chassis ovn-chassis-1 170.168.0.6",
    ]);
  });

  it("takes the caller's names and chassis ids", () => {
    const { nodes } = planCluster({
      central: ["db"],
      gateways: [],
      chassis: ["work001", { name: "work002", chassisId: "c2" }],
    });
    assert.deepEqual(
      nodes.map(({ name, chassisId }) => [name, chassisId]),
      [
        ["db", "db"],
        ["work001", "work001"],
        ["work002", "c2"],
      ],
    );
  });

  it("goes on beyond 254 nodes", () => {
    const { nodes } = planCluster({ gateways: 0, chassis: 300 });
    assert.equal(nodes[253]?.address, "170.168.0.255");
    assert.equal(nodes[254]?.address, "170.168.1.0");
    assert.equal(new Set(nodes.map(({ address }) => macOfNode(address))).size, 301);
  });

  it("refuses what cannot be, by name", () => {
    const refused = (options: Parameters<typeof planCluster>[0], words: RegExp): void => {
      assert.throws(
        () => planCluster(options),
        (error) => error instanceof SandboxError && words.test(error.message),
      );
    };
    refused({ central: ["a", "b"] }, /central: 2 nodes/);
    refused({ chassis: ["a", "a"] }, /two nodes are named "a"/);
    refused({ chassis: ["a b"] }, /"a b" cannot be a name/);
    refused({ chassis: ["../a"] }, /"\.\.\/a" cannot be a name/);
    refused({ chassis: -1 }, /chassis: -1/);
    refused({ relays: 0.5 }, /relays: 0.5/);
    refused({ physicalNetworks: ["a:b"] }, /"a:b" cannot be a name/);
  });
});
