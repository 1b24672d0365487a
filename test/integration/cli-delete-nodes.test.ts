import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn } from "../support/index.ts";
import { type CliOutcome, dumpNorthbound, runCli } from "../support/run-cli.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const MANIFESTS = [
  blue({ subnets: "10.9.0.0/16" }),
  nad("ns/red", { name: "red", topology: "layer3", subnets: "10.5.0.0/16/24" }),
  nad("ns/green", { name: "green", topology: "layer3", subnets: "10.6.0.0/16/24" }),
  node("n1"),
  node("n2"),
];
const on = (name: string): object => ({ spec: { nodeName: name } });
const PODS = [
  pod("d/a", "ns/red,kube-system/blue", on("n1")),
  pod("d/b", "ns/red,kube-system/blue", on("n2")),
  pod("d/c", "ns/green", on("n2")),
];

async function good(sandbox: Sandbox, ...args: readonly string[]): Promise<CliOutcome> {
  const outcome = await runCli(sandbox, args);
  assert.equal(outcome.exitCode, 0, outcome.stderr);
  return outcome;
}

async function apply(sandbox: Sandbox, ...manifests: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCli(sandbox, ["apply", "--prune", "-f", "-"], {
    input: documents(...manifests),
  });
  assert.equal(exitCode, 0, stderr);
}

describeWithOvn("delete node", () => {
  it("takes nodes out of all networks, or of those that are named, as apply --prune would", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, ...MANIFESTS, ...PODS);
    const full = await dumpNorthbound(sandbox);
    const dry = await good(sandbox, "delete", "node", "n2", "--dry-run");
    assert.match(dry.stdout, /^- Logical_Switch red_n2$/m);
    assert.match(dry.stdout, /^3 networks: 0 rows inserted, 0 updated, 11 deleted \(dry run: /m);
    assert.equal(await dumpNorthbound(sandbox), full);

    const one = await good(sandbox, "delete", "node", "n2", "--network", "green");
    assert.match(one.stdout, /^1 network: 0 rows inserted, 0 updated, \d+ deleted in 1 transaction$/m);
    assert.doesNotMatch(one.stdout, /red|blue/);
    const names = ["get", "no,po", "-o", "name"];
    assert.equal((await good(sandbox, ...names)).stdout, "node/n1\nnode/n2\npod/d/a\npod/d/b\n");

    await good(sandbox, "delete", "node/n2");
    assert.equal((await good(sandbox, ...names)).stdout, "node/n1\npod/d/a\n");
    const left = await dumpNorthbound(sandbox);
    await apply(sandbox, ...MANIFESTS.slice(0, -1), ...PODS.slice(0, 1));
    assert.equal(await dumpNorthbound(sandbox), left);
  });

  it("says what is not there, and with -o name what get finds no more", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, ...MANIFESTS, ...PODS);
    const named = async (...args: readonly string[]): Promise<string> =>
      (await good(sandbox, "delete", ...args, "-o", "name")).stdout;
    assert.equal(await named("node", "n2", "--network", "red", "--dry-run"), "");
    assert.equal(
      await named("node", "n2", "--network=red", "--network=green", "--dry-run"),
      "node/n2\npod/d/c\n",
    );
    assert.equal(
      await named("node/n2", "network/blue", "--dry-run"),
      "network/blue\nnode/n2\npod/d/b\npod/d/c\n",
    );
    assert.equal(await named("node", "n2"), "node/n2\npod/d/b\npod/d/c\n");
    const again = await good(sandbox, "delete", "no", "n2", "n9");
    assert.deepEqual(
      [again.stdout, again.stderr],
      ["nothing to change\n", "ovn-northbound: absent: node n2\novn-northbound: absent: node n9\n"],
    );
    const unknown = await good(sandbox, "delete", "node", "n1", "--network", "rde");
    assert.match(unknown.stderr, /note: networks of this database: blue, green, red\n/);
    assert.match(unknown.stderr, /absent: node n1 of network "rde"\n/);
  });

  it("does not take rows of others along, unless forced", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, ...MANIFESTS, ...PODS);
    await sandbox.run("ovn-nbctl", ["lsp-add", "red_n2", "stranger"]);
    const before = await dumpNorthbound(sandbox);
    const refused = await runCli(sandbox, ["delete", "node", "n2"]);
    assert.deepEqual([refused.exitCode, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /nothing was removed.*--force/);
    assert.match(refused.stderr, /Logical_Switch_Port stranger .* in ports of Logical_Switch red_n2/);
    assert.equal(await dumpNorthbound(sandbox), before);
    await good(sandbox, "delete", "node", "n2", "--force");
    assert.doesNotMatch((await good(sandbox, "get", "nodes")).stdout, /n2/);
  });
});
