import assert from "node:assert/strict";
import { locate, readDeletion } from "../../../lib/manifests/index.ts";
import { SpecError } from "../../../lib/topology/index.ts";
import { documents, errorsIn, nad, read } from "./fixtures.ts";

const primary = nad("d/green", {
  name: "green",
  topology: "layer3",
  subnets: "10.7.0.0/16/24",
  role: "primary",
}).replace("metadata:\n", 'metadata:\n  annotations: {"k8s.ovn.org/network-id": "4"}\n');
const namespace = JSON.stringify({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "d", labels: { "k8s.ovn.org/primary-user-defined-network": "" } },
});

/** A service whose fields stand on lines of their own. */
function service(spec: object, status?: object, labels?: object): string {
  const metadata = { name: "web", namespace: "d", labels };
  return `${JSON.stringify({ apiVersion: "v1", kind: "Service", metadata, spec, status }, null, 1)}\n`;
}

function slice(name: string, fields: object, metadata: object): string {
  return JSON.stringify({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "d", ...metadata },
    addressType: "IPv4",
    ports: [{ name: null, protocol: "TCP", port: 8080 }],
    ...fields,
  });
}

const plain = { type: "ClusterIP", clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1"], ports: [{ port: 80 }] };
const ofKubernetes = { labels: { "kubernetes.io/service-name": "web" } };
const mirrored = (network: string): Record<"labels" | "annotations", object> => ({
  labels: { "k8s.ovn.org/service-name": "web" },
  annotations: { "k8s.ovn.org/endpointslice-network": network },
});

describe("services in manifests", () => {
  it("are read with all that builders take", () => {
    const spec = {
      type: "LoadBalancer",
      clusterIP: "10.96.0.1",
      clusterIPs: ["10.96.0.1", "fd00:96::1"],
      externalIPs: ["192.0.2.1"],
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      externalTrafficPolicy: "Local",
      internalTrafficPolicy: "Cluster",
      publishNotReadyAddresses: true,
      selector: { app: "web" },
      ports: [
        { name: "dns", protocol: "UDP", port: 53, targetPort: "dns", nodePort: 30053, appProtocol: null },
      ],
    };
    const status = { loadBalancer: { ingress: [{ ip: "198.51.100.7" }, { hostname: "lb.example.com" }] } };
    const set = read(primary, namespace, service(spec, status));
    assert.deepEqual(
      set.services.map(({ network, input: { source, ...input } }) => ({ network, input, source })),
      [
        {
          network: "green",
          input: {
            namespace: "d",
            name: "web",
            clusterIPs: ["10.96.0.1", "fd00:96::1"],
            externalIPs: ["192.0.2.1", "198.51.100.7"],
            ports: [{ name: "dns", protocol: "UDP", port: 53, nodePort: 30_053 }],
            slices: [],
            externalTrafficPolicy: "Local",
            internalTrafficPolicy: "Cluster",
            publishNotReadyAddresses: true,
            affinityTimeout: 60,
          },
          source: "m.yaml, document 3, line 20",
        },
      ],
    );
    assert.deepEqual(set.skipped, []);
    // Of the other types a status means nothing, and a timeout nobody gave is that of Kubernetes.
    const other = read(
      primary,
      namespace,
      service({ ...plain, sessionAffinity: "ClientIP", clusterIPs: null }, status),
    );
    const [found] = other.services;
    assert.deepEqual(
      [found?.input.clusterIPs, found?.input.externalIPs, found?.input.affinityTimeout],
      [["10.96.0.1"], [], 10_800],
    );
    const [reached] = read(
      primary,
      namespace,
      service({ ...plain, type: "NodePort", clusterIPs: [] }, status),
    ).services;
    assert.deepEqual([reached?.input.clusterIPs, reached?.input.externalIPs], [["10.96.0.1"], []]);
  });

  it("lead to no pods of another namespace", () => {
    const targetRef = { kind: "Pod", name: "web-1", namespace: "e" };
    const endpoints = [{ addresses: ["10.244.0.5"], targetRef }];
    const [error, ...more] = errorsIn(() =>
      read(primary, namespace, service(plain), slice("web-a", { endpoints }, ofKubernetes)),
    );
    assert.deepEqual(more, []);
    assert.deepEqual(
      [error?.document, error?.field, error?.value],
      [4, "endpoints[0].targetRef.namespace", "e"],
    );
    assert.match(error?.reason ?? "", /must be that of the EndpointSlice, d/);
    const own = [{ addresses: ["10.244.0.5"], targetRef: { kind: "Pod", name: "web-1" } }];
    const set = read(primary, namespace, service(plain), slice("web-a", { endpoints: own }, ofKubernetes));
    assert.equal(set.services[0]?.input.slices?.[0]?.endpoints[0]?.pod, "web-1");
  });

  it("of type ClusterIP have no node ports", () => {
    const spec = {
      ...plain,
      ports: [
        { port: 80, nodePort: 0 },
        { name: "b", port: 81, nodePort: 30_081 },
      ],
    };
    const [zero, stray] = spec.ports;
    assert.deepEqual(
      errorsIn(() => read(primary, namespace, service({ ...spec, ports: [stray, zero] }))).map(
        ({ field }) => field,
      ),
      ["spec.ports[0].nodePort"],
    );
    for (const type of ["ClusterIP", null]) {
      const errors = errorsIn(() => read(primary, namespace, service({ ...spec, type })));
      assert.deepEqual(
        errors.map(({ field, value }) => [field, value]),
        [["spec.ports[1].nodePort", 30_081]],
      );
    }
    read(primary, namespace, service({ ...spec, type: "NodePort" }));
  });

  it("lead to mirrors for their network, else to the pods of the slices of Kubernetes", () => {
    const endpoints = [
      {
        addresses: ["10.244.0.5"],
        conditions: { ready: false, serving: true, terminating: true },
        nodeName: "n1",
        targetRef: { kind: "Pod", name: "web-1", namespace: "d" },
      },
      { addresses: ["192.0.2.9"], conditions: {} },
      { addresses: ["192.0.2.10"], targetRef: { kind: "Node", name: "n1" } },
    ];
    const original = slice("web-a", { endpoints }, ofKubernetes);
    const set = read(primary, namespace, service(plain), original);
    const about = { ready: false, serving: true, terminating: true, node: "n1" };
    assert.deepEqual(set.services[0]?.input.slices?.[0]?.endpoints, [{ ...about, pod: "web-1" }]);
    assert.deepEqual(
      set.skipped.map(({ kind, name, reason }) => [kind, name, reason]),
      [
        [
          "EndpointSlice",
          "d/web-a",
          "its endpoint 192.0.2.9 is no pod; on a primary network services lead to pods",
        ],
        [
          "EndpointSlice",
          "d/web-a",
          "its endpoint 192.0.2.10 is no pod; on a primary network services lead to pods",
        ],
      ],
    );
    const own = { addresses: ["10.7.0.3"], nodeName: "n1" };
    const mirrors = [
      slice("web-b", { endpoints: [own] }, mirrored("green")),
      slice("web-c", { endpoints: [own] }, mirrored("another")),
      slice("web-d", { addressType: "FQDN", endpoints: [{ addresses: ["example.com"] }] }, mirrored("green")),
    ];
    const again = read(primary, namespace, service(plain), original, ...mirrors);
    assert.deepEqual(again.services[0]?.input.slices, [
      {
        family: 4,
        ports: [{ protocol: "TCP", port: 8080 }],
        endpoints: [
          {
            addresses: ["10.7.0.3"],
            node: "n1",
            ready: undefined,
            serving: undefined,
            terminating: undefined,
          },
        ],
      },
    ]);
    assert.deepEqual(again.skipped, []);
    // Older mirrors have the network's name as a label.
    const { labels, annotations } = mirrored("green");
    const older = slice("web-b", { endpoints: [own] }, { labels: { ...labels, ...annotations } });
    const [ofOlder] = read(primary, namespace, service(plain), original, older).services;
    assert.deepEqual(ofOlder?.input.slices, again.services[0]?.input.slices);
    // Where it is both, the annotation counts: it alone has room for any name.
    const both = { labels: { ...labels, "k8s.ovn.org/endpointslice-network": "another" }, annotations };
    const [ofBoth] = read(
      primary,
      namespace,
      service(plain),
      slice("web-b", { endpoints: [own] }, both),
    ).services;
    assert.deepEqual(ofBoth?.input.slices, again.services[0]?.input.slices);
    const v6 = { addressType: "IPv6", endpoints: [{ addresses: ["fd00:7::3"], nodeName: "n1" }] };
    const [of6] = read(primary, namespace, service(plain), slice("web-6", v6, mirrored("green"))).services;
    assert.deepEqual(
      of6?.input.slices?.map(({ family, endpoints: [first] }) => [family, first?.addresses]),
      [[6, ["fd00:7::3"]]],
    );
    // Mirrors for another network alone are as good as none.
    const third = read(primary, namespace, service(plain), original, mirrors[1] ?? "");
    assert.deepEqual(third.services[0]?.input.slices, set.services[0]?.input.slices);
  });

  it("that are none are passed over, and so are slices that belong to none", () => {
    const skipped = (...texts: readonly string[]): string[] =>
      read(...texts).skipped.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`);
    const own = (spec: object): string[] => skipped(primary, namespace, service(spec));
    assert.match(own({ clusterIP: "None", clusterIPs: ["None"] }).join(), /Service d\/web: it is headless/);
    assert.match(
      own({ type: "ExternalName", externalName: "example.com" }).join(),
      /another name for a host/,
    );
    assert.match(own({ ports: [] }).join(), /it has no clusterIP/);
    assert.match(own({ clusterIP: "", ports: [] }).join(), /it has no clusterIP/);
    // Upstream does not watch them, whatever the label says.
    for (const name of ["other", ""])
      assert.deepEqual(
        skipped(
          primary,
          namespace,
          service(plain, {}, { "service.kubernetes.io/service-proxy-name": name }),
          slice("web-a", {}, ofKubernetes),
        ),
        ["Service d/web: its label service.kubernetes.io/service-proxy-name leaves it to another proxy"],
      );
    assert.match(skipped(service(plain)).join(), /no primary network of the manifests is for its namespace/);
    assert.deepEqual(skipped(primary, namespace, slice("web-a", {}, ofKubernetes), slice("x", {}, {})), [
      "EndpointSlice d/web-a: it belongs to no service on a primary network of the manifests",
      "EndpointSlice d/x: it has no label kubernetes.io/service-name",
    ]);
  });

  it("name what is wrong in them", () => {
    const wrong = service({
      ...plain,
      externalIPs: ["1.2.3"],
      ports: [{ port: 0, protocol: "ICMP", nodePort: 70_000 }],
      sessionAffinity: "Cookie",
      externalTrafficPolicy: "Near",
    });
    const bad = slice("web-a", { endpoints: [{ addresses: ["fd00::1"] }] }, mirrored("green"));
    const lost = slice("web-b", {}, { labels: { "k8s.ovn.org/service-name": "web" } });
    const errors = errorsIn(() => read(primary, namespace, wrong, bad, lost));
    assert.deepEqual(
      errors.map(({ field }) => field).sort(),
      [
        "endpoints[0].addresses[0]",
        'metadata.annotations["k8s.ovn.org/endpointslice-network"]',
        "spec.externalIPs[0]",
        "spec.externalTrafficPolicy",
        "spec.ports[0].nodePort",
        "spec.ports[0].port",
        "spec.ports[0].protocol",
        "spec.sessionAffinity",
      ].sort(),
    );
  });

  it("are found again by errors of the topology layer, and named for removal", () => {
    const set = read(primary, namespace, service({ ...plain, ports: [{ port: 80 }, { port: 81 }] }));
    const error = new SpecError("services[d/web].ports[1] has the name of another one", {
      path: "services[d/web].ports[1]",
      value: {},
    });
    assert.equal(locate(error, set)?.field, "spec.ports[1]");
    const deletion = readDeletion([
      { file: "m.yaml", text: documents(service(plain), slice("web-a", {}, ofKubernetes)) },
    ]);
    assert.deepEqual(deletion.services, [{ namespace: "d", name: "web" }]);
    assert.deepEqual(
      deletion.skipped.map(({ reason }) => reason),
      ["endpoints go with their Service"],
    );
  });
});
