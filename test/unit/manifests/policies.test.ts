import assert from "node:assert/strict";
import { locate, type ManifestPolicy, readDeletion } from "../../../lib/manifests/index.ts";
import { SpecError } from "../../../lib/topology/index.ts";
import { blue, documents, errorsIn, nad, node, pod, read } from "./fixtures.ts";

const POLICY_FOR = "k8s.v1.cni.cncf.io/policy-for";

/** A policy whose fields stand on lines of their own. */
function policy(
  spec: object,
  about: { kind?: string; key?: string; annotations?: Record<string, string> } = {},
): string {
  const {
    kind = "MultiNetworkPolicy",
    key = "d/p",
    annotations = { [POLICY_FOR]: "kube-system/blue" },
  } = about;
  const [namespace, name] = key.split("/");
  const apiVersion = kind === "NetworkPolicy" ? "networking.k8s.io/v1" : "k8s.cni.cncf.io/v1beta1";
  return `${JSON.stringify({ apiVersion, kind, metadata: { name, namespace, annotations }, spec }, null, 1)}\n`;
}

function namespace(name: string, labels: object = {}, annotations: object = {}): string {
  return JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } });
}

const plain = { podSelector: {}, policyTypes: ["Ingress"] };
const primaryLabel = { "k8s.ovn.org/primary-user-defined-network": "" };
const green = {
  name: "green",
  topology: "layer2",
  subnets: "10.7.0.0/16",
  role: "primary",
};
/** Primary networks need an id. */
const primary = nad("d/green", green).replace(
  "metadata:\n",
  'metadata:\n  annotations: {"k8s.ovn.org/network-id": "4"}\n',
);

describe("policies in manifests", () => {
  it("are read with what they look at: labels, ports, namespaces", () => {
    const rules = {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            { namespaceSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: null }] } },
            { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
          ],
          ports: [
            { port: 80, endPort: 90 },
            { protocol: "UDP", port: "dns" },
          ],
        },
      ],
      egress: [{}],
    };
    const set = read(
      blue(),
      nad("d/red", { name: "red", topology: "layer2" }),
      node("n1"),
      pod("d/web", "kube-system/blue", {
        metadata: { labels: { app: "web" } },
        spec: {
          nodeName: "n1",
          containers: [
            { ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }, { containerPort: 1 }] },
            // TCP, where nothing is said.
            { ports: [{ name: "http", containerPort: 80 }] },
            {},
          ],
        },
      }),
      namespace("d", { team: "x" }, { "k8s.ovn.org/acl-logging": '{"deny":"alert","allow":""}' }),
      policy(rules, {
        annotations: { [POLICY_FOR]: "red , kube-system/blue,red", "k8s.ovn.org/acl-stateless": "true" },
      }),
    );
    assert.deepEqual(
      set.policies.map(({ networks }) => networks),
      [["red", "blue"]],
    );
    const [{ source, ...input }] = set.policies.map((each: ManifestPolicy) => each.input) as [
      ManifestPolicy["input"],
    ];
    assert.equal(source, "m.yaml, document 6, line 36");
    const [rule] = rules.ingress;
    assert.deepEqual(input, {
      namespace: "d",
      name: "p",
      ...rules,
      ingress: [
        {
          ...rule,
          from: [
            { namespaceSelector: { matchExpressions: [{ key: "a", operator: "Exists" }] } },
            rule?.from[1],
          ],
        },
      ],
      stateless: true,
    });
    assert.deepEqual(set.namespaces, [
      { name: "d", labels: { "kubernetes.io/metadata.name": "d", team: "x" }, logging: { deny: "alert" } },
    ]);
    const [attachment] = set.pods[0]?.attachments ?? [];
    assert.deepEqual(
      [attachment?.input.labels, attachment?.input.ports],
      [
        { app: "web" },
        [
          { name: "dns", protocol: "UDP", port: 53 },
          { name: "http", protocol: "TCP", port: 80 },
        ],
      ],
    );
    assert.deepEqual(set.skipped, []);
  });

  it("of kind NetworkPolicy are about the primary network of the namespace, with the types that the API server adds", () => {
    const rest = { kind: "NetworkPolicy", annotations: {} };
    const { policies, skipped } = read(
      primary,
      namespace("d", primaryLabel),
      policy({ podSelector: {} }, { ...rest, key: "d/in" }),
      policy({ podSelector: {}, egress: [{}] }, { ...rest, key: "d/out" }),
      policy({ podSelector: {}, policyTypes: ["Ingress"], egress: [{}] }, { ...rest, key: "d/said" }),
      policy({ podSelector: null, ingress: [{}] }, { ...rest, key: "d/to-all" }),
      policy({ egress: [] }, { ...rest, key: "d/without" }),
      policy({ podSelector: {} }, { ...rest, key: "other/in" }),
    );
    for (const { input } of policies) assert.deepEqual(input.podSelector, {});
    assert.deepEqual(
      policies.map(({ input, networks }) => [input.name, input.policyTypes, networks]),
      [
        ["in", ["Ingress"], ["green"]],
        ["out", ["Ingress", "Egress"], ["green"]],
        ["said", ["Ingress"], ["green"]],
        ["to-all", ["Ingress"], ["green"]],
        ["without", ["Ingress"], ["green"]],
      ],
    );
    assert.deepEqual(
      skipped.map(({ name, reason }) => [name, reason.slice(0, 21)]),
      [["other/in", "no primary network of"]],
    );
  });

  it("without policy-for are passed over", () => {
    const { skipped } = read(blue(), policy(plain, { annotations: {} }));
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      [`it has no annotation ${POLICY_FOR}`],
    );
  });

  it("for NADs of others are passed over, or only these when they are for ours as well", () => {
    const other = nad("kube-system/other", { type: "bridge" });
    const reason = 'it is for kube-system/other: its CNI type is "bridge"';
    for (const [nads, field] of [
      ["kube-system/other", undefined],
      ["kube-system/blue,kube-system/other", `metadata.annotations["${POLICY_FOR}"]`],
    ] as const) {
      const set = read(blue(), other, policy(plain, { annotations: { [POLICY_FOR]: nads } }));
      assert.equal(set.policies.length, field === undefined ? 0 : 1);
      assert.deepEqual(
        set.skipped
          .filter(({ kind }) => kind === "MultiNetworkPolicy")
          .map((each) => [each.field, each.reason]),
        [[field, reason]],
      );
    }
  });

  const faults: readonly [string, object, object | undefined, string, RegExp][] = [
    ["no types", { podSelector: {} }, undefined, "spec.policyTypes", /no pod is closed/],
    ["no selector", { policyTypes: ["Ingress"] }, undefined, "spec.podSelector", /./],
    [
      "a key that would have narrowed",
      { ...plain, ingress: [{ form: [] }] },
      undefined,
      "spec.ingress[0].form",
      /did you mean from/,
    ],
    [
      "a key deep down",
      { ...plain, egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", exept: [] } }] }] },
      undefined,
      "spec.egress[0].to[0].ipBlock.exept",
      /did you mean except/,
    ],
    [
      "a wrong type",
      { podSelector: {}, policyTypes: ["ingress"] },
      undefined,
      "spec.policyTypes[0]",
      /Ingress or Egress/,
    ],
    [
      "a wrong protocol",
      { ...plain, ingress: [{ ports: [{ protocol: "tcp" }] }] },
      undefined,
      "spec.ingress[0].ports[0].protocol",
      /TCP/,
    ],
    [
      "a port that is a list",
      { ...plain, ingress: [{ ports: [{ port: [] }] }] },
      undefined,
      "spec.ingress[0].ports[0].port",
      /number or the name/,
    ],
    [
      "a bad range",
      { ...plain, egress: [{ ports: [{ port: 5, endPort: 4 }] }] },
      undefined,
      "spec.egress[0].ports[0].endPort",
      /less than/,
    ],
    [
      "no CIDR",
      { ...plain, ingress: [{ from: [{ ipBlock: { cidr: "x" } }] }] },
      undefined,
      "spec.ingress[0].from[0].ipBlock.cidr",
      /must be address\/length/,
    ],
    [
      "an exception that is no list",
      { ...plain, ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: "10.1.0.0/16" } }] }] },
      undefined,
      "spec.ingress[0].from[0].ipBlock.except",
      /must be a list/,
    ],
    [
      "labels in a list",
      { policyTypes: ["Ingress"], podSelector: { matchLabels: ["app=web"] } },
      undefined,
      "spec.podSelector.matchLabels",
      /must be a map/,
    ],
    [
      "a bad operator",
      { policyTypes: ["Ingress"], podSelector: { matchExpressions: [{ key: "a", operator: "in" }] } },
      undefined,
      "spec.podSelector.matchExpressions[0].operator",
      /In, NotIn/,
    ],
    [
      "an unknown definition",
      plain,
      { [POLICY_FOR]: "nowhere" },
      `metadata.annotations["${POLICY_FOR}"]`,
      /not among/,
    ],
    [
      "a definition of three parts",
      plain,
      { [POLICY_FOR]: "a/b/c" },
      `metadata.annotations["${POLICY_FOR}"]`,
      /namespace\/name/,
    ],
    [
      "a primary network",
      plain,
      { [POLICY_FOR]: "green" },
      `metadata.annotations["${POLICY_FOR}"]`,
      /only a NetworkPolicy/,
    ],
  ];
  for (const [what, spec, annotations, field, reason] of faults)
    it(`are refused for ${what}, with its line`, () => {
      const text = policy(
        spec,
        annotations === undefined ? {} : { annotations: annotations as Record<string, string> },
      );
      const errors = errorsIn(() => read(blue(), primary, namespace("d", primaryLabel), text));
      const [error] = errors;
      assert.deepEqual([errors.length, error?.field], [1, field]);
      assert.match(error?.reason ?? "", reason);
      const last = /([\w-]+)(\[\d+\])?("\])?$/.exec(field)?.[1] ?? "";
      const lines = documents(blue(), primary, namespace("d", primaryLabel), text).split("\n");
      if (error?.value !== undefined && !Array.isArray(error.value) && !field.endsWith("]"))
        assert.match(lines[error.line - 1] ?? "", new RegExp(`"${last}`));
    });

  it("a log of unknown severity is refused in the namespace that has policies", () => {
    const loud = namespace("d", {}, { "k8s.ovn.org/acl-logging": '{"deny":"loud"}' });
    const [error] = errorsIn(() => read(blue(), policy(plain), loud));
    assert.equal(error?.field, 'metadata.annotations["k8s.ovn.org/acl-logging"].deny');
    assert.equal(read(blue(), loud).namespaces.length, 0);
  });

  it("are stateless only where the annotation says true", () => {
    for (const said of ["false", "True", ""]) {
      const annotations = { [POLICY_FOR]: "kube-system/blue", "k8s.ovn.org/acl-stateless": said };
      assert.equal(
        read(blue(), policy(plain, { annotations })).policies[0]?.input.stateless,
        undefined,
        said,
      );
    }
  });

  it("labels that are no map are refused, in a namespace as in a pod", () => {
    const errors = errorsIn(() => read(blue(), policy(plain), namespace("d", ["x"])));
    assert.deepEqual(
      errors.map(({ document, field, reason }) => [document, field, reason]),
      [[3, "metadata.labels", "must be a map"]],
    );
    const web = pod("d/web", "kube-system/blue", { metadata: { labels: ["app=web"] } });
    const [error] = errorsIn(() => read(blue(), web));
    assert.deepEqual([error?.document, error?.field, error?.reason], [2, "metadata.labels", "must be a map"]);
  });

  it("a log that is no JSON is refused with the place where it goes wrong", () => {
    const torn = namespace("d", {}, { "k8s.ovn.org/acl-logging": '{"deny"' });
    const errors = errorsIn(() => read(blue(), policy(plain), torn));
    assert.deepEqual(
      errors.map(({ document, field }) => [document, field]),
      [[3, 'metadata.annotations["k8s.ovn.org/acl-logging"]']],
    );
    assert.match(errors[0]?.reason ?? "", /is not JSON: .*a colon was expected/);
    // Of a namespace without policies nobody asks, even if it has pods.
    const other = namespace("e", {}, { "k8s.ovn.org/acl-logging": '{"deny"' });
    const web = pod("e/web", "kube-system/blue");
    const { namespaces, skipped } = read(blue(), node("n1"), policy(plain), namespace("d"), other, web);
    assert.deepEqual(
      namespaces.map(({ name, logging }) => [name, logging]),
      [
        ["d", undefined],
        ["e", undefined],
      ],
    );
    assert.deepEqual(skipped, []);
  });

  it("of one name and two kinds are told apart where they are found again", () => {
    const texts = [primary, namespace("d", primaryLabel), blue(), policy(plain)];
    const set = read(...texts, policy(plain, { kind: "NetworkPolicy", annotations: {} }));
    assert.equal(set.policies.length, 2);
    for (const { input, source } of set.policies) {
      const error = new SpecError("policies[d/p] is no good", {
        path: "policies[d/p]",
        value: undefined,
        source: input.source,
      });
      assert.equal(locate(error, set)?.document, source.document);
    }
  });

  it("faults that only the topology layer sees are located in the manifest", () => {
    const set = read(blue(), policy({ ...plain, ingress: [{ ports: [{ port: "http" }] }] }));
    const source = set.policies[0]?.input.source;
    const error = new SpecError('policies[d/p].ingress[0].ports[0].port is the name of nothing: "http"', {
      path: "policies[d/p].ingress[0].ports[0].port",
      value: "http",
      source,
    });
    const located = locate(error, set);
    assert.deepEqual(
      [located?.field, located?.reason],
      ["spec.ingress[0].ports[0].port", "is the name of nothing"],
    );
    assert.match(
      documents(blue(), policy({ ...plain, ingress: [{ ports: [{ port: "http" }] }] })).split("\n")[
        (located?.line ?? 0) - 1
      ] ?? "",
      /"http"/,
    );
  });

  it("to delete need only a name", () => {
    const text = documents(
      policy({}, { annotations: {} }),
      policy({}, { kind: "NetworkPolicy", key: "d/np" }),
    );
    assert.deepEqual(readDeletion([{ file: "m.yaml", text }]).policies, [
      { namespace: "d", name: "p", role: "secondary" },
      { namespace: "d", name: "np", role: "primary" },
    ]);
  });
});
