import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { withLateDeadline } from "../support/late-deadline.ts";
import { type CliOutcome, cliScript, dumpNorthbound, runCli, startCli } from "../support/run-cli.ts";
import { blue, documents, node, pod } from "../unit/manifests/fixtures.ts";

const MANIFESTS = documents(blue(), node("n1"), pod("d/a", "kube-system/blue"));

/** What the command says once it waits for nothing but a confirmation. */
const UNCONFIRMED = /; but [^\n]+ did not come within/;

/** No database at all: these commands meet servers of the test's own. */
const nowhere = { env: { OVN_NB_DB: undefined } };

/** A TCP server that treats every connection in the same wrong way; gives its remote and counts connections. */
async function withServer(
  treat: (socket: Socket) => void,
  use: (remote: string, connections: () => number) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {
      // The command may hang up while we write.
    });
    treat(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`tcp:127.0.0.1:${(server.address() as AddressInfo).port}`, () => sockets.length);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describeWithOvn("the command and servers that are not well", () => {
  for (const [command, exitCode] of [
    ["show", 1],
    ["diff -f examples/article", 2],
    ["apply -f examples/article", 1],
  ] as const) {
    it(`gives up after --timeout: ${command}`, async () => {
      await withServer(
        () => {
          // Never answers.
        },
        async (remote) => {
          const start = performance.now();
          const args = [...command.split(" "), "--db", remote, "--timeout", "0.7"];
          const outcome = await runCli(nowhere, args);
          assert.deepEqual([outcome.exitCode, outcome.stdout], [exitCode, ""]);
          assert.match(outcome.stderr, /^ovn-northbound: [^\n]*did not come within 700 ms\n$/);
          assert.ok(performance.now() - start < 30_000);
        },
      );
    });
  }

  it("says what is wrong with a server that speaks something else, or hangs up", async () => {
    await withServer(
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      async (remote) => {
        const { exitCode, stderr } = await runCli(nowhere, ["show", "--db", remote]);
        assert.equal(exitCode, 1);
        assert.match(stderr, /^ovn-northbound: [^\n]+\n$/);
      },
    );
    await withServer(
      (socket) => socket.once("data", () => socket.end('{"id":1,"resu')),
      async (remote) => {
        const { exitCode, stderr } = await runCli(nowhere, ["show", "--db", remote, "-t", "1"]);
        assert.equal(exitCode, 1);
        assert.match(stderr, /^ovn-northbound: [^\n]+\n$/);
      },
    );
  });

  it("names the databases of a server that has no northbound one", async () => {
    await using sandbox = await startSandbox({ southbound: true });
    const { exitCode, stderr } = await runCli(nowhere, ["show", "--db", sandbox.southbound.remote]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /no database OVN_Northbound \(it serves: OVN_Southbound\)\n$/);
  });

  it("gives up after --timeout when the server is stopped", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    sandbox.northbound.signal("SIGSTOP");
    try {
      const args = ["apply", "-f", "-", "--timeout", "1"];
      const { exitCode, stderr } = await runCli(sandbox, args, { input: MANIFESTS });
      assert.equal(exitCode, 1);
      assert.match(stderr, /did not come within 1000 ms\n$/);
    } finally {
      sandbox.northbound.signal("SIGCONT");
    }
  });

  it("gives up after --timeout when the manifests do not end", async () => {
    for (const [command, exitCode] of [
      ["apply", 1],
      ["diff", 2],
    ] as const) {
      const { child, outcome } = startCli(nowhere, [command, "-f", "-", "-t", "0.5"], { keepInput: true });
      const ended = await outcome;
      child.stdin?.destroy();
      const stderr = "ovn-northbound: the end of the manifests did not come within 500 ms\n";
      assert.deepEqual([ended.exitCode, ended.stdout, ended.stderr], [exitCode, "", stderr]);
    }
  });

  it("says what is wrong with a standard input that cannot be read", () => {
    for (const [path, flags, reason] of [
      [tmpdir(), "r", "is a folder"],
      ["/dev/null", "w", "is not open for reading"],
    ] as const)
      for (const [command, exitCode] of [
        ["apply", 1],
        ["diff", 2],
      ] as const) {
        const fd = openSync(path, flags);
        const ended = spawnSync(process.execPath, [cliScript, command, "-f", "-", "-t", "60"], {
          stdio: [fd, "pipe", "pipe"],
          encoding: "utf8",
        });
        closeSync(fd);
        assert.equal(ended.stderr, `ovn-northbound: cannot read standard input: ${reason}\n`);
        assert.deepEqual([ended.status, ended.stdout], [exitCode, ""]);
      }
  });

  describe("and pipes with a name, as a shell's <(...) is", () => {
    let folder = "";
    let pipe = "";
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "pipes-"));
      pipe = join(folder, "pipe.yaml");
      execFileSync("mkfifo", [pipe]);
    });
    after(() => rmSync(folder, { recursive: true }));

    it("reads them to their end", async () => {
      await using sandbox = await startSandbox({ northbound: true });
      const { outcome } = startCli(sandbox, ["apply", "-f", pipe]);
      await writeFile(pipe, MANIFESTS);
      const { exitCode, stdout } = await outcome;
      assert.equal(exitCode, 0);
      assert.match(stdout, /^\+ Logical_Switch_Port kube\.system\.blue_d_a in /m);
    });

    it("waits no longer for keys in one, and ends when interrupted meanwhile", async () => {
      const args = ["show", "--db", "ssl:127.0.0.1:1", "--private-key", pipe];
      const late = await runCli(nowhere, [...args, "-t", "0.3"]);
      const stderr = `ovn-northbound: cannot read --private-key ${pipe}: its end did not come in time\n`;
      assert.deepEqual([late.signal, late.exitCode, late.stderr], [null, 1, stderr]);
      const reading = startCli(nowhere, args);
      const writer = await open(pipe, "w");
      await writer.write("#".repeat(1 << 20));
      reading.child.kill("SIGINT");
      const ended = await reading.outcome;
      await writer.close();
      assert.deepEqual([ended.exitCode, ended.stderr], [130, "ovn-northbound: interrupted\n"]);
    });

    it("waits no longer for keys in a device that has no end", async () => {
      const args = ["show", "--db", "ssl:127.0.0.1:1", "--private-key", "/dev/zero", "-t", "0.3"];
      const { signal, exitCode, stderr } = await runCli(nowhere, args);
      const line = "ovn-northbound: cannot read --private-key /dev/zero: its end did not come in time\n";
      assert.deepEqual([signal, exitCode, stderr], [null, 1, line]);
    });

    it("ends when interrupted", async () => {
      const reading = startCli(nowhere, ["apply", "-f", pipe]);
      // Who opens it for writing waits for the command. More than a pipe holds: once it is gone, the command is reading.
      const writer = await open(pipe, "w");
      await writer.write("#".repeat(1 << 20));
      reading.child.kill("SIGINT");
      const { exitCode, stderr } = await reading.outcome;
      await writer.close();
      assert.deepEqual([exitCode, stderr], [130, "ovn-northbound: interrupted\n"]);
    });

    for (const [what, writer] of [
      ["that nobody opens", undefined],
      ["that nobody writes to", constants.O_RDWR],
    ] as const) {
      it(`waits no longer than --timeout for one ${what}`, async () => {
        const held = writer === undefined ? undefined : openSync(pipe, writer);
        try {
          for (const [args, end] of [
            [["diff", "-f", pipe], "the manifests"],
            [["diff", "-f", folder], "the manifests"],
            [["codegen", "--schema", pipe, "--out", join(folder, "out")], pipe],
          ] as const) {
            const late = await runCli(nowhere, [...args, "-t", "0.3"]);
            assert.equal(late.signal, null, late.stderr);
            assert.equal(late.stderr, `ovn-northbound: the end of ${end} did not come within 300 ms\n`);
          }
        } finally {
          if (held !== undefined) closeSync(held);
        }
      });
    }
  });

  it("takes a server that is no leader only with --no-leader-only", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    assert.equal((await runCli(sandbox, ["apply", "-f", "-"], { input: MANIFESTS })).exitCode, 0);
    const socket = join(sandbox.directory, "relay.sock");
    const source = `relay:OVN_Northbound:${sandbox.northbound.remote}`;
    const relay = spawn("ovsdb-server", [`--remote=punix:${socket}`, "--unixctl=none", source], {
      stdio: "ignore",
    });
    try {
      const show = (...args: string[]): Promise<CliOutcome> =>
        runCli(nowhere, ["show", "--db", `unix:${socket}`, ...args]);
      const shown = async (): Promise<boolean> => (await show("--no-leader-only")).stdout.includes("d/a");
      await waitFor(shown, { timeout: 30_000, what: "the relay's content" });
      const refused = await show();
      assert.deepEqual([refused.exitCode, refused.stdout], [1, ""]);
      assert.match(refused.stderr, /leader/);
    } finally {
      relay.kill();
    }
  });

  it("tells what was committed as ever when only the confirmation is missing, and why it fails once", async () => {
    for (const { wait, timeout } of [
      {
        wait: "sb",
        timeout:
          /^ovn-northbound: the transaction was committed; but ovn-northd's confirmation \(NB_Global.sb_cfg\) did not come within \d+ ms$/,
      },
      {
        wait: "hv",
        timeout:
          /^ovn-northbound: the transaction was committed; but the confirmation of all chassis \(NB_Global.hv_cfg\) did not come within \d+ ms$/,
      },
    ]) {
      await using confirmed = await startSandbox({ northbound: true });
      const input = { input: MANIFESTS };
      const expected = await runCli(confirmed, ["apply", "-f", "-"], input);
      await withLateDeadline(UNCONFIRMED, async (runLate) => {
        await using sandbox = await startSandbox({ northbound: true });
        const late = await runLate(sandbox, ["apply", "-f", "-", "--wait", wait], input);
        assert.deepEqual([late.exitCode, late.stdout], [1, expected.stdout]);
        const [note, failure, ...others] = late.stderr.trimEnd().split("\n");
        assert.deepEqual([`${note}\n`, others], [expected.stderr, []]);
        assert.match(failure ?? "", timeout);
        assert.match(await dumpNorthbound(sandbox), /kube\.system\.blue_d_a/);
      });
    }
  });

  it("tells programs so too: the document of a success, and whether it was confirmed", async () => {
    type Data = Readonly<Record<string, unknown>> & {
      readonly changes: readonly { readonly action: string; readonly name: string }[];
    };
    await withLateDeadline(UNCONFIRMED, async (runLate) => {
      await using sandbox = await startSandbox({ northbound: true });
      const run = async (command: string): Promise<Data> => {
        const args = [command, "-f", "-", "--wait", "sb", "-o", "json"];
        const { exitCode, stdout, stderr } = await runLate(sandbox, args, { input: MANIFESTS });
        assert.equal(exitCode, 1);
        const data = JSON.parse(stdout) as Data;
        const done = data["changed"] === true ? "the transaction was committed" : "nothing had to change";
        const failure = `^ovn-northbound: ${done}; but ovn-northd's confirmation .* did not come`;
        assert.match(stderr, new RegExp(failure, "m"));
        return data;
      };
      const listed = async (): Promise<string> =>
        (await sandbox.run("ovn-nbctl", ["--bare", "--columns=name", "list", "Logical_Switch"])).trim();

      const applied = await run("apply");
      assert.deepEqual([applied["changed"], applied["transactions"], applied["confirmed"]], [true, 1, false]);
      const switches = await listed();
      assert.ok(switches !== "" && applied.changes.some(({ name }) => switches.includes(name)));
      assert.deepEqual(Array.isArray(applied["pods"]) && applied["pods"].length, 1);

      const again = await run("apply");
      assert.deepEqual([again["changed"], again["transactions"], again["confirmed"]], [false, 0, false]);

      const deleted = await run("delete");
      assert.deepEqual([deleted["changed"], deleted["confirmed"]], [true, false]);
      assert.ok(deleted.changes.some(({ action, name }) => action === "delete" && switches.includes(name)));
      assert.equal(await listed(), "");
    });
  });
});

describeWithOvn("the process of the command", () => {
  it("ends with 130 when interrupted: connecting, reading its input, waiting", async () => {
    await withServer(
      () => {
        // Never answers.
      },
      async (remote, connections) => {
        const { child, outcome } = startCli(nowhere, ["diff", "-f", "examples/article", "--db", remote]);
        await waitFor(() => connections() > 0, { timeout: 30_000, what: "the command's connection" });
        child.kill("SIGINT");
        const { stderr, stdout, exitCode } = await outcome;
        assert.deepEqual([exitCode, stdout, stderr], [130, "", "ovn-northbound: interrupted\n"]);
      },
    );

    const reading = startCli(nowhere, ["apply", "-f", "-"], { keepInput: true });
    // More than a pipe holds: once it is gone, the command is reading.
    await new Promise((resolve) => reading.child.stdin?.write("#".repeat(1 << 20), resolve));
    reading.child.kill("SIGINT");
    const { exitCode, stderr } = await reading.outcome;
    assert.deepEqual([exitCode, stderr], [130, "ovn-northbound: interrupted\n"]);

    await using sandbox = await startSandbox({ northbound: true });
    const waiting = startCli(sandbox, ["apply", "-f", "-", "--wait", "sb"], { input: MANIFESTS });
    const committed = async (): Promise<boolean> => (await dumpNorthbound(sandbox)).includes("blue_d_a");
    await waitFor(committed, { timeout: 30_000, what: "the commit", interval: 50 });
    waiting.child.kill("SIGTERM");
    const ended = await waiting.outcome;
    assert.equal(ended.exitCode, 143);
    // What is there already is told all the same.
    assert.match(ended.stdout, /^\+ Logical_Switch_Port kube\.system\.blue_d_a in /m);
    assert.match(
      ended.stderr,
      /\n.*was committed; but ovn-northd's confirmation.* was not seen: interrupted\n$/,
    );
  });

  it("is quiet when nobody reads its output any more", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const { child, outcome } = startCli(sandbox, ["apply", "-f", "-"], { input: MANIFESTS });
    child.stdout?.destroy();
    const { exitCode, stderr } = await outcome;
    assert.deepEqual(
      [exitCode, stderr],
      [0, "ovn-northbound: note: node n1 has no chassis id; its name is used instead\n"],
    );
    assert.match(await dumpNorthbound(sandbox), /kube\.system\.blue_d_a/);
  });

  it("keeps messages out of the middle of results where both are one pipe", async () => {
    const name = "p".repeat(200);
    const pods = Array.from({ length: 1500 }, (_, number) => pod(`d/${name}${number}`, "kube-system/blue"));
    // Many times what a pipe holds: its reader is not done when the message is due.
    const input = documents(blue(), node("n1"), ...pods);
    await withLateDeadline(UNCONFIRMED, async (runLate) => {
      await using sandbox = await startSandbox({ northbound: true });
      const args = ["apply", "-f", "-", "--wait", "sb"];
      const { stdout } = await runLate(sandbox, args, { input, isOnePipe: true });
      const lines = stdout.trimEnd().split("\n");
      assert.match(lines.at(-1) ?? "", /^ovn-northbound: the transaction was committed; but .* did not come/);
      assert.match(lines.at(-2) ?? "", /^1 network: \d+ rows inserted/);
      const others = lines.slice(1, -2).filter((line) => !/^\+ [A-Z]/.test(line));
      assert.deepEqual(others, []);
    });
  });

  it("writes nothing but plain text into a pipe", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const apply = await runCli(sandbox, ["apply", "-f", "-"], {
      input: MANIFESTS,
      env: { FORCE_COLOR: "1" },
    });
    const show = await runCli(sandbox, ["show"], { env: { FORCE_COLOR: "1" } });
    const help = await runCli(sandbox, ["--help"], { env: { FORCE_COLOR: "1" } });
    const text = [apply, show, help].map(({ stdout, stderr }) => stdout + stderr).join("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
  });
});
