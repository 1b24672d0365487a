import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { compareSchemas, type DatabaseSchema, parseSchema, schemaToJson } from "../../lib/ovsdb/index.ts";
import {
  CommandError,
  installedSchema,
  SandboxError,
  type SchemaJson,
  type SchemaSource,
  startSandbox,
  stopSandbox,
} from "../../lib/testing/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

const smallSchema: DatabaseSchema = {
  name: "Shop",
  version: "1.2.3",
  tables: {
    Shelf: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1 },
        goods: { key: { type: "string" }, value: { type: "integer" }, min: 0, max: "unlimited" },
      },
      indexes: [["name"]],
      isRoot: true,
    },
  },
};

describeWithOvn("the sandbox", () => {
  it("starts NB, SB and northd that work together, and leaves nothing behind", async () => {
    const seen = await (async () => {
      await using sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
      const { directory, pids } = sandbox;
      const { northbound, southbound } = sandbox;
      const shown = {
        directory,
        databases: { northbound: northbound.remote, southbound: southbound.remote },
        pids,
      };
      assert.equal(inspect(sandbox), `Sandbox ${inspect(shown)}`);
      assert.deepEqual(Object.keys(pids).sort(), ["northbound", "northd", "southbound"]);
      await sandbox.run("ovn-nbctl", ["--wait=sb", "ls-add", "sw0"]);
      assert.match(await sandbox.run("ovn-nbctl", ["ls-list"]), /\(sw0\)/);
      assert.match(await sandbox.run("ovn-sbctl", ["lflow-list", "sw0"]), /ls_in_/);
      return { directory, pids: Object.values(pids) };
    })();
    assert.equal(existsSync(seen.directory), false);
    assert.deepEqual(seen.pids.filter(isAlive), []);
  });

  it("closes twice, also at the same time", async () => {
    const sandbox = await startSandbox({ northbound: true });
    await Promise.all([sandbox.close(), sandbox.close()]);
    await sandbox.close();
    assert.deepEqual(sandbox.pids, {});
  });

  it("serves any schema object, several databases in one server, and the Open_vSwitch schema", async () => {
    await using sandbox = await startSandbox({
      openvswitch: true,
      databases: { shop: smallSchema, pair: [smallSchema, installedSchema("northbound")] },
    });
    const list = (name: string): Promise<string> =>
      sandbox.run("ovsdb-client", ["list-dbs", sandbox.database(name).remote]);
    assert.deepEqual((await list("pair")).trim().split("\n").sort(), ["OVN_Northbound", "Shop", "_Server"]);
    assert.match(
      await sandbox.run("ovsdb-client", ["get-schema-version", sandbox.database("shop").remote]),
      /^1\.2\.3/,
    );
    assert.match(await list("openvswitch"), /Open_vSwitch/);
    await sandbox.run("ovs-vsctl", ["--no-wait", "init"]);
  });

  it("serves the JSON of a schema file as it is, and says what it wants of anything else", async () => {
    const json = JSON.parse(readFileSync(installedSchema("northbound"), "utf8"));
    await using sandbox = await startSandbox({
      northbound: json,
      databases: { shop: schemaToJson(smallSchema) as unknown as SchemaJson },
    });
    await sandbox.run("ovn-nbctl", ["ls-add", "sw0"]);
    const served = await sandbox.run("ovsdb-client", ["get-schema", sandbox.northbound.remote]);
    const differences = compareSchemas(parseSchema(json), parseSchema(JSON.parse(served)));
    assert.deepEqual(Object.values(differences).flat(), []);
    const shop = sandbox.database("shop");
    await shop.convert({ ...smallSchema, version: "1.2.4" });
    assert.match(await sandbox.run("ovsdb-client", ["get-schema-version", shop.remote]), /^1\.2\.4/);

    const parentDirectory = mkdtempSync(join(tmpdir(), "parent-"));
    const broken = { ...json, tables: { Shelf: { columns: { name: { type: "text" } } } } };
    const others: [unknown, RegExp][] = [
      [
        {},
        /"northbound" is none \(schema\.name: .*\): give the path of an \.ovsschema file, what JSON\.parse makes/,
      ],
      [[json], /"northbound" is none/],
      [7, /"northbound" is none \(schema: expected an object, got 7\)/],
      [null, /"northbound" is none/],
      [{ name: "Shop", version: "1.2.3", tables: { Shelf: {} } }, /Shelf\.columns/],
      [broken, /Shelf\.name.*"text"/],
    ];
    for (const [other, message] of others) {
      const northbound = other as SchemaSource;
      await assert.rejects(startSandbox({ northbound, parentDirectory }), (error: Error) => {
        assert.ok(error instanceof SandboxError);
        assert.match(error.message, message);
        return true;
      });
    }
    assert.deepEqual(readdirSync(parentDirectory), []);
    rmSync(parentDirectory, { recursive: true });
  });

  it("listens on TCP at a port of the kernel's choice, and keeps it over a restart", async () => {
    for (const tcp of ["127.0.0.1", "::1"] as const) {
      await using sandbox = await startSandbox({ northbound: true, tcp });
      const remote = sandbox.northbound.tcp;
      assert.match(remote, tcp === "::1" ? /^tcp:\[::1\]:\d+$/ : /^tcp:127\.0\.0\.1:\d+$/);
      await sandbox.run("ovn-nbctl", [`--db=${remote}`, "ls-add", "kept"]);
      await sandbox.northbound.stop();
      assert.deepEqual(sandbox.pids, {});
      await sandbox.northbound.start();
      assert.equal(sandbox.northbound.tcp, remote);
      assert.match(await sandbox.run("ovn-nbctl", [`--db=${remote}`, "ls-list"]), /kept/);
    }
  });

  it("says what to start it with where a remote is asked for that it does not have", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const start = (option: string): object => ({
      code: "ERR_SANDBOX",
      message: `the server northbound was started without \`${option}\`: start it with \`${option}: true\``,
    });
    assert.throws(() => sandbox.northbound.tcp, start("tcp"));
    assert.throws(() => sandbox.northbound.ssl, start("tls"));
  });

  it("names a program's arguments that are no list", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await assert.rejects(sandbox.run("ovn-nbctl", "show" as never), {
      code: "ERR_USAGE",
      message: 'the arguments of ovn-nbctl are a list of texts, as in ["show"], and not "show"',
    });
    await assert.rejects(sandbox.run("ovn-nbctl ls-add sw0"), {
      code: "ERR_SANDBOX",
      message:
        'ovn-nbctl ls-add sw0: no such program on PATH; its arguments are a list of texts: run("ovn-nbctl", ["ls-add","sw0"])',
    });
    await assert.rejects(sandbox.run(["ovn-nbctl", "show"] as never), {
      code: "ERR_USAGE",
      message: 'a program is named by a text, and not ["ovn-nbctl","show"]',
    });
  });

  it("can crash and pause a daemon", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    sandbox.northbound.signal("SIGKILL");
    await waitFor(() => sandbox.northbound.pid === undefined);
    await sandbox.northbound.start();
    assert.match(await sandbox.northbound.appctl("version"), /Open vSwitch/);
    // close() has to end a paused daemon too, which does not see a gentle signal.
    sandbox.northbound.signal("SIGSTOP");
  });

  it("shows the log of a daemon that does not start, and removes everything", async () => {
    const parent = mkdtempSync(join(tmpdir(), "parent-"));
    const schema = join(parent, "bad.ovsschema");
    writeFileSync(schema, "{}");
    await assert.rejects(startSandbox({ northbound: schema, parentDirectory: parent }), (error: Error) => {
      assert.ok(error instanceof SandboxError);
      assert.match(error.message, /northbound database could not be made/);
      return true;
    });
    // northd on a database of another kind connects, and never gets to work.
    const wrong = { northbound: smallSchema, southbound: true, northd: true } as const;
    let failure: unknown;
    // The databases have to start in that time, and ovn-northd to write something.
    for (const timeout of [300, 3_000, 20_000]) {
      failure = await startSandbox({ ...wrong, timeout, parentDirectory: parent }).catch((error) => error);
      if (String(failure).includes("ovn-northd (northd): ")) break;
    }
    assert.ok(failure instanceof SandboxError);
    assert.match(failure.message, /ovn-northd \(northd\): .*\n {2}\| /);
    assert.deepEqual(readdirSync(parent), ["bad.ovsschema"]);
    rmSync(parent, { recursive: true });
  });

  it("gives up when its signal aborts, and removes everything", async () => {
    const parentDirectory = mkdtempSync(join(tmpdir(), "parent-"));
    const reason = new Error("enough");
    const controller = new AbortController();
    const start = startSandbox({
      northbound: true,
      southbound: true,
      parentDirectory,
      signal: controller.signal,
    });
    controller.abort(reason);
    await assert.rejects(start, reason);
    assert.deepEqual(readdirSync(parentDirectory), []);
    rmSync(parentDirectory, { recursive: true });
  });

  it("tells how a command failed", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    await assert.rejects(sandbox.run("ovn-nbctl", ["lsp-add", "nowhere", "p"]), (error: Error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, 1);
      assert.match(error.stderr, /nowhere/);
      assert.match(error.message, /ovn-nbctl lsp-add nowhere p: exit code 1/);
      return true;
    });
    await assert.rejects(sandbox.run("sh", ["-c", "exec sleep 60"], { timeout: 50 }), /not done after 50 ms/);
    assert.equal(await sandbox.run("cat", [], { input: "words" }), "words");
  });

  it("cleans up when the process that started it is killed", async () => {
    const { child, told } = await startInOtherProcess(
      "await new Promise(() => setInterval(() => {}, 1000));",
    );
    assert.ok(told.pids.every(isAlive));
    child.kill("SIGKILL");
    await waitFor(() => !told.pids.some(isAlive), { what: "the daemons are gone" });
    await waitFor(() => !existsSync(told.directory), { what: "the directory is gone" });
  });

  it("cleans up after Ctrl-C, which reaches the whole process group at once", async () => {
    const { child, told } = await startInOtherProcess(
      "await new Promise(() => setInterval(() => {}, 1000));",
    );
    process.kill(-(child.pid ?? assert.fail("no process id")), "SIGINT");
    await waitFor(() => !told.pids.some(isAlive), { what: "the daemons are gone" });
    await waitFor(() => !existsSync(told.directory), { what: "the directory is gone" });
  });

  it("does not keep its process alive, and cleans up behind one that forgot to close", async () => {
    const { child, told } = await startInOtherProcess("");
    await waitFor(() => child.exitCode !== null, { what: "the process ended" });
    assert.equal(child.exitCode, 0);
    await waitFor(() => !told.pids.some(isAlive), { what: "the daemons are gone" });
    await waitFor(() => !existsSync(told.directory), { what: "the directory is gone" });
  });

  it("lets daemons run on when detached, until stopSandbox", async () => {
    const { child, told } = await startInOtherProcess("await sandbox.detach();");
    await waitFor(() => child.exitCode !== null, { what: "the process ended" });
    assert.ok(told.pids.every(isAlive));
    await new Promise<void>((resolve, reject) => {
      const socket = connect(join(told.directory, "ovnnb_db.sock"), () => socket.end(resolve));
      socket.on("error", reject);
    });
    await stopSandbox(told.directory);
    assert.equal(told.pids.some(isAlive), false);
    assert.equal(existsSync(told.directory), false);
  });

  it("stopSandbox touches no directory but a sandbox's", async () => {
    const directory = mkdtempSync(join(tmpdir(), "other-"));
    await assert.rejects(stopSandbox(directory), /not a directory of a sandbox/);
    assert.equal(existsSync(directory), true);
    rmSync(directory, { recursive: true });
  });

  it("keeps the directory when told to, with databases and logs", async () => {
    const sandbox = await startSandbox({ northbound: true, keepDirectory: true });
    await sandbox.close();
    assert.match(readFileSync(join(sandbox.directory, "northbound.log"), "utf8"), /ovsdb_server/);
    assert.ok(existsSync(join(sandbox.directory, "northbound.db")));
    rmSync(sandbox.directory, { recursive: true });
  });
});

/** Another node process starts a sandbox, tells about it on its standard output, then runs `code`. */
async function startInOtherProcess(code: string): Promise<{
  child: ReturnType<typeof spawn>;
  told: { directory: string; pids: number[] };
}> {
  const kit = pathToFileURL(join(import.meta.dirname, "../../lib/testing/index.js")).href;
  const script = `
    import { startSandbox } from ${JSON.stringify(kit)};
    const sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
    process.stdout.write(JSON.stringify({ directory: sandbox.directory, pids: Object.values(sandbox.pids) }) + "\\n");
    ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own, as a shell gives to each command.
    detached: true,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  await waitFor(() => output.includes("\n"), { timeout: 30_000, what: "the other process has its sandbox" });
  return { child, told: JSON.parse(output) as { directory: string; pids: number[] } };
}

/** Whether the process runs; one that has ended and waits to be collected by its parent does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
