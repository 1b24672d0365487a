import assert from "node:assert/strict";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { blue, documents, node, pod } from "../unit/manifests/fixtures.ts";

const web = { metadata: { labels: { app: "web" } } };
const db = {
  metadata: { labels: { app: "db" } },
  spec: { nodeName: "n1", containers: [{ ports: [{ name: "sql", containerPort: 5432 }] }] },
};
const base = [blue(), node("n1", { annotations: { "k8s.ovn.org/node-chassis-id": "C1" } })];
const pods = [pod("d/a", "kube-system/blue", web), pod("d/d", "kube-system/blue", db)];

function policy(name: string, ports: readonly object[] = [{ port: "sql" }]): string {
  return JSON.stringify({
    apiVersion: "k8s.cni.cncf.io/v1beta1",
    kind: "MultiNetworkPolicy",
    metadata: {
      namespace: "d",
      name,
      annotations: { "k8s.v1.cni.cncf.io/policy-for": "kube-system/blue" },
    },
    spec: {
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports }],
    },
  });
}

describeWithOvn("policies on the command line", () => {
  const ovn = useSandbox({ northbound: true });
  const cli = (
    command: string,
    manifests: readonly string[],
    ...more: readonly string[]
  ): Promise<CliOutcome> =>
    runCli(ovn.sandbox, [command, "-f", "-", ...more], { input: documents(...manifests) });
  const tables = async () => (await dumpNorthbound(ovn.sandbox)).tables;
  const uuids = async () => [...(await dumpNorthbound(ovn.sandbox)).names.keys()];

  it("apply, diff, show, apply --prune and delete know them", async () => {
    const without = [...base, ...pods];
    await cli("apply", without);
    const before = await tables();
    const all = [...without, policy("p")];
    const applied = await cli("apply", all);
    assert.equal(applied.exitCode, 0, applied.stderr);
    assert.match(applied.stdout, /in 1 transaction/);
    const columns = await ovn.sandbox.run("ovsdb-client", [
      "list-columns",
      ovn.sandbox.northbound.remote,
      "OVN_Northbound",
      "ACL",
    ]);
    if (/^tier\b/m.test(columns)) assert.doesNotMatch(applied.stderr, /left out/);
    else
      assert.match(
        applied.stderr,
        /column ACL\.tier is left out: the server's schema OVN_Northbound [\d.]+ has no such column/,
      );
    const again = await cli("diff", all);
    assert.deepEqual([again.exitCode, again.stdout], [0, ""]);
    const shown = await runCli(ovn.sandbox, ["show"]);
    assert.match(shown.stdout, /policy d\/p {2}1 port {2}1 ACL/);

    const differs = await cli("diff", [...base, pods[0] ?? "", policy("p", [{ port: 1 }])]);
    assert.equal(differs.exitCode, 1);
    assert.match(differs.stdout, /match: .*tcp\.dst==5432.*tcp\.dst==1/);

    await cli("apply", [...all, policy("q")]);
    const full = await uuids();
    const pruned = await cli("apply", all, "--prune", "-o", "json");
    assert.equal(pruned.exitCode, 0, pruned.stderr);
    const { changes } = JSON.parse(pruned.stdout) as { changes: { action: string; uuid: string }[] };
    const left = await uuids();
    assert.deepEqual(
      changes.map(({ action, uuid }) => `${action} ${uuid}`).toSorted(),
      full
        .filter((uuid) => !left.includes(uuid))
        .map((uuid) => `delete ${uuid}`)
        .toSorted(),
    );
    assert.equal((await cli("diff", all)).exitCode, 0);

    const gone = await cli("delete", [policy("p")]);
    assert.equal(gone.exitCode, 0, gone.stderr);
    const withoutMeter = ({ Meter, Meter_Band, ...rest }: Awaited<ReturnType<typeof tables>>) => rest;
    assert.deepEqual(withoutMeter(await tables()), withoutMeter(before));
    const absent = await cli("delete", [policy("p")]);
    assert.deepEqual([absent.exitCode, /absent: policy d\/p/.test(absent.stderr)], [0, true]);
  });

  it("a name of a port that pods do not share is refused with its line and field, and nothing is written", async () => {
    const before = await tables();
    const other = pod("d/e", "kube-system/blue", { metadata: { labels: { app: "db" } } });
    const refused = await cli("apply", [...base, ...pods, other, policy("p")]);
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      /standard input:\d+: document 6: spec\.ingress\[0\]\.ports\[0\]\.port: is the name of a port that pod d\/e has not .*\("sql"\)/,
    );
    assert.deepEqual(await tables(), before);
  });
});
