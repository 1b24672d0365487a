import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { runCli } from "../support/run-cli.ts";

/** Two nodes, a network and a pod on each node, as a cluster with OVN-Kubernetes would show them. */
function manifests(): object[] {
  const node = (name: string, id: number): object => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: {
        "k8s.ovn.org/node-chassis-id": `chassis-of-${name}`,
        "k8s.ovn.org/node-id": String(id),
        "k8s.ovn.org/node-subnets": JSON.stringify({ blue: [`10.1.${id}.0/24`] }),
        "k8s.ovn.org/node-transit-switch-port-ifaddr": JSON.stringify({ ipv4: `100.88.0.${id}/16` }),
      },
    },
  });
  const pod = (name: string, nodeName: string): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", annotations: { "k8s.v1.cni.cncf.io/networks": "blue" } },
    spec: { nodeName },
  });
  const config = {
    cniVersion: "1.0.0",
    type: "ovn-k8s-cni-overlay",
    name: "blue",
    netAttachDefName: "default/blue",
    topology: "layer3",
    subnets: "10.1.0.0/16/24",
  };
  return [
    node("n1", 2),
    node("n2", 3),
    {
      apiVersion: "k8s.cni.cncf.io/v1",
      kind: "NetworkAttachmentDefinition",
      metadata: { name: "blue", namespace: "default", annotations: { "k8s.ovn.org/network-id": "4" } },
      spec: { config: JSON.stringify(config) },
    },
    pod("a", "n1"),
    pod("b", "n2"),
  ];
}

describeWithOvn("the command with zones", () => {
  const handles = { n1: useSandbox({ northbound: true }), n2: useSandbox({ northbound: true }) };
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zones-"));
    await writeFile(join(folder, "all.json"), JSON.stringify({ kind: "List", items: manifests() }));
  });

  after(() => rm(folder, { recursive: true }));

  it("applies the same manifests in every zone, once, and lists what is there", async () => {
    for (const [zone, other] of [
      ["n1", "n2"],
      ["n2", "n1"],
    ] as const) {
      const { sandbox } = handles[zone];
      const apply = ["apply", "-f", folder, "--mode", "interconnect", "--zone", zone];
      const first = await runCli(sandbox, apply);
      assert.equal(first.exitCode, 0, first.stderr);
      // Whatever OVN is installed: nothing else is to be said.
      assert.match(first.stderr, /^(?:ovn-northbound: note: .* is of an OVN before 23\.09, .*\n)?$/);
      const second = await runCli(sandbox, apply);
      assert.deepEqual([second.exitCode, second.stdout], [0, "nothing to change\n"]);
      const nodes = await runCli(sandbox, ["get", "nodes"]);
      assert.match(
        nodes.stdout,
        new RegExp(`^${zone} +blue +10\\.1\\.\\d\\.0/24 +1 +chassis-of-${zone}$`, "m"),
      );
      assert.match(
        nodes.stdout,
        new RegExp(`^${other} +blue +10\\.1\\.\\d\\.0/24 +0 +chassis-of-${other}$`, "m"),
      );
      const networks = await runCli(sandbox, ["get", "networks", "-o", "json"]);
      const [network] = (JSON.parse(networks.stdout) as { networks: Record<string, unknown>[] }).networks;
      assert.deepEqual([network?.["mode"], network?.["nodes"], network?.["pods"]], ["interconnect", 2, 1]);
      const shown = await runCli(sandbox, ["show"]);
      assert.match(shown.stdout, new RegExp(`port blue_tstor-${other} +remote`));
    }
  });

  it("says what is missing, and where", async () => {
    const { sandbox } = handles.n1;
    const items = manifests();
    const [first] = items as { metadata: { annotations: Record<string, string> } }[];
    delete first?.metadata.annotations["k8s.ovn.org/node-id"];
    const file = join(folder, "without-id.txt");
    await writeFile(file, JSON.stringify({ kind: "List", items }, null, 1));
    const { exitCode, stderr } = await runCli(sandbox, [
      "apply",
      "-f",
      file,
      "--mode",
      "interconnect",
      "--zone",
      "n1",
    ]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /without-id\.txt:\d+.*network "blue" needs it.*k8s\.ovn\.org\/node-id/);
    const mistaken = await runCli(sandbox, ["diff", "-f", folder, "--mode", "interconnect", "--zone", "n3"]);
    assert.equal(mistaken.exitCode, 2);
    assert.match(mistaken.stderr, /zone is the zone of no node; theirs are n1, n2: "n3"/);
  });
});
