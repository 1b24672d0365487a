import assert from "node:assert/strict";
import { CliError } from "../../../lib/cli/cli-error.ts";
import { failureLines } from "../../../lib/cli/output/failure.ts";
import { type PlanOutcome, type ReportOptions, reportPlan } from "../../../lib/cli/output/plan-report.ts";
import { TimeoutError, TlsError } from "../../../lib/jsonrpc/index.ts";
import { ManifestError, ManifestErrors } from "../../../lib/manifests/index.ts";
import type { Change } from "../../../lib/reconcile/index.ts";
import { ForeignRowsError, NameCollisionError, ProfileMismatchError } from "../../../lib/topology/index.ts";
import { servedBy } from "../session/fake-server.ts";
import { open, serverWith } from "../session/support.ts";
import { FakeIo } from "./fake-io.ts";

const inserted: Change = {
  action: "insert",
  table: "Logical_Switch",
  kind: "node switch",
  name: "blue_n1",
  uuid: "u1",
  network: "blue",
  columns: { "external_ids:k8s.ovn.org/network": { new: "blue" } },
};
const updated: Change = {
  action: "update",
  table: "Logical_Router",
  kind: "cluster router",
  name: "red_r",
  uuid: "u2",
  network: "red",
  columns: { copp: { old: "a", new: "b" } },
  reason: "why",
};

const nothing: PlanOutcome = {
  changes: [],
  omitted: [],
  notes: [],
  kept: [],
  absent: [],
  transactions: 0,
};

async function report(
  outcome: Partial<PlanOutcome>,
  options: Partial<ReportOptions> = {},
): Promise<{ stdout: string; stderr: string }> {
  const io = new FakeIo();
  await reportPlan(
    io,
    { ...nothing, ...outcome },
    { output: "text", made: true, summary: true, skipped: [], told: [], ...options },
  );
  return { stdout: io.stdout, stderr: io.stderr };
}

describe("the report of a plan", () => {
  it("counts what was done below the changes", async () => {
    const { stdout, stderr } = await report({ changes: [inserted, updated], transactions: 1 });
    assert.equal(stderr, "");
    assert.deepEqual(stdout.split("\n"), [
      "+ Logical_Switch blue_n1",
      "~ Logical_Router red_r (why)",
      "    copp: a -> b",
      "2 networks: 1 row inserted, 1 updated, 0 deleted in 1 transaction",
      "",
    ]);
    const planned = await report({ changes: [inserted] }, { made: false });
    assert.match(planned.stdout, /^\+ Logical_Switch blue_n1\n {4}external_ids:k8s.ovn.org\/network: blue\n/);
    const several = await report({ changes: [inserted, inserted], transactions: 2 });
    assert.match(several.stdout, /^1 network: 2 rows inserted, 0 updated, 0 deleted in 2 transactions$/m);
  });

  it("says when there is nothing to change, and that a dry run wrote nothing", async () => {
    assert.equal((await report({})).stdout, "nothing to change\n");
    const dry = await report({ changes: [updated] }, { made: false });
    assert.match(
      dry.stdout,
      /\n1 network: 0 rows inserted, 1 updated, 0 deleted \(dry run: nothing was written\)\n$/,
    );
    assert.equal((await report({}, { summary: false })).stdout, "");
  });

  it("keeps messages apart from results", async () => {
    const outcome = {
      notes: ["a note"],
      kept: ["switch s"],
      absent: ['network "x"'],
      omitted: [{ table: "T", column: "c", reason: "the server has none" }],
    };
    for (const output of ["text", "json"] as const) {
      const { stderr } = await report(outcome, { output });
      assert.deepEqual(stderr.split("\n"), [
        "ovn-northbound: note: a note",
        "ovn-northbound: note: column T.c is left out: the server has none",
        "ovn-northbound: kept: switch s",
        'ovn-northbound: absent: network "x"',
        "",
      ]);
    }
  });

  it("is a stable object for programs", async () => {
    const pods = [{ namespace: "d", name: "web", node: "n1", networkStatus: [] }];
    const outcome = {
      changes: [inserted, updated],
      transactions: 1,
      notes: ["n"],
      kept: ["k"],
      absent: ["a"],
    };
    const skipped = [{ file: "m.yaml", document: 2, line: 7, kind: "Foo", name: "x", reason: "not used" }];
    const { stdout } = await report(outcome, { output: "json", pods, skipped, told: ["t"], confirmed: true });
    assert.deepEqual(JSON.parse(stdout), {
      changed: true,
      transactions: 1,
      confirmed: true,
      changes: [
        {
          action: "insert",
          table: "Logical_Switch",
          name: "blue_n1",
          uuid: "u1",
          network: "blue",
          columns: { "external_ids:k8s.ovn.org/network": { new: "blue" } },
        },
        {
          action: "update",
          table: "Logical_Router",
          name: "red_r",
          uuid: "u2",
          network: "red",
          columns: { copp: { old: "a", new: "b" } },
          reason: "why",
        },
      ],
      pods,
      notes: ["t", "n"],
      kept: ["k"],
      absent: ["a"],
      skipped,
    });
    assert.deepEqual(JSON.parse((await report({}, { output: "json" })).stdout), {
      changed: false,
      transactions: 0,
      changes: [],
      pods: [],
      notes: [],
      kept: [],
      absent: [],
      skipped: [],
    });
  });

  it("tells no uuids of rows that do not exist yet", async () => {
    const { stdout } = await report({ changes: [inserted, updated] }, { output: "json", made: false });
    const { changes } = JSON.parse(stdout) as { changes: { uuid?: string }[] };
    assert.deepEqual(
      changes.map(({ uuid }) => uuid),
      [undefined, "u2"],
    );
  });
});

describe("failures", () => {
  const position = { file: "a.yaml", document: 2, line: 7, field: "spec.config.subnets" };

  it("of manifests name file, line, document, field, reason and value", () => {
    const errors = new ManifestErrors([
      new ManifestError(position, "is no CIDR", "10.1.0.0/33"),
      new ManifestError({ ...position, field: "" }, "is not YAML", undefined),
    ]);
    assert.deepEqual(failureLines(errors), [
      'a.yaml:7: document 2: spec.config.subnets: is no CIDR ("10.1.0.0/33")',
      "a.yaml:7: document 2: is not YAML",
    ]);
  });

  it("name foreign rows one by one, and the way to take them along", () => {
    const parent = { table: "Logical_Switch", name: "s", column: "ports" };
    const error = new ForeignRowsError([
      { table: "Logical_Switch_Port", name: "p", uuid: "u1", parent },
      { table: "ACL", name: "u2", uuid: "u2", parent: { ...parent, column: "acls" } },
    ]);
    const [first, ...rest] = failureLines(error);
    assert.match(first ?? "", /nothing was removed.*--force/);
    assert.deepEqual(rest, [
      "Logical_Switch_Port p (u1) in ports of Logical_Switch s",
      "ACL u2 in acls of Logical_Switch s",
    ]);
  });

  it("of the profile say both ways out; of the mode there is none", () => {
    const [profile] = failureLines(
      new ProfileMismatchError("blue", "profile ovn-kubernetes", "profile ovn-kubernetes-2023"),
    );
    assert.match(
      profile ?? "",
      /--migrate changes it in place, --profile ovn-kubernetes leaves it as it is$/,
    );
    const [mode] = failureLines(new ProfileMismatchError("blue", "mode interconnect", "mode central"));
    assert.doesNotMatch(mode ?? "", /--/);
  });

  it("speak of options of the command line, not of the library", async () => {
    const row = { name: "D", model: "relay", connected: true, leader: false };
    const relay = serverWith({ monitor_cond: servedBy(row) });
    const error = await open(relay).session.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.deepEqual(failureLines(error), [
      "unix:/x is a relay, which is never a leader; --no-leader-only uses it",
    ]);
  });

  it("and notes say what of the command line helps", async () => {
    const taken = 'taken by port "p", whose pod is not in the request; the option prune removes such';
    assert.deepEqual(failureLines(new ManifestErrors([new ManifestError(position, taken, undefined)])), [
      'a.yaml:7: document 2: spec.config.subnets: taken by port "p", whose pod is not among the manifests; --prune removes such',
    ]);
    const full =
      "some are of nodes that are not in the request: the option prune removes such, and removeNode takes one out";
    assert.deepEqual(failureLines(new ManifestErrors([new ManifestError(position, full, undefined)])), [
      "a.yaml:7: document 2: spec.config.subnets: some are of nodes that are not among the manifests: --prune removes such, and delete node NAME takes one out",
    ]);
    const renamed = new NameCollisionError("Logical_Switch_Port", "p", [
      "a",
      'the existing row of network "old"',
    ]);
    assert.deepEqual(
      failureLines(
        new ManifestErrors([new ManifestError(position, renamed.message, undefined, { cause: renamed })]),
      ),
      [
        `a.yaml:7: document 2: spec.config.subnets: ${renamed.message}; if that network is to go, delete it first: delete network old`,
      ],
    );
    const { stdout, stderr } = await report(
      { notes: ["2 ports of pods that are not in the request keep their addresses"] },
      { output: "json" },
    );
    const ours = "2 ports of pods that are not among the manifests keep their addresses";
    assert.equal(stderr, `ovn-northbound: note: ${ours}\n`);
    assert.deepEqual((JSON.parse(stdout) as { notes: string[] }).notes, [ours]);
    assert.deepEqual(
      (["key-mismatch", "server-untrusted", "client-missing", "client-expired"] as const).flatMap((reason) =>
        failureLines(new TlsError(reason, `${reason}: key is not the key of cert`)),
      ),
      [
        "key-mismatch: --private-key is not the key of --certificate",
        "server-untrusted: --private-key is not the key of --certificate; --ca-cert says which authorities we trust",
        "client-missing: --private-key is not the key of --certificate; --certificate and --private-key give it one",
        "client-expired: --private-key is not the key of --certificate",
      ],
    );
  });

  it("are one line each, without a stack", () => {
    assert.deepEqual(failureLines(new CliError("a\n  b\n")), ["a; b"]);
    assert.deepEqual(failureLines(new TimeoutError("the reply", 5)), ["the reply did not come within 5 ms"]);
    assert.deepEqual(failureLines(new TypeError("x is\nnot y")), [
      "unexpected error: x is; not y (OVN_NORTHBOUND_DEBUG=1 shows where)",
    ]);
    assert.deepEqual(failureLines("text"), ["unexpected error: text (OVN_NORTHBOUND_DEBUG=1 shows where)"]);
  });
});
