import assert from "node:assert/strict";
import { run } from "../../lib/cli/run.ts";
import { type Sandbox, startSandbox } from "../../lib/testing/index.ts";
import { countWritten } from "../support/count-work.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { runCli } from "../support/run-cli.ts";
import { FakeIo } from "../unit/cli/fake-io.ts";
import { blue, documents, nad, node, pod } from "../unit/manifests/fixtures.ts";

const base = documents(blue(), nad("ns/red", { name: "red", topology: "layer2" }), node("n1"));
const LONGEST = { timeout: 30_000, interval: 20 };

async function apply(sandbox: Sandbox, ...manifests: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCli(sandbox, ["apply", "-f", "-"], {
    input: documents(base, ...manifests),
  });
  assert.equal(exitCode, 0, stderr);
}

/** A `get pods --watch` in this process. */
class Watching {
  readonly io: FakeIo;
  readonly #ending: Promise<number>;

  constructor({ northbound }: Sandbox, args: readonly string[], stdin = "") {
    this.io = new FakeIo({ env: { OVN_NB_DB: northbound.remote }, stdin });
    this.#ending = run(["get", "pods", "--watch", ...args], this.io);
  }

  /** Waits until so many lines are there, and gives them. */
  async lines(number: number): Promise<readonly string[]> {
    const lines = (): readonly string[] => this.io.stdout.split("\n").slice(0, -1);
    await waitFor(() => lines().length >= number, { ...LONGEST, what: `${number} lines` });
    return lines();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.io.interrupt();
    await this.#ending;
  }
}

describeWithOvn("get pods --watch", () => {
  it("compares no pods but those that have changed", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const many = Array.from({ length: 300 }, (_, index) => pod(`d/p${index}`, "kube-system/blue"));
    await apply(sandbox, ...many);
    for (const args of [[], ["-o", "json"]]) {
      await using watching = new Watching(sandbox, ["--no-headers", ...args]);
      await watching.lines(many.length);
      let told = many.length;
      const written = await countWritten(async () => {
        for (const last of [1, 2, 3]) {
          const address = `0a:58:00:00:00:0${last} 10.1.9${args.length}.${last}`;
          await sandbox.run("ovn-nbctl", ["lsp-set-addresses", `kube.system.blue_d_p${last}`, address]);
          const line = (await watching.lines(++told))[told - 1] ?? "";
          assert.ok(line.includes(`10.1.9${args.length}.${last}`), line);
        }
      });
      assert.ok(written < 50, `${written} texts of JSON for 3 changes among ${many.length} pods`);
      assert.equal((await watching.lines(told)).length, told);
    }
  });

  it("tells with manifests what `get` with them tells of those that have changed", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const a = pod("d/a", "kube-system/blue@eth5,ns/red");
    const [b, c] = [pod("d/b", "kube-system/blue"), pod("d/c", "kube-system/blue")];
    await apply(sandbox, a);
    const manifests = documents(base, a, b);
    const args = ["-f", "-", "-o", "json"];
    await using watching = new Watching(sandbox, [...args, "--output-watch-events"], manifests);
    await using other = new Watching(sandbox, ["c", "d/b", "-n", "d", "--no-headers"]);
    const object = async (name: string): Promise<object | undefined> => {
      const { stdout } = await runCli(sandbox, ["get", "pods", ...args], { input: manifests });
      const { pods } = JSON.parse(stdout) as { readonly pods: readonly { readonly name: string }[] };
      return pods.find((each) => each.name === name);
    };
    const event = async (number: number): Promise<object> =>
      JSON.parse((await watching.lines(number))[number - 1] ?? "") as object;
    assert.deepEqual(await event(1), { type: "ADDED", object: await object("a") });
    assert.match(watching.io.stderr, /absent: pod d\/b on kube-system\/blue\n/);
    await sandbox.run("ovn-nbctl", ["lsp-set-addresses", "ns.red_d_a", "0a:58:00:00:00:09 10.2.0.9"]);
    const changed = await object("a");
    assert.deepEqual(await event(2), { type: "MODIFIED", object: changed });
    assert.match(JSON.stringify(changed), /"interface":"eth5".*"ips":\["10\.2\.0\.9"\]/);
    await apply(sandbox, c);
    assert.match((await other.lines(1))[0] ?? "", /^d +c +blue /);
    await apply(sandbox, b);
    const came = await object("b");
    assert.deepEqual(await event(3), { type: "ADDED", object: came });
    await runCli(sandbox, ["delete", "pod", "d/b"]);
    assert.deepEqual(await event(4), { type: "DELETED", object: came });
    await waitFor(() => other.io.stderr.includes("gone: "), LONGEST);
    assert.equal((await other.lines(2)).length, 2);
    assert.match(other.io.stderr, /gone: port kube\.system\.blue_d_b of pod d\/b\n$/);
    // Names that stand for nothing are told at the beginning alone, and what is absent then.
    assert.equal(other.io.stderr.split("\n").length, 4, other.io.stderr);
    assert.equal(watching.io.stderr.split("absent").length, 2, watching.io.stderr);
  });
});
