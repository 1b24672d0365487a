import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generateModel } from "../../lib/codegen/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn } from "../support/index.ts";
import { dumpNorthbound, runCli } from "../support/run-cli.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const red = nad("ns/red", { name: "red", topology: "layer3", subnets: "10.5.0.0/16/24" });

/** Runs a command on manifests that it reads from standard input. */
async function run(
  sandbox: Sandbox,
  args: readonly string[],
  manifests: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await runCli(sandbox, [...args, "-f", "-"], {
    input: documents(...manifests),
  });
  assert.equal(exitCode, 0, stderr);
  return { stdout, stderr };
}

async function names(sandbox: Sandbox, table: string): Promise<string[]> {
  const output = await sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", table]);
  return output.split("\n").filter(Boolean).sort();
}

describeWithOvn("options of the command", () => {
  it("--dry-run prints what apply would do, and writes nothing", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const empty = await dumpNorthbound(sandbox);
    const { stdout } = await run(sandbox, ["apply", "--dry-run", "--wait", "sb"], [blue(), node("n1")]);
    assert.match(stdout, /^\+ Logical_Switch blue_ovn_layer2_switch$/m);
    assert.match(stdout, /\d+ rows inserted, 0 updated, 0 deleted \(dry run: nothing was written\)\n$/);
    assert.equal(await dumpNorthbound(sandbox), empty);
  });

  it("--prune removes nodes and pods that the manifests lack, =networks whole networks of ours", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const all = [
      blue(),
      red,
      node("n1"),
      node("n2"),
      pod("d/a", "ns/red,kube-system/blue"),
      pod("d/b", "ns/red"),
    ];
    await run(sandbox, ["apply"], all);
    await sandbox.run("ovn-nbctl", ["ls-add", "theirs", "--", "lsp-add", "theirs", "p"]);
    await sandbox.run("ovn-nbctl", ["ls-add", "green_n1"]);
    const mark = "external_ids:k8s.ovn.org/network=green";
    await sandbox.run("ovn-nbctl", ["set", "Logical_Switch", "green_n1", mark]);

    const fewer = [red, node("n1"), pod("d/a", "ns/red")];
    const full = await dumpNorthbound(sandbox);
    await run(sandbox, ["apply"], fewer);
    assert.equal(await dumpNorthbound(sandbox), full, "apply alone removes nothing");

    const planned = await runCli(sandbox, ["diff", "--prune", "-f", "-"], { input: documents(...fewer) });
    assert.equal(planned.exitCode, 1);
    assert.deepEqual(
      planned.stdout
        .split("\n")
        .filter((line) => /^[-+~]/.test(line))
        .map((line) => line.split(" ", 3).join(" "))
        .sort(),
      [
        "- Gateway_Chassis rtos-red_n2-n2",
        "- Logical_Router_Port rtos-red_n2",
        "- Logical_Switch red_n2",
        "- Logical_Switch_Port ns.red_d_b",
        "- Logical_Switch_Port stor-red_n2",
      ],
    );
    await run(sandbox, ["apply", "--prune"], fewer);
    assert.deepEqual(await names(sandbox, "Logical_Switch"), [
      "blue_ovn_layer2_switch",
      "green_n1",
      "red_n1",
      "theirs",
    ]);
    const { stderr } = await run(sandbox, ["apply", "--prune=networks"], fewer);
    assert.match(stderr, /^ovn-northbound: kept: network "green" stays: green_n1 not made by us$/m);
    assert.deepEqual(await names(sandbox, "Logical_Switch"), ["green_n1", "red_n1", "theirs"]);
    assert.deepEqual(await names(sandbox, "Logical_Switch_Port"), ["ns.red_d_a", "p", "stor-red_n1"]);
  });

  it("-o json: programs are told all that standard error says of the manifests", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const foreign = "kind: Foo\nmetadata: {name: x, namespace: d}\n";
    const skipped = [
      {
        file: "standard input",
        document: 1,
        line: 1,
        kind: "Foo",
        name: "d/x",
        reason: "this kind is not used",
      },
    ];
    const run = async (input: string, ...args: readonly string[]) => {
      const { stdout, stderr } = await runCli(sandbox, [...args, "-f", "-", "-o", "json"], { input });
      assert.match(
        stderr,
        /^ovn-northbound: skipped: standard input:1: document 1: Foo d\/x: this kind is not used$/m,
      );
      const { notes, absent, skipped } = JSON.parse(stdout) as Record<string, readonly string[]>;
      const said = stderr
        .split("\n")
        .flatMap((line) => /^ovn-northbound: (?:note|absent): (.*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual([...(notes ?? []), ...(absent ?? [])], said);
      return { said, skipped };
    };
    const nothing = documents(foreign, node("n1"));
    const noNetwork = "the manifests hold no network";
    for (const command of [["apply"], ["apply", "--dry-run"], ["diff"], ["get", "networks"]])
      assert.deepEqual(await run(nothing, ...command), { said: [noNetwork], skipped });
    const deleted = await run(nothing, "delete");
    assert.deepEqual(deleted.skipped, skipped);
    assert.match(deleted.said[0] ?? "", /^delete leaves nodes alone \(n1\)/);
    const listed = await run(documents(foreign, blue()), "get", "networks");
    assert.deepEqual(listed.skipped, skipped);
    assert.equal(listed.said.length, 1, "the network is absent");
  });

  it("--profile and --migrate: the other profile is recognised, and changed only when asked", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const files = ["-f", "examples/article"];
    const old = [...files, "--profile", "ovn-kubernetes-2023"];
    assert.equal((await runCli(sandbox, ["apply", ...old])).exitCode, 0);
    const before = await dumpNorthbound(sandbox);
    for (const [command, exitCode] of [
      ["apply", 1],
      ["diff", 2],
    ] as const) {
      const refused = await runCli(sandbox, [command, ...files]);
      assert.deepEqual([refused.exitCode, refused.stdout], [exitCode, ""]);
      // Where the network stands, and both ways out.
      assert.match(
        refused.stderr,
        /^ovn-northbound: examples\/article\/networks\.yaml:\d+: document \d: spec\.config\.name: .*profile ovn-kubernetes-2023.*profile ovn-kubernetes .*--migrate.*--profile ovn-kubernetes-2023 leaves/,
      );
    }
    assert.equal(await dumpNorthbound(sandbox), before);
    const migrated = await runCli(sandbox, ["apply", ...files, "--migrate"]);
    assert.deepEqual([migrated.exitCode, migrated.stderr], [0, ""]);
    assert.equal((await runCli(sandbox, ["diff", ...files])).exitCode, 0);
  });

  it("--cluster-mtu and --gateway-mode reach the rows", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await run(sandbox, ["apply", "--cluster-mtu", "9000", "--gateway-mode", "local"], [red, node("n1")]);
    const get = (table: string, name: string, what: string): Promise<string> =>
      sandbox.run("ovn-nbctl", ["get", table, name, what]);
    assert.match(await get("Logical_Router_Port", "rtos-red_n1", "options"), /gateway_mtu="9000"/);
    assert.match(await get("Logical_Router", "red_ovn_cluster_router", "options"), /ct-commit-all="true"/);
  });

  it("--wait sb returns when ovn-northd has written its flows, also with nothing to change", async () => {
    await using sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
    await run(sandbox, ["apply", "--wait", "sb"], [blue(), node("n1"), pod("d/a", "kube-system/blue")]);
    const bindings = await sandbox.run("ovn-sbctl", [
      "--bare",
      "--columns=logical_port",
      "list",
      "Port_Binding",
    ]);
    assert.equal(bindings.trim(), "kube.system.blue_d_a");
    const counter = (): Promise<string> => sandbox.run("ovn-nbctl", ["get", "NB_Global", ".", "nb_cfg"]);
    const before = Number(await counter());
    const { stdout } = await run(
      sandbox,
      ["apply", "--wait", "sb"],
      [blue(), node("n1"), pod("d/a", "kube-system/blue")],
    );
    assert.equal(stdout, "nothing to change\n");
    assert.equal(Number(await counter()), before + 1);
    await run(sandbox, ["delete", "--wait", "sb"], [pod("d/a", "kube-system/blue")]);
    assert.equal(Number(await counter()), before + 2);
    assert.equal(await sandbox.run("ovn-sbctl", ["--bare", "list", "Port_Binding"]), "");
  });

  it("-f takes standard input, several files, lists and JSON; what is not used is said", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const items = [node("n1"), pod("d/a", "kube-system/l2-network")].map(
      (text) => JSON.parse(text) as object,
    );
    const list = JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [
        ...items,
        { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x", namespace: "d" } },
      ],
    });
    const { exitCode, stdout, stderr } = await runCli(
      sandbox,
      ["apply", "-f", "-", "--filename", "examples/article/networks.yaml"],
      { input: list },
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^\+ Logical_Switch_Port kube\.system\.l2\.network_d_a in /m);
    assert.deepEqual(stderr.split("\n"), [
      "ovn-northbound: skipped: standard input:1: document 1: Deployment d/x: this kind is not used, only the pods that are made of it",
      "ovn-northbound: note: node n1 has no chassis id; its name is used instead",
      "",
    ]);
  });

  it("delete tells of definitions that the manifests lack when their network goes", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const both = [blue(), blue({}, "ns/azure"), node("n1")];
    await run(
      sandbox,
      ["apply"],
      [...both, pod("d/a", "kube-system/blue"), pod("d/b", "ns/azure"), pod("d/c", "ns/azure")],
    );
    const all = await run(sandbox, ["delete", "--dry-run"], [blue(), blue({}, "ns/azure")]);
    assert.equal(all.stderr, "");
    const { stderr } = await run(sandbox, ["delete"], [blue()]);
    assert.equal(
      stderr,
      'ovn-northbound: note: network "blue" goes with the ports that pods have by ns/azure\n',
    );
    assert.deepEqual(await names(sandbox, "Logical_Switch_Port"), []);
  });

  it("--db wins over OVN_NB_DB, and takes several remotes", async () => {
    await using sandbox = await startSandbox({ northbound: true, tcp: true });
    const dead = { env: { OVN_NB_DB: "unix:/nonexistent/nb.sock" } };
    assert.equal((await runCli(dead, ["show"])).exitCode, 1);
    const remotes = `unix:/nonexistent/nb.sock,${sandbox.northbound.tcp}`;
    assert.equal((await runCli(dead, ["--db", remotes, "show"])).exitCode, 0);
  });
});

describeWithOvn("codegen", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "codegen-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("writes the same model from a server as the generator does from the schema, and only what changed", async () => {
    await using sandbox = await startSandbox({ northbound: northbound });
    const expected = generateModel(northbound, { importFrom: "ovn-northbound" });
    const args = ["codegen", "--out", join(folder, "made/model"), "--db", sandbox.northbound.remote];
    const first = await runCli(sandbox, args);
    assert.deepEqual([first.exitCode, first.stderr], [0, ""]);
    assert.match(
      first.stdout,
      new RegExp(`^OVN_Northbound [\\d.]+: ${expected.size} files in .*, ${expected.size} of`),
    );
    for (const [name, text] of expected)
      assert.equal(readFileSync(join(folder, "made/model", name), "utf8"), text, name);
    assert.match((await runCli(sandbox, args)).stdout, /, 0 of them written\n$/);
  });

  it("names what is wrong: no such database, no schema", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const args = ["codegen", "--out", join(folder, "o")];
    const unknown = await runCli(sandbox, [...args, "--database", "Nothing"]);
    assert.equal(unknown.exitCode, 1);
    assert.match(unknown.stderr, /^ovn-northbound: .*no database Nothing.*OVN_Northbound.*\n$/);
    const wrong = await runCli(sandbox, [...args, "--schema", "package.json"]);
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /^ovn-northbound: package\.json: not a schema of a database: .*\n$/);
    // In /proc nobody makes a folder; Node.js tries for ever, and could not be interrupted.
    for (const [out, why] of [
      ["/proc/model/of", "no such file or folder"],
      [resolve("package.json"), "is a file"],
      [resolve("package.json", "model"), "a part of the path is not a folder"],
    ] as const) {
      const nowhere = await runCli(sandbox, ["codegen", "--out", out]);
      assert.deepEqual(
        [nowhere.exitCode, nowhere.stderr],
        [1, `ovn-northbound: cannot make ${out}: ${why}\n`],
      );
    }
    const deep = join(folder, "deep", "er", "model");
    assert.equal((await runCli(sandbox, ["codegen", "--out", deep])).exitCode, 0);
    assert.ok(readdirSync(deep).includes("index.ts"));
  });
});
