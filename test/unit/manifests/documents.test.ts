import assert from "node:assert/strict";
import { readManifests } from "../../../lib/manifests/index.ts";
import { blue, documents, errorsIn, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { OTHER_KINDS } from "./kubernetes-names.ts";

describe("documents of a manifest", () => {
  it("are read from YAML, JSON, several JSON texts and lists alike", () => {
    const items = [node("n1"), node("n2"), node("n3")];
    const parsed = items.map((item) => JSON.parse(item) as Record<string, unknown>);
    const list = { apiVersion: "v1", kind: "List", items: parsed, metadata: { resourceVersion: "" } };
    const bare = parsed.map(({ metadata }) => ({ metadata }));
    for (const text of [
      documents(...items),
      items.join("\n"),
      JSON.stringify(list),
      JSON.stringify(list, null, 4),
      JSON.stringify({ apiVersion: "v1", kind: "NodeList", items: bare }),
      `\u{FEFF}${JSON.stringify(list)}`,
      `apiVersion: v1\r\nkind: List\r\nitems:\r\n${items.map((item) => `- ${item}\r\n`).join("")}`,
    ]) {
      const { nodes } = readManifests([{ file: "-", text }]);
      assert.deepEqual(
        nodes.map(({ name }) => name),
        ["n1", "n2", "n3"],
      );
    }
  });

  it("of a list are named by their place in it", () => {
    const text = `apiVersion: v1
kind: List
items:
- kind: Node
  metadata:
    name: n1
- kind: Pod
  metadata:
    name: web
    annotations: {k8s.v1.cni.cncf.io/networks: x}
  spec:
    nodeName: n1
    hostNetwork: 7
- null
`;
    expectErrors(
      [text],
      { field: "items[1].spec.hostNetwork", value: 7, line: 13, reason: /must be true or false/ },
      { field: "items[2]", value: null, line: 14, reason: /is not a Kubernetes object/ },
    );
    const json = JSON.stringify({ kind: "PodList", items: [{ metadata: { name: 5 } }] }, null, 1);
    const [error] = errorsIn(() => readManifests([{ file: "p.json", text: json }]));
    assert.deepEqual([error?.field, error?.line, error?.value], ["items[0].metadata.name", 6, 5]);
  });

  it("with an alias of nothing are wrong where the alias stands", () => {
    const reason = /^is not YAML: Unresolved alias .*: nope$/;
    const known = "  a: &a {x: 1}\n  b: *a\n";
    expectErrors([`kind: Node\nmetadata:\n${known}  c: [*nope]\n  d: *gone\n`], {
      line: 5,
      field: "",
      value: "c: [*nope]",
      reason,
    });
  });

  it("that are not YAML give one error each", () => {
    expectErrors(
      ["a: [1\n", node("n1"), "b: 'x\n"],
      { line: 2, field: "", value: "---", reason: /^is not YAML: / },
      { document: 3, line: 6, field: "", reason: /^is not YAML: /, value: "" },
    );
    expectErrors(["kind: Node\nkind: Pod\n"], {
      field: "",
      line: 2,
      value: "kind: Pod",
      reason: /^is not YAML: the key "kind" is there twice/,
    });
    expectErrors(["kind: *nowhere\n"], {
      field: "",
      line: 1,
      value: "kind: *nowhere",
      reason: /is not YAML/,
    });
    expectErrors(["just some words\n"], {
      field: "",
      line: 1,
      value: "just some words",
      reason: /is not a Kubernetes object/,
    });
  });

  it("that were put together without a line between them are told what is missing", () => {
    const reason =
      /^is not YAML: the key "(?:apiVersion|kind)" is there twice; is a line --- missing before it\?$/;
    const object = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n";
    expectErrors([`${object}${object}`], { line: 5, field: "", value: "apiVersion: v1", reason });
    expectErrors(["kind: Node\r\nkind: Pod\r\n"], { line: 2, field: "", value: "kind: Pod", reason });
    const other = /^is not YAML: the key "(?:metadata|kind)" is there twice$/;
    expectErrors(["metadata: {}\nmetadata: {}\n"], {
      line: 2,
      field: "",
      value: "metadata: {}",
      reason: other,
    });
    expectErrors(["spec:\n  kind: a\n  kind: b\n"], { line: 3, field: "", value: "kind: b", reason: other });
  });

  it("that are not JSON are said to be so when the file is called that", () => {
    const [error] = errorsIn(() => readManifests([{ file: "a.json", text: '{"kind": "Pod",\n "a": ]' }]));
    assert.match(error?.reason ?? "", /^is not JSON: unexpected "]" after the key "a"/);
    assert.equal(error?.line, 2);
  });

  it("that are JSON cut off are said to be so, whatever the file is called, and not read as YAML", () => {
    const text = `${pod("d/a", undefined)}\n{"kind": "Node",\n "metadata": {"name": "n1"}}\n`;
    assert.equal(read(text).nodes.length, 1);
    for (let length = 1; length < text.length - 1; length += 1) {
      const cut = text.slice(0, length).trimEnd();
      if (cut === text.slice(0, text.indexOf("\n"))) continue;
      const errors = errorsIn(() => read(cut));
      assert.match(
        errors.map(({ reason }) => reason).join(),
        /^is not JSON: (unexpected|a string that does not) end/,
      );
      assert.equal(errors[0]?.line, cut.split("\n").length);
    }
  });

  it("must be objects with a kind and a name", () => {
    expectErrors(["metadata: {name: x}\n"], { field: "kind", value: undefined, reason: /is missing/ });
    expectErrors(["kind: 7\n"], { field: "kind", value: 7, reason: /must be a string/ });
    expectErrors(["kind: Pod\n"], { field: "metadata", value: undefined, reason: /is missing/ });
    expectErrors(["kind: Pod\nmetadata: {}\n"], {
      field: "metadata.name",
      value: undefined,
      reason: /is missing/,
    });
    expectErrors(["kind: Node\nmetadata:\n  name: ''\n"], {
      field: "metadata.name",
      line: 3,
      value: "",
      reason: /must be of lower-case letters/,
    });
  });

  it("must have names that the API server takes", () => {
    const label = /^must be of lower-case letters, digits and hyphens, with a letter or digit first and last/;
    // The last one is what becomes of a template that nobody filled in.
    for (const text of [
      "a\nb",
      "a\u0000b",
      "a\u0085b",
      "a\ud800b",
      "a\n",
      "My-Net",
      "a_b",
      "-a",
      "a..b",
      "net-{{ .i }}",
    ])
      expectErrors([`kind: Node\nmetadata:\n  name: ${JSON.stringify(text)}\n`], {
        field: "metadata.name",
        line: 3,
        value: text,
        reason: label,
      });
    for (const namespace of ["b/c", "b.c", "B"])
      expectErrors([`kind: Pod\nmetadata: {name: a, namespace: ${namespace}}\n`], {
        field: "metadata.namespace",
        value: namespace,
        reason: label,
      });
    const long = "a".repeat(254);
    expectErrors([`kind: Node\nmetadata: {name: ${long}}\n`], {
      field: "metadata.name",
      value: long,
      reason: /^must have at most 253 characters$/,
    });
    assert.equal(read(node("a.b-2.c")).nodes[0]?.name, "a.b-2.c");
    expectErrors([blue({ name: "bl\u0007ue" })], {
      field: "spec.config.name",
      line: 11,
      value: "bl\u0007ue",
      reason: /must not hold control characters/,
    });
  });

  it("show nothing of a value to the terminal that it could obey", () => {
    const [error] = errorsIn(() => read(`kind: Node\nmetadata:\n  name: "\\e]0;\\x9b\\u202e"\n`));
    assert.doesNotMatch(error?.message ?? "", /[\p{Cc}\p{Cf}]/u);
  });

  it("of other kinds are skipped with a line each", () => {
    const set = read(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: a}\n",
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
      "apiVersion: other.io/v1\nkind: Pod\nmetadata: {name: x}\nspec: 7\n",
      "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: s}\n",
    );
    const reason = "this kind is not used";
    const ofPods = `${reason}, only the pods that are made of it`;
    const unused = "no user-defined network of the manifests is for it";
    assert.deepEqual(set.skipped, [
      { file: "m.yaml", document: 1, line: 1, kind: "Deployment", name: "a/d", reason: ofPods },
      { file: "m.yaml", document: 2, line: 5, kind: "Namespace", name: "a", reason: unused },
      {
        file: "m.yaml",
        document: 3,
        line: 9,
        kind: "Pod",
        name: "x",
        reason: "this kind is not used of the group other.io, only of Kubernetes' core group",
      },
      { file: "m.yaml", document: 4, line: 17, kind: "ConfigMap", name: "s", reason },
    ]);
  });

  it("of kinds that OVN-Kubernetes makes rows of are skipped with a line that says what is lost", () => {
    const closes = /^this kind is not used: OVN-Kubernetes makes rows of it.* what it denies stays open$/;
    for (const [apiVersion, kind, reason] of [
      ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", closes],
      ["k8s.ovn.org/v1", "EgressFirewall", closes],
      [
        "k8s.ovn.org/v1",
        "EgressIP",
        /^this kind is not used: OVN-Kubernetes makes rows of it, here none are made$/,
      ],
      [
        "kubevirt.io/v1",
        "VirtualMachineInstance",
        /^this kind is not used, only the pods that are made of it$/,
      ],
      ["operator.openshift.io/v1", "Network", /, only the NetworkAttachmentDefinitions that are made of it$/],
      ["example.com/v1", "EgressIP", /^this kind is not used$/],
    ] as const) {
      const { skipped } = read(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`);
      assert.match(skipped[0]?.reason ?? "", reason, kind);
    }
  });

  it("of Kube-OVN are skipped with a line each that says so, down to the pods on its networks", () => {
    const definition = nad("default/second", {
      name: "second",
      type: "kube-ovn",
      provider: "second.default.ovn",
    });
    const set = read(
      "apiVersion: kubeovn.io/v1\nkind: Vpc\nmetadata: {name: v}\nspec: {namespaces: [default]}\n",
      "apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: {name: s}\nspec: {vpc: v, cidrBlock: 10.100.0.0/16}\n",
      "apiVersion: kubeovn.io/v1\nkind: VpcNatGateway\nmetadata: {name: g}\nspec: {vpc: v}\n",
      definition,
      node("n1"),
      pod("default/a", "default/second"),
    );
    assert.deepEqual([set.networks, set.pods], [[], []]);
    const reason = "this kind is not used: of networks of Kube-OVN nothing is made here";
    assert.deepEqual(
      set.skipped.slice(0, 4).map((each) => [each.kind, each.name, each.reason]),
      [
        ["Vpc", "v", reason],
        ["Subnet", "s", reason],
        ["VpcNatGateway", "g", reason],
        ["NetworkAttachmentDefinition", "default/second", 'its CNI type is "kube-ovn"'],
      ],
    );
    assert.deepEqual(
      set.skipped.slice(4).map(({ kind, name }) => [kind, name]),
      [["Pod", "default/a"]],
    );
  });

  it("of our kinds in another case, or of a misspelt API version, are refused", () => {
    const named = "metadata: {name: x}\n";
    const definition = "kind: NetworkAttachmentDefinition\n";
    const cases: readonly [text: string, field: string, value: unknown, reason: RegExp][] = [
      [`apiVersion: v1\nkind: pod\n${named}`, "kind", "pod", /did you mean Pod\?/],
      [`kind: node\n${named}`, "kind", "node", /did you mean Node\?/],
      [`apiVersion: v1\nkind: Pods\n${named}`, "kind", "Pods", /did you mean Pod\?/],
      [`kind: NetworkPolicies\n${named}`, "kind", "NetworkPolicies", /did you mean NetworkPolicy\?/],
      [`apiVersion: v1\nkind: list\nitems: []\n`, "kind", "list", /did you mean List\?/],
      [`apiVersion: v1\nkind: Srevice\n${named}`, "kind", "Srevice", /did you mean Service\?/],
      [`kind: Nоde\n${named}`, "kind", "Nоde", /did you mean Node\?/],
      [
        `apiVersion: k8s.ovn.org/v1\nkind: UserDefinedNetwrok\n${named}`,
        "kind",
        "UserDefinedNetwrok",
        /did you mean UserDefinedNetwork\?/,
      ],
      ["kind: List\nitems: {}\n", "items", {}, /^must be a list$/],
      ["kind: PodList\nitems: x\n", "items", "x", /^must be a list$/],
      [
        `apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentdefinition\n${named}`,
        "kind",
        "NetworkAttachmentdefinition",
        /did you mean NetworkAttachmentDefinition\?/,
      ],
      ...["k8s.cni.cnfc.io/v1", "k8s.v1.cni.cncf.io/v1", "k8s.cni.cncf.io", "v1", "k8s.cni.cncf.oi/v1"].map(
        (version): [string, string, string, RegExp] => [
          `apiVersion: ${version}\n${definition}${named}`,
          "apiVersion",
          version,
          /did you mean k8s\.cni\.cncf\.io\/v1\?/,
        ],
      ),
    ];
    for (const [text, field, value, reason] of cases) expectErrors([text], { field, value, reason });
    const others = [
      `apiVersion: other.io/v1\nkind: pod\n${named}`,
      `apiVersion: nets.example.com/v1\n${definition}${named}`,
    ];
    assert.deepEqual(
      read(...others).skipped.map(({ reason }) => reason),
      [
        "this kind is not used",
        "this kind is not used of the group nets.example.com, only of the group k8s.cni.cncf.io",
      ],
    );
    for (const [group, kinds] of Object.entries(OTHER_KINDS))
      for (const kind of kinds.split(" "))
        for (const version of [`apiVersion: ${group}v1\n`, ""])
          assert.equal(read(`${version}kind: ${kind}\n${named}`).skipped.length, 1, kind);
    assert.equal(read(`kind: AllowList\nitems: {}\n${named}`).skipped.length, 1);
  });

  it("may use anchors and merge keys, but not blow up by them", () => {
    const set = read(
      "kind: List\nitems:\n- &n\n  kind: Node\n  metadata: {name: n1}\n- <<: *n\n  metadata: {name: n2}\n",
    );
    assert.equal(set.nodes.length, 2);
    const bomb = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
    bomb[0] = "a0: &a0 [1,2,3,4,5,6,7,8,9]";
    const [error] = errorsIn(() => read(`kind: Pod\n${bomb.join("\n")}\n`));
    assert.match(error?.reason ?? "", /is not YAML: /);
  });

  it("that hold themselves, or are nested too deeply, are refused by their lines", () => {
    const wrong = (text: string, line: number, reason: RegExp): void =>
      assert.deepEqual(
        errorsIn(() => read(text)).map((error) => [error.line, reason.test(error.reason)]),
        [[line, true]],
      );
    wrong("&a [*a]\n", 1, /^is not YAML: anchor a contains itself$/);
    wrong("kind: Node\nmetadata: &m\n  name: n1\n  labels: {x: *m}\n", 4, /anchor m contains itself$/);
    wrong("kind: Node\nmetadata: {name: &m {x: [*m]}}\n", 2, /anchor m contains itself$/);
    assert.equal(read("kind: Node\nmetadata: &m {name: &m n1, uid: *m}\n").nodes.length, 1);
    wrong(`kind: Node\na: ${"[".repeat(50_000)}\n`, 2, /is not YAML: it is nested too deeply$/);
  });

  it("have each key once, as the JSON that becomes of them", () => {
    const twice = (text: string, line: number, key: string): void =>
      assert.deepEqual(
        errorsIn(() => read(`kind: Node\nmetadata: {name: n1}\n${text}\n`)).map(({ line, reason }) => [
          line,
          reason,
        ]),
        [[line, `is not YAML: the key ${key} is there twice`]],
      );
    twice("a: {b: 1, c: 2,\n b: 3}", 4, '"b"');
    twice("a:\n- b: {}\n- b: 1\n  c: [{d: 1, e: 2, d: 3}]", 6, '"d"');
    twice("a: {1: x, '1': y}", 3, '"1"');
    twice('a: {"\\u0007": x, "\\a": y}', 3, '"\\u0007"');
    twice("a: {'<<': {}, '<<': {}}", 3, '"<<"');
    twice("a: &k kind\n*k : Pod", 4, '"kind"');
    const merged = "a: &a {b: 1}\nc: &c {d: 1}\ne:\n  <<: *a\n  <<: *c\n  b: 2";
    assert.equal(read(`kind: Node\nmetadata: {name: n1}\n${merged}\n`).nodes.length, 1);
  });

  it("take a time that grows no faster than they do, with many keys in a map, and with many aliases", () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `k${index}: ${index}`);
    const head = "kind: Node\nmetadata: {name: n1}\n";
    assert.equal(read(`${head}a: {${keys.join(", ")}}\n`).nodes.length, 1);
    assert.equal(read(`${head}a:\n  ${keys.join("\n  ")}\n`).nodes.length, 1);
    const wrong = (text: string, expected: readonly unknown[]): void =>
      assert.deepEqual(
        errorsIn(() => read(head + text)).map(({ line, reason }) => [line, reason]),
        [expected],
      );
    const nothing = Array.from({ length: 30_000 }, () => "- *a");
    wrong(`a:\n${["- &a 1", ...nothing, "- *b"].join("\n")}\n`, [
      10_004,
      "is not YAML: it has more than 10000 anchors and aliases",
    ]);
    const some = Array.from({ length: 4_000 }, (_, index) => `- &a${index} 1\n- *a${index}`);
    assert.equal(read(`${head}a:\n${some.join("\n")}\n`).nodes.length, 1);
    // Nobody refers to these.
    const anchors = Array.from({ length: 12_000 }, (_, index) => `- &a${index} 1`);
    assert.equal(read(`${head}a:\n${anchors.join("\n")}\n`).nodes.length, 1);
  });

  it("keep hostile keys harmless", () => {
    const set = readManifests([
      { file: "a", text: '{"kind":"Node","metadata":{"name":"n1"},"__proto__":{"kind":"Pod"}}' },
      { file: "b", text: `${pod("d/p", undefined)}` },
    ]);
    assert.equal(set.nodes[0]?.name, "n1");
    assert.equal(({} as Record<string, unknown>)["kind"], undefined);
  });
});
