import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CommandError, FakeMultinode, SandboxError } from "../../lib/testing/index.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { waitFor } from "../support/index.ts";
import {
  backend,
  describeWithCluster,
  isUnreachable,
  ping,
  seenOnWire,
  tcpEcho,
  useCluster,
} from "../support/multinode.ts";

const cli = fileURLToPath(new URL("../../command/main.js", import.meta.url));
const kit = new URL("../../lib/testing/index.js", import.meta.url).href;

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** Process id of a running program with the text among its arguments. */
function processOf(program: string, text: string): number | undefined {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).find((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return basename(words[0] ?? "") === program && words.some((word) => word.includes(text));
    } catch {
      return false;
    }
  });
}

describeWithCluster("a fake multinode cluster", () => {
  const ovn = useCluster({});

  before(async () => {
    await ovn.cluster.run("ovn-nbctl", [
      ...["ls-add", "sw", "--", "set", "Logical_Switch", "sw", "other_config:subnet=10.0.0.0/24"],
      ...["--", "lsp-add", "sw", "a", "--", "lsp-set-addresses", "a", "0a:00:00:00:00:01 10.0.0.1 fd00::1"],
      ...["--", "lsp-add", "sw", "b", "--", "lsp-set-addresses", "b", "0a:00:00:00:00:02 10.0.0.2 fd00::2"],
      ...["--", "lsp-add", "sw", "c", "--", "lsp-set-addresses", "c", "0a:00:00:00:00:03 10.0.0.3"],
    ]);
    await ovn.cluster.addPod("ovn-chassis-1", {
      port: "a",
      mac: "0a:00:00:00:00:01",
      addresses: ["10.0.0.1/24", "fd00::1/64"],
    });
    await ovn.cluster.addPod("ovn-chassis-2", {
      port: "b",
      mac: "0a:00:00:00:00:02",
      addresses: ["10.0.0.2/24", "fd00::2/64"],
    });
  });

  const pod = (name: string) => {
    const found = ovn.cluster.pods.find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  };

  it("registers its chassis under its names, gateways as such", async () => {
    const { cluster } = ovn;
    const show = await cluster.run("ovn-sbctl", [
      ...["--bare", "--columns=name,other_config", "list", "Chassis"],
    ]);
    for (const name of ["ovn-gw-1", "ovn-chassis-1", "ovn-chassis-2"]) {
      assert.match(show, new RegExp(`^${name}$`, "m"));
    }
    assert.equal(show.match(/enable-chassis-as-gw/g)?.length, 1);
  });

  it("carries ping and TCP between chassis, IPv4 and IPv6, in tunnels", async () => {
    assert.equal(await ping(pod("a"), "10.0.0.2"), 64);
    assert.equal(await ping(pod("a"), "fd00::2"), 64);
    await tcpEcho(pod("a"), pod("b"), "10.0.0.2");
    await tcpEcho(pod("b"), pod("a"), "fd00::1");
    const frame = await seenOnWire(ovn.cluster.node("ovn-chassis-2"), "eth1", "udp port 6081", () =>
      ping(pod("a"), "10.0.0.2"),
    );
    assert.match(frame, /170\.168\.0\.[45]\.\d+ > 170\.168\.0\.[45]\.6081: Geneve/);
  });

  it("cuts nodes off and joins them again", async () => {
    await ovn.cluster.partition("ovn-chassis-2");
    assert.ok(await isUnreachable(pod("a"), "10.0.0.2"));
    await ovn.cluster.heal();
    assert.equal(await ping(pod("a"), "10.0.0.2"), 64);
  });

  it("gives an address by DHCP", async () => {
    const uuid = await ovn.cluster.run("ovn-nbctl", [
      ...["create", "DHCP_Options", "cidr=10.0.0.0/24"],
      'options="lease_time"="3600" "router"="10.0.0.254" "server_id"="10.0.0.254" "server_mac"="0a:00:00:00:00:fe"',
    ]);
    await ovn.cluster.run("ovn-nbctl", ["lsp-set-dhcpv4-options", "c", uuid.trim()]);
    const c = await ovn.cluster.addPod("ovn-gw-1", {
      port: "c",
      mac: "0a:00:00:00:00:03",
      addresses: "dhcp",
    });
    assert.deepEqual(await c.addresses(), ["10.0.0.3/24"]);
    await c.remove();
    assert.ok(!ovn.cluster.pods.includes(c));
    await waitFor(async () => {
      const up = await ovn.cluster.run("ovn-nbctl", ["lsp-get-up", "c"]);
      return up.trim() === "down";
    });
  });

  it("lets daemons crash, stand still and come back", async () => {
    const node = ovn.cluster.node("ovn-chassis-1");
    const before = node.pids["ovs-vswitchd"] ?? 0;
    assert.ok(isAlive(before));
    await node.kill("ovs-vswitchd");
    assert.ok(!isAlive(before));
    assert.equal(node.pids["ovs-vswitchd"], undefined);
    await node.restart("ovs-vswitchd");
    assert.equal(await ping(pod("a"), "10.0.0.2"), 64);

    const central = ovn.cluster.node("ovn-central-az1");
    central.pause("northbound");
    await assert.rejects(ovn.cluster.run("ovn-nbctl", ["--timeout=1", "show"]), CommandError);
    central.continue("northbound");
    await ovn.cluster.run("ovn-nbctl", ["--timeout=60", "show"]);
  });

  it("takes no name twice and pods on chassis only", async () => {
    const { cluster } = ovn;
    await assert.rejects(cluster.addPod("ovn-chassis-1", { port: "a" }), /there is a "a" already/);
    await assert.rejects(cluster.addPod("ovn-central-az1", { port: "x" }), /no chassis/);
    assert.throws(() => cluster.node("nowhere"), SandboxError);
  });

  it("runs programs in nodes and pods, and reports their failure", async () => {
    const addresses = await ovn.cluster.exec("ovn-chassis-1", "ip", ["-o", "-4", "address"]);
    assert.match(addresses, /170\.168\.0\.4\/16/);
    assert.equal((await ovn.cluster.exec("a", "cat", [], { input: "text" })).trim(), "text");
    await assert.rejects(
      ovn.cluster.exec("a", "sh", ["-c", "exit 3"]),
      (error) => error instanceof CommandError && error.exitCode === 3,
    );
    await assert.rejects(ovn.cluster.exec("a", "echo", "text" as never), /arguments of echo are a list/);
  });
});

describeWithCluster("the end of a fake multinode cluster", () => {
  it("takes everything along: processes and directory", async () => {
    const cluster = await FakeMultinode.up({ backend, gateways: 0, chassis: 1 });
    const pids = cluster.nodes().flatMap((node) => Object.values(node.pids));
    assert.equal(pids.length, 6);
    assert.ok(pids.every(isAlive));
    await cluster.down();
    await cluster.down();
    assert.deepEqual(pids.filter(isAlive), []);
    assert.ok(!existsSync(cluster.directory));
  });

  it("comes also when its process is killed", async () => {
    const script = `
      const { FakeMultinode } = await import(${JSON.stringify(kit)});
      const cluster = await FakeMultinode.up({ backend: "${backend}", gateways: 0, chassis: 1 });
      const pids = cluster.nodes().flatMap((node) => Object.values(node.pids));
      console.log(JSON.stringify({ pids, directory: cluster.directory }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { pids, directory } = JSON.parse(line) as { pids: number[]; directory: string };
    assert.ok(pids.length === 6 && pids.every(isAlive));
    child.kill("SIGKILL");
    await exit;
    await waitFor(() => !pids.some(isAlive) && !existsSync(directory));
  });

  it("waits for stop when it was left running by a process that is gone", async () => {
    const script = `
      const { FakeMultinode } = await import(${JSON.stringify(kit)});
      const cluster = await FakeMultinode.up({ backend: "${backend}", gateways: 0, chassis: 1 });
      const pids = cluster.nodes().flatMap((node) => Object.values(node.pids));
      await cluster.detach();
      await cluster.down();
      console.log(JSON.stringify({ pids, directory: cluster.directory }));`;
    const text = await runProgram(process.execPath, ["--input-type=module", "-e", script]);
    const { pids, directory } = JSON.parse(text) as { pids: number[]; directory: string };
    assert.ok(pids.length === 6 && pids.every(isAlive));
    const { command, env } = FakeMultinode.enter(directory, "ovn-chassis-1");
    const [program = "", ...args] = command;
    const bridges = await runProgram(program, [...args, "ovs-vsctl", "list-br"], { env });
    assert.match(bridges, /^br-int$/m);
    const words = [
      "shell",
      "--cluster",
      directory,
      "ovn-chassis-1",
      "--",
      "sh",
      "-c",
      "ovs-vsctl list-br; exit 7",
    ];
    const failed = await runProgram(process.execPath, [cli, ...words]).catch((error: unknown) => error);
    assert.ok(failed instanceof CommandError && failed.exitCode === 7);
    assert.match(failed.stdout, /^br-int$/m);
    assert.throws(
      () => FakeMultinode.enter(directory, "nowhere"),
      /there are: ovn-central-az1, ovn-chassis-1/,
    );
    await FakeMultinode.stop(directory);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.ok(!existsSync(directory));
    await assert.rejects(FakeMultinode.stop(directory), SandboxError);
  });

  it("shows the ends of the logs when something does not start", async () => {
    const starting = FakeMultinode.up({ backend, gateways: 0, chassis: 1, timeout: 1 });
    await assert.rejects(
      starting,
      (error) =>
        error instanceof SandboxError &&
        /not ready after 1 ms/.test(error.message) &&
        /^== ovn-central-az1 (north|south)bound\n {2}\| /m.test(error.message),
    );
  });

  it("leaves nothing behind when a start is given up half-way", async () => {
    const parentDirectory = mkdtempSync(join(tmpdir(), "up-"));
    const abort = new AbortController();
    const starting = FakeMultinode.up({ backend, parentDirectory, signal: abort.signal });
    const gone = assert.rejects(starting, /enough/);
    const pid = await waitFor(() => processOf("ovs-vswitchd", join(parentDirectory, "ovn-")), {
      timeout: 60_000,
    });
    assert.ok(isAlive(pid));
    abort.abort(new Error("enough"));
    await gone;
    assert.ok(!isAlive(pid));
    assert.deepEqual(readdirSync(parentDirectory), []);
    rmdirSync(parentDirectory);
  });
});

describeWithCluster("a cluster with three central nodes, a relay and TLS", () => {
  const ovn = useCluster({ central: 3, relays: 1, tls: true, gateways: 0 });

  it("serves clustered databases and relays them", async () => {
    const { cluster } = ovn;
    await cluster.run("ovn-nbctl", ["--wait=hv", "--timeout=60", "ls-add", "sw"]);
    const status = await cluster
      .node("ovn-central-az1-2")
      .appctl("northbound", "cluster/status", "OVN_Northbound");
    assert.equal(status.match(/^ {4}[0-9a-f]{4} /gm)?.length, 3);
    const remote = await cluster
      .node("ovn-chassis-1")
      .exec("ovs-vsctl", ["get", "Open_vSwitch", ".", "external_ids:ovn-remote"]);
    assert.equal(remote.trim(), '"ssl:170.168.0.5:6642"');
  });

  it("lets in who has its keys, over the underlay", async () => {
    const { cluster } = ovn;
    const { keys } = cluster;
    assert.ok(keys);
    const node = cluster.node("ovn-chassis-1");
    const db = `--db=${cluster.underlayRemote("northbound")}`;
    const options = [`--private-key=${keys.keyFile}`, `--certificate=${keys.certFile}`];
    const list = await node.exec("ovn-nbctl", [db, ...options, `--ca-cert=${keys.caFile}`, "ls-list"]);
    assert.match(list, /\(sw\)/);
    await assert.rejects(node.exec("ovn-nbctl", ["--timeout=1", db.replaceAll("ssl:", "tcp:"), "ls-list"]));
  });
});
