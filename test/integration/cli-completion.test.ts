import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { complete } from "../../lib/cli/completion/complete.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { Clock } from "../support/clock.ts";
import { describeUnlessImpossible } from "../support/describe-with-ovn.ts";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";
import { cliScript, runCli } from "../support/run-cli.ts";
import { FakeIo } from "../unit/cli/fake-io.ts";

const ODD = `it's "odd":x $y`;

/** Sets what bash sets before it calls the function of a completion, and prints what that made of it. */
const BASH = `
compopt() { echo "compopt $*"; }
source <(ovn-northbound completion bash)
[[ $(complete -p ovn-northbound) == *"-F _ovn_northbound"* ]] || exit 9
COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:' COMP_LINE="$1" COMP_POINT=$2
read -ra COMP_WORDS <<<"$1"
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_ovn_northbound ovn-northbound
for each in "\${COMPREPLY[@]}"; do printf '%s\\n' "$each"; done`;

/** The same for zsh. */
const ZSH = `
compdef() { :; }
compset() { print -r -- compset $@; }
_files() { print -r -- _files $@; }
compadd() { print -rl -- $found; }
source <(ovn-northbound completion zsh)
words=("\${(@z)1}") CURRENT=$(( \${#words} + 1 )) PREFIX=$2 QIPREFIX=$3 LBUFFER="$4$1 $3$2"
_ovn_northbound`;

const FISH = "ovn-northbound completion fish | source; complete -C $argv[1]";

describeWithOvn("completion", () => {
  const ovn = useSandbox({ northbound: true });
  let folder = "";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "completion-"));
    const program = join(folder, "ovn-northbound");
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cliScript}' "$@"\n`);
    chmodSync(program, 0o755);
    const { exitCode } = await runCli(ovn.sandbox, ["apply", "-f", "examples/article"]);
    assert.equal(exitCode, 0);
    for (const name of ["a:b", ODD]) {
      const mark = `external_ids:"k8s.ovn.org/network"=${JSON.stringify(name)}`;
      await ovn.sandbox.run("ovn-nbctl", ["ls-add", `switch ${name}`]);
      await ovn.sandbox.run("ovn-nbctl", ["set", "Logical_Switch", `switch ${name}`, mark]);
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Lines that a shell prints, of which nothing goes to standard error. */
  const lines = async (
    shell: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<string[]> => {
    const PATH = `${folder}${delimiter}${process.env["PATH"] ?? ""}`;
    const output = await runProgram(shell, args, {
      cwd: projectRoot,
      env: { ...process.env, ...ovn.sandbox.env, PATH, ...env },
    });
    return output.split("\n").filter((line) => line !== "");
  };

  it("gives the database its time, however long the command took to come to ask it", async () => {
    using clock = new Clock();
    const io = new FakeIo({ env: { OVN_NB_DB: ovn.sandbox.northbound.remote } });
    clock.pass(10_000);
    await complete(["fish", "ovn-northbound show a"], io);
    assert.equal(io.stdout, "a:b\n:\n");
  });

  describe("in bash", () => {
    const completed = (typed: string, env: NodeJS.ProcessEnv = {}, after = ""): Promise<string[]> => {
      const line = `ovn-northbound ${typed}`;
      const args = ["--norc", "-c", `exec 2>&1\n${BASH}`, "bash", line + after, String(line.length)];
      return lines("bash", args, env);
    };

    it("has commands, options, values and resources", async () => {
      assert.deepEqual(await completed("g"), ["get", "graph"]);
      assert.deepEqual(await completed("get ne"), ["networks"]);
      assert.deepEqual(await completed("get ne", {}, " -o json"), ["networks"]);
      assert.deepEqual(await completed("get pods --wa"), ["--watch"]);
      assert.deepEqual(await completed("apply --wait="), ["none", "sb", "hv"]);
    });

    it("leaves files and folders to bash", async () => {
      assert.deepEqual(await completed("apply -f exa"), ["compopt -o default"]);
      assert.deepEqual(await completed("codegen --out d"), ["compopt -o filenames -o dirnames"]);
    });

    it("has names of the database of the line or else of the environment", async () => {
      const pods = ["default/nginx1-l2", "default/nginx1-l3", "default/nginx1-lo"];
      assert.deepEqual(await completed("get pod default/nginx1"), pods);
      assert.deepEqual(await completed("delete pod default/nginx1"), pods);
      assert.deepEqual(await completed("get pod -n "), ["default"]);
      assert.deepEqual(await completed("delete network l2"), ["l2-network"]);
      const nowhere = { OVN_NB_DB: "unix:/does/not/exist" };
      assert.deepEqual(await completed("delete network l2", nowhere), []);
      const { remote } = ovn.sandbox.northbound;
      assert.deepEqual(await completed(`--db ${remote} delete network l2`, nowhere), ["l2-network"]);
      assert.deepEqual(await completed(`delete --db=${remote} network l2`, nowhere), ["l2-network"]);
    });

    it("has odd names as bash inserts them, without what it leaves as it is", async () => {
      assert.deepEqual(await completed("show i"), [String.raw`it\'s\ \"odd\":x\ \$y`]);
      assert.deepEqual(await completed(String.raw`show it\'s\ \"odd\":`), [String.raw`x\ \$y`]);
      assert.deepEqual(await completed('show "i'), [String.raw`it's \"odd\":x \$y`]);
      assert.deepEqual(await completed("show 'i"), [String.raw`it'\''s "odd":x $y`]);
      assert.deepEqual(await completed("show a"), ["a:b"]);
      assert.deepEqual(await completed("show a:"), ["b"]);
    });

    it("inserts them so that the command gets the name", async () => {
      for (const quote of ["", "'", '"']) {
        const [inserted = ""] = await completed(`show ${quote}i`);
        const words = await lines("bash", ["-c", `printf '%s\\n' ${quote}${inserted}${quote}`]);
        assert.deepEqual(words, [ODD]);
      }
    });

    it("runs nothing of the line", async () => {
      const file = join(folder, "run");
      assert.deepEqual(await completed(`--db "$(touch ${file})" show `), []);
      assert.deepEqual(await lines("bash", ["-c", `ls ${file} 2>/dev/null || echo none`]), ["none"]);
    });

    it("is silent, and soon, where the database does not answer", async () => {
      const path = join(folder, "silent.sock");
      const server = createServer().listen(path);
      try {
        const begun = performance.now();
        assert.deepEqual(await completed(`--db unix:${path} show `), []);
        const took = performance.now() - begun;
        // Two seconds, on a busy machine more; without a limit of its own it is a minute.
        assert.ok(took > 1_500 && took < 40_000, `${took} ms`);
        assert.deepEqual(await completed(`--db unix:${path} get ne`), ["networks"]);
      } finally {
        server.close();
      }
    });
  });

  describeUnlessImpossible(
    "in zsh",
    () => {
      const completed = (
        before: string,
        prefix: string,
        { quote = "", start = "", env = {} } = {},
      ): Promise<string[]> => {
        const args = ["zsh", `ovn-northbound ${before}`, prefix, quote, start];
        return lines("zsh", ["-f", "-c", `exec 2>&1\n${ZSH}`, ...args], env);
      };

      it("has words that zsh quotes itself", async () => {
        assert.deepEqual(await completed("get", "ne"), ["networks"]);
        assert.deepEqual(await completed("apply", "--wait=s"), ["--wait=sb"]);
        assert.deepEqual(await completed("show", "i"), [ODD]);
        assert.deepEqual(await completed("show", "it's", { quote: '"' }), [ODD]);
        assert.deepEqual(await completed("get pod -n default", "nginx1-l2"), ["nginx1-l2"]);
      });

      it("has names of the database that is set before the command", async () => {
        const names = (start: string, prefix: string): Promise<string[]> =>
          completed("show", prefix, { start, env: { OVN_NB_DB: "unix:/nonexistent" } });
        const { remote } = ovn.sandbox.northbound;
        assert.deepEqual(await names("", "i"), []);
        for (const start of [`OVN_NB_DB=${remote} `, `echo a | X='b c' OVN_NB_DB="${remote}" Y= `]) {
          assert.deepEqual(await names(start, "i"), [ODD], start);
          assert.ok((await names(start, "")).includes(ODD), start);
        }
        assert.deepEqual(await names(`OVN_NB_DB=${remote} ; `, "i"), []);
      });

      it("leaves files and folders to zsh", async () => {
        assert.deepEqual(await completed("apply -f", "exa"), ["compset -P -*=", "_files"]);
        assert.deepEqual(await completed("codegen", "--out=d"), ["compset -P -*=", "_files -/"]);
      });
    },
    missing("zsh"),
    false,
  );

  describeUnlessImpossible(
    "in fish",
    () => {
      const completed = (typed: string): Promise<string[]> =>
        lines("fish", ["--no-config", "-c", FISH, `ovn-northbound ${typed}`], { HOME: folder });

      it("has words that fish quotes itself", async () => {
        assert.deepEqual(await completed("get ne"), ["networks"]);
        assert.deepEqual(await completed("gra"), ["graph\tdraw networks: Mermaid, DOT or SVG"]);
        assert.deepEqual(await completed("apply --wait=s"), ["--wait=sb"]);
        assert.deepEqual(await completed("show i"), [ODD]);
        assert.deepEqual(await completed(`show "it's`), [ODD]);
      });

      it("has names of the database that is set before the command", async () => {
        const args = ["--no-config", "-c", FISH];
        const env = { HOME: folder, OVN_NB_DB: "unix:/nonexistent" };
        const line = `OVN_NB_DB=${ovn.sandbox.northbound.remote} ovn-northbound show i`;
        assert.deepEqual(await lines("fish", [...args, "ovn-northbound show i"], env), []);
        assert.deepEqual(await lines("fish", [...args, line], env), [ODD]);
      });

      it("has files and folders as fish finds them", async () => {
        assert.deepEqual(await completed("apply -f examples/arti"), ["examples/article/"]);
        assert.deepEqual(await completed("apply --filename=examples/arti"), ["--filename=examples/article/"]);
        const [folder = ""] = await completed("codegen --out examples/arti");
        assert.equal(folder.split("\t")[0], "examples/article/");
      });
    },
    missing("fish"),
    false,
  );
});

/** Why a shell's own tests cannot run, if so: few machines have all three. */
function missing(shell: string): string | undefined {
  return spawnSync(shell, ["--version"]).error === undefined ? undefined : `this machine has no ${shell}`;
}
