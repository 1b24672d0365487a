import assert from "node:assert/strict";
import { type FaultProxy, type Sandbox, startFaultProxy, startSandbox } from "../../lib/testing/index.ts";
import { DEFAULT_MAX_BYTES } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn } from "../support/index.ts";
import { hasOperation } from "../support/lose.ts";
import { runCli } from "../support/run-cli.ts";
import { FakeIo, runCli as runInProcess } from "../unit/cli/fake-io.ts";
import { blue, documents, node, pod } from "../unit/manifests/fixtures.ts";

const nowhere = { env: { OVN_NB_DB: undefined } };
const NAMES = ["blue", "green", "red"];

/** Milliseconds; thousands of pods are read and planned several times. */
const LONGEST = 600_000;

/** So many pods of a network are too large for one transaction with as many of another. */
const PODS = 1550;

/** The longest name of its kind that an API server takes: such make a large transaction of few rows. */
const long = (name: string, length = 253): string => `${name}-`.padEnd(length, "x");

function networksOf(names: readonly string[], each: number): string {
  const nad = (name: string): string => `kube-system/${long(name)}`;
  const pods = names.flatMap((name) =>
    Array.from({ length: each }, (_, index) => pod(`${long(name, 63)}/${long(`p${index}`)}`, nad(name))),
  );
  const networks = names.map((name) => blue({ name }, nad(name)));
  return documents(
    ...networks,
    node("n1", { annotations: { "k8s.ovn.org/node-chassis-id": "c1" } }),
    ...pods,
  );
}

describeWithOvn("an apply of several transactions that is cut off", () => {
  const manifests = networksOf(NAMES, PODS);
  let sandbox: Sandbox;
  let proxy: FaultProxy;
  beforeEach(async () => {
    sandbox = await startSandbox({ northbound: true });
    proxy = await startFaultProxy(sandbox.northbound.remote);
  });
  afterEach(async () => {
    await proxy.close();
    await sandbox.close();
  });

  /** The switches of the database and how many ports they have, as ovn-nbctl knows them. */
  async function switches(): Promise<Record<string, number>> {
    const text = await sandbox.run("ovn-nbctl", [
      "--format=json",
      "--columns=name,ports",
      "list",
      "Logical_Switch",
    ]);
    const { data } = JSON.parse(text) as { data: [string, [string, unknown[]]][] };
    return Object.fromEntries(data.map(([name, [kind, ports]]) => [name, kind === "set" ? ports.length : 1]));
  }

  /** Ends the connection at a transaction that inserts (or does what else is said), which the server never gets. Tells their sizes. */
  function cutAt(nth: number, then: () => void, operation = "insert"): number[] {
    const sizes: number[] = [];
    proxy.setFaults({
      toServer: {
        rewrite: (message, connection) => {
          if (!hasOperation(message, operation) || sizes.push(JSON.stringify(message).length) !== nth)
            return message;
          then();
          connection.cut();
          return undefined;
        },
      },
    });
    return sizes;
  }

  /** The next connection is silent, and once there is that one the time is over: the loss of the one before was noticed. */
  function loseForGood(clock: Clock): void {
    const { connections: before } = proxy.counts;
    proxy.setNextFaults({ both: { hold: true } });
    void proxy.until(({ connections }) => connections > before).then(() => clock.pass(600_000));
  }

  const apply = (): ReturnType<typeof runCli> =>
    runCli(nowhere, ["apply", "-f", "-", "--db", proxy.remote, "-o", "json", "-t", "0"], {
      input: manifests,
    });

  it("says which networks are there and which may not be, and the next one does what is left", async () => {
    using clock = new Clock();
    const sizes = cutAt(2, () => loseForGood(clock));
    const io = new FakeIo({ stdin: manifests });
    const failed = await runInProcess(["apply", "-f", "-", "--db", proxy.remote, "--timeout", "600"], io);
    assert.deepEqual([failed.exitCode, failed.stdout], [1, ""]);
    assert.match(
      failed.stderr,
      /^ovn-northbound: applied before the error: blue; not known to be applied: green, red; apply again to go on from there\novn-northbound: a transaction was sent and the connection was lost before its reply; it may have been committed[^\n]*\n$/,
    );
    assert.equal(sizes.length, 2);
    assert.ok(Math.min(...sizes) * 2 > DEFAULT_MAX_BYTES, sizes.join());
    assert.deepEqual(await switches(), { blue_ovn_layer2_switch: PODS });

    proxy.setFaults({});
    await proxy.accept();
    const done = await apply();
    assert.deepEqual([done.exitCode, done.stderr], [0, ""]);
    assert.equal((JSON.parse(done.stdout) as { transactions: number }).transactions, 2);
    const all = Object.fromEntries(NAMES.map((name) => [`${name}_ovn_layer2_switch`, PODS]));
    assert.deepEqual(await switches(), all);
    const again = await apply();
    assert.deepEqual(
      [again.exitCode, (JSON.parse(again.stdout) as { changed: boolean }).changed],
      [0, false],
    );
  }).timeout(LONGEST);

  it("names also the networks that were to be pruned, and counts them", async () => {
    await runCli(nowhere, ["apply", "-f", "-", "--db", proxy.remote], {
      input: networksOf(["green", "red"], 1),
    });
    using clock = new Clock();
    cutAt(1, () => loseForGood(clock), "delete");
    const io = new FakeIo({ stdin: networksOf(["blue"], 2 * PODS) });
    const command = ["apply", "-f", "-", "--db", proxy.remote, "--prune=networks", "--timeout", "600"];
    assert.equal((await runInProcess(command, io)).exitCode, 1);
    assert.match(
      io.stderr,
      /applied before the error: blue; not known to be applied: green, red; apply again/,
    );
    assert.deepEqual(
      io.progressed.filter((text) => text.startsWith("applied ")),
      ["applied 1 of 3 networks"],
    );
    assert.deepEqual(
      Object.keys(await switches()).toSorted(),
      NAMES.map((name) => `${name}_ovn_layer2_switch`),
    );
  }).timeout(LONGEST);

  it("goes on by itself when the server can be reached again", async () => {
    const sizes = cutAt(2, () => undefined);
    const { exitCode, stderr } = await apply();
    assert.deepEqual([exitCode, stderr], [0, ""]);
    // The second was lost and sent again.
    assert.equal(sizes.length, 4, sizes.join());
    assert.deepEqual(Object.keys(await switches()).sort(), [
      "blue_ovn_layer2_switch",
      "green_ovn_layer2_switch",
      "red_ovn_layer2_switch",
    ]);
  }).timeout(LONGEST);
});
