import assert from "node:assert/strict";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { dumpNorthbound, runCli } from "../support/run-cli.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

/** What stands in the database already. */
const BASE = [blue(), node("n1"), pod("d/base", "kube-system/blue")];

interface Case {
  readonly title: string;
  readonly manifests: readonly string[];
  /** Lines of the message after the program's name and the file's: line, document, field, reason, value. */
  readonly errors: readonly RegExp[];
}

const NETWORKS = 'metadata\\.annotations\\["k8s\\.v1\\.cni\\.cncf\\.io/networks"\\]';

function network(fields: Record<string, unknown>): string {
  return nad("ns/x", { name: "x", topology: "layer2", ...fields });
}

/** A pod that asks for an address on the network blue. */
function asking(key: string, ...ips: readonly string[]): string {
  return pod(key, JSON.stringify([{ name: "blue", namespace: "kube-system", ips }]));
}

const CASES: readonly Case[] = [
  {
    title: "a manifest that is not YAML",
    manifests: [node("n1"), "a: [1\nb: }\n"],
    errors: [/^\d+: document 2: is not YAML: .+$/],
  },
  {
    title: "two documents of the same kind, namespace and name that say different things",
    manifests: [...BASE, pod("d/base", "kube-system/blue@eth1")],
    errors: [
      /^\d+: document 4: metadata\.annotations\[.*networks"\]: differs from that of Pod d\/base in standard input, document 3, line \d+ \(".*eth1"\)$/,
    ],
  },
  {
    title: "definitions that name one network with different configurations",
    manifests: [...BASE, blue({ mtu: 9000 }, "ns/blue")],
    errors: [/^\d+: document 4: spec\.config\.mtu: differs from that of kube-system\/blue .* \(9000\)$/],
  },
  {
    title: "an unknown topology",
    manifests: [network({ topology: "layer4" })],
    errors: [/^\d+: document 1: spec\.config\.topology: must be layer3, layer2 or localnet \("layer4"\)$/],
  },
  {
    title: "a bad CIDR",
    manifests: [network({ subnets: "10.0.0.0/33" })],
    errors: [/^\d+: document 1: spec\.config\.subnets: must be .* \("10\.0\.0\.0\/33"\)$/],
  },
  {
    title: "overlapping subnets within one network",
    manifests: [network({ subnets: "10.0.0.0/16,10.0.7.0/24" })],
    errors: [/^\d+: document 1: spec\.config\.subnets: overlap with 10\.0\.0\.0\/16 \("10\.0\.7\.0\/24"\)$/],
  },
  {
    title: "the same subnet twice within one network",
    manifests: [network({ subnets: "10.0.0.0/16,10.0.0.0/16" })],
    errors: [/^\d+: document 1: spec\.config\.subnets: overlap .* \("10\.0\.0\.0\/16"\)$/],
  },
  {
    title: "a host prefix that is not longer than the network's",
    manifests: [network({ topology: "layer3", subnets: "10.0.0.0/16/16" })],
    errors: [
      /^\d+: document 1: spec\.config\.subnets: have a host prefix longer.* \("10\.0\.0\.0\/16\/16"\)$/,
    ],
  },
  {
    title: "a netAttachDefName that does not match",
    manifests: [network({ netAttachDefName: "ns/y" })],
    errors: [/^\d+: document 1: spec\.config\.netAttachDefName: must be "ns\/x".* \("ns\/y"\)$/],
  },
  {
    title: "a pod on an unknown node",
    manifests: [...BASE, pod("d/a", "kube-system/blue", { spec: { nodeName: "gone" } })],
    errors: [/^\d+: document 4: spec\.nodeName: is not a Node among the manifests \("gone"\)$/],
  },
  {
    title: "a pod on an unknown definition",
    manifests: [...BASE, pod("d/a", "ns/gone")],
    errors: [new RegExp(`^\\d+: document 4: ${NETWORKS}\\[0\\]: asks for .* \\("ns/gone"\\)$`)],
  },
  {
    title: "a requested address outside the subnet",
    manifests: [...BASE, asking("d/a", "10.2.0.1")],
    errors: [
      new RegExp(`^\\d+: document 4: ${NETWORKS}\\[0\\].*: .*10\\.2\\.0\\.1.*\\("10\\.2\\.0\\.1"\\)$`),
    ],
  },
  {
    title: "a requested address that another pod of the manifests asks for",
    manifests: [...BASE, asking("d/a", "10.1.0.9"), asking("d/b", "10.1.0.9")],
    errors: [
      new RegExp(`^\\d+: document 5: ${NETWORKS}\\[0\\].*: .*10\\.1\\.0\\.9.*\\("10\\.1\\.0\\.9"\\)$`),
    ],
  },
  {
    title: "a requested address that a port in the database has",
    manifests: [blue(), node("n1"), asking("d/a", "10.1.0.1")],
    errors: [
      new RegExp(`^\\d+: document 3: ${NETWORKS}\\[0\\].*: .*10\\.1\\.0\\.1.*\\("10\\.1\\.0\\.1"\\)$`),
    ],
  },
  {
    title: "a requested address that is excluded",
    manifests: [
      network({ subnets: "10.7.0.0/16", excludeSubnets: "10.7.0.0/24" }),
      node("n1"),
      pod("d/a", JSON.stringify([{ name: "x", namespace: "ns", ips: ["10.7.0.9"] }])),
    ],
    errors: [
      new RegExp(`^\\d+: document 3: ${NETWORKS}\\[0\\].*: .*10\\.7\\.0\\.9.*\\("10\\.7\\.0\\.9"\\)$`),
    ],
  },
  {
    title: "a subnet with no free address",
    manifests: [
      network({ subnets: "10.7.0.0/30" }),
      node("n1"),
      ...["a", "b", "c", "d"].map((name) => pod(`d/${name}`, "ns/x")),
    ],
    errors: [
      new RegExp(
        `^\\d+: document \\d: ${NETWORKS}\\[0\\].*: .*10\\.7\\.0\\.0/30.*\\("10\\.7\\.0\\.0/30"\\)$`,
      ),
    ],
  },
  {
    title: "a VLAN below 0",
    manifests: [network({ topology: "localnet", vlanID: -1 })],
    errors: [/^\d+: document 1: spec\.config\.vlanID: must be .* 4094 \(-1\)$/],
  },
  {
    title: "a VLAN above 4094",
    manifests: [network({ topology: "localnet", vlanID: 4095 })],
    errors: [/^\d+: document 1: spec\.config\.vlanID: must be .* 4094 \(4095\)$/],
  },
  {
    title: "numbers that no number of JavaScript is",
    manifests: [
      network({ topology: "localnet", vlanID: "huge" }).replace('"huge"', "99999999999999999999"),
      nad("ns/y", { name: "y", topology: "layer2", mtu: "huge" }).replace('"huge"', "1e400"),
    ],
    errors: [
      /^\d+: document 1: spec\.config\.vlanID: must be a whole number from 0 to 4094 \(100000000000000000000\)$/,
      /^\d+: document 2: spec\.config\.mtu: must be a whole number from 0 to \d+ \(Infinity\)$/,
    ],
  },
  {
    title: "another topology than the network has in the database",
    manifests: [blue({ topology: "localnet" }), node("n1")],
    errors: [
      /^8: document 1: spec\.config\.topology: network "blue" is a layer2 network in the database, .* \("localnet"\)$/,
    ],
  },
  {
    title: "another role than the network has in the database",
    manifests: [
      blue({ role: "primary" }),
      `kind: Namespace\nmetadata: {name: kube-system, labels: {k8s.ovn.org/primary-user-defined-network: ""}}\n`,
    ],
    errors: [
      /^8: document 1: spec\.config\.role: network "blue" is a secondary network in the database, .* \("primary"\)$/,
    ],
  },
  {
    title: "names of networks that become one",
    manifests: [network({ name: "a-b" }), nad("ns/y", { name: "a.b", topology: "layer2" })],
    errors: [/^\d+: document 2: spec\.config\.name: becomes "a\.b_".* \("a\.b"\)$/],
  },
  {
    title: "the name of a network that becomes that of one in the database",
    manifests: [nad("ns/y", { name: "dotted.name", topology: "layer2" })],
    errors: [
      /^\d+: document 1: spec\.config\.name: .*"dotted-name".* \("dotted\.name"\); if that network is to go, .*: delete network dotted-name$/,
    ],
  },
  {
    title: "a name with a control character",
    manifests: [network({ name: "a\u0007b" })],
    errors: [/^\d+: document 1: spec\.config\.name: must not hold control characters \("a\\u0007b"\)$/],
  },
  {
    title: "several things at once, each with its line",
    manifests: [network({ subnets: "x", vlanID: 1, topology: "localnet", mtu: -1 }), pod("d/a", "ns/y")],
    errors: [
      /^\d+: document 1: spec\.config\.subnets: .* \("x"\)$/,
      /^\d+: document 1: spec\.config\.mtu: .* \(-1\)$/,
      new RegExp(`^\\d+: document 2: ${NETWORKS}\\[0\\]: .* \\("ns/y"\\)$`),
    ],
  },
];

describeWithOvn("bad input", () => {
  const ovn = useSandbox({ northbound: true });
  let dump = "";

  before(async () => {
    const base = [...BASE, nad("ns/dotted", { name: "dotted-name", topology: "layer2" })];
    const { exitCode, stderr } = await runCli(ovn.sandbox, ["apply", "-f", "-"], {
      input: documents(...base),
    });
    assert.equal(exitCode, 0, stderr);
    dump = await dumpNorthbound(ovn.sandbox);
  });

  for (const { title, manifests, errors } of CASES) {
    it(`${title}: names the place, writes nothing`, async () => {
      const input = documents(...manifests);
      const applied = await runCli(ovn.sandbox, ["apply", "-f", "-"], { input });
      assert.deepEqual([applied.exitCode, applied.stdout], [1, ""], applied.stderr);
      const lines = applied.stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !/: (?:skipped|ignored|note): /.test(line));
      for (const [index, line] of lines.entries()) {
        assert.ok(line.startsWith("ovn-northbound: standard input:"), line);
        assert.match(
          line.slice("ovn-northbound: standard input:".length),
          errors[index] ?? /^no further error$/,
        );
      }
      assert.equal(lines.length, errors.length, applied.stderr);
      assert.equal(await dumpNorthbound(ovn.sandbox), dump);
    });
  }

  it("is an error of diff, not a difference", async () => {
    const { exitCode, stdout } = await runCli(ovn.sandbox, ["diff", "-f", "-"], { input: "a: [" });
    assert.deepEqual([exitCode, stdout], [2, ""]);
  });
});
