import assert from "node:assert/strict";
import { blue, expectErrors, nad, read } from "./fixtures.ts";

describe("configurations of networks", () => {
  it("have keys in the case that OVN-Kubernetes writes, since Go takes them in any", () => {
    const as = (key: string): RegExp =>
      new RegExp(`^must be written ${key}: OVN-Kubernetes reads it as that$`);
    expectErrors(
      [blue({ vlanId: 7, Subnets: "10.2.0.0/16", mac: "x" })],
      { field: "spec.config.vlanId", line: 14, value: 7, reason: as("vlanID") },
      { field: "spec.config.Subnets", line: 15, value: "10.2.0.0/16", reason: as("subnets") },
    );
  });

  it("are in spec.config, and in none that is called nearly so", () => {
    const head =
      "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: x}\nspec:\n";
    expectErrors([`${head}  Config: '{"type": "ovn-k8s-cni-overlay"}'\n`], {
      field: "spec.Config",
      line: 5,
      value: '{"type": "ovn-k8s-cni-overlay"}',
      reason: /^is not known; did you mean config\?$/,
    });
  });

  it("of other plugins may be no JSON", () => {
    const other = nad("d/x", { type: "macvlan", name: "x" });
    const broken = other.replace('"name": "x"', '"name": "x",');
    assert.deepEqual(
      read(broken, blue()).skipped.map(({ name, reason }) => [name, reason]),
      [["d/x", "its configuration is no JSON, and has another CNI type"]],
    );
    const reason = /^is not JSON: /;
    for (const text of [broken.replace("macvlan", "ovn-k8s-cni-overlay"), broken.replace('"type"', '"typ"')])
      expectErrors([text], { field: "spec.config", line: 12, value: "}", reason });
  });
});

describe("templates", () => {
  it("are told that they have to be rendered first", () => {
    const hint = /^is not YAML: .*; is it a template, which has to be rendered first\?$/;
    expectErrors(["kind: Pod\nmetadata:\n  name: {{.JobName}}-{{.Replica}}\n"], {
      field: "",
      line: 3,
      value: "name: {{.JobName}}-{{.Replica}}",
      reason: hint,
    });
    expectErrors(["{% for node in nodes %}\nkind: Node\n{% endfor %}\n"], {
      field: "",
      line: 1,
      value: "{% for node in nodes %}",
      reason: hint,
    });
  });
});
