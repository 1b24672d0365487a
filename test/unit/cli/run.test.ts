import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../../lib/cli/version.ts";
import { projectRoot } from "../../support/project.ts";
import { expectError, expectUsageError } from "./expect-errors.ts";
import { FakeIo, runCli } from "./fake-io.ts";

const COMMANDS = ["apply", "diff", "delete", "show", "get", "graph", "codegen", "shell"];

describe("the command line's help", () => {
  it("lists every command, the exit codes, the environment and examples", async () => {
    const { exitCode, stdout, stderr } = await runCli(["--help"]);
    assert.deepEqual([exitCode, stderr], [0, ""]);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} .*\\S`, "m"));
    for (const word of ["Exit codes:", "Environment:", "OVN_NB_DB", "Examples:", "default: 60"])
      assert.ok(stdout.includes(word), word);
  });

  for (const command of COMMANDS) {
    it(`explains ${command} with its options, examples and exit codes`, async () => {
      const { exitCode, stdout, stderr } = await runCli([command, "--help"]);
      assert.deepEqual([exitCode, stderr], [0, ""]);
      assert.match(stdout, new RegExp(`^Usage: ovn-northbound ${command} `));
      for (const word of ["Global Options:", "--db <remote>", "--timeout", "Exit codes: 0"])
        assert.ok(stdout.includes(word), word);
      const examples = stdout.match(/^ {2}\$ ovn-northbound .*$/gm) ?? [];
      assert.ok(examples.length >= 2, "two examples");
      assert.ok(examples.every((line) => line.includes(` ${command} `) || line.endsWith(` ${command}`)));
      assert.deepEqual(await runCli(["help", command]), { exitCode, stdout, stderr });
      assert.deepEqual(
        stdout.split("\n").filter((line) => line.length > 120),
        [],
        "fits a terminal of 120 columns",
      );
    });
  }

  it("is what someone gets who says no command, as an error", async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /^Usage: ovn-northbound/);
  });

  it("has the version of the package", async () => {
    const { version: packaged } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
    assert.equal(version, packaged);
    assert.deepEqual(await runCli(["--version"]), { exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("a command line that is not understood", () => {
  const cases: readonly (readonly [argv: readonly string[], exitCode: number, reason: RegExp])[] = [
    [["aply"], 1, /unknown command 'aply' \(Did you mean apply\?\)/],
    [["describe"], 1, /unknown command 'describe'; there are: apply, diff, .*completion \(--help/],
    [["shw", "get"], 1, /unknown command 'shw' \(Did you mean show\?\)/],
    [["-f", "get", "show"], 1, /unknown option '-f'/],
    [["--wait", "get", "apply"], 1, /argument 'get' is invalid/],
    [["help", "foo"], 1, /unknown command 'foo'; there are: apply, diff, delete, show, get, .*shell/],
    [["apply"], 1, /'-f, --filename <path\.\.\.>' not specified/],
    [["diff"], 2, /'-f, --filename <path\.\.\.>' not specified/],
    [["delete", "secrets", "web"], 1, /no resource "secrets"/],
    [["apply", "-f"], 1, /argument missing/],
    [["apply", "x"], 1, /: 'x' belongs to no option; manifests follow -f: did you mean -f x\? \(--help/],
    [["diff", "--file", "x"], 2, /unknown option '--file'/],
    [["apply", "-f", "x", "--dry-run=none"], 1, /'none' is invalid.*client, server/],
    [["apply", "-f", "x", "--dryrun"], 1, /unknown option '--dryrun' \(Did you mean --dry-run\?\)/],
    [["apply", "--file", "x"], 1, /unknown option '--file' \(Did you mean --filename\?\)/],
    [["delete", "--file=x"], 1, /unknown option '--file=x' \(Did you mean --filename\?\)/],
    [["get", "pods", "--all"], 1, /unknown option '--all' \(Did you mean --all-namespaces\?\)/],
    [["get", "pods", "--headers"], 1, /unknown option '--headers' \(Did you mean --no-headers\?\)/],
    [
      ["get", "pods", "--no"],
      1,
      /unknown option '--no' \(Did you mean one of --no-leader-only, --no-shuffle-remotes, --no-headers\?\)/,
    ],
    [["graph", "--profiles", "x"], 1, /unknown option '--profiles' \(Did you mean --profile\?\)/],
    [["show", "--file", "x"], 1, /unknown option '--file' \(--help/],
    [["apply", "-f", "x", "--wait", "nb"], 1, /'nb' is invalid.*none, sb, hv/],
    [["apply", "-f", "x", "--prune=pods"], 1, /'pods' is invalid/],
    [
      ["apply", "-f", "x", "--prune", "more.yaml"],
      1,
      /'more\.yaml' is invalid.*Allowed choices are networks/,
    ],
    [["diff", "--prune", "more.yaml", "-f", "x"], 2, /'more\.yaml' is invalid/],
    [["apply", "-f", "x", "--prune", "networks", "more.yaml"], 1, /did you mean -f more\.yaml\?/],
    [["apply", "-f", "x", "--mode", "zones"], 1, /'zones' is invalid/],
    [["apply", "-f", "x", "--gateway-mode", "x"], 1, /'x' is invalid/],
    [["apply", "-f", "x", "--cluster-mtu", "67"], 1, /from 68 to 65535/],
    [["apply", "-f", "x", "--cluster-mtu", "1e3"], 1, /from 68 to 65535/],
    [["diff", "-f", "x", "--cluster-mtu", "65536"], 2, /from 68 to 65535/],
    [["diff", "-f", "x", "--wait", "sb"], 2, /unknown option '--wait'/],
    [["diff", "-f", "x", "-o", "xml"], 2, /'xml' is invalid/],
    [["-o", "xml", "diff", "-f", "x"], 2, /'xml' is invalid/],
    [["--nonsense", "diff", "-f", "x"], 2, /unknown option '--nonsense'/],
    [["--db", "diff", "show", "--nonsense"], 1, /unknown option/],
    [["show", "--profile", "2023"], 1, /'2023' is invalid/],
    [["show", "--timeout", "soon"], 1, /number of seconds/],
    [["show", "--timeout", "-1"], 1, /number of seconds/],
    [["show", "--timeout", "3000000"], 1, /number of seconds/],
    [["get"], 1, /missing required argument 'resource'/],
    [["get", "secrets"], 1, /no resource "secrets"; there are: networks, nodes, pods, policies, services/],
    [["get", "pods", "-f", "x", "y", "-n", "z", "-x"], 1, /unknown option '-x'/],
    [["get", "pods", "-o", "mermaid"], 1, /'mermaid' is invalid.*text, wide, name, json, yaml/],
    [["show", "-o", "name"], 1, /'name' is invalid.*text, json, yaml/],
    [["completion", "bash", "-o", "json"], 1, /'json' is invalid.*are text\./],
    [["help", "get", "-o", "json"], 1, /'json' is invalid.*are text\./],
    [["shell", "n1", "-o", "yaml"], 1, /'yaml' is invalid.*are text\./],
    [["codegen", "--schema", "x"], 1, /'--out <folder>' not specified/],
  ];
  for (const [argv, exitCode, reason] of cases) {
    it(`${argv.join(" ")}: one line, exit ${exitCode}`, () => expectUsageError(argv, exitCode, reason));
  }

  it("says what to say where delete is not told what goes", async () => {
    await expectError(
      ["delete"],
      1,
      /-f FILE, network NAME, node NAME, or pod, policy or service NAMESPACE\/NAME/,
    );
    await expectError(["delete", "networks"], 1, /needs names: of all of them none is removed/);
    await expectError(["delete", "nodes"], 1, /delete nodes needs names: of all of them none is removed/);
    await expectError(["delete", "node", "n1", "-n", "d"], 1, /--namespace goes with pods/);
    await expectError(
      ["delete", "node", "n1", "--network", ""],
      1,
      /--network is empty: which one is meant\?/,
    );
    await expectError(["delete", "pod", "d/x", "--network", "blue"], 1, /--network goes with nodes/);
    await expectError(["delete", "-f", "x", "--network", "blue"], 1, /--network does not go with -f/);
    for (const name of ["web", "/web", "shop/", "a/b/c"])
      await expectError(["delete", "pod", name], 1, /which pod is .*say NAMESPACE\/NAME/);
    await expectError(["delete", "pod", "shop/web", "-n", "other"], 1, /which pod is shop\/web/);
    await expectError(["delete", "pod", "web", "-A"], 1, /which pod is web\?/);
    await expectError(["delete", "policy", "web"], 1, /which policy is web\?/);
    await expectError(["delete", "svc/web"], 1, /which service is web\?/);
    await expectError(["delete", "pod", "web", "-n", ""], 1, /--namespace is empty: which one is meant\?/);
    await expectError(["delete", "net,po"], 1, /delete networks needs names/);
  });

  it("names what is empty, as of a variable that is not set", async () => {
    await expectError(["get", "pods", "-n", ""], 1, /--namespace is empty: which one is meant\?/);
    await expectError(["get", "pods", "-n="], 1, /--namespace is empty/);
    await expectError(["graph", "--node="], 1, /--node is empty/);
    await expectError(["diff", "-f", "x", "--mode", "interconnect", "--zone="], 2, /--zone is empty/);
    await expectError(["codegen", "--schema", "x", "--out="], 1, /--out is empty: which folder/);
    await expectError(["codegen", "--out", "x", "--import-from="], 1, /--import-from is empty/);
    await expectError(["apply", "-f="], 1, /cannot read "": no such file/);
  });

  it("names options that exclude each other", async () => {
    await expectError(["delete", "network", "blue", "-f", "x"], 1, /names do not go with -f/);
    await expectError(["delete", "network", "blue", "-n", "shop"], 1, /--namespace goes with pods/);
    await expectError(["delete", "-f", "x", "-n", "shop"], 1, /--namespace does not go with -f/);
    await expectError(["delete", "-f", "x", "-A"], 1, /--all-namespaces does not go with -f/);
    await expectError(["delete", "pod/d/x", "-R"], 1, /--recursive goes with -f/);
    await expectError(["get", "pods", "-R"], 1, /--recursive goes with -f/);
    await expectError(
      ["get", "net,no", "-n", "shop"],
      1,
      /--namespace goes with pods.*networks, nodes are in/,
    );
    await expectError(["get", "pods", "-n", "shop", "-A"], 1, /--namespace and --all-namespaces exclude/);
    await expectError(["delete", "pod", "x", "-n", "d", "-A"], 1, /--namespace and --all-namespaces exclude/);
    await expectError(["get", "pods", "--output-watch-events"], 1, /--output-watch-events goes with --watch/);
    await expectError(["get", "pods,net", "-w"], 1, /--watch takes one resource, and not pods, networks/);
    await expectError(["get", "pods", "-f", "x", "web"], 1, /do not go with -f/);
    await expectError(["codegen", "--out", "o", "--schema", "s", "--db", "unix:x"], 1, /exclude each other/);
    await expectError(
      ["codegen", "--out", "o", "--schema", "s", "--database", "d"],
      1,
      /--database goes with/,
    );
    const io = new FakeIo({ env: { OVN_NB_DB: "" } });
    await expectError(["codegen", "--out", "o"], 1, /--schema FILE, --db REMOTE or OVN_NB_DB/, io);
  });

  it("says what this version cannot do, before it reads a file", async () => {
    await expectError(["apply", "-f", "x", "--mode", "interconnect"], 1, /needs --zone/);
    await expectError(["diff", "-f", "x", "--mode", "interconnect"], 2, /needs --zone/);
    await expectError(["apply", "-f", "x", "--zone", "a"], 1, /--zone goes with --mode interconnect/);
  });
});

describe("options", () => {
  const remote = "unix:/nonexistent/by-option.sock";
  const article = "examples/article";

  it("are accepted before and after the command", async () => {
    for (const argv of [
      ["--db", remote, "diff", "-f", article],
      ["diff", "-f", article, "--db", remote],
      ["diff", `--db=${remote}`, "-f", article],
      ["-f", article, "--db", remote, "diff"],
      [`-f${article}`, "diff", "--db", remote],
      [`-f=${article}`, "diff", "-o=json", "--db", remote],
    ])
      await expectDiffError(argv, /by-option\.sock/);
  });

  it("of the connection come from --db, else from OVN_NB_DB, else are ovn-nbctl's", async () => {
    await expectError(["show"], 1, /nonexistent\/nb\.sock/);
    await expectError(["show", "--db", remote], 1, /by-option\.sock/);
    const io = new FakeIo({ env: { OVN_NB_DB: "" } });
    await expectError(["show", "--db", "tcp:[::1"], 1, /tcp:\[::1/, io);
    const { stdout } = await runCli(["show", "--help"]);
    assert.ok(stdout.includes("unix:/var/run/ovn/ovnnb_db.sock"));
  });

  it("for TLS name the file that cannot be read", async () => {
    const absent = "/nonexistent/x.pem";
    const remotes = ["--db", "unix:/nonexistent/a.sock,ssl:127.0.0.1:1"];
    for (const [flag, option] of [
      ["-p", "--private-key"],
      ["-c", "--certificate"],
      ["-C", "--ca-cert"],
    ] as const)
      await expectError(
        [...remotes, flag, absent, "show"],
        1,
        new RegExp(`cannot read ${option} ${absent}: no such file or folder`),
      );
    await expectError(["-C", absent, "show"], 1, /cannot connect to unix:/);
  });

  it("of the connection that are wrong say what would be right", async () => {
    await expectError(["show", "--db", ""], 1, /server address "": it is empty$/m);
    await expectError(["show", "--db", "/tmp/x.sock"], 1, /did you mean unix:\/tmp\/x\.sock\?$/m);
    await expectError(
      ["show", "--db", remote],
      1,
      /by-option\.sock: no such socket; is the database running here\? say where with --db or OVN_NB_DB$/m,
    );
  });

  it("of the connection: a file where nobody listens", async () => {
    const asked = (where: string): string =>
      `nobody listens there; is the database running ${where}\\? say where with --db or OVN_NB_DB$`;
    await expectError(["show", "--db", "unix:package.json"], 1, new RegExp(`json: ${asked("here")}`, "m"));
    // A port that no ovsdb-server has.
    await expectError(["show", "--db", "tcp:127.0.0.1:1"], 1, new RegExp(`1:1: ${asked("there")}`, "m"));
  });

  async function expectDiffError(argv: readonly string[], reason: RegExp): Promise<void> {
    const { exitCode, stdout, stderr } = await runCli(argv);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, reason);
  }
});

describe("errors", () => {
  it("of the connection are one line; 1, or 2 for diff", async () => {
    await expectError(["show"], 1, /cannot connect to unix:\/nonexistent/);
    for (const [command, code] of [
      ["apply", 1],
      ["delete", 1],
      ["diff", 2],
    ] as const) {
      const { exitCode, stderr } = await runCli([command, "-f", "examples/article"]);
      assert.equal(exitCode, code);
      assert.match(stderr, /cannot connect to unix:\/nonexistent\/nb\.sock/);
    }
  });

  it("show a stack and causes only when asked", async () => {
    const quiet = await runCli(["show"]);
    assert.doesNotMatch(quiet.stderr, /\n +at /);
    const io = new FakeIo({ env: { OVN_NORTHBOUND_DEBUG: "1" } });
    const loud = await runCli(["show"], io);
    assert.ok(loud.stderr.startsWith(quiet.stderr));
    assert.match(loud.stderr, /\n +at [\s\S]*cause/);
    assert.equal(loud.exitCode, 1);
  });

  it("after an interruption exit 130, for diff too", async () => {
    for (const argv of [["show"], ["diff", "-f", "examples/article"]]) {
      const io = new FakeIo();
      io.interrupt();
      await expectError(argv, 130, /interrupted/, io);
    }
  });
});

describe("manifests that cannot be used", () => {
  it("give a line each with file, line, document, field, reason and value", async () => {
    const stdin = [
      "kind: Node\nmetadata: {name: 7}\n",
      'kind: Pod\nmetadata: {name: web, annotations: {k8s.v1.cni.cncf.io/networks: "x/y"}}\nspec: {nodeName: gone}\n',
      "a: [\n",
    ].join("---\n");
    const { exitCode, stdout, stderr } = await runCli(["apply", "-f", "-"], new FakeIo({ stdin }));
    assert.deepEqual([exitCode, stdout], [1, ""]);
    const lines = stderr.trimEnd().split("\n");
    assert.equal(
      lines[0],
      "ovn-northbound: standard input:2: document 1: metadata.name: must be a string (7)",
    );
    assert.match(
      lines[1] ?? "",
      /^ovn-northbound: standard input:5: document 2: metadata\.annotations.*asks for a Network.* \("x\/y"\)$/,
    );
    assert.match(lines[2] ?? "", /^ovn-northbound: standard input:\d+: document 3: is not YAML: /);
    assert.equal(lines.length, 3);
  });

  it("say which fields are not used before they say which are missing", async () => {
    const config = { type: "ovn-k8s-cni-overlay", name: "x", netAttachDefName: "d/x", topology: "layer3" };
    const metadata = { name: "x", namespace: "d" };
    const stdin = JSON.stringify({
      apiVersion: "k8s.cni.cncf.io/v1",
      kind: "NetworkAttachmentDefinition",
      metadata,
      spec: { config: JSON.stringify({ ...config, subnet: "10.1.0.0/16/24" }) },
    });
    for (const command of ["apply", "delete"]) {
      const { stdout, stderr } = await runCli([command, "-f", "-"], new FakeIo({ stdin }));
      const at = "standard input:1: document 1: ";
      assert.deepEqual(
        [stdout, stderr],
        [
          "",
          `ovn-northbound: ignored: ${at}NetworkAttachmentDefinition d/x: ` +
            "spec.config.subnet is not known and not used; did you mean subnets?\n" +
            `ovn-northbound: ${at}spec.config.subnets: are needed by a layer3 network\n`,
        ],
        command,
      );
    }
  });

  it("give a line each when several files cannot be read", async () => {
    const absent = ["/nonexistent/a.yaml", "/nonexistent/b.yaml"];
    const { exitCode, stdout, stderr } = await runCli(["diff", "-f", absent[0] ?? "", "-f", absent[1] ?? ""]);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    const lines = absent.map((file) => `ovn-northbound: cannot read ${file}: no such file or folder\n`);
    assert.equal(stderr, lines.join(""));
  });

  it("cannot smuggle control characters to the terminal", async () => {
    const stdin = JSON.stringify({ kind: "Deploy\u001b[31mment", metadata: { name: "x\u202e" } });
    const { stderr } = await runCli(["diff", "-f", "-"], new FakeIo({ stdin }));
    assert.match(stderr, /skipped: standard input:1: document 1: Deploy\\u001b\[31mment/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("do not remove every network when they hold none", async () => {
    const io = new FakeIo({ stdin: "kind: Namespace\nmetadata: {name: x}\n" });
    const { exitCode, stderr } = await runCli(["apply", "-f", "-", "--prune=networks"], io);
    assert.equal(exitCode, 1);
    assert.match(stderr, /note: the manifests hold no network\n.*would remove every network/);
  });

  it("are refused when there is no object in them", async () => {
    for (const stdin of ["", "# nothing\n---\n", '{"kind": "List", "apiVersion": "v1", "items": []}'])
      for (const [command, exitCode] of [
        ["apply", 1],
        ["diff", 2],
        ["delete", 1],
      ] as const)
        await expectError(
          [command, "-f", "-"],
          exitCode,
          /there is no Kubernetes object in standard input\n$/,
          new FakeIo({ stdin }),
        );
    await expectError(["get", "pods", "-f", "/dev/null"], 1, /there is no Kubernetes object in \/dev\/null/);
  });

  it("hold an object also when nothing in it is for us", async () => {
    const pod = { "k8s.v1.cni.cncf.io/networks": "[]" };
    const objects = [
      { kind: "Namespace", metadata: { name: "x" } },
      { kind: "Pod", metadata: { name: "x", annotations: pod }, spec: { nodeName: "n" } },
    ];
    for (const object of objects)
      for (const command of ["apply", "delete"]) {
        const { stderr } = await runCli([command, "-f", "-"], new FakeIo({ stdin: JSON.stringify(object) }));
        assert.match(
          stderr,
          /skipped: standard input:1: .*\n.*note: the manifests hold no network.*\n.*cannot connect/,
        );
      }
  });

  it("with nodes alone make delete say that it leaves them", async () => {
    const stdin = '{"kind": "Node", "metadata": {"name": "n1"}}';
    const { stderr } = await runCli(["delete", "-f", "-"], new FakeIo({ stdin }));
    assert.match(
      stderr,
      /^ovn-northbound: note: delete leaves nodes alone \(n1\); apply --prune .*\n.*cannot connect.*\n$/,
    );
    const article = await runCli(["delete", "-f", "examples/article"]);
    assert.doesNotMatch(article.stderr, /nodes/);
  });
});
