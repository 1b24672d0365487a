import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { projectRoot } from "../support/project.ts";
import { runCli } from "../support/run-cli.ts";

const FILES = ["-f", "examples/zones"];

describeWithOvn("the command with zones", () => {
  const handles = { node1: useSandbox({ northbound: true }), node2: useSandbox({ northbound: true }) };

  for (const [zone, other, own, far] of [
    ["node1", "node2", "app-1", "app-2"],
    ["node2", "node1", "app-2", "app-1"],
  ] as const)
    it(`applies the manifests of all zones in that of ${zone}, once, and lists what is there`, async () => {
      const { sandbox } = handles[zone];
      const apply = ["apply", ...FILES, "--mode", "interconnect", "--zone", zone];
      const first = await runCli(sandbox, apply);
      assert.equal(first.exitCode, 0, first.stderr);
      // Whatever OVN is installed: nothing else is to be said.
      assert.match(first.stderr, /^(?:ovn-northbound: note: .* is of an OVN before 23\.09, .*\n)?$/);
      const second = await runCli(sandbox, apply);
      assert.deepEqual([second.exitCode, second.stdout], [0, "nothing to change\n"]);
      const nodes = (await runCli(sandbox, ["get", "nodes"])).stdout;
      assert.match(nodes, new RegExp(`^${zone} +routed +10\\.33\\.\\d\\.0/24 +1 `, "m"));
      assert.match(nodes, new RegExp(`^${other} +routed +10\\.33\\.\\d\\.0/24 +0 `, "m"));
      const listed = await runCli(sandbox, ["get", "networks", "-o", "json"]);
      const { networks } = JSON.parse(listed.stdout) as { networks: Record<string, unknown>[] };
      assert.deepEqual(
        networks.map(({ name, mode, nodes, pods }) => [name, mode, nodes, pods]),
        [
          // Without a tunnel between zones, rows do not tell whether there are any.
          ["physical", null, 0, 1],
          ["routed", "interconnect", 2, 1],
          ["switched", "interconnect", 0, 2],
        ],
      );
      const shown = (await runCli(sandbox, ["show"])).stdout;
      assert.match(shown, new RegExp(`port routed_tstor-${other} +remote`));
      assert.match(shown, new RegExp(`pod default/${far} +10\\.22\\.0\\.\\d`));
      const list = ["-f", "json", "--columns=name,type", "list", "Logical_Switch_Port"];
      const { data } = JSON.parse(await sandbox.run("ovn-nbctl", list)) as { data: [string, string][] };
      const types = new Map(data);
      assert.equal(types.get(`default.switched_default_${own}`), "");
      assert.equal(types.get(`default.switched_default_${far}`), "remote");
      assert.ok(
        types.has(`default.physical_default_${own}`) && !types.has(`default.physical_default_${far}`),
      );
      assert.ok(types.has(`default.routed_default_${own}`) && !types.has(`default.routed_default_${far}`));
    });

  it("removes a node of another zone with prune, and all of it with delete", async () => {
    const { sandbox } = handles.node1;
    const folder = await mkdtemp(join(tmpdir(), "zones-"));
    try {
      const text = await readFile(join(projectRoot, "examples/zones/networks.yaml"), "utf8");
      const documents = text.split("---\n").filter((each) => !/name(?:Name)?: (?:node2|app-2)$/m.test(each));
      await writeFile(join(folder, "alone.yaml"), documents.join("---\n"));
      const options = ["--mode", "interconnect", "--zone", "node1", "--prune"];
      const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", folder, ...options]);
      assert.equal(exitCode, 0, stderr);
      const rows = await sandbox.run("ovn-nbctl", [
        "--bare",
        "--columns=name",
        "list",
        "Logical_Switch_Port",
      ]);
      assert.doesNotMatch(rows, /node2|app-2/);
      assert.match(rows, /app-1/);
      assert.equal(await sandbox.run("ovn-nbctl", ["lr-route-list", "routed_ovn_cluster_router"]), "");
      assert.equal((await runCli(sandbox, ["delete", ...FILES])).exitCode, 0);
      assert.equal(await sandbox.run("ovn-nbctl", ["show"]), "");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("says what is missing, and where", async () => {
    const { sandbox } = handles.node2;
    const text = await readFile(join(projectRoot, "examples/zones/networks.yaml"), "utf8");
    const without = (annotation: string): string =>
      text.replace(new RegExp(`^ +k8s.ovn.org/${annotation}:.*\n`, "m"), "");
    const apply = ["apply", "-f", "-", "--mode", "interconnect", "--zone", "node2"];
    for (const annotation of [
      "node-id",
      "node-chassis-id",
      "node-subnets",
      "node-transit-switch-port-ifaddr",
    ]) {
      const { exitCode, stderr } = await runCli(sandbox, apply, { input: without(annotation) });
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        new RegExp(
          `standard input:4: .*is missing: network "routed" needs it.*k8s\\.ovn\\.org/${annotation}`,
        ),
      );
    }
    const nameless = await runCli(sandbox, apply, { input: without("network-id") });
    assert.match(nameless.stderr, /network "routed" needs it.*k8s\.ovn\.org\/network-id/);
    const mistaken = await runCli(sandbox, ["diff", ...FILES, "--mode", "interconnect", "--zone", "node3"]);
    assert.equal(mistaken.exitCode, 2);
    assert.match(mistaken.stderr, /zone is the zone of no node; theirs are node1, node2: "node3"/);
  });
});
