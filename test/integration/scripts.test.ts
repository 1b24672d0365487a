import assert from "node:assert/strict";
import type { SpawnSyncReturns } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "../../lib/testing/programs.ts";
import { projectRoot, waitFor } from "../support/index.ts";

const scripts = join(projectRoot, "scripts");

let folder = "";

/** A fresh folder for each test of the surrounding describe. (Hooks outside of one would be everybody's.) */
function useFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "scripts-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
}

function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

describe("scripts/totals.mjs", () => {
  useFolder();

  function totals(content: string | undefined): { line: string; status: number | null } {
    const file = join(folder, "totals.txt");
    rmSync(file, { force: true });
    if (content !== undefined) {
      writeFileSync(file, content);
    }
    const { stdout, status } = spawnSync(process.execPath, [join(scripts, "totals.mjs"), file], {
      encoding: "utf8",
    });
    return { line: stdout.trim(), status };
  }

  it("counts, and fails when a test failed, the run broke off or nothing ran", () => {
    assert.deepEqual(totals("passed\npassed\nskipped\nend\n"), { line: "2 passed, 0 failed", status: 0 });
    assert.deepEqual(totals("passed\nfailed\nend\n"), { line: "1 passed, 1 failed", status: 1 });
    assert.deepEqual(totals("passed\npassed\n"), { line: "2 passed, 1 failed", status: 1 });
    assert.deepEqual(totals("end\n"), { line: "0 passed, 0 failed", status: 1 });
    assert.deepEqual(totals("begin\nbegin\npassed\nend\nend\n"), { line: "1 passed, 0 failed", status: 0 });
    assert.deepEqual(totals("begin\nbegin\npassed\nend\n"), { line: "1 passed, 1 failed", status: 1 });
    assert.deepEqual(totals(undefined), { line: "0 passed, 1 failed", status: 1 });
  });

  it("is right about what Mocha did, also when a test takes the process down", () => {
    const run = (text: string): string => {
      const test = join(folder, "x.test.cjs");
      const file = join(folder, "from-mocha.txt");
      rmSync(file, { force: true });
      writeFileSync(test, text);
      const mocha = join(projectRoot, "node_modules/mocha/bin/mocha.js");
      const args = [mocha, "--no-config", "--reporter", join(scripts, "mocha-reporter.cjs"), test];
      spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, TOTALS_FILE: file } });
      return spawnSync(process.execPath, [join(scripts, "totals.mjs"), file], {
        encoding: "utf8",
      }).stdout.trim();
    };
    assert.equal(
      run('it("a", () => {}); it("b", () => { throw new Error(); }); it("c");'),
      "1 passed, 1 failed",
    );
    assert.equal(
      run('it("a", () => {}); it("b", () => process.kill(process.pid, "SIGKILL"));'),
      "1 passed, 1 failed",
    );
    assert.equal(run('before(() => { throw new Error(); }); it("a", () => {});'), "0 passed, 1 failed");
    assert.equal(run("this is not JavaScript"), "0 passed, 1 failed");
  });
});

describe("scripts/run-mocha.mjs", () => {
  useFolder();

  /** Runs the texts as test files, in two processes. */
  function run(...texts: string[]): { printed: string; status: number | null; totals: string } {
    const files = texts.map((text, index) => {
      const file = join(folder, `${index}.test.cjs`);
      writeFileSync(file, text);
      return file;
    });
    const file = join(folder, "totals.txt");
    rmSync(file, { force: true });
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(scripts, "run-mocha.mjs"), ...files],
      {
        cwd: projectRoot,
        encoding: "utf8",
        env: { ...process.env, TOTALS_FILE: file, TEST_PROCESSES: "2" },
      },
    );
    const totals = spawnSync(process.execPath, [join(scripts, "totals.mjs"), file], { encoding: "utf8" });
    return { printed: stdout + stderr, status, totals: totals.stdout.trim() };
  }

  it("shares the files among processes, and counts and prints what all of them did", () => {
    const fine = run(
      ...[0, 1, 2].map((each) => `it("${each}", () => console.log("${each} in " + process.pid));`),
    );
    assert.equal(fine.totals, "3 passed, 0 failed");
    assert.equal(fine.status, 0, fine.printed);
    const pids = [0, 1, 2].map((each) => new RegExp(`${each} in (\\d+)`).exec(fine.printed)?.[1]);
    assert.ok(
      pids.every((pid) => pid !== undefined),
      fine.printed,
    );
    assert.deepEqual([pids[0] === pids[2], pids[0] === pids[1]], [true, false]);
  });

  it("fails where one of them does, or is taken down", () => {
    const pass = 'it("passes", () => {});';
    const failed = run(pass, 'it("fails", () => { throw new Error("this one"); });');
    assert.deepEqual([failed.totals, failed.status], ["1 passed, 1 failed", 1]);
    assert.match(failed.printed, /this one/);
    for (const end of ['process.kill(process.pid, "SIGKILL")', "process.exit(0)"]) {
      const { totals, printed } = run(pass, `it("ends", () => ${end});`);
      assert.equal(totals, "1 passed, 1 failed", `${end}: ${printed}`);
    }
    assert.equal(run(pass, "this is not JavaScript").totals, "1 passed, 1 failed");
  });
});

describe("scripts/node-modules-fresh.mjs", () => {
  useFolder();

  function isFresh(wanted: object, installed: object | undefined, present: readonly string[] = []): boolean {
    const project = join(folder, "project");
    rmSync(project, { recursive: true, force: true });
    mkdirSync(project);
    writeFileSync(join(project, "package-lock.json"), JSON.stringify({ packages: wanted }));
    if (installed !== undefined) {
      mkdirSync(join(project, "node_modules"));
      writeFileSync(
        join(project, "node_modules/.package-lock.json"),
        JSON.stringify({ packages: installed }),
      );
    }
    for (const path of present) {
      mkdirSync(join(project, path), { recursive: true });
    }
    return (
      spawnSync(process.execPath, [join(scripts, "node-modules-fresh.mjs")], { cwd: project }).status === 0
    );
  }

  it("compares what is installed with what is wanted", () => {
    const a = { "node_modules/a": { version: "1.0.0" } };
    const root = { "": { name: "x" } };
    const optional = { "node_modules/b": { version: "1.0.0", optional: true } };
    assert.equal(isFresh({ ...root, ...a }, a, ["node_modules/a"]), true);
    assert.equal(isFresh({ ...root, ...a, ...optional }, a, ["node_modules/a"]), true);
    assert.equal(isFresh({ ...root, ...a }, a), false, "folder is gone");
    assert.equal(
      isFresh({ "node_modules/a": { version: "1.0.1" } }, a, ["node_modules/a"]),
      false,
      "other version",
    );
    assert.equal(
      isFresh({ ...a, "node_modules/b": { version: "1.0.0" } }, a, ["node_modules/a"]),
      false,
      "b is new",
    );
    assert.equal(isFresh(a, undefined), false, "nothing is installed");
  });
});

describe("scripts/setup.sh", () => {
  useFolder();

  /** Runs it on a copy of the project's outside, with only the named programs on PATH. */
  function setup(options: {
    programs: readonly string[];
    nodeVersion?: string;
    user?: number;
    args?: string[];
  }): {
    status: number | null;
    stderr: string;
    done: string[];
  } {
    const project = join(folder, "project");
    const bin = join(folder, "bin");
    cpSync(scripts, join(project, "scripts"), { recursive: true });
    writeFileSync(join(project, "package-lock.json"), JSON.stringify({ packages: { "node_modules/a": {} } }));
    mkdirSync(bin);
    for (const tool of ["dirname", "sort", "head", "cat", "bash", "printf"]) {
      symlinkSync(findProgram(tool) ?? assert.fail(tool), join(bin, tool));
    }
    writeProgram(join(bin, "id"), `echo ${options.user ?? 0}`);
    const log = join(folder, "done.txt");
    writeFileSync(log, "");
    for (const program of options.programs) {
      writeProgram(join(bin, program), program === "sudo" ? "exit 1" : `echo "${program} $*" >> ${log}`);
    }
    const fake = options.nodeVersion;
    const node = `"${process.execPath}" "$@"`;
    writeProgram(join(bin, "node"), fake === undefined ? node : `[ "$1" = -p ] && echo ${fake} || ${node}`);
    const { status, stderr } = spawnSync(
      "/bin/bash",
      [join(project, "scripts/setup.sh"), ...(options.args ?? [])],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: bin,
          SETUP_FOLDERS: "",
          POLICY_RC_D: join(folder, "policy"),
          INSTALL_LOCK: join(folder, "lock"),
        },
      },
    );
    return { status, stderr, done: readFileSync(log, "utf8").split("\n").filter(Boolean) };
  }

  it("names everything that is missing in one message, and does nothing", () => {
    const { status, stderr, done } = setup({ programs: [], nodeVersion: "18.19.0" });
    assert.equal(status, 1);
    assert.match(stderr, /nothing was changed/);
    assert.match(stderr, /- Node\.js 20\.19\.0 or newer \(this one is 18\.19\.0\)\n/);
    assert.match(stderr, /- npm\n/);
    assert.match(stderr, /- ovsdb-server .*apt-get install ovn-central openvswitch-switch; Fedora/);
    assert.deepEqual(done, []);
  });

  it("needs root, or a sudo that asks nobody, for apt", () => {
    for (const programs of [
      ["npm", "apt-get"],
      ["npm", "apt-get", "sudo"],
    ]) {
      const { status, stderr, done } = setup({ programs, user: 1000 });
      assert.deepEqual([status, done], [1, []]);
      assert.match(stderr, /it takes root or sudo/);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    }
  });

  it("leaves OVN alone where it is not needed", () => {
    const { status, done } = setup({ programs: ["npm"], args: ["--without-ovn"] });
    assert.deepEqual([status, done], [0, ["npm ci --no-audit --no-fund --loglevel=error"]]);
  });
});

describe("scripts/install-ovn.sh", () => {
  useFolder();

  /** Runs it with an apt-get of ours, which asks the policy what a package's script would ask. */
  function environment(aptGet: string): NodeJS.ProcessEnv {
    const policy = join(folder, "policy-rc.d");
    writeProgram(
      join(folder, "bin/apt-get"),
      `case "$*" in *install*) ;; *) exit 0 ;; esac
for service in ovn-central ovsdb-server.service openvswitch-switch other; do
  "${policy}" "$service" start; echo "$service $?" >> "${folder}/asked.txt"
done
${aptGet}`,
    );
    const path = `${join(folder, "bin")}:${process.env["PATH"]}`;
    return { ...process.env, PATH: path, POLICY_RC_D: policy, INSTALL_LOCK: join(folder, "lock") };
  }

  function install(env: NodeJS.ProcessEnv): SpawnSyncReturns<string> {
    return spawnSync("bash", [join(scripts, "install-ovn.sh")], { encoding: "utf8", env });
  }

  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith("policy"));

  it("holds our services back while apt runs, and leaves no policy behind", () => {
    const { status } = install(environment("exit 0"));
    assert.equal(status, 0);
    const asked = readFileSync(join(folder, "asked.txt"), "utf8").trim().split("\n");
    assert.deepEqual(asked, [
      "ovn-central 101",
      "ovsdb-server.service 101",
      "openvswitch-switch 101",
      "other 0",
    ]);
    assert.deepEqual(left(), []);
  });

  it("asks a policy that was there about other services, and puts it back, also when apt fails", () => {
    for (const end of ["exit 0", "echo no such package; exit 100"]) {
      writeProgram(join(folder, "policy-rc.d"), "exit 7");
      const { status, stderr } = install(environment(end));
      assert.equal(status, end === "exit 0" ? 0 : 1);
      assert.equal(stderr.includes("no such package"), end !== "exit 0");
      assert.match(readFileSync(join(folder, "asked.txt"), "utf8"), /other 7\n/);
      assert.equal(readFileSync(join(folder, "policy-rc.d"), "utf8"), "#!/bin/sh\nexit 7\n");
      assert.deepEqual(left(), ["policy-rc.d"]);
    }
  });

  it("puts things right after a run that was killed", async () => {
    writeProgram(join(folder, "policy-rc.d"), "exit 7");
    const stuck = environment(`touch "${folder}/running"; exec sleep 30`);
    const child = spawn("bash", [join(scripts, "install-ovn.sh")], {
      env: stuck,
      detached: true,
      stdio: "ignore",
    });
    await waitFor(() => existsSync(join(folder, "running")));
    process.kill(-(child.pid ?? assert.fail()), "SIGKILL");
    await waitFor(() => child.signalCode !== null);
    assert.equal(left().length, 2);
    assert.equal(install(environment("exit 0")).status, 0);
    assert.equal(readFileSync(join(folder, "policy-rc.d"), "utf8"), "#!/bin/sh\nexit 7\n");
    assert.deepEqual(left(), ["policy-rc.d"]);
  });
});
