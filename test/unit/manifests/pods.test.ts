import assert from "node:assert/strict";
import type { ManifestAttachment } from "../../../lib/manifests/index.ts";
import { blue, expectErrors, nad, node, pod, read } from "./fixtures.ts";

const field = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"]';
const cluster = [node("n1"), blue(), blue({ name: "red" }, "d/red"), nad("d/other", { type: "macvlan" })];

function attachments(networks: string, rest: Parameters<typeof pod>[2] = {}): readonly ManifestAttachment[] {
  return read(...cluster, pod("d/web", networks, rest)).pods[0]?.attachments ?? [];
}

function brief(networks: string): unknown[] {
  return attachments(networks).map(({ network, interface: name, input }) => [network, name, input.nad]);
}

describe("pods of manifests", () => {
  it("name networks in the short notation", () => {
    assert.deepEqual(brief("kube-system/blue@eth1"), [["blue", "eth1", "kube-system/blue"]]);
    assert.deepEqual(brief(" red ,\n kube-system/blue"), [
      ["red", "net1", "d/red"],
      ["blue", "net2", "kube-system/blue"],
    ]);
    assert.deepEqual(brief("red@a,other,red"), [
      ["red", "a", "d/red"],
      ["red", "net3", "d/red/1"],
    ]);
  });

  it("name networks in the JSON notation", () => {
    const networks = JSON.stringify([
      { name: "red", "default-route": ["10.1.0.1"], "cni-args": null },
      { name: "other" },
      { name: "blue", namespace: "kube-system", interface: "eth1", mac: "02-00-00-00-00-0A", ips: null },
      { name: "red", namespace: "d", ips: ["10.1.0.7/16", "fd00::7"] },
    ]);
    assert.deepEqual(brief(networks), [
      ["red", "net1", "d/red"],
      ["blue", "eth1", "kube-system/blue"],
      ["red", "net4", "d/red/1"],
    ]);
    const [first, second, third] = attachments(networks);
    assert.equal(first?.input.mac, undefined);
    assert.equal(second?.input.mac, "02:00:00:00:00:0a");
    assert.equal(second?.input.ips, undefined);
    assert.deepEqual(third?.input.ips, ["10.1.0.7/16", "fd00::7"]);
    assert.equal(third?.source.field, `${field}[3]`);
  });

  it("say which keys of an element nobody reads; those of Multus are passed over silently", () => {
    const multus = {
      "default-route": ["10.1.0.1"],
      "infiniband-guid": "c2:11:22:33:44:55:66:77",
      bandwidth: {},
      portMappings: [],
      deviceID: "",
      "cni-args": {},
    };
    const request = { name: "blue", namespace: "kube-system", ...multus, ip: ["10.1.0.9"] };
    const set = read(blue(), node("n1"), pod("d/a", JSON.stringify([request])));
    assert.equal(set.pods[0]?.attachments[0]?.input.ips, undefined);
    const key = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0].ip';
    assert.deepEqual(
      set.skipped.map(({ kind, name, field, reason }) => [kind, name, field, reason]),
      [["Pod", "d/a", key, `${key} is not known and not used; did you mean ips?`]],
    );
  });

  it("with one attachment of ours are used, and those to others are told as fields of them", () => {
    const others = nad("kube-system/other", { type: "bridge" });
    const skippedOf = (networks: string): unknown[] =>
      read(blue(), others, node("n1"), pod("d/a", networks))
        .skipped.filter(({ kind }) => kind === "Pod")
        .map(({ field, reason }) => [field, reason]);
    const reason = 'its attachment to kube-system/other: its CNI type is "bridge"';
    const field = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"]';
    assert.deepEqual(skippedOf("kube-system/blue,kube-system/other"), [[`${field}[1]`, reason]]);
    assert.deepEqual(skippedOf("kube-system/other"), [[undefined, reason]]);
  });

  it("say on which line of a long annotation an element stands", () => {
    const text = `kind: Pod
metadata:
  name: p
  annotations:
    k8s.v1.cni.cncf.io/networks: |-
      [
        {"name": "red",
         "namespace": "d"},
        {"name": "blue", "namespace": "kube-system",
         "mac": "x"}
      ]
spec: {nodeName: n1}
`;
    expectErrors([text, ...cluster], {
      field: `${field}[1].mac`,
      line: 10,
      value: "x",
      reason: /is not a MAC/,
    });
    const { pods } = read(text.replace('"x"', '"02:00:00:00:00:01"'), ...cluster);
    assert.deepEqual(
      pods[0]?.attachments.map(({ source }) => source.line),
      [7, 9],
    );
  });

  it("keep what pod-networks records, by the key of each attachment", () => {
    const record = {
      default: { ip_addresses: "nonsense" },
      "d/red": { ip_addresses: ["10.1.0.3/16", "fd00::3/64"], mac_address: "0A:58:0a:01:00:03", role: "x" },
      "d/red/1": { ip_address: "10.1.0.4/16", ip_addresses: [], mac_address: "0a:58:0a:01:00:04" },
      "kube-system/blue": { mac_address: "0a:58:0a:01:00:05", ip_addresses: null },
    };
    const found = attachments("red,red,kube-system/blue,red", {
      annotations: { "k8s.ovn.org/pod-networks": JSON.stringify(record) },
    });
    assert.deepEqual(
      found.map(({ input }) => input.recorded),
      [
        { ips: ["10.1.0.3/16", "fd00::3/64"], mac: "0a:58:0a:01:00:03" },
        { ips: ["10.1.0.4/16"], mac: "0a:58:0a:01:00:04" },
        { ips: [], mac: "0a:58:0a:01:00:05" },
        undefined,
      ],
    );
  });

  it("keep what they were given where they ask for something else, as OVN-Kubernetes has it", () => {
    const record = { ip_addresses: ["10.1.0.3/16", "fd00::3/64"], mac_address: "0a:58:0a:01:00:03" };
    const asking = (request: object, given: object = record): unknown => {
      const set = read(
        ...cluster,
        pod("d/web", JSON.stringify([{ name: "red", ...request }]), {
          annotations: { "k8s.ovn.org/pod-networks": JSON.stringify({ "d/red": given }) },
        }),
      );
      const input = set.pods[0]?.attachments[0]?.input;
      return [
        input?.ips,
        input?.mac,
        ...set.skipped.flatMap(({ field, reason }) => (field === undefined ? [] : [reason])),
      ];
    };
    const same = { ips: ["fd00:0::3", "10.1.0.3/16"], mac: "0A:58:0A:01:00:03" };
    assert.deepEqual(asking(same), [same.ips, record.mac_address]);
    assert.deepEqual(asking({ ips: ["10.1.0.3", "10.1.0.9"], mac: "02:00:00:00:00:01" }), [
      undefined,
      undefined,
      "the pod asks for the addresses 10.1.0.3, 10.1.0.9, and keeps what it was given, 10.1.0.3/16, fd00::3/64",
      "the pod asks for the MAC address 02:00:00:00:00:01, and keeps what it was given, 0a:58:0a:01:00:03",
    ]);
    assert.deepEqual(asking({ ips: ["10.1.0.9"] }, {}), [["10.1.0.9"], undefined]);
    const single = ["10.1.0.9/32", "fd00::9/128"];
    assert.deepEqual(asking({ ips: single }, {}), [single, undefined]);
  });

  it("that have no port are skipped, each with its reason", () => {
    const set = read(
      ...cluster,
      pod("d/host", "red", { spec: { hostNetwork: true, nodeName: "n1" } }),
      pod("d/done", "red", { status: { phase: "Succeeded" } }),
      pod("d/dead", "red", { status: { phase: "Failed" } }),
      pod("d/plain", undefined),
      pod("d/empty", " "),
      pod("d/pending", "no/such", { spec: {}, status: { phase: "Pending" } }),
      pod("d/zone", "red", { spec: { nodeSelector: { zone: "a" } } }),
      pod("d/foreign", "other,other", { spec: { nodeName: "unknown" } }),
    );
    assert.deepEqual(set.pods, []);
    const noNode = "it has no node yet: neither spec.nodeName nor a nodeSelector kubernetes.io/hostname";
    const foreign = 'its attachment to d/other: its CNI type is "macvlan"';
    assert.deepEqual(
      set.skipped.map(({ document, kind, name, reason }) => [document, kind, name, reason]).slice(1),
      [
        [5, "Pod", "d/host", "it uses the node's own network"],
        [6, "Pod", "d/done", "it has ended: its phase is Succeeded"],
        [7, "Pod", "d/dead", "it has ended: its phase is Failed"],
        [8, "Pod", "d/plain", "it has no annotation k8s.v1.cni.cncf.io/networks"],
        [9, "Pod", "d/empty", "it has no annotation k8s.v1.cni.cncf.io/networks"],
        [10, "Pod", "d/pending", noNode],
        [11, "Pod", "d/zone", noNode],
        [12, "Pod", "d/foreign", foreign],
        [12, "Pod", "d/foreign", foreign],
      ],
    );
  });

  it("that ask for a definition that is not there are refused", () => {
    expectErrors(
      [...cluster, pod("d/web", "red,no/such,x@y")],
      {
        document: 5,
        field: `${field}[1]`,
        value: "no/such",
        reason: /asks for a NetworkAttachmentDefinition that is not among the manifests/,
      },
      { document: 5, field: `${field}[2]`, value: "d/x", reason: /is not among the manifests/ },
    );
  });

  it("that ask for a definition with something wrong are not wrong for that", () => {
    expectErrors([node("n1"), blue({ mtu: "x" }), pod("d/web", "kube-system/blue")], {
      document: 2,
      field: "spec.config.mtu",
      value: "x",
      reason: /must be a number/,
    });
  });

  it("with a networks annotation that is wrong name the element", () => {
    const json = (element: object): string => JSON.stringify([{ name: "red" }, { name: "red", ...element }]);
    const short = /is not of the form \[namespace\/\]name\[@interface\]/;
    const cases: readonly [unknown, string, unknown, RegExp][] = [
      ["red,", "[1]", "", short],
      ["a/b/c", "[0]", "a/b/c", short],
      ["red@a@b", "[0]", "red@a@b", short],
      ["Red", "[0]", "Red", short],
      ["red@eth0123456789012", "[0]", "red@eth0123456789012", short],
      ["/red", "[0]", "/red", short],
      ["red@", "[0]", "red@", short],
      ["red@a,red@a", "[1]", "a", /has the interface of another element/],
      ["red@net2,red", "[1]", "net2", /has the interface of another element/],
      [7, "", 7, /must be a string/],
      ['[{"name": "red"]', "", '[{"name": "red"]', /is not JSON: unexpected "]" after the value of "name"/],
      ['{"name":"red"}', "", { name: "red" }, /must be a list/],
      ['["red"]', "[0]", "red", /must be a map/],
      ['"red"', "", "red", /must be a list/],
      [json({ name: undefined }), "[1].name", undefined, /is missing/],
      [json({ name: "a b" }), "[1].name", "a b", /is not the name of a Kubernetes object/],
      [json({ namespace: 7 }), "[1].namespace", 7, /must be a string/],
      [json({ interface: "a/b" }), "[1].interface", "a/b", /is not a name for a network interface/],
      [json({ mac: "02:00:00:00:00" }), "[1].mac", "02:00:00:00:00", /is not a MAC address/],
      [json({ ips: ["fe80::1%eth0"] }), "[1].ips[0]", "fe80::1%eth0", /is not an address/],
      [json({ ips: "10.1.0.7" }), "[1].ips", "10.1.0.7", /must be a list/],
      [json({ ips: ["10.1.0.7", "10.1.0.256"] }), "[1].ips[1]", "10.1.0.256", /is not an address/],
      [json({ ips: ["10.1.0.7/33"] }), "[1].ips[0]", "10.1.0.7/33", /is not an address/],
    ];
    for (const [networks, place, value, reason] of cases)
      expectErrors([...cluster, pod("d/web", networks)], {
        document: 5,
        field: `${field}${place}`,
        value,
        reason,
      });
  });

  it("with other fields that are wrong name them", () => {
    const records = 'metadata.annotations["k8s.ovn.org/pod-networks"]';
    const recorded = (text: string): Parameters<typeof pod>[2] => ({
      annotations: { "k8s.ovn.org/pod-networks": text },
    });
    const cases: readonly [Parameters<typeof pod>[2], string, unknown, RegExp][] = [
      [{ spec: { nodeName: 7 } }, "spec.nodeName", 7, /must be a string/],
      [{ spec: { hostNetwork: "no" } }, "spec.hostNetwork", "no", /must be true or false/],
      [{ status: { phase: 1 } }, "status.phase", 1, /must be a string/],
      [recorded(" "), records, "", /is not JSON: unexpected end/],
      [recorded("{"), records, "{", /is not JSON: unexpected end/],
      [recorded("[]"), records, [], /must be a map/],
      [recorded('{"d/red":7}'), `${records}["d/red"]`, 7, /must be a map/],
      [
        recorded('{"d/red":{"ip_addresses":["x"]}}'),
        `${records}["d/red"].ip_addresses[0]`,
        "x",
        /is not an address/,
      ],
      [
        recorded('{"d/red":{"ip_addresses":["10.1.0.3/16","fd00::3/64"],"ip_address":"10.1.0.4/16"}}'),
        `${records}["d/red"].ip_address`,
        "10.1.0.4/16",
        /is not the first of ip_addresses/,
      ],
      [
        recorded('{"d/red":{"mac_address":"x"}}'),
        `${records}["d/red"].mac_address`,
        "x",
        /is not a MAC address/,
      ],
    ];
    for (const [rest, place, value, reason] of cases)
      expectErrors([...cluster, pod("d/web", "red", rest)], { document: 5, field: place, value, reason });
  });
});
