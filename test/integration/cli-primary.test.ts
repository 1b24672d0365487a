import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startSandbox } from "../../lib/testing/index.ts";
import { dumpNorthbound } from "../support/dump.ts";
import { describeWithOvn } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { projectRoot } from "../support/project.ts";
import { runCli } from "../support/run-cli.ts";

const FILES = ["-f", "examples/primary"];
const text = readFileSync(`${projectRoot}/examples/primary/networks.yaml`, "utf8");
const today = schemaWithout("7.19.0", []);

/** Table and name of each change in what `-o json` printed. */
function namesOf(json: string): readonly string[] {
  const { changes } = JSON.parse(json) as { changes: { table: string; name: string }[] };
  return changes.map(({ table, name }) => `${table} ${name}`);
}

describeWithOvn("the command on a namespace with a primary and a secondary user-defined network", () => {
  it("applies once, tells what pods got, and deletes all of it", async () => {
    await using sandbox = await startSandbox({ northbound: today });
    await sandbox.run("ovn-nbctl", ["init"]);
    const empty = await dumpNorthbound(sandbox);
    const first = await runCli(sandbox, ["apply", ...FILES, "-o", "json"]);
    assert.deepEqual([first.exitCode, first.stderr], [0, ""]);
    const { pods } = JSON.parse(first.stdout) as { pods: { name: string; networkStatus: unknown }[] };
    assert.deepEqual(
      pods.map(({ name, networkStatus }) => [name, networkStatus]),
      [1, 2].map((index) => [
        `app-${index}`,
        [
          {
            name: "ovn-kubernetes",
            interface: "ovn-udn1",
            ips: [`100.5.0.${index + 2}`],
            mac: `0a:58:64:05:00:0${index + 2}`,
            default: true,
            dns: {},
          },
          {
            name: "multihoming-demo/udn-secondary",
            interface: "net1",
            ips: [`100.6.0.${index}`],
            mac: `0a:58:64:06:00:0${index}`,
            dns: {},
          },
        ],
      ]),
    );
    const second = await runCli(sandbox, ["apply", ...FILES]);
    assert.deepEqual([second.exitCode, second.stdout], [0, "nothing to change\n"]);
    const nodes = await runCli(sandbox, ["get", "nodes"]);
    assert.deepEqual(
      [nodes.stdout, nodes.stderr],
      ["", "ovn-northbound: there are no nodes of layer3 networks to show\n"],
    );
    const networks = await runCli(sandbox, ["get", "networks"]);
    assert.match(
      networks.stdout,
      /^NAME .* NODES .*\nmultihoming-demo_udn-primary .* 2 +2 +- +2 +ovn-kubernetes$/m,
    );
    const shown = await runCli(sandbox, ["show", "multihoming-demo_udn-primary"]);
    assert.match(shown.stdout, /GR_multihoming.demo_udn.primary_node1/);
    const removed = await runCli(sandbox, ["delete", ...FILES, "-o", "json"]);
    assert.equal(removed.exitCode, 0, removed.stderr);
    // Rows without a name, too, go by what they came by.
    const inserted = namesOf(first.stdout).filter((row) => !/^(?:Copp|Meter|Meter_Band) /.test(row));
    assert.deepEqual(namesOf(removed.stdout).toSorted(), inserted.toSorted());
    const left = await dumpNorthbound(sandbox);
    assert.deepEqual(
      Object.keys(left.tables).sort(),
      [...Object.keys(empty.tables), "Copp", "Meter", "Meter_Band"].sort(),
    );
  });

  it("names the annotation that a node lacks, with its line, and writes nothing", async () => {
    await using sandbox = await startSandbox({ northbound: today });
    const before = await dumpNorthbound(sandbox);
    const input = text.replace('    k8s.ovn.org/node-id: "2"\n', "");
    const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], { input });
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /standard input:\d+: document 4: .*is missing: .*\(annotation k8s\.ovn\.org\/node-id\)/,
    );
    assert.deepEqual(await dumpNorthbound(sandbox), before);
  });

  it("says which option nodes with the other gateway mode ask for", async () => {
    await using sandbox = await startSandbox({ northbound: today });
    const input = text.replace('"mode": "shared"', '"mode": "local"');
    const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], { input });
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /l3-gateway-config"\]: is not the gateway mode .* shared: --gateway-mode sets it \("local"\)$/m,
    );
  });

  it("names the number that another network has, where it stands", async () => {
    await using sandbox = await startSandbox({ northbound: today });
    const services = readFileSync(`${projectRoot}/examples/services/shop.yaml`, "utf8");
    const input = services.replaceAll(/"shop_blue":"\d+"/g, '"shop_blue":"1"');
    const line = services.split("\n").findIndex((each) => each.includes("network-ids")) + 1;
    assert.equal((await runCli(sandbox, ["apply", ...FILES])).exitCode, 0);
    const before = await dumpNorthbound(sandbox);
    const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], { input });
    assert.deepEqual(
      [exitCode, stderr.trim().split("\n").at(-1)],
      [
        1,
        `ovn-northbound: standard input:${line}: document 3: ` +
          'metadata.annotations["k8s.ovn.org/network-ids"].shop_blue: is also the number of network ' +
          '"multihoming-demo_udn-primary": it and "shop_blue" would both hide behind the masquerade address 169.254.0.11 (1)',
      ],
    );
    assert.deepEqual(await dumpNorthbound(sandbox), before);
  });

  it("says what a server cannot hold before it writes, and refuses the gateway mode that needs it", async () => {
    const missing = ["NAT.match", "Logical_Router_Policy.jump_chain"];
    await using sandbox = await startSandbox({ northbound: schemaWithout("7.3.0", missing) });
    const applied = await runCli(sandbox, ["apply", ...FILES]);
    assert.equal(applied.exitCode, 0);
    assert.match(applied.stderr, /has no NAT\.match: pods of primary networks/);
    assert.match(applied.stderr, /before 25\.03, .*: pods of primary layer2 networks do not get out/);
    const local = await runCli(sandbox, ["apply", "-f", "-", "--gateway-mode", "local"], {
      input: text.replace('"mode": "shared"', '"mode": "local"'),
    });
    assert.equal(local.exitCode, 1);
    assert.match(local.stderr, /NAT\.match/);
  });
});
