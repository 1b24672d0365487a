import assert from "node:assert/strict";
import {
  type DatabaseCluster,
  type FaultProxy,
  type Sandbox,
  startCluster,
  startFaultProxy,
  startSandbox,
} from "../../lib/testing/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { withLateDeadline } from "../support/late-deadline.ts";
import { loseReplyTo, loseRequest } from "../support/lose.ts";
import { type CliProcess, dumpNorthbound, runCli, startCli } from "../support/run-cli.ts";
import { blue, documents, node, pod } from "../unit/manifests/fixtures.ts";

const MANIFESTS = documents(blue(), node("n1"), pod("d/a", "kube-system/blue"));
const nowhere = { env: { OVN_NB_DB: undefined } };

describeWithOvn("the command and a database that is lost on the way", () => {
  let sandbox: Sandbox;
  let proxy: FaultProxy;
  const open = async (): Promise<void> => {
    sandbox = await startSandbox({ northbound: true });
    proxy = await startFaultProxy(sandbox.northbound.remote);
  };
  const close = async (): Promise<void> => {
    await proxy.close();
    await sandbox.close();
  };
  const openAnew = async (): Promise<void> => {
    await close();
    await open();
  };
  beforeEach(open);
  afterEach(close);

  /** Does something to the connection of the command when it is made. */
  function onConnection(act: () => void): Promise<unknown> {
    return proxy.until(({ open }) => open > 0, { timeout: 30_000 }).then(act);
  }

  const through = (...args: string[]): string[] => [...args, "--db", proxy.remote];

  it("apply goes on when the server is killed with its transaction and started again", async () => {
    const killed: Promise<unknown>[] = [];
    const armed = onConnection(() =>
      loseRequest(proxy, "insert", () => {
        sandbox.northbound.signal("SIGKILL");
        killed.push(
          waitFor(() => sandbox.northbound.pid === undefined).then(() => sandbox.northbound.start()),
        );
      }),
    );
    const { exitCode, stdout, stderr } = await runCli(nowhere, through("apply", "-f", "-"), {
      input: MANIFESTS,
    });
    await armed;
    await Promise.all(killed);
    assert.equal(killed.length, 1);
    assert.deepEqual(
      [exitCode, stderr],
      [0, "ovn-northbound: note: node n1 has no chassis id; its name is used instead\n"],
    );
    assert.match(stdout, /^\+ Logical_Switch_Port kube\.system\.blue_d_a in /m);
    assert.match(await dumpNorthbound(sandbox), /kube\.system\.blue_d_a/);
    const again = await runCli(nowhere, through("apply", "-f", "-"), { input: MANIFESTS });
    assert.deepEqual([again.exitCode, again.stdout], [0, "nothing to change\n"]);
  });

  it("apply and delete tell what they did when only the reply was lost", async () => {
    const applying = onConnection(() => loseReplyTo(proxy, "insert"));
    const applied = await runCli(nowhere, through("apply", "-f", "-", "-o", "json"), { input: MANIFESTS });
    await applying;
    assert.equal(applied.exitCode, 0, applied.stderr);
    const told = JSON.parse(applied.stdout) as { changed: boolean; transactions: number; changes: unknown[] };
    assert.deepEqual([told.changed, told.transactions], [true, 1]);
    const connections = proxy.counts.connections;
    const deleting = proxy
      .until((counts) => counts.connections > connections && counts.open > 0, { timeout: 30_000 })
      .then(() => loseReplyTo(proxy, "delete"));
    const deleted = await runCli(nowhere, through("delete", "-f", "-"), { input: MANIFESTS });
    await deleting;
    assert.equal(deleted.exitCode, 0, deleted.stderr);
    assert.doesNotMatch(deleted.stderr, /absent/);
    assert.match(deleted.stdout, /^- Logical_Switch_Port kube\.system\.blue_d_a$/m);
  });

  for (const [command, exitCode] of [
    ["apply", 1],
    ["delete", 1],
  ] as const) {
    it(`${command} ends with one line when the server is gone for good`, async () => {
      await withLateDeadline(/connection was lost before its reply/, async (runLate) => {
        await openAnew();
        if (command === "delete")
          assert.equal((await runCli(sandbox, ["apply", "-f", "-"], { input: MANIFESTS })).exitCode, 0);
        const armed = onConnection(() =>
          loseRequest(proxy, command === "apply" ? "insert" : "delete", () =>
            sandbox.northbound.signal("SIGKILL"),
          ),
        );
        const input = command === "apply" ? documents(blue()) : MANIFESTS;
        const [outcome] = await Promise.all([
          runLate(nowhere, through(command, "-f", "-"), { input }),
          armed,
        ]);
        assert.deepEqual([outcome.exitCode, outcome.stdout], [exitCode, ""]);
        assert.match(
          outcome.stderr,
          /^ovn-northbound: a transaction was sent and the connection was lost before its reply; it may have been committed[^\n]*; the same command again finds out, and does what is left\n$/,
        );
      });
    });
  }

  it("ends with one line when the connection goes before anything was sent, and with 130 when interrupted", async () => {
    const applied = await runCli(sandbox, ["apply", "-f", "-"], { input: MANIFESTS });
    assert.equal(applied.exitCode, 0);
    /** The content arrives and the connection ends; nobody listens then. Until it has lost the connection for good; a command that ended before that is not waited for. */
    const loseOne = async (timeout: string): Promise<CliProcess> => {
      await proxy.accept();
      proxy.setFaults({
        toServer: {
          rewrite: (message) => (JSON.stringify(message).includes('"op":"insert"') ? undefined : message),
        },
      });
      const seen = proxy.counts;
      const command = startCli(nowhere, through("apply", "-f", "-", "--wait", "sb", "--timeout", timeout), {
        input: MANIFESTS,
      });
      const bounds = { timeout: 60_000 };
      const isThere = proxy.until(({ connections }) => connections > seen.connections, bounds);
      await Promise.race([isThere, command.outcome]);
      const { replies } = proxy.counts.toClient;
      await Promise.race([
        proxy.until(({ toClient }) => toClient.replies >= replies + 4, bounds),
        command.outcome,
      ]);
      proxy.refuse();
      proxy.cut();
      return command;
    };
    for (const interrupt of [false, true]) {
      const { child, outcome } = await loseOne(interrupt ? "60" : "3");
      if (interrupt) child.kill("SIGINT");
      const { exitCode, stderr } = await outcome;
      assert.equal(exitCode, interrupt ? 130 : 1, stderr);
      assert.match(stderr, /^(ovn-northbound: note: [^\n]*\n)?ovn-northbound: [^\n]*\n$/);
    }
  });

  it("show and diff try again when the connection is lost while the content is sent", async () => {
    assert.equal((await runCli(sandbox, ["apply", "-f", "-"], { input: MANIFESTS })).exitCode, 0);
    proxy.setNextFaults({ toClient: { cutAfterBytes: 2_000 } });
    const shown = await runCli(nowhere, through("show"));
    assert.deepEqual([shown.exitCode, shown.stderr], [0, ""]);
    assert.match(shown.stdout, /d\/a/);
    proxy.setNextFaults({ toClient: { cutAfterBytes: 2_000 } });
    const diff = await runCli(nowhere, through("diff", "-f", "-"), { input: MANIFESTS });
    assert.deepEqual([diff.exitCode, diff.stdout], [0, ""]);
  });
});

describeWithOvn("the command and a cluster without a leader", () => {
  let cluster: DatabaseCluster;
  before(async () => {
    cluster = await startCluster({ servers: 3 });
  });
  after(() => cluster?.close());

  it("tells how to use a server that is no leader, in its own words", async () => {
    const [follower] = await cluster.followers();
    const remote = follower?.remote ?? "";
    await withLateDeadline(/is not the leader/, async (runLate) => {
      const refused = await runLate(nowhere, ["show", "--db", remote]);
      const why = `${remote} is not the leader of its cluster; --no-leader-only uses it`;
      assert.deepEqual([refused.exitCode, refused.stderr], [1, `ovn-northbound: ${why}\n`]);
    });
    const used = await runCli(nowhere, ["show", "--db", remote, "--no-leader-only"]);
    assert.equal(used.exitCode, 0, used.stderr);
  });

  it("waits for one, and gives up after --timeout", async () => {
    const [survivor, ...others] = cluster.servers;
    assert.ok(survivor !== undefined);
    await Promise.all(others.map((server) => server.kill()));
    await waitFor(async () => (await cluster.status(survivor)).role !== "leader", { timeout: 30_000 });
    const why = /^ovn-northbound: [^\n]*(not the leader|not connected)[^\n]*\n$/;
    await withLateDeadline(why, async (runLate) => {
      const args = ["diff", "-f", "examples/article", "--db", cluster.remote];
      const refused = await runLate(nowhere, args);
      assert.deepEqual([refused.exitCode, refused.stdout], [2, ""]);
      assert.match(refused.stderr, why);
    });

    await using proxy = await startFaultProxy(survivor.remote);
    const remotes = [proxy.remote, ...others.map(({ remote }) => remote)].join(",");
    const { outcome } = startCli(nowhere, ["apply", "-f", "examples/article", "--db", remotes]);
    await proxy.until(({ connections }) => connections > 1, { timeout: 30_000 });
    await Promise.all(others.map((server) => server.start()));
    const { exitCode, stderr, stdout } = await outcome;
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^\+ Logical_Switch /m);
  });
});
