import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { graphTopology, type TopologyGraph } from "../../lib/topology/index.ts";
import { describeWithOvn } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { projectRoot } from "../support/project.ts";
import { runCli } from "../support/run-cli.ts";

async function graph(sandbox: Sandbox, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(sandbox, ["graph", ...args]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  return stdout;
}

async function picture(sandbox: Sandbox, ...args: string[]): Promise<TopologyGraph> {
  return JSON.parse(await graph(sandbox, ...args, "-o", "json")) as TopologyGraph;
}

/** Columns of all rows as ovn-nbctl prints them: elements of sets and maps with spaces between. */
async function list(sandbox: Sandbox, table: string, columns: string): Promise<string[][]> {
  const options = ["--format=csv", "--no-headings", "--data=bare", `--columns=${columns}`, "list", table];
  const text = await sandbox.run("ovn-nbctl", options);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
}

async function apply(sandbox: Sandbox, folder: string): Promise<void> {
  const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", folder]);
  assert.equal(exitCode, 0, stderr);
}

describeWithOvn("the command graph", () => {
  it("draws every switch, router and pod that the database has, and how they are connected", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    await apply(sandbox, "examples/article");
    await apply(sandbox, "examples/primary");
    await sandbox.run("ovn-nbctl", ["ls-add", "theirs", "--", "lsp-add", "theirs", "vm"]);
    const { boxes, links, networks } = await picture(sandbox);
    const named = boxes
      .filter(({ kind, name }) => kind !== "physical" && name !== "")
      .map(({ name }) => name);
    const rows = [
      ...(await list(sandbox, "Logical_Switch", "name")),
      ...(await list(sandbox, "Logical_Router", "name")),
    ];
    assert.deepEqual(named.sort(), rows.flat().sort());
    assert.deepEqual(
      networks.map(({ name }) => name),
      [
        "",
        "l2-network",
        "l3-network",
        "localnet-network",
        "multihoming-demo_udn-primary",
        "multihoming-demo_udn-secondary",
      ],
    );
    // Every port that leads to a router is a link with that router port's addresses.
    const addresses = (await list(sandbox, "Logical_Router_Port", "networks")).flatMap(([set = ""]) =>
      set.split(" "),
    );
    const labels = links.flatMap((link) => link.labels.flatMap((label) => label.split(" ")));
    assert.deepEqual(labels.sort(), addresses.sort());
    // Every pod is there with its address.
    const ports = await list(sandbox, "Logical_Switch_Port", "external_ids,addresses");
    const pods = ports
      .filter(([marks = ""]) => marks.includes("pod=true"))
      .map(([, text = ""]) => text.split(" ")[1]);
    const lines = boxes
      .filter(({ kind }) => kind === "pods")
      .flatMap((box) => box.lines.map((line) => line.split(" ")[1]));
    assert.ok(pods.length >= 8, `${pods.length} pods`);
    assert.deepEqual(lines.sort(), pods.sort());
    assert.deepEqual(
      boxes.filter(({ kind }) => kind === "physical").map(({ name }) => name),
      ["localnet-network", "physnet"],
    );
  });

  it("prints Mermaid unless it is told otherwise, the same for the same rows however they came", async () => {
    await using one = await startSandbox({ northbound: true });
    await using other = await startSandbox({ northbound: true });
    await apply(one, "examples/article");
    // Networks without nodes first, pods last.
    for (const file of ["networks", "nodes"]) await apply(other, `examples/article/${file}.yaml`);
    await apply(other, "examples/article");
    for (const format of ["mermaid", "dot", "svg", "json", "yaml"])
      assert.equal(await graph(other, "-o", format), await graph(one, "--output", format), format);
    const text = await graph(one);
    assert.match(text, /^flowchart LR\n/);
    assert.equal(text, await graph(one, "-o", "mermaid"));
    assert.match(await graph(one, "-o", "dot", "l3-network"), /^graph topology \{\n/);
    assert.match(await graph(one, "-o", "svg", "l3-network"), /^<svg /);
  });

  it("folds nodes and pods as it is told", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, "examples/article");
    const titles = async (...args: string[]): Promise<string[]> =>
      (await picture(sandbox, "l3-network", ...args)).boxes.map(({ title }) => title);
    assert.ok((await titles()).includes("switch of work002"));
    assert.deepEqual(await titles("--nodes", "1"), [
      "cluster router",
      "switch of master001",
      "2 more nodes",
      "2 pods on 2 more nodes",
    ]);
    assert.ok((await titles("--nodes", "0", "--node", "work002")).includes("1 pod on work002"));
    assert.deepEqual((await titles("--nodes", "0")).slice(1), ["3 nodes", "2 pods on 2 nodes"]);
    assert.equal((await titles("--nodes", "all")).length, 6);
  });

  it("tells networks and nodes that are not there, and wrong limits", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const empty = await runCli(sandbox, ["graph"]);
    assert.deepEqual(empty, {
      exitCode: 0,
      signal: null,
      stdout: "flowchart LR\n",
      stderr: "ovn-northbound: there are no networks in this database\n",
    });
    await apply(sandbox, "examples/article");
    for (const [args, message] of [
      [
        ["l4"],
        /^ovn-northbound: there is no network l4 in this database; there are: l2-network, l3-network, localnet-network\n$/,
      ],
      [
        ["l3-network", "--node", "work009"],
        /^ovn-northbound: there is no node work009 in this picture; there are: master001, work001, work002\n$/,
      ],
      [
        ["--nodes", "many"],
        /'--nodes <number>' argument 'many' is invalid. It must be a whole number or all/,
      ],
      [["-o", "text"], /'-o, --output <format>' argument 'text' is invalid/],
    ] as const) {
      const { exitCode, stdout, stderr } = await runCli(sandbox, ["graph", ...args]);
      assert.deepEqual([exitCode, stdout], [1, ""]);
      assert.match(stderr, message);
    }
  });

  it("says when Mermaid would not draw that much", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const script = Array.from({ length: 501 }, (_, index) => [
      "--",
      "ls-add",
      `s${index}`,
      "--",
      "lsp-add",
      `s${index}`,
      `p${index}`,
    ]);
    await sandbox.run("ovn-nbctl", script.flat().slice(1));
    const { exitCode, stderr } = await runCli(sandbox, ["graph", "--nodes", "all"]);
    assert.equal(exitCode, 0);
    assert.match(stderr, /more than Mermaid draws by default/);
    assert.equal((await runCli(sandbox, ["graph"])).stderr, "");
  });

  it("is a function of a replica for programs", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, "examples/article");
    await using nb = await connectNorthbound(sandbox.northbound.remote);
    assert.deepEqual(JSON.parse(JSON.stringify(graphTopology(nb.view))), await picture(sandbox));
  });

  it("draws the pictures of the documentation as they are there", () => {
    const built = join(import.meta.dirname, "../../lib");
    const script = spawnSync(process.execPath, ["scripts/pictures.mjs", "--check", "--built", built], {
      cwd: projectRoot,
      encoding: "utf8",
    });
    assert.deepEqual([script.status, script.stderr], [0, ""]);
  });
});
