import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn, projectRoot } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { type CliOutcome, dumpNorthbound, runCli } from "../support/run-cli.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const red = nad("ns/red", { name: "red", topology: "layer3", subnets: "10.5.0.0/16/24" });

/** A primary network with a service, which examples/services has, and the same policy on it and on a secondary one. */
const everything = documents(
  readFileSync(join(projectRoot, "examples/services/shop.yaml"), "utf8"),
  blue({ subnets: "10.9.0.0/16" }),
  pod("shop/db", "kube-system/blue", { spec: { nodeName: "node1" } }),
  JSON.stringify({
    apiVersion: "k8s.cni.cncf.io/v1beta1",
    kind: "MultiNetworkPolicy",
    metadata: {
      namespace: "shop",
      name: "closed",
      annotations: { "k8s.v1.cni.cncf.io/policy-for": "kube-system/blue" },
    },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  }),
  JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: "shop", name: "closed" },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  }),
);

async function good(sandbox: Sandbox, ...args: readonly string[]): Promise<CliOutcome> {
  const outcome = await runCli(sandbox, args);
  assert.equal(outcome.exitCode, 0, outcome.stderr);
  return outcome;
}

async function apply(sandbox: Sandbox, input: string): Promise<void> {
  const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], { input });
  assert.equal(exitCode, 0, stderr);
}

describeWithOvn("get", () => {
  it("prints policies and services as it does pods", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    await apply(sandbox, everything);
    const { stdout } = await good(sandbox, "get", "netpol,svc");
    assert.equal(
      stdout,
      `NAMESPACE   NAME     NETWORK     PORTS   ACLS
shop        closed   blue        1       0
shop        closed   shop_blue   3       0

NAMESPACE   NAME   NETWORK     ADDRESSES
shop        web    shop_blue   10.96.0.10:80/tcp,172.18.0.2:30080/tcp,192.0.2.2:30080/tcp + 2 more...
`,
    );
    const json = JSON.parse(
      (await good(sandbox, "get", "policies,services", "-o", "json")).stdout,
    ) as unknown;
    assert.deepEqual(json, {
      policies: [
        { namespace: "shop", name: "closed", network: "blue", ports: ["kube.system.blue_shop_db"], acls: 0 },
        {
          namespace: "shop",
          name: "closed",
          network: "shop_blue",
          ports: ["shop.blue_shop_db", "shop.blue_shop_web-1", "shop.blue_shop_web-2"],
          acls: 0,
        },
      ],
      services: [
        {
          namespace: "shop",
          name: "web",
          network: "shop_blue",
          addresses: ["10.96.0.10", "172.18.0.2", "192.0.2.2", "172.18.0.3", "192.0.2.3"].map(
            (address, index) => `${address}:${index === 0 ? 80 : 30080}/tcp`,
          ),
          balancers: 3,
        },
      ],
    });
    const alone = (await good(sandbox, "get", "svc")).stdout;
    assert.ok(stdout.endsWith(`\n\n${alone}`), "alone it reads less");
    const other = await good(sandbox, "get", "svc,policy", "-n", "default");
    assert.equal(other.stdout, "");
    assert.equal(
      other.stderr,
      "ovn-northbound: there are no services of primary networks in namespace default to show\n" +
        "ovn-northbound: there are no policies in namespace default to show\n",
    );
    // Of manifests: what they name and the database lacks is told.
    await good(sandbox, "delete", "service", "shop/web");
    const lacking = await runCli(sandbox, ["get", "svc,netpol", "-o", "name", "-f", "-"], {
      input: everything,
    });
    assert.equal(lacking.stdout, "policy/shop/closed\n");
    assert.match(lacking.stderr, /^ovn-northbound: absent: service shop\/web on network "shop_blue"$/m);
  });

  it("-o name: what it prints is taken by get and by delete", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    await apply(sandbox, everything);
    const all = (await good(sandbox, "get", "net,no,po,netpol,svc", "-A", "-o", "name")).stdout;
    assert.equal(
      all,
      `network/blue
network/shop_blue
node/node1
node/node2
pod/shop/db
pod/shop/web-1
pod/shop/web-2
policy/shop/closed
service/shop/web
`,
    );
    const names = all.trimEnd().split("\n");
    assert.equal((await good(sandbox, "get", ...names, "-o", "name")).stdout, all);
    assert.equal(
      (await good(sandbox, "get", "pod/db", "svc/web", "-n", "shop", "-o", "name")).stdout,
      "pod/shop/db\nservice/shop/web\n",
    );
    const parts = names.filter((name) => !/^n(?:ode|etwork)\//.test(name));
    await good(sandbox, "delete", ...parts);
    assert.equal((await good(sandbox, "get", "po,netpol,svc", "-o", "name")).stdout, "");
    await good(sandbox, "delete", ...names.filter((name) => name.startsWith("network/")));
    assert.equal((await good(sandbox, "get", "networks", "-o", "name")).stdout, "");
  });

  it("-o name of apply and delete: what of the manifests is there now, and what of what was named went", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    const named = async (input: string, ...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await runCli(sandbox, [...args, "-o", "name"], { input });
      assert.equal(exitCode, 0, stderr);
      return stdout;
    };
    const dry = await named(everything, "apply", "-f", "-", "--dry-run");
    assert.equal((await good(sandbox, "get", "net", "-o", "name")).stdout, "");
    assert.equal(await named(everything, "apply", "-f", "-"), dry);
    assert.equal((await good(sandbox, "get", "net,no,po,netpol,svc", "-o", "name")).stdout, dry);
    assert.equal(await named(everything, "apply", "-f", "-"), dry, "also of what was there before");

    const words = ["pod/shop/db", "pod/shop/none", "service/shop/web", "policy/shop/none", "network/none"];
    const planned = await named("", "delete", ...words, "--dry-run");
    assert.equal(planned, "pod/shop/db\nservice/shop/web\n");
    assert.equal(await named("", "delete", ...words), planned);
    assert.equal(await named("", "delete", ...words), "");

    // What is on a network goes along, but for what is on another one, too.
    await named(everything, "apply", "-f", "-");
    assert.equal(await named("", "delete", "network/blue"), "network/blue\n");
    const others = dry.replaceAll(/^(?:node|network\/blue).*\n/gm, "");
    assert.equal(await named("", "delete", "network/shop_blue"), others);
    await named(everything, "apply", "-f", "-");
    assert.equal(await named(everything, "delete", "-f", "-"), dry.replaceAll(/^node\/.*\n/gm, ""));
    assert.equal(await named(everything, "delete", "-f", "-"), "");
  });

  it("prints several tables, with and without headings, and one document", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, documents(blue(), red, node("n1"), pod("d/a", "ns/red,kube-system/blue")));
    const table = async (...args: readonly string[]): Promise<string> =>
      (await good(sandbox, "get", ...args)).stdout;
    const [networks, pods] = [await table("networks"), await table("pods")];
    assert.equal(await table("pods,networks"), `${pods}\n${networks}`);
    assert.equal(await table("pods", "-A"), pods);
    assert.equal(await table("networks", "--all-namespaces"), networks);
    const bare = await table("pods", "--no-headers");
    assert.deepEqual(
      bare.split("\n").map((line) => line.split(/ +/)),
      pods
        .split("\n")
        .slice(1)
        .map((line) => line.split(/ +/)),
    );
    assert.equal(bare.split("\n")[0]?.indexOf("a"), "d   ".length, "no wider than the rows need");
    const document = async (resource: string): Promise<object> =>
      JSON.parse(await table(resource, "-o", "json")) as object;
    assert.deepEqual(await document("net,po"), { ...(await document("net")), ...(await document("po")) });
    const wide = (await table("net,no,po", "-o", "wide")).split("\n\n").map((text) => text.split("\n"));
    assert.deepEqual(
      wide.map(([heading]) => heading?.split(/ +/).slice(-2)),
      [
        ["MODE", "NADS"],
        ["CHASSIS", "SWITCH"],
        ["NAD", "SWITCH"],
      ],
    );
    assert.match(wide[0]?.[2] ?? "", / central +ns\/red$/);
    assert.match(wide[2]?.[2] ?? "", / ns\/red +red_n1$/);
    const unset = await runCli(sandbox, ["show", ""]);
    assert.deepEqual(
      [unset.exitCode, unset.stderr],
      [1, "ovn-northbound: the name of a network is empty: which one is meant?\n"],
    );
    const partly = await runCli(sandbox, ["get", "network/blue", "pod/d/x", "-o", "name"]);
    assert.deepEqual(
      [partly.exitCode, partly.stdout, partly.stderr],
      [1, "network/blue\n", "ovn-northbound: d/x is none of the pods in this database\n"],
    );
    const lenient = await good(sandbox, "get", "network/blue", "pod/d/x", "-o", "name", "--ignore-not-found");
    assert.deepEqual([lenient.stdout, lenient.stderr], ["network/blue\n", ""]);
    const nothing = await good(sandbox, "get", "pod", "x", "y", "--ignore-not-found");
    assert.deepEqual([nothing.stdout, nothing.stderr], ["", ""]);
    const named = ["get", "pods", "-f", "-", "--ignore-not-found"];
    const quiet = await runCli(sandbox, named, { input: documents(node("n1"), red, pod("d/x", "ns/red")) });
    assert.deepEqual(
      [quiet.exitCode, quiet.stdout, quiet.stderr],
      [0, "", "ovn-northbound: there are no pods to show\n"],
    );
    const gone = await good(sandbox, "delete", "pod/d/x", "--ignore-not-found");
    assert.deepEqual(
      [gone.stdout, gone.stderr],
      ["nothing to change\n", "ovn-northbound: absent: pod d/x\n"],
    );
  });

  it("prints no manifest, which apply says when it is given one", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, documents(blue(), node("n1")));
    const before = await dumpNorthbound(sandbox);
    for (const command of ["get networks", "get pods,nodes", "show"]) {
      const input = (await good(sandbox, ...command.split(" "), "-o", "yaml")).stdout;
      const { exitCode, stderr } = await runCli(sandbox, ["apply", "--prune", "-f", "-"], { input });
      assert.deepEqual(
        [exitCode, stderr],
        [
          1,
          "ovn-northbound: standard input:1: document 1: kind: is missing; manifests are objects as kubectl prints them, which get and show do not\n",
        ],
      );
    }
    assert.equal(await dumpNorthbound(sandbox), before);
  });
});

describeWithOvn("delete by name", () => {
  it("removes policies and services, and says what is not there", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.19.0", []) });
    await apply(sandbox, everything);
    const dry = await good(sandbox, "delete", "policy", "closed", "-n", "shop", "--dry-run");
    const gone = dry.stdout.split("\n").filter((line) => line.startsWith("- Port_Group"));
    assert.equal(gone.length, 2 * 3, "the policy of either network, and what its namespace needs there");
    assert.equal((await good(sandbox, "get", "netpol", "--no-headers")).stdout.split("\n").length, 3);
    const policy = await good(sandbox, "delete", "netpol", "shop/closed", "shop/open", "web/closed");
    assert.equal(
      policy.stderr,
      "ovn-northbound: absent: policy shop/open\novn-northbound: absent: policy web/closed\n",
    );
    assert.equal((await good(sandbox, "get", "netpol")).stdout, "");
    const service = await good(sandbox, "delete", "svc", "web", "-n", "shop", "-o", "json");
    const { changes, absent } = JSON.parse(service.stdout) as {
      readonly changes: readonly { readonly action: string; readonly table: string }[];
      readonly absent: readonly string[];
    };
    assert.deepEqual(
      changes.filter(({ action }) => action === "delete").map(({ table }) => table),
      ["Load_Balancer", "Load_Balancer", "Load_Balancer"],
    );
    assert.deepEqual(absent, []);
    assert.match((await good(sandbox, "delete", "service/shop/web")).stderr, /absent: service shop\/web\n$/);
    // What get shows of a network that is gone goes like the others.
    const left = ["kind=Service", "owner=shop/left", "network=gone"];
    await sandbox.run("ovn-nbctl", [
      ...["--no-leader-only", "lb-add", "left", "10.96.0.99:80", "10.0.0.1:80"],
      ...["--", "set", "Load_Balancer", "left", ...left.map((pair) => `external_ids:k8s.ovn.org/${pair}`)],
    ]);
    assert.equal((await good(sandbox, "get", "svc", "-o", "name")).stdout, "service/shop/left\n");
    assert.equal((await good(sandbox, "delete", "service/shop/left")).stderr, "");
    assert.equal((await good(sandbox, "get", "svc", "-o", "name")).stdout, "");
    // What manifests hold is there as it was.
    const diff = await runCli(sandbox, ["diff", "-f", "-"], { input: everything });
    assert.equal(diff.exitCode, 1);
    await apply(sandbox, everything);
    assert.equal((await runCli(sandbox, ["diff", "-f", "-"], { input: everything })).exitCode, 0);
  });
});
