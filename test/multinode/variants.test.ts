import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MultinodeProbe, probeMultinode, SandboxError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { describeUnlessImpossible } from "../support/describe-with-ovn.ts";
import { describeWithCluster, useCluster } from "../support/multinode.ts";
import { waitFor } from "../support/wait-for.ts";

const kit = new URL("../../lib/testing/index.js", import.meta.url).href;

describeWithCluster("a cluster with the dummy datapath", () => {
  const ovn = useCluster({ backend: "namespaces", datapath: "dummy", chassis: 4 });

  it("binds ports on all chassis, without any packets", async () => {
    const { cluster } = ovn;
    assert.equal(cluster.datapath, "dummy");
    const chassis = cluster.nodes("chassis").map(({ name }) => name);
    const ports = chassis.flatMap((name) => ["--", "lsp-add", "sw", `port-${name}`]);
    await cluster.run("ovn-nbctl", ["--wait=hv", "ls-add", "sw", ...ports]);
    await Promise.all(chassis.map((name) => cluster.addPod(name, { port: `port-${name}` })));
    await waitFor(async () => {
      const up = await cluster.run("ovn-nbctl", ["--bare", "--columns=up", "list", "Logical_Switch_Port"]);
      return up.match(/true/g)?.length === chassis.length;
    });
    const [pod] = cluster.pods;
    assert.ok(pod);
    assert.throws(() => pod.exec("true"), SandboxError);
    await assert.rejects(cluster.addPhysicalHost(), /no external network/);
    await pod.remove();
    await waitFor(async () => (await cluster.run("ovn-nbctl", ["lsp-get-up", pod.name])).trim() === "down");
  });
});

describeWithCluster("the choice of a datapath", () => {
  const hasModule = existsSync("/sys/module/openvswitch");

  it("takes the kernel's where that has the module, else userspace's", async () => {
    const auto = await probeMultinode({ backend: "namespaces" });
    assert.ok(auto.possible);
    assert.equal(auto.datapath, hasModule ? "system" : "netdev");
    const system = await probeMultinode({ backend: "namespaces", datapath: "system" });
    assert.equal(system.possible, hasModule);
    assert.ok(system.possible || /openvswitch is not loaded/.test(system.reason));
    const dummy = await probeMultinode({ backend: "namespaces", datapath: "dummy" });
    assert.ok(dummy.possible && dummy.datapath === "dummy");
  });
});

const folder = mkdtempSync(join(tmpdir(), "rootless-"));
const rootless = await probeRootless();

// Also in CI no more than a skip with its reason: whether users may make namespaces is the machine's policy.
describeUnlessImpossible(
  "a cluster of a user without rights",
  () => {
    it("carries packets", async () => {
      const output = await asUser(`
        import { FakeMultinode } from ${JSON.stringify(kit)};
        const cluster = await FakeMultinode.up({ backend: "namespaces", gateways: 0 });
        const pods = [["a", "0a:00:00:00:00:01", "10.0.0.1"], ["b", "0a:00:00:00:00:02", "10.0.0.2"]];
        const add = pods.flatMap(([port, mac, ip]) =>
          ["--", "lsp-add", "sw", port, "--", "lsp-set-addresses", port, mac + " " + ip]);
        await cluster.run("ovn-nbctl", ["ls-add", "sw", ...add]);
        const [a] = await Promise.all(pods.map(([port, mac, ip], index) =>
          cluster.addPod("ovn-chassis-" + (index + 1), { port, mac, addresses: [ip + "/24"] })));
        const answer = await a.exec("ping", ["-n", "-w10", "-c1", "10.0.0.2"]);
        console.log(JSON.stringify({ uid: process.getuid(), rootless: cluster.rootless, answer }));
        await cluster.down();`);
      const { uid, rootless: isRootless, answer } = JSON.parse(output) as Record<string, unknown>;
      assert.notEqual(uid, 0);
      assert.equal(isRootless, true);
      assert.match(String(answer), /bytes from 10\.0\.0\.2: .*ttl=64/);
    });
  },
  rootless.possible ? undefined : rootless.reason,
  false,
);

after(() => rmSync(folder, { recursive: true, force: true }));

/** What a user without rights, who may use /dev/net/tun as on usual distributions, can do here. */
async function probeRootless(): Promise<MultinodeProbe> {
  const here = await probeMultinode({ backend: "namespaces" });
  if (!here.possible) {
    return here;
  }
  const script = `
    import { probeMultinode } from ${JSON.stringify(kit)};
    console.log(JSON.stringify(await probeMultinode({ backend: "namespaces" })));`;
  try {
    return JSON.parse(await asUser(script)) as MultinodeProbe;
  } catch (error) {
    return { possible: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs a module as a user who is not root: this process's, or nobody. */
function asUser(script: string): Promise<string> {
  const node = [process.execPath, "--input-type=module", "--eval", script];
  const [program = "", ...args] = process.getuid?.() === 0 ? [...asNobody(), ...node] : node;
  return runProgram(program, args, { cwd: "/", env: { KEEP_SANDBOX: undefined } });
}

function asNobody(): string[] {
  chmodSync(folder, 0o755);
  const nobody = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs -- "$@"';
  // Distributions let everybody use this device, but a machine made for root alone may not.
  const device = `[ -e "$0" ] || mknod "$0" c 10 200; chmod 666 "$0"; mount --bind "$0" /dev/net/tun`;
  const script = existsSync("/dev/net/tun") ? `${device}; ${nobody}` : nobody;
  return ["unshare", "--mount", "/bin/sh", "-ec", script, join(folder, "tun")];
}
