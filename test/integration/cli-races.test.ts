import assert from "node:assert/strict";
import type { Sandbox } from "../../lib/testing/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn } from "../support/index.ts";
import { dumpNorthbound, runCli } from "../support/run-cli.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const PROCESSES = 20;

const numbers = Array.from({ length: PROCESSES }, (_, index) => index);

/** Each process attaches its own pod to the same network on the same nodes; returns what each says its pod got. */
async function attachAll(sandbox: Sandbox, network: string, definition: string): Promise<string[][]> {
  const nodes = [node("n1"), node("n2")];
  return Promise.all(
    numbers.map(async (number) => {
      const own = pod(`d/p${number}`, network, { spec: { nodeName: `n${1 + (number % 2)}` } });
      const input = documents(definition, ...nodes, own);
      const { exitCode, stdout, stderr } = await runCli(sandbox, ["apply", "-f", "-", "-o", "json"], {
        input,
      });
      assert.equal(exitCode, 0, stderr);
      const { pods } = JSON.parse(stdout) as { pods: { networkStatus: { ips: string[] }[] }[] };
      return pods.flatMap(({ networkStatus }) => networkStatus.flatMap(({ ips }) => ips));
    }),
  );
}

/** What the database shows: addresses of all pods' ports. */
async function addressesIn(sandbox: Sandbox): Promise<string[]> {
  const args = ["--bare", "--columns=addresses", "find", "Logical_Switch_Port", "external_ids:pod=true"];
  const output = await sandbox.run("ovn-nbctl", args);
  return output
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => line.split(" ").slice(1))
    .sort();
}

describeWithOvn(`${PROCESSES} processes at the same moment`, () => {
  it("apply the same manifests, and all succeed with one set of rows", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const outcomes = await Promise.all(
      numbers.map(() => runCli(sandbox, ["apply", "-f", "examples/article"])),
    );
    assert.deepEqual(
      outcomes.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== ""),
      [],
    );
    const winners = outcomes.filter(({ stdout }) => stdout !== "nothing to change\n");
    assert.equal(winners.length, 1, "one transaction made them all");
    const dump = await dumpNorthbound(sandbox);
    const { exitCode, stdout } = await runCli(sandbox, ["diff", "-f", "examples/article"]);
    assert.deepEqual([exitCode, stdout], [0, ""]);
    assert.equal(await dumpNorthbound(sandbox), dump);
    const names = await sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch"]);
    const list = names.split("\n").filter(Boolean);
    assert.equal(new Set(list).size, list.length);
    assert.equal(list.length, 5);
  });

  for (const [title, network, definition] of [
    ["a layer2 network", "kube-system/blue", blue()],
    [
      "a layer3 network",
      "ns/red",
      nad("ns/red", { name: "red", topology: "layer3", subnets: "10.5.0.0/16/24" }),
    ],
    ["a dual-stack network", "kube-system/blue", blue({ subnets: "10.1.0.0/16,fd01::/64" })],
  ] as const) {
    it(`attach a pod each to ${title}, and get different addresses`, async () => {
      await using sandbox = await startSandbox({ northbound: true });
      const given = (await attachAll(sandbox, network, definition)).flat();
      const expected = title.includes("dual") ? 2 * PROCESSES : PROCESSES;
      assert.equal(new Set(given).size, expected);
      assert.deepEqual(await addressesIn(sandbox), given.toSorted(), "each process told the truth");
    });
  }
});
