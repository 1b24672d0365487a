import assert from "node:assert/strict";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const MULTUS = "k8s.v1.cni.cncf.io/networks";

/** Two nodes, and the network of the demonstration with virtual machines in two namespaces, which asks for DHCP. */
const base = [
  node("n1", { annotations: { "k8s.ovn.org/node-chassis-id": "C1" } }),
  node("n2", { annotations: { "k8s.ovn.org/node-chassis-id": "C2" } }),
  nad("default/ovn-k-1", {
    name: "ovn-k-1",
    topology: "layer2",
    mtu: 1300,
    subnets: "10.100.200.0/24",
    allowPersistentIPs: true,
  }).replace(
    "metadata:\n",
    'metadata:\n  annotations: {ovn-northbound/dhcp: \'{"router": "10.100.200.1"}\'}\n',
  ),
];

const claim = (name: string, ips?: readonly string[]): string =>
  JSON.stringify({
    apiVersion: "k8s.cni.cncf.io/v1alpha1",
    kind: "IPAMClaim",
    metadata: { name, namespace: "default" },
    spec: { network: "ovn-k-1", interface: "net1" },
    ...(ips && { status: { ips } }),
  });

function launcher(
  key: string,
  vm: string,
  more: { node?: string; minute?: number; ready?: boolean; claim?: string } = {},
): string {
  const { node: nodeName = "n1", minute = 0, ready = false, claim: reference } = more;
  return pod(key, undefined, {
    metadata: {
      labels: { "kubevirt.io": "virt-launcher" },
      creationTimestamp: `2026-01-01T00:0${minute}:00Z`,
      annotations: {
        [MULTUS]: JSON.stringify([
          { name: "ovn-k-1", namespace: "default", ...(reference && { "ipam-claim-reference": reference }) },
        ]),
        "kubevirt.io/domain": vm,
        ...(ready && { "kubevirt.io/migration-target-ready-timestamp": "2026-01-01T01:00:00Z" }),
      },
    },
    spec: { nodeName },
  });
}

describeWithOvn("virtual machines on the command line", () => {
  const ovn = useSandbox({ northbound: true });
  const cli = (
    command: string,
    manifests: readonly string[],
    ...more: readonly string[]
  ): Promise<CliOutcome> =>
    runCli(ovn.sandbox, [command, "-f", "-", ...more], { input: documents(...manifests) });
  const apply = async (manifests: readonly string[], ...more: readonly string[]): Promise<CliOutcome> => {
    const outcome = await cli("apply", manifests, ...more);
    assert.equal(outcome.exitCode, 0, outcome.stderr);
    const again = await cli("diff", manifests, ...more);
    assert.deepEqual([again.exitCode, again.stdout], [0, ""]);
    return outcome;
  };
  const ports = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      ((await dumpNorthbound(ovn.sandbox)).tables["Logical_Switch_Port"] ?? []).map(
        ({ name, addresses, enabled }) => [
          String(name).replace(/^default\.ovn\.k\.1_/, ""),
          [enabled, addresses],
        ],
      ),
    );
  const element = (last: number): string =>
    `0a:58:0a:64:c8:${last.toString(16).padStart(2, "0")} 10.100.200.${last}`;

  it("ask by DHCP, keep their addresses, move, and leave nothing when they are deleted", async () => {
    const other = launcher("nico-demo-vm/launcher-b", "b");
    const kept = claim("a.net1", ["10.100.200.20/24"]);
    const first = launcher("default/launcher-a1", "a", { claim: "a.net1" });
    await apply([...base, kept, first, other]);
    assert.deepEqual(await ports(), {
      "default_launcher-a1": [undefined, element(20)],
      "nico-demo-vm_launcher-b": [undefined, element(2)],
    });
    const options = (await dumpNorthbound(ovn.sandbox)).tables["DHCP_Options"] ?? [];
    assert.deepEqual(
      options.map(({ options: map }) => (map as Record<string, string>)["hostname"]).toSorted(),
      ['"a"', '"b"', undefined],
    );

    const moving = launcher("default/launcher-a2", "a", { claim: "a.net1", node: "n2", minute: 1 });
    await apply([...base, kept, first, moving, other]);
    assert.deepEqual((await ports())["default_launcher-a2"], [false, undefined]);
    const arrived = launcher("default/launcher-a2", "a", {
      claim: "a.net1",
      node: "n2",
      minute: 1,
      ready: true,
    });
    await apply([...base, kept, first, arrived, other]);
    assert.deepEqual(await ports(), {
      "default_launcher-a1": [false, undefined],
      "default_launcher-a2": [true, element(20)],
      "nico-demo-vm_launcher-b": [undefined, element(2)],
    });

    // The machine is off; nobody gets its address, and started again it has it.
    await apply([...base, kept, other], "--prune");
    assert.deepEqual(Object.keys(await ports()), ["nico-demo-vm_launcher-b"]);
    await apply([...base, kept, other, launcher("default/launcher-a3", "a", { claim: "a.net1" })]);
    assert.deepEqual((await ports())["default_launcher-a3"], [undefined, element(20)]);

    const deleted = await cli("delete", [...base, kept, other]);
    assert.equal(deleted.exitCode, 0, deleted.stderr);
    const left = Object.keys((await dumpNorthbound(ovn.sandbox)).tables).sort();
    assert.deepEqual(left, ["Copp", "Meter", "Meter_Band"]);
  });

  it("an empty claim says what to write into it, and errors name the line", async () => {
    const fresh = launcher("default/launcher-c", "c", { claim: "c.net1" });
    const { stderr } = await apply([...base, claim("c.net1"), fresh]);
    assert.match(
      stderr,
      /IPAMClaim default\/c\.net1 has no addresses yet: its status\.ips should be 10\.100\.200\.2\/24/,
    );
    const missing = await cli("apply", [...base, fresh]);
    assert.equal(missing.exitCode, 1);
    assert.match(
      missing.stderr,
      /standard input:\d+: document 4: .*ipam-claim-reference: refers to an IPAMClaim that is not among/,
    );
    const outside = await cli("apply", [...base, claim("c.net1", ["10.9.9.9/24"]), fresh]);
    assert.equal(outside.exitCode, 1);
    assert.match(outside.stderr, /10\.9\.9\.9 is not in 10\.100\.200\.0\/24/);
  });
});
