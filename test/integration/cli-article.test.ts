import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Sandbox } from "../../lib/testing/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";
import type { NetworkOverview, NetworkSummary } from "../../lib/topology/index.ts";
import { describeWithOvn } from "../support/index.ts";
import { dumpNorthbound, runCli } from "../support/run-cli.ts";
import { summaryOf } from "../support/summary-of.ts";

const FILES = ["-f", "examples/article"];

/** The secondary entries that the article's first pod shows, in our spelling of the whole. */
const NGINX1_L3 = {
  name: "kube-system/l3-network",
  interface: "eth1",
  ips: ["10.33.2.3"],
  mac: "0a:58:0a:21:02:03",
  dns: {},
};

/** Runs a command that must succeed without a message. */
async function run(sandbox: Sandbox, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(sandbox, args);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" }, stdout);
  return stdout;
}

describeWithOvn("the command on the article's networks", () => {
  it("applies once, and has nothing to change the second time", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const before = await runCli(sandbox, ["diff", ...FILES]);
    assert.deepEqual([before.exitCode, before.stderr], [1, ""]);
    const first = await run(sandbox, "apply", ...FILES);
    const lines = first.trimEnd().split("\n");
    assert.match(lines.at(-1) ?? "", /^3 networks: 39 rows inserted, 0 updated, 0 deleted in 1 transaction$/);
    // diff tells the columns of new rows too.
    const rows = before.stdout.split("\n").filter((line) => line.startsWith("+ "));
    assert.deepEqual(lines.slice(0, -1), rows);

    const dump = await dumpNorthbound(sandbox);
    assert.equal(await run(sandbox, "apply", ...FILES), "nothing to change\n");
    assert.equal(await run(sandbox, "diff", ...FILES), "");
    assert.equal(await dumpNorthbound(sandbox), dump);

    const names = await sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch"]);
    assert.deepEqual(names.split("\n").filter(Boolean).sort(), [
      "l2.network_ovn_layer2_switch",
      "l3.network_master001",
      "l3.network_work001",
      "l3.network_work002",
      "localnet.network_ovn_localnet_switch",
    ]);
  });

  it("shows exactly what drifted, and repairs it", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    // The first ovn-nbctl on a database makes the row of NB_Global.
    await sandbox.run("ovn-nbctl", ["init"]);
    await run(sandbox, "apply", ...FILES);
    const dump = await dumpNorthbound(sandbox);
    const port = "kube.system.l3.network_default_nginx1-l3";
    await sandbox.run("ovn-nbctl", ["lsp-set-addresses", port, "unknown"]);
    const expected = `~ Logical_Switch_Port ${port}\n    addresses: [unknown] -> [0a:58:0a:21:02:03 10.33.2.3]\n`;
    const diff = await runCli(sandbox, ["diff", ...FILES]);
    assert.deepEqual([diff.exitCode, diff.stdout, diff.stderr], [1, expected, ""]);
    const summary = "1 network: 0 rows inserted, 1 updated, 0 deleted in 1 transaction\n";
    assert.equal(await run(sandbox, "apply", ...FILES), expected + summary);
    assert.equal(await dumpNorthbound(sandbox), dump);
  });

  it("prints the network-status of the pods, from apply and from the database", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    interface Pods {
      readonly pods: readonly { readonly name: string; readonly networkStatus: readonly unknown[] }[];
    }
    const applied = parse(await run(sandbox, "apply", ...FILES, "-o", "yaml")) as Pods;
    assert.deepEqual(applied.pods.find(({ name }) => name === "nginx1-l3")?.networkStatus, [NGINX1_L3]);
    const read = parse(await run(sandbox, "get", "pods", ...FILES, "-o", "yaml")) as Pods;
    const statuses = ({ pods }: Pods): unknown[] =>
      pods.map(({ name, networkStatus }) => [name, networkStatus]);
    assert.equal(read.pods.length, 6);
    assert.deepEqual(statuses(read), statuses(applied));
  });

  it("prints the same JSON for the same input, whichever order it comes in", async () => {
    const outputs: string[] = [];
    for (const files of [
      FILES,
      [
        "-f",
        "examples/article/pods.yaml",
        "-f",
        "examples/article/nodes.yaml",
        "-f",
        "examples/article/networks.yaml",
      ],
    ]) {
      await using sandbox = await startSandbox({ northbound: true });
      const dry = await run(sandbox, "apply", ...files, "-o", "json", "--dry-run");
      outputs.push(dry);
      const done = JSON.parse(await run(sandbox, "apply", ...files, "-o", "json")) as {
        transactions: number;
        changes: { uuid?: string }[];
      };
      assert.equal(done.transactions, 1);
      const known = await dumpNorthbound(sandbox);
      for (const { uuid } of done.changes) if (uuid !== undefined) assert.ok(known.includes(uuid), uuid);
      const again = JSON.parse(await run(sandbox, "apply", ...files, "-o", "json")) as object;
      assert.deepEqual(Object.keys(again), [
        "changed",
        "transactions",
        "changes",
        "pods",
        "notes",
        "kept",
        "absent",
        "skipped",
      ]);
    }
    assert.equal(outputs[0], outputs[1]);
  });

  it("shows networks as trees, one or all, and in JSON", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    assert.deepEqual(await runCli(sandbox, ["show"]), {
      exitCode: 0,
      signal: null,
      stdout: "",
      stderr: "ovn-northbound: there are no networks in this database\n",
    });
    await run(sandbox, "apply", ...FILES);
    await sandbox.run("ovn-nbctl", ["lsp-add", "l2.network_ovn_layer2_switch", "stranger"]);
    const all = await run(sandbox, "show");
    const one = await run(sandbox, "show", "l2-network");
    assert.ok(all.startsWith(one));
    assert.deepEqual(one.split("\n"), [
      "network l2-network  layer2  secondary  ovn-kubernetes  central  10.22.0.0/16",
      "└─ switch l2.network_ovn_layer2_switch",
      "   ├─ pod default/nginx1-l2  10.22.0.1  0a:58:0a:16:00:01  node work001  by kube-system/l2-network",
      "   ├─ pod default/nginx2-l2  10.22.0.2  0a:58:0a:16:00:02  node work002  by kube-system/l2-network",
      "   └─ not ours: Logical_Switch_Port stranger",
      "",
    ]);
    const { networks } = JSON.parse(await run(sandbox, "show", "-o", "json")) as {
      networks: { name: string }[];
    };
    assert.deepEqual(
      networks.map(({ name }) => name),
      ["l2-network", "l3-network", "localnet-network"],
    );
    const missing = await runCli(sandbox, ["show", "NOSUCH"]);
    assert.deepEqual([missing.exitCode, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /no network NOSUCH.*l2-network, l3-network, localnet-network\n$/);
  });

  it("lists networks, nodes and pods as tables", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, "apply", ...FILES);
    const words = (table: string): string[][] =>
      table
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ {3,}/));
    assert.deepEqual(words(await run(sandbox, "get", "nodes")), [
      ["NAME", "NETWORK", "SUBNETS", "PODS", "CHASSIS"],
      ["master001", "l3-network", "10.33.0.0/24", "0", "3f0c8d52-6a1e-4b9d-9c47-51d2e7a0b6f1"],
      ["work001", "l3-network", "10.33.2.0/24", "1", "8b27e6f4-0d35-4c1a-b8f9-2e64c9d1703a"],
      ["work002", "l3-network", "10.33.1.0/24", "1", "c41d9a08-7e52-4f63-a0b5-96f83b2d5ce7"],
    ]);
    assert.deepEqual(
      words(await run(sandbox, "get", "networks", ...FILES)).map((row) => [row[0], row[3]]),
      [
        ["NAME", "SUBNETS"],
        ["l2-network", "10.22.0.0/16"],
        ["l3-network", "10.33.0.0/16/24"],
        ["localnet-network", "192.168.100.0/24"],
      ],
    );
    assert.deepEqual(
      words(await run(sandbox, "get", "pods")).map((row) => row.slice(1, 5).join(" ")),
      [
        "NAME NETWORK NODE IPS",
        "nginx1-l2 l2-network work001 10.22.0.1",
        "nginx1-l3 l3-network work001 10.33.2.3",
        "nginx1-lo localnet-network work001 192.168.100.4",
        "nginx2-l2 l2-network work002 10.22.0.2",
        "nginx2-l3 l3-network work002 10.33.1.3",
        "nginx2-lo localnet-network work002 192.168.100.5",
      ],
    );
  });

  it("lists what is asked for by name, as kubectl calls it, and fails for what is not there", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    // What a shell makes of `-f examples/article/*.yaml`.
    const files = ["networks", "nodes", "pods"].map((name) => `examples/article/${name}.yaml`);
    const dry = await run(sandbox, "apply", "-f", ...files, "--dry-run=client");
    assert.match(dry, /nothing was written/);
    assert.equal(await run(sandbox, "apply", "-R", "-f", "examples/article", "--dry-run=server"), dry);
    await run(sandbox, "apply", "-f", ...files);
    const namesIn = (json: string): readonly string[] =>
      Object.values(JSON.parse(json) as Record<string, { name: string }[]>).flatMap((list) =>
        list.map(({ name }) => name),
      );
    const names = async (...args: string[]): Promise<readonly string[]> =>
      namesIn(await run(sandbox, "get", ...args, "-o", "json"));
    assert.deepEqual(await names("net", "l3-network"), ["l3-network"]);
    const shown = namesIn(await run(sandbox, "show", "localnet-network", "l2-network", "-o", "json"));
    assert.deepEqual(shown, ["localnet-network", "l2-network"]);
    assert.deepEqual(await names("node", "work002", "work001"), ["work001", "work002"]);
    assert.deepEqual(await names("po", "nginx1-l2", "default/nginx2-lo"), ["nginx1-l2", "nginx2-lo"]);
    assert.equal((await names("pods", "-n", "default")).length, 6);
    assert.equal((await run(sandbox, "get", "node", "work001")).split("\n")[1]?.split(/ {3,}/)[3], "1");
    const elsewhere = await runCli(sandbox, ["get", "pods", "-n", "shop", "nginx1-l2", "nope"]);
    assert.deepEqual(
      [elsewhere.exitCode, elsewhere.stdout, elsewhere.stderr],
      [
        1,
        "",
        ["nginx1-l2", "nope"]
          .map((name) => `ovn-northbound: ${name} in namespace shop is none of the pods in this database\n`)
          .join(""),
      ],
    );
    const partly = await runCli(sandbox, ["get", "networks", "l2-network", "nope", "-o", "json"]);
    assert.deepEqual(
      [partly.exitCode, namesIn(partly.stdout), partly.stderr],
      [1, ["l2-network"], "ovn-northbound: nope is none of the networks in this database\n"],
    );
  });

  it("counts in get networks what show lists", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, "apply", ...FILES);
    // Not `run`: an older server makes it say what it leaves out.
    const primary = await runCli(sandbox, ["apply", "-f", "examples/primary"]);
    assert.equal(primary.exitCode, 0, primary.stderr);
    const { networks: shown } = JSON.parse(await run(sandbox, "show", "-o", "json")) as {
      readonly networks: readonly NetworkOverview[];
    };
    const { networks: got } = JSON.parse(await run(sandbox, "get", "networks", "-o", "json")) as {
      readonly networks: readonly NetworkSummary[];
    };
    // What is undefined in the library is null in JSON.
    const counted = shown
      .map(summaryOf)
      .map((each) => ({ ...each, profile: each.profile ?? null, mode: each.mode ?? null }));
    assert.deepEqual(got, counted);
    assert.ok(shown.length > 4 && got.some(({ role }) => role === "primary"));
  });

  it("deletes networks and pods by their names, without manifests", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, "apply", ...FILES);
    const ports = (): Promise<string> =>
      sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch_Port"]);
    const before = await ports();
    const pod = ["delete", "pod", "default/nginx1-l2"];
    assert.match(await run(sandbox, ...pod, "--dry-run"), /1 deleted \(dry run/);
    assert.equal(await ports(), before);
    const deleted = await runCli(sandbox, ["delete", "po", "nginx1-l2", "nope", "-n", "default"]);
    assert.deepEqual(
      [deleted.exitCode, deleted.stdout.split("\n")[0], deleted.stderr],
      [
        0,
        "- Logical_Switch_Port kube.system.l2.network_default_nginx1-l2",
        "ovn-northbound: absent: pod default/nope\n",
      ],
    );
    assert.doesNotMatch(await ports(), /nginx1-l2/);
    assert.match(await ports(), /nginx1-l3/);
    await sandbox.run("ovn-nbctl", ["lsp-add", "l3.network_work001", "mine"]);
    const refused = await runCli(sandbox, ["delete", "network", "l3-network", "l2-network"]);
    assert.deepEqual([refused.exitCode, refused.stdout], [1, ""]);
    assert.match(
      refused.stderr,
      /Logical_Switch_Port mine .* in ports of Logical_Switch l3\.network_work001/,
    );
    const forced = await runCli(sandbox, [
      "delete",
      "networks",
      "l3-network",
      "l2-network",
      "nope",
      "--force",
    ]);
    assert.equal(forced.exitCode, 0, forced.stderr);
    assert.match(
      forced.stderr,
      /note: networks of this database: l2-network, l3-network, localnet-network$/m,
    );
    assert.match(forced.stderr, /absent: network "nope"/);
    const left = await sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch"]);
    assert.equal(left.trim(), "localnet.network_ovn_localnet_switch");
  });

  it("deletes pods, then networks, says what is absent, and leaves nodes to apply --prune", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, "apply", ...FILES);
    const full = await dumpNorthbound(sandbox);
    const pods = ["-f", "examples/article/pods.yaml"];
    const dry = await run(sandbox, "delete", ...pods, "--dry-run");
    assert.match(dry, /0 rows inserted, 0 updated, 6 deleted \(dry run/);
    assert.equal(await dumpNorthbound(sandbox), full);
    assert.match(await run(sandbox, "delete", ...pods), /\n3 networks: .* 6 deleted in 1 transaction\n$/);
    const again = await runCli(sandbox, ["delete", ...pods]);
    assert.deepEqual([again.exitCode, again.stdout], [0, "nothing to change\n"]);
    assert.equal(again.stderr.match(/^ovn-northbound: absent: pod default\/nginx/gm)?.length, 6);

    const all = await runCli(sandbox, ["delete", ...FILES]);
    assert.equal(all.exitCode, 0);
    assert.equal(all.stderr, "ovn-northbound: note: Copp and Meter rows stay: they serve others too\n");
    for (const table of ["Logical_Switch", "Logical_Router", "Logical_Switch_Port", "Load_Balancer_Group"])
      assert.equal(await sandbox.run("ovn-nbctl", ["--bare", "list", table]), "", table);
    const absent = await runCli(sandbox, ["delete", "-f", "examples/article/networks.yaml"]);
    assert.deepEqual([absent.exitCode, absent.stdout], [0, "nothing to change\n"]);
    assert.equal(absent.stderr.match(/^ovn-northbound: absent: network "/gm)?.length, 3);
  });

  it("does not delete what would take rows of others along, unless forced", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, "apply", ...FILES);
    await sandbox.run("ovn-nbctl", ["lsp-add", "l2.network_ovn_layer2_switch", "stranger"]);
    const before = await dumpNorthbound(sandbox);
    const refused = await runCli(sandbox, ["delete", "-f", "examples/article/networks.yaml"]);
    assert.deepEqual([refused.exitCode, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /nothing was removed.*--force/);
    assert.match(
      refused.stderr,
      /^ovn-northbound: Logical_Switch_Port stranger \([-0-9a-f]+\) in ports of Logical_Switch l2\.network_ovn_layer2_switch$/m,
    );
    assert.equal(await dumpNorthbound(sandbox), before);
    const forced = await runCli(sandbox, ["delete", "-f", "examples/article/networks.yaml", "--force"]);
    assert.equal(forced.exitCode, 0, forced.stderr);
    assert.equal(await sandbox.run("ovn-nbctl", ["--bare", "list", "Logical_Switch_Port"]), "");
  });
});
