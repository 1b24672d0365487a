import assert from "node:assert/strict";
import { FakeMultinode, probeMultinode, SandboxError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { layer3 } from "../../lib/topology/index.ts";
import { describeUnlessImpossible } from "../support/describe-with-ovn.ts";
import { ping, tcpEcho } from "../support/multinode.ts";
import { useTwoNodes } from "../support/multinode-pods.ts";

const probe = await probeMultinode({ backend: "containers" });
const reason = probe.possible ? undefined : probe.reason;

// Also in CI no more than a skip with its reason: an engine and the image are not part of what the project installs.
describeUnlessImpossible(
  "a cluster of containers",
  () => {
    const ovn = useTwoNodes({ backend: "containers", physicalNetworks: [] });

    it("has machines of their own, with the image's programs", async () => {
      const { cluster } = ovn;
      assert.equal(cluster.backend, "containers");
      assert.equal((await cluster.exec("node1", "hostname")).trim(), "node1");
      // The first process of each is the container's own, not this machine's.
      const first = await cluster.exec("node2", "cat", ["/proc/1/cmdline"]);
      assert.ok(first.includes(cluster.directory), first);
      const version = await cluster.run("ovs-vswitchd", ["--version"]);
      assert.match(version, /Open vSwitch/);
    });

    it("carries packets between pods, through a router", async () => {
      const network = layer3({ name: "boxes", nad: "default/boxes", subnets: "10.71.0.0/16/24" });
      const { a, b } = await ovn.pair(network);
      assert.equal(await ping(a.pod, b.ip), 63);
      await tcpEcho(a.pod, b.pod, b.ip);

      const node = ovn.cluster.node("node2");
      for (const daemon of node.daemons) await node.kill(daemon);
      assert.deepEqual(node.pids, {});
      for (const daemon of ["ovsdb-server", "ovs-vswitchd", "ovn-controller"]) await node.restart(daemon);
      assert.equal(await ping(a.pod, b.ip, 30_000), 63);
    });

    it("leaves no container behind", async () => {
      const cluster = await FakeMultinode.up({ backend: "containers", gateways: 0, chassis: 1 });
      const names = await containerNames(cluster.directory);
      assert.equal(names.length, 2);
      await cluster.down();
      assert.deepEqual(await containerNames(cluster.directory), []);
    });
  },
  reason,
  false,
);

describe("a cluster of containers that cannot be", () => {
  it("is refused with what was tried", async () => {
    const options = { backend: "containers", image: "localhost/ovn-no-such-image:none" } as const;
    const failed = await probeMultinode(options);
    assert.ok(!failed.possible);
    assert.match(failed.reason, /multinode-image\.sh|root is needed/);
    await assert.rejects(FakeMultinode.up(options), SandboxError);
  });
});

async function containerNames(directory: string): Promise<string[]> {
  const filter = `name=${directory.split("/").at(-1)}`;
  const list = await runProgram("podman", ["ps", "--all", "--format={{.Names}}", `--filter=${filter}`]).catch(
    () => runProgram("docker", ["ps", "--all", "--format={{.Names}}", `--filter=${filter}`]),
  );
  return list.split("\n").filter((line) => line !== "");
}
