import assert from "node:assert/strict";
import { readDeletion } from "../../../lib/manifests/index.ts";
import { blue, documents, errorsIn, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { ANNOTATION_KEYS, FIELD_NAMES, META_NAMES } from "./kubernetes-names.ts";

const primary = nad("d/green", {
  name: "green",
  topology: "layer3",
  subnets: "10.7.0.0/16/24",
  role: "primary",
}).replace("metadata:\n", 'metadata:\n  annotations: {"k8s.ovn.org/network-id": "4"}\n');

function object(kind: string, name: string, rest: object, metadata: object = {}): string {
  const namespace = kind === "Node" || kind === "Namespace" ? {} : { namespace: "d" };
  const apiVersion = kind === "EndpointSlice" ? "discovery.k8s.io/v1" : "v1";
  return JSON.stringify(
    { apiVersion, kind, metadata: { name, ...namespace, ...metadata }, ...rest },
    null,
    1,
  );
}

const namespace = object(
  "Namespace",
  "d",
  {},
  { labels: { "k8s.ovn.org/primary-user-defined-network": "" } },
);
const service = (spec: object, rest: object = {}): string => object("Service", "web", { spec, ...rest });
const slice = (rest: object): string =>
  object("EndpointSlice", "web-1", rest, { labels: { "kubernetes.io/service-name": "web" } });

const spec = { clusterIP: "10.96.0.1" };
const ready = { addressType: "IPv4" };
const unlike = (meant: string): RegExp => new RegExp(`^is not known; did you mean ${meant}\\?$`);

/** What a set of manifests with one misspelt name says, beside what is missing for that. */
function misspellings(...texts: readonly string[]): readonly string[] {
  return errorsIn(() => read(...texts))
    .filter(({ reason }) => reason !== "is missing")
    .map(({ document, line, field, reason }) => `${document}:${line} ${field} ${reason}`);
}

/** Whether anything is said of a misspelling. */
function suspicions(...texts: readonly string[]): readonly string[] {
  try {
    read(...texts);
    return [];
  } catch (error) {
    return String(error)
      .split("\n")
      .filter((line) => line.includes("did you mean"));
  }
}

describe("misspelt fields of Kubernetes' own kinds", () => {
  it("are refused with their line and what was meant, in services", () => {
    const prots = service({ ...spec, prots: [{ port: 80 }] });
    expectErrors([primary, namespace, prots], {
      document: 3,
      line: 38,
      field: "spec.prots",
      value: [{ port: 80 }],
      reason: unlike("ports"),
    });
    const faults: readonly [string, string][] = [
      [
        service({ ...spec, externalTrafficPolcy: "Local" }),
        "spec.externalTrafficPolcy externalTrafficPolicy",
      ],
      [service({ ...spec, externalIps: ["192.0.2.1"] }), "spec.externalIps externalIPs"],
      [service({ ...spec, ports: [{ port: 80, nodeport: 30_080 }] }), "spec.ports[0].nodeport nodePort"],
      [service({ clusterip: "10.96.0.1" }), "spec.clusterip clusterIP"],
      [service(spec, { sttaus: {} }), "sttaus status"],
      [service(spec, { status: { loadBalancers: {} } }), "status.loadBalancers loadBalancer"],
      [
        service({ ...spec, sessionAffinityConfig: { clientIP: { timeoutSecond: 5 } } }),
        "spec.sessionAffinityConfig.clientIP.timeoutSecond timeoutSeconds",
      ],
    ];
    for (const [text, expected] of faults) {
      const [field, meant] = expected.split(" ");
      assert.deepEqual(
        misspellings(primary, namespace, text).map((each) => each.slice(each.indexOf(" ") + 1)),
        [`${field} is not known; did you mean ${meant}?`],
      );
    }
  });

  it("are refused in endpoint slices", () => {
    const said = (rest: object): readonly string[] =>
      misspellings(primary, namespace, service(spec), slice(rest)).map((each) =>
        each.slice(each.indexOf(" ") + 1),
      );
    assert.deepEqual(said({ ...ready, endpoint: [{ addresses: ["10.7.0.5"] }] }), [
      "endpoint is not known; did you mean endpoints?",
    ]);
    assert.deepEqual(said({ ...ready, endpoints: [{ adresses: ["10.7.0.5"] }] }), [
      "endpoints[0].adresses is not known; did you mean addresses?",
    ]);
    assert.deepEqual(said({ ...ready, endpoints: [{ addresses: [], conditions: { reday: false } }] }), [
      "endpoints[0].conditions.reday is not known; did you mean ready?",
    ]);
    assert.deepEqual(said({ ...ready, ports: [{ prot: 80 }] }), [
      "ports[0].prot is not known; did you mean port?",
    ]);
  });

  it("are refused in pods that are on a network, and passed over in others", () => {
    const odd = {
      spec: { nodName: "n1", hostNetwrok: true, containers: [{ ports: [{ containerport: 80 }] }] },
    };
    assert.deepEqual(misspellings(blue(), node("n1"), pod("kube-system/a", "blue", odd)), [
      "3:18 spec.nodName is not known; did you mean nodeName?",
      "3:18 spec.hostNetwrok is not known; did you mean hostNetwork?",
      "3:18 spec.containers[0].ports[0].containerport is not known; did you mean containerPort?",
    ]);
    assert.deepEqual(suspicions(blue(), node("n1"), pod("kube-system/a", undefined, odd)), []);
    // On a primary network pods are without asking.
    const own = pod("d/a", undefined, { spec: { nodeName: "n1", hostNetwrok: true } });
    assert.match(misspellings(primary, namespace, own).join(), /did you mean hostNetwork/);
  });

  it("are refused in annotations, whose prefix counts as well", () => {
    const annotated = (key: string): string =>
      pod("kube-system/a", undefined, { annotations: { [key]: "blue" } });
    for (const key of [
      "k8s.v1.cni.cncf.io/network",
      "k8s.v1.cni.cncf.io/Networks",
      "k8s.v1.cni.cnfc.io/networks",
      "k8s.v1.cni.cncf.io/netwroks",
    ])
      expectErrors([blue(), node("n1"), annotated(key)], {
        document: 3,
        field: `metadata.annotations["${key}"]`,
        value: "blue",
        reason: unlike("k8s.v1.cni.cncf.io/networks"),
      });
    const subnets = node("n1", { annotations: { "k8s.ovn.org/node-subnet": "{}" } });
    assert.match(misspellings(blue(), subnets).join(), /did you mean k8s.ovn.org\/node-subnets/);
    const logging = object("Namespace", "e", {}, { annotations: { "k8s.ovn.org/acl-loging": "{}" } });
    assert.match(misspellings(blue(), logging).join(), /did you mean k8s.ovn.org\/acl-logging/);
  });

  it("are refused in the metadata, also of what is to be removed", () => {
    const lost = object("Pod", "a", {}, { anotations: {} });
    assert.deepEqual(misspellings(blue(), lost), [
      "2:22 metadata.anotations is not known; did you mean annotations?",
    ]);
    // It would be the pod of that name in the namespace `default`.
    const other = pod("d/a", "kube-system/blue").replace('"namespace"', '"namespce"');
    const errors = errorsIn(() => readDeletion([{ file: "m.yaml", text: documents(blue(), other) }]));
    assert.deepEqual(
      errors.map(({ field, reason }) => `${field} ${reason}`),
      ["metadata.namespce is not known; did you mean namespace?"],
    );
    const namesake = pod("default/a", "kube-system/blue", { spec: {} });
    assert.deepEqual(misspellings(blue(), node("n1"), namesake, other), [
      "4:20 metadata.namespce is not known; did you mean namespace?",
    ]);
  });

  it("are refused where the parts of an object begin", () => {
    const udn = (text: string): readonly string[] => misspellings(text.replace("spec:", "Spec:"));
    assert.deepEqual(
      udn("apiVersion: k8s.ovn.org/v1\nkind: UserDefinedNetwork\nmetadata: {name: a}\nspec: {}"),
      ["1:4 Spec is not known; did you mean spec?"],
    );
    for (const kind of ["Node", "Pod", "NetworkPolicy"])
      assert.deepEqual(misspellings(`kind: ${kind}\nmetdata: {name: a}`), [
        "1:2 metdata is not known; did you mean metadata?",
      ]);
    // A node has a spec of its own, which is not looked at.
    assert.deepEqual(suspicions("kind: Node\nmetadata: {name: a}\nspecs: {}"), []);
  });

  it("are none beside the field that was meant, and without a value", () => {
    const both = service({ ...spec, ports: [{ port: 80 }], port: 80, clusterIPss: null });
    assert.deepEqual(suspicions(primary, namespace, both), []);
  });
});

describe("what Kubernetes and its neighbours write", () => {
  /** The object with one value at the path, and nothing beside it. */
  const nested = (path: string, name: string): object =>
    path
      .split(".")
      .filter((step) => step !== "")
      .reduceRight<object>(
        (inner, step) => ({ [step.replace("[]", "")]: step.endsWith("[]") ? [inner] : inner }),
        {
          [name]: name === "apiVersion" ? undefined : "x",
        },
      );

  it("is never taken for a misspelt field, whatever is missing beside it", () => {
    let looked = 0;
    for (const [place, names] of Object.entries(FIELD_NAMES)) {
      const [kind = "", path = ""] = place.split(" ");
      for (const name of names.split(" ")) {
        const fields = nested(path, name);
        const text =
          kind === "Pod"
            ? object("Pod", "a", fields)
            : kind === "Service"
              ? object("Service", "web", fields)
              : slice(fields);
        // The slices of a service are looked at only with it.
        const more = kind === "EndpointSlice" ? [service(spec)] : [];
        assert.deepEqual(suspicions(primary, namespace, ...more, text), [], `${place} ${name}`);
        looked += 1;
      }
    }
    assert.ok(looked > 150);
  });

  it("is never taken for a misspelt key of metadata or annotations", () => {
    for (const kind of ["Pod", "Node", "Namespace", "Service", "EndpointSlice"]) {
      for (const name of META_NAMES.split(" "))
        if (name !== "name" && name !== "namespace")
          assert.deepEqual(suspicions(object(kind, "a", {}, { [name]: "x" })), [], name);
      for (const key of ANNOTATION_KEYS)
        assert.deepEqual(
          suspicions(object(kind, "a", {}, { annotations: { [key]: "1" } })),
          [],
          `${kind} ${key}`,
        );
    }
  });
});
