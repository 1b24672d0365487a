import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { projectRoot } from "../support/project.ts";
import { runCli } from "../support/run-cli.ts";

const text = readFileSync(`${projectRoot}/examples/services/shop.yaml`, "utf8");

async function run(
  sandbox: Sandbox,
  input: string,
  ...args: string[]
): Promise<{ stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await runCli(sandbox, [...args, "-f", "-"], { input });
  assert.equal(exitCode, 0, stderr);
  return { stdout, stderr };
}

/** Vips of a load balancer as ovn-nbctl shows them. */
async function vips(sandbox: Sandbox, name: string): Promise<string> {
  return (
    await sandbox.run("ovn-nbctl", ["get", "Load_Balancer", `shop_blue_Service_shop/web_TCP_${name}`, "vips"])
  ).trim();
}

describeWithOvn("the command on a service of a primary network", () => {
  it("applies it once, follows its endpoints, prunes and deletes it", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    await sandbox.run("ovn-nbctl", ["init"]);
    const empty = await dumpNorthbound(sandbox);
    const first = await run(sandbox, text, "apply");
    assert.equal(first.stderr, "");
    assert.deepEqual(await run(sandbox, text, "apply"), { stdout: "nothing to change\n", stderr: "" });
    // The slice of Kubernetes has addresses of the cluster's own network; its pods are looked up on theirs.
    assert.equal(await vips(sandbox, "cluster"), '{"10.96.0.10:80"="10.20.0.3:8080,10.20.1.3:8080"}');
    assert.equal(
      await vips(sandbox, "node_router+switch_node2"),
      '{"172.18.0.3:30080"="10.20.0.3:8080,10.20.1.3:8080", "192.0.2.3:30080"="10.20.0.3:8080,10.20.1.3:8080"}',
    );

    // A mirror of OVN-Kubernetes counts instead, for its network.
    const mirror = text
      .slice(text.indexOf("apiVersion: discovery"))
      .replace(
        "name: web-x7k2p",
        "name: web-mirror\n  annotations: { k8s.ovn.org/endpointslice-network: shop_blue }",
      )
      .replace("kubernetes.io/service-name", "k8s.ovn.org/service-name")
      .replace("10.244.0.5", "10.20.0.77")
      .replace("10.244.1.7", "10.20.1.88");
    await run(sandbox, `${text}---\n${mirror}`, "apply");
    assert.equal(await vips(sandbox, "cluster"), '{"10.96.0.10:80"="10.20.0.77:8080,10.20.1.88:8080"}');

    const shown = await runCli(sandbox, ["show", "shop_blue"]);
    assert.match(shown.stdout, /service shop\/web {2}3 load balancers/);
    const drawn = await runCli(sandbox, ["graph", "shop_blue", "-o", "json"]);
    assert.match(drawn.stdout, /"shop\/web in 3 load balancers"/);

    const without = text.slice(0, text.indexOf("---\napiVersion: v1\nkind: Service"));
    const kept = await run(sandbox, without, "apply");
    assert.match(
      kept.stderr,
      /has services in the database that were not asked for, which stay as they are: shop\/web\n/,
    );
    assert.match(
      (await run(sandbox, without, "apply", "--prune")).stdout,
      /0 rows inserted, 0 updated, 3 deleted/,
    );
    await run(sandbox, text, "apply");
    const service = text.slice(text.indexOf("apiVersion: v1\nkind: Service"));
    const deleted = await run(sandbox, service, "delete");
    assert.match(deleted.stdout, /0 rows inserted, 0 updated, 3 deleted in 1 transaction\n$/);
    assert.match(deleted.stderr, /endpoints go with their Service/);
    assert.match((await run(sandbox, service, "delete")).stderr, /absent: service shop\/web/);
    await run(sandbox, text, "apply");
    await run(sandbox, text, "delete");
    const left = await dumpNorthbound(sandbox);
    const isShared = (table: string): boolean => ["Copp", "Meter", "Meter_Band"].includes(table);
    const rest = Object.entries(left.tables).filter(([table]) => !isShared(table));
    assert.deepEqual(Object.fromEntries(rest), empty.tables);
  });

  it("says what it passes over, and where something is wrong", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    const headless = text
      .replace("clusterIP: 10.96.0.10", "clusterIP: None")
      .replace("clusterIPs: [10.96.0.10]", "clusterIPs: [None]");
    const { stderr } = await run(sandbox, headless, "apply", "--dry-run");
    assert.match(stderr, /Service shop\/web: it is headless/);
    const elsewhere = text.replace("name: web\n  namespace: shop", "name: web\n  namespace: default");
    assert.match(
      (await run(sandbox, elsewhere, "apply", "--dry-run")).stderr,
      /Service default\/web: no primary network of the manifests is for its namespace/,
    );
    const wrong = await runCli(sandbox, ["apply", "-f", "-"], {
      input: text.replace("nodePort: 30080", "nodePort: 99999"),
    });
    assert.equal(wrong.exitCode, 1);
    assert.match(
      wrong.stderr,
      /^ovn-northbound: standard input:\d+: document 7: spec\.ports\[0\]\.nodePort: must be a whole number from 0 to 65535 \(99999\)\n$/,
    );
  });
});
