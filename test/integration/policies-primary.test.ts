import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { documents, node, pod } from "../unit/manifests/fixtures.ts";
import { udn } from "../unit/manifests/udn-fixtures.ts";

const annotations = {
  "k8s.ovn.org/node-chassis-id": "C1",
  "k8s.ovn.org/node-id": "2",
  "k8s.ovn.org/node-masquerade-subnet": '{"ipv4":"169.254.0.0/17"}',
  "k8s.ovn.org/network-ids": '{"default_blue":"1"}',
  "k8s.ovn.org/l3-gateway-config": JSON.stringify({
    default: {
      mode: "shared",
      "bridge-id": "breth0",
      "mac-address": "02:42:ac:12:00:02",
      "ip-addresses": ["172.18.0.2/16"],
      "next-hops": ["172.18.0.1"],
    },
  }),
};

/** The label that primary networks need, and what the namespace wants to be logged. */
const namespace = JSON.stringify({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: "default",
    labels: { "k8s.ovn.org/primary-user-defined-network": "" },
    annotations: { "k8s.ovn.org/acl-logging": '{"deny":"alert"}' },
  },
});

function machine(name: string, app: string, port = 5432): string {
  return pod(`default/${name}`, undefined, {
    metadata: { labels: { app } },
    spec: { nodeName: "n1", containers: [{ ports: [{ name: "sql", containerPort: port }] }] },
  });
}

function policy(name: string, metadata: object = {}, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: "default", name, ...metadata },
    spec: {
      podSelector: { matchLabels: { app: "db" } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "sql" }] }],
      ...spec,
    },
  });
}

/** Names of rows on network default_blue, hashed by another program. */
const DENY = "a11881540034057405110";
const GROUP = "a12785427116842541914";
const SET = "a8029366597768020914";

for (const [topology, config, first] of [
  ["Layer3", { role: "Primary", subnets: [{ cidr: "10.5.0.0/16" }] }, "10.5.0.3"],
  ["Layer2", { role: "Primary", subnets: ["10.5.0.0/16"] }, "10.5.0.3"],
] as const)
  describeWithOvn(`NetworkPolicies on a primary ${topology} network`, () => {
    const ovn = useSandbox({ northbound });
    const base = [namespace, udn(topology, config), node("n1", { annotations })];
    const pods = [machine("a", "web"), machine("d", "db")];

    async function cli(
      command: string,
      manifests: readonly string[],
      ...more: readonly string[]
    ): Promise<CliOutcome> {
      return runCli(ovn.sandbox, [command, "-f", "-", ...more], { input: documents(...manifests) });
    }

    /** Applies, and proves that it is whole: nothing is left to do. */
    async function apply(manifests: readonly string[], ...more: readonly string[]): Promise<CliOutcome> {
      const applied = await cli("apply", manifests, ...more);
      assert.equal(applied.exitCode, 0, applied.stderr);
      const rest = await cli("diff", manifests);
      assert.deepEqual([rest.exitCode, rest.stdout], [0, ""], rest.stderr);
      return applied;
    }

    /** Rows as the server has them: their columns, sorted. */
    async function rows(table: string, where: unknown[], ...columns: string[]): Promise<unknown[][]> {
      const ask = ["OVN_Northbound", { op: "select", table, where, columns }];
      const answer = await ovn.sandbox.run("ovsdb-client", [
        "transact",
        ovn.sandbox.northbound.remote,
        JSON.stringify(ask),
      ]);
      const [{ rows: found }] = JSON.parse(answer) as [{ rows: Record<string, unknown>[] }];
      return found.map((row) => columns.map((column) => row[column])).sort();
    }

    const acls = (group: string): Promise<unknown[][]> =>
      rows(
        "ACL",
        [["match", "!=", ""]],
        "match",
        "direction",
        "priority",
        "action",
        "tier",
        "log",
        "severity",
      ).then((all) => all.filter(([match]) => String(match).includes(`@${group}`)));
    const named = (name: string): unknown[] => [["name", "==", name]];
    const ports = async (group: string): Promise<string[]> => {
      const [[cell] = []] = await rows("Port_Group", named(group), "ports");
      const [kind, value] = cell as [string, string | [string, string][]];
      const uuids = kind === "uuid" ? [value] : (value as [string, string][]).map(([, uuid]) => uuid);
      const names = await rows("Logical_Switch_Port", [], "_uuid", "name");
      return names
        .filter(([uuid]) => uuids.includes((uuid as string[])[1] ?? ""))
        .map(([, name]) => String(name));
    };

    it("close, open and log as they say, in upstream's words", async () => {
      const applied = await apply([...base, ...pods, policy("db")]);
      assert.match(applied.stdout, /in 1 transaction/);
      assert.deepEqual(await acls(DENY), [
        [`outport == @${DENY} && (arp || nd)`, "to-lport", 1001, "allow", 2, false, ["set", []]],
        [`outport == @${DENY}`, "to-lport", 1000, "drop", 2, true, "alert"],
      ]);
      assert.deepEqual(await acls(GROUP), [
        [
          `ip4.src == {$${SET}} && tcp && tcp.dst==5432 && outport == @${GROUP}`,
          ...["to-lport", 1001, "allow-related", 2, false, ["set", []]],
        ],
      ]);
      assert.deepEqual(await rows("Address_Set", named(SET), "addresses"), [[first]]);
      assert.deepEqual(
        [await ports(DENY), await ports(GROUP)],
        [["default.blue_default_d"], ["default.blue_default_d"]],
      );
    });

    it("a pod that comes, changes its label and goes changes sets and groups with its port", async () => {
      const came = await apply([...base, ...pods, machine("b", "web"), policy("db")]);
      assert.match(came.stdout, /in 1 transaction/);
      const second = first.replace(/3$/, "5");
      assert.deepEqual(await rows("Address_Set", named(SET), "addresses"), [[["set", [first, second]]]]);
      const changed = await apply([...base, ...pods, machine("b", "db"), policy("db")]);
      assert.match(changed.stdout, /in 1 transaction/);
      assert.deepEqual(await rows("Address_Set", named(SET), "addresses"), [[first]]);
      assert.deepEqual(await ports(DENY), ["default.blue_default_b", "default.blue_default_d"]);
      await apply([...base, ...pods, policy("db")], "--prune");
      assert.deepEqual(await ports(DENY), ["default.blue_default_d"]);
    });

    it("a port's name that is two numbers is refused, and nothing is written", async () => {
      const before = await acls(GROUP);
      const refused = await cli("apply", [...base, ...pods, machine("b", "db", 5433), policy("db")]);
      assert.equal(refused.exitCode, 1);
      assert.match(
        refused.stderr,
        /spec\.ingress\[0\]\.ports\[0\]\.port: .*5433 in pod default\/b and of 5432 in pod default\/d/,
      );
      assert.deepEqual(await acls(GROUP), before);
      assert.deepEqual(await rows("Logical_Switch_Port", named("default.blue_default_b"), "name"), []);
    });

    it("are stateless where they say so", async () => {
      const stateless = policy("db", { annotations: { "k8s.ovn.org/acl-stateless": "true" } });
      await apply([...base, ...pods, stateless]);
      assert.deepEqual(
        (await acls(GROUP)).map(([, , , action]) => action),
        ["allow-stateless"],
      );
    });

    it("go one by one, and with the network", async () => {
      const gone = await cli("delete", [policy("db")]);
      assert.equal(gone.exitCode, 0, gone.stderr);
      assert.deepEqual([await acls(GROUP), await acls(DENY)], [[], []]);
      assert.deepEqual(await rows("Address_Set", [], "name"), []);
      await apply([...base, ...pods, policy("db"), policy("other")]);
      const all = await cli("delete", [udn(topology, config)]);
      assert.equal(all.exitCode, 0, all.stderr);
      for (const table of ["Port_Group", "Address_Set", "ACL", "Logical_Switch", "Logical_Router"])
        assert.deepEqual(await rows(table, [], "_uuid"), [], table);
    });
  });
