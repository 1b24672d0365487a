import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { run } from "../../lib/cli/run.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { type Sandbox, startFaultProxy, startSandbox } from "../../lib/testing/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { withLateDeadline } from "../support/late-deadline.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { type CliOutcome, cliScript, runCli, startCli } from "../support/run-cli.ts";
import { FakeIo } from "../unit/cli/fake-io.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const base = documents(blue(), node("n1"));
const LONGEST = { timeout: 30_000, interval: 20 };

/** A watching command, and what it has printed so far. */
interface Watching {
  readonly stdout: () => readonly string[];
  readonly stderr: () => readonly string[];
  /** Ends it by a signal. */
  end(signal: NodeJS.Signals): Promise<CliOutcome>;
  readonly outcome: Promise<CliOutcome>;
  /** Nobody reads its standard output any more. */
  hangUp(): void;
}

function watch(sandbox: Pick<Sandbox, "env">, ...args: readonly string[]): Watching {
  const { child, outcome } = startCli(sandbox, ["get", ...args, "--watch"]);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk: string) => {
      text[name] += chunk;
    });
  const lines = (name: "stdout" | "stderr") => (): readonly string[] => text[name].split("\n").slice(0, -1);
  return {
    stdout: lines("stdout"),
    stderr: lines("stderr"),
    end: (signal) => {
      child.kill(signal);
      return outcome;
    },
    outcome,
    hangUp: () => child.stdout?.destroy(),
  };
}

/** Waits until so many lines are there, and gives the latest. */
async function line(lines: () => readonly string[], number: number): Promise<string> {
  await waitFor(() => lines().length >= number, { ...LONGEST, what: `${number} lines` });
  return lines()[number - 1] ?? "";
}

async function apply(sandbox: Sandbox, ...manifests: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], {
    input: documents(base, ...manifests),
  });
  assert.equal(exitCode, 0, stderr);
}

const a = pod("d/a", "kube-system/blue");
const b = pod("d/b", "kube-system/blue");

describeWithOvn("get --watch", () => {
  it("prints what there is, comes and changes, tells what is gone, and ends when interrupted", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, a);
    const { stdout: table } = await runCli(sandbox, ["get", "pods"]);
    const watching = watch(sandbox, "pods");
    assert.equal(`${await line(watching.stdout, 1)}\n${await line(watching.stdout, 2)}\n`, table);
    await apply(sandbox, a, b);
    const came = (await runCli(sandbox, ["get", "pods"])).stdout.split("\n")[2];
    assert.equal(await line(watching.stdout, 3), came);
    await sandbox.run("ovn-nbctl", [
      "lsp-set-addresses",
      "kube.system.blue_d_b",
      "0a:58:00:00:00:09 10.1.0.9",
    ]);
    assert.match(await line(watching.stdout, 4), /^d +b +blue +n1 +10\.1\.0\.9 +0a:58:00:00:00:09 /);
    await runCli(sandbox, ["delete", "pod", "d/a"]);
    assert.equal(
      await line(watching.stderr, 1),
      "ovn-northbound: gone: port kube.system.blue_d_a of pod d/a",
    );
    const { exitCode, stderr } = await watching.end("SIGINT");
    assert.deepEqual([exitCode, stderr.split("\n").length, watching.stdout().length], [130, 2, 4]);
    assert.equal((await endOf(watch(sandbox, "nodes"), "SIGTERM")).exitCode, 143);
  });

  /** Ends it once it watches: it has said that there is nothing. */
  async function endOf(watching: Watching, signal: NodeJS.Signals): Promise<CliOutcome> {
    assert.equal(
      await line(watching.stderr, 1),
      "ovn-northbound: there are no nodes of layer3 networks to show",
    );
    return watching.end(signal);
  }

  it("-o json: an object on each line, and with events what became of it", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, a);
    const watching = watch(sandbox, "pods", "-o", "json", "--output-watch-events");
    const plain = watch(sandbox, "pods", "-o", "json");
    type Event = { readonly type: string; readonly object: { readonly name: string } };
    const event = async (number: number): Promise<Event> =>
      JSON.parse(await line(watching.stdout, number)) as Event;
    const [first] = (
      JSON.parse((await runCli(sandbox, ["get", "pods", "-o", "json"])).stdout) as { pods: readonly object[] }
    ).pods;
    assert.deepEqual(await event(1), { type: "ADDED", object: first });
    assert.deepEqual(JSON.parse(await line(plain.stdout, 1)), first);
    await sandbox.run("ovn-nbctl", ["lsp-set-addresses", "kube.system.blue_d_a", "unknown"]);
    assert.equal((await event(2)).type, "MODIFIED");
    assert.deepEqual(JSON.parse(await line(plain.stdout, 2)), (await event(2)).object);
    await runCli(sandbox, ["delete", "pod", "d/a"]);
    assert.deepEqual(await event(3), { ...(await event(2)), type: "DELETED" });
    assert.equal(await line(plain.stderr, 1), "ovn-northbound: gone: pod/d/a");
    assert.equal((await plain.end("SIGINT")).stdout.split("\n").length, 3);
    const { stderr } = await watching.end("SIGINT");
    assert.equal(stderr, "");
  });

  it("-o name, yaml, wide and tables with events, of networks that are not there yet", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const formats = ["name", "yaml", "wide"].map((format) =>
      watch(sandbox, "networks", "blue", "-o", format),
    );
    const [names, yaml, wide] = formats;
    const events = watch(sandbox, "net", "--output-watch-events");
    const bare = watch(sandbox, "net", "--no-headers");
    for (const { stderr } of formats)
      assert.equal(await line(stderr, 1), "ovn-northbound: blue is none of the networks in this database");
    for (const { stderr } of [events, bare])
      assert.equal(await line(stderr, 1), "ovn-northbound: there are no networks to show");
    await apply(sandbox);
    assert.ok(names && yaml && wide);
    assert.equal(await line(names.stdout, 1), "network/blue");
    assert.deepEqual([await line(yaml.stdout, 1), await line(yaml.stdout, 2)], ["---", "name: blue"]);
    assert.match(await line(wide.stdout, 1), /^NAME .* NADS$/);
    assert.match(await line(events.stdout, 1), /^EVENT {6}NAME /);
    assert.match(await line(events.stdout, 2), /^ADDED {6}blue +layer2 /);
    assert.match(await line(bare.stdout, 1), /^blue +layer2 /);
    await runCli(sandbox, ["delete", "network", "blue"]);
    assert.match(await line(events.stdout, 3), /^DELETED {4}blue +layer2 /);
    assert.equal(await line(names.stderr, 2), "ovn-northbound: gone: network/blue");
    assert.equal(await line(wide.stderr, 2), 'ovn-northbound: gone: network "blue"');
    for (const watching of [...formats, events, bare])
      assert.equal((await watching.end("SIGINT")).exitCode, 130);
  });

  it("goes on when the server is started again, and when its database is converted", async () => {
    await using sandbox = await startSandbox({ northbound: schemaWithout("5.18.0", ["Copp"]) });
    await sandbox.run("ovn-nbctl", ["--no-leader-only", "ls-add", "other"]);
    const add = (name: string): Promise<string> =>
      sandbox.run("ovn-nbctl", [
        "--no-leader-only",
        "ls-add",
        name,
        "--",
        "set",
        "Logical_Switch",
        name,
        `external_ids:k8s.ovn.org/network=${name}`,
        "external_ids:k8s.ovn.org/topology=layer2",
      ]);
    await add("one");
    const watching = watch(sandbox, "networks", "-o", "name");
    assert.equal(await line(watching.stdout, 1), "network/one");
    sandbox.northbound.signal("SIGKILL");
    const { remote } = sandbox.northbound;
    assert.equal(
      await line(watching.stderr, 1),
      `ovn-northbound: ${remote}: the connection was lost; trying again`,
    );
    await waitFor(() => sandbox.northbound.pid === undefined, LONGEST);
    await sandbox.northbound.start();
    await add("two");
    assert.equal(await line(watching.stdout, 2), "network/two");
    assert.equal(await line(watching.stderr, 2), `ovn-northbound: ${remote}: connected again`);
    await sandbox.northbound.convert(northbound);
    await add("three");
    assert.equal(await line(watching.stdout, 3), "network/three");
    const { stdout, exitCode } = await watching.end("SIGINT");
    assert.deepEqual([exitCode, stdout], [130, "network/one\nnetwork/two\nnetwork/three\n"]);
  });

  it("ends with 0 after --timeout, and with 1 where the connection is lost then", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, a);
    const table = await runCli(sandbox, ["get", "pods"]);
    await withLateDeadline(/^NAMESPACE /, async (runLate) => {
      assert.deepEqual(await runLate(sandbox, ["get", "pods", "-w"]), table);
    });
    await withLateDeadline(/trying again/, async (_, late) => {
      await using proxy = await startFaultProxy(sandbox.northbound.remote);
      const watching = watch({ env: { OVN_NB_DB: proxy.remote } }, "pods", "-t", late.timeout);
      await Promise.race([line(watching.stdout, 2), watching.outcome]);
      proxy.refuse();
      proxy.cut();
      const { exitCode, stderr } = late.ended(await watching.outcome);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /^ovn-northbound: \S+: the connection was lost; trying again\novn-northbound: the connection to \S+ was lost and could not be made again within the [\d.]+ seconds of --timeout\n$/,
      );
    });
  });

  it("goes on after the default of --timeout, which is for connecting", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    let release = (): void => {};
    const read = new Promise<void>((resolve) => {
      release = resolve;
    });
    /** It reads the first line late. */
    class LateIo extends FakeIo {
      override written(): Promise<void> {
        return this.stdout === "network/blue\n" ? read : Promise.resolve();
      }
    }
    using clock = new Clock();
    const io = new LateIo({ env: { OVN_NB_DB: sandbox.northbound.remote } });
    const ending = run(["get", "networks", "-w", "-o", "name"], io);
    const net = (name: string): string => nad(`d/${name}`, { name, topology: "layer2" });
    try {
      await waitFor(() => io.stderr.includes("there are no networks to show"), LONGEST);
      clock.pass(60_500);
      await apply(sandbox);
      await waitFor(() => io.stdout === "network/blue\n", LONGEST);
      // Then it looks while the connection is lost.
      await apply(sandbox, net("green"));
      sandbox.northbound.signal("SIGKILL");
      await waitFor(() => io.stderr.includes("the connection was lost; trying again"), LONGEST);
      release();
      await waitFor(() => sandbox.northbound.pid === undefined, LONGEST);
      await sandbox.northbound.start();
      await waitFor(() => io.stdout === "network/blue\nnetwork/green\n", LONGEST);
    } finally {
      io.interrupt();
    }
    assert.equal(await ending, 130);
  });

  it("tells together what changes while nobody takes its output", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const pods = Array.from({ length: 600 }, (_, number) =>
      pod(`d/${"p".repeat(200)}${number}`, "kube-system/blue"),
    );
    await apply(sandbox, a, ...pods);
    // Many times what a pipe holds.
    const child = spawn(process.execPath, [cliScript, "get", "pods", "-w"], {
      env: { ...process.env, ...sandbox.env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    await once(child.stdout, "readable");
    const other = watch(sandbox, "pod", "a", "--no-headers");
    await line(other.stdout, 1);
    for (const last of [1, 2, 3, 4]) {
      const address = `0a:58:00:00:00:0${last} 10.1.9.${last}`;
      await sandbox.run("ovn-nbctl", ["lsp-set-addresses", "kube.system.blue_d_a", address]);
      // By then the one that nobody reads could have told it, too.
      assert.match(await line(other.stdout, 1 + last), new RegExp(`10\\.1\\.9\\.${last} `));
    }
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const told = (): readonly string[] => text.match(/ 10\.1\.9\.\d /g) ?? [];
    await waitFor(() => told().includes(" 10.1.9.4 "), LONGEST);
    child.kill("SIGINT");
    await closed;
    assert.deepEqual(told(), [" 10.1.9.4 "]);
    await other.end("SIGINT");
  });

  for (const args of [["--watch"], []])
    it(`get pods ${args.join(" ")}: ends by a signal also while nobody takes its output`, async () => {
      await using sandbox = await startSandbox({ northbound: true });
      const pods = Array.from({ length: 600 }, (_, number) =>
        pod(`d/${"p".repeat(200)}${number}`, "kube-system/blue"),
      );
      await apply(sandbox, ...pods);
      const child = spawn(process.execPath, [cliScript, "get", "pods", "-o", "yaml", ...args], {
        env: { ...process.env, ...sandbox.env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exit = once(child, "exit");
      await once(child.stdout, "readable");
      child.kill("SIGTERM");
      const exitCode = await Promise.race([
        exit.then(([code]: unknown[]) => code),
        once(AbortSignal.timeout(60_000), "abort"),
      ]);
      child.kill("SIGKILL");
      assert.equal(exitCode, 143);
    });

  it("ends with 1 when what it prints cannot be written", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, a);
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [cliScript, "get", "pods", "-w"], {
      env: { ...process.env, ...sandbox.env },
      stdio: ["ignore", full, "pipe"],
      // It would go on for ever where it does not see that.
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [exitCode] = (await once(child, "close")) as [number | null];
    closeSync(full);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^ovn-northbound: cannot write: ENOSPC[^\n]*\n$/);
  });

  it("ends when there is something to write and nobody reads any more", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await apply(sandbox, a);
    const watching = watch(sandbox, "pods", "-o", "name");
    await line(watching.stdout, 1);
    watching.hangUp();
    await apply(sandbox, a, b);
    const { exitCode, stderr } = await watching.outcome;
    assert.deepEqual([exitCode, stderr], [0, ""]);
  });
});
