import assert from "node:assert/strict";
import { locate, type ManifestSet, readManifests } from "../../../lib/manifests/index.ts";
import { buildNetwork, nothingObserved, type TopologyOptions } from "../../../lib/topology/index.ts";
import { today } from "../topology/support.ts";
import { documents, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { namespace, udn } from "./udn-fixtures.ts";

const annotationsOf = (id: number): Record<string, string> => ({
  "k8s.ovn.org/node-chassis-id": `C${id}`,
  "k8s.ovn.org/node-id": String(id),
  "k8s.ovn.org/node-subnets": JSON.stringify({ blue: [`10.1.${id}.0/24`] }),
  "k8s.ovn.org/node-transit-switch-port-ifaddr": JSON.stringify({
    ipv4: `100.88.0.${id}/16`,
    ipv6: `fd97::${id}/64`,
  }),
});

/** An annotation that is undefined is none. */
const nodeOf = (name: string, id: number, more: Record<string, string | undefined> = {}): string =>
  node(name, { annotations: { ...annotationsOf(id), ...more } });

/** The NetworkAttachmentDefinition with annotations. */
function annotated(text: string, annotations: Record<string, string>): string {
  return text.replace("metadata:\n", `metadata:\n  annotations: ${JSON.stringify(annotations)}\n`);
}

const blue = nad("default/blue", { name: "blue", topology: "layer3", subnets: "10.1.0.0/16" });
const numbered = annotated(blue, { "k8s.ovn.org/network-id": "2" });

function readZones(...texts: readonly string[]): ManifestSet {
  return readManifests([{ file: "m.yaml", text: documents(...texts) }], { mode: "interconnect" });
}

const options: TopologyOptions = { ...today, mode: "interconnect", zone: "n1" };

function buildFrom(set: ManifestSet): void {
  for (const { spec } of set.networks)
    buildNetwork(
      spec,
      nothingObserved,
      set.nodes,
      set.pods.flatMap(({ attachments }) =>
        attachments.filter(({ network }) => network === spec.name).map(({ input }) => input),
      ),
      options,
    );
}

/** Builds, and says of the error what is at fault in the manifests: document, field, and words. */
function faultOf(set: ManifestSet): string {
  try {
    buildFrom(set);
  } catch (error) {
    const found = locate(error, set);
    if (found === undefined) return String(error);
    return `${found.document} ${found.field}: ${found.reason}`;
  }
  return "no fault";
}

describe("zones of manifests", () => {
  it("nodes say where they are and by which addresses zones meet", () => {
    const set = readZones(
      numbered,
      nodeOf("n1", 2),
      nodeOf("n2", 3, { "k8s.ovn.org/zone-name": "east", "k8s.ovn.org/network-ids": '{"blue":"2"}' }),
    );
    assert.deepEqual(
      set.nodes.map(({ name, zone, id, transitAddresses, networkIds }) => [
        name,
        zone,
        id,
        transitAddresses,
        networkIds,
      ]),
      [
        ["n1", undefined, 2, ["100.88.0.2/16", "fd97::2/64"], undefined],
        ["n2", "east", 3, ["100.88.0.3/16", "fd97::3/64"], { blue: 2 }],
      ],
    );
    assert.equal(set.networks[0]?.spec.networkId, 2);
    buildFrom(set);
  });

  it("none of that is read where there are no zones", () => {
    const set = read(blue, nodeOf("n1", 2, { "k8s.ovn.org/node-transit-switch-port-ifaddr": "no JSON" }));
    assert.equal(set.nodes[0]?.transitAddresses, undefined);
    assert.equal(set.nodes[0]?.id, undefined);
  });

  it("faults are told by line and field", () => {
    const bad: [Record<string, string>, string][] = [
      [{ "k8s.ovn.org/node-id": "two" }, 'metadata.annotations["k8s.ovn.org/node-id"]'],
      [
        { "k8s.ovn.org/node-transit-switch-port-ifaddr": '{"ipv4":"100.88.0.2"}' },
        'metadata.annotations["k8s.ovn.org/node-transit-switch-port-ifaddr"].ipv4',
      ],
      [
        { "k8s.ovn.org/node-transit-switch-port-ifaddr": "x" },
        'metadata.annotations["k8s.ovn.org/node-transit-switch-port-ifaddr"]',
      ],
      [{ "k8s.ovn.org/zone-name": "a\u0007" }, 'metadata.annotations["k8s.ovn.org/zone-name"]'],
    ];
    for (const [more, field] of bad)
      assert.throws(
        () => readZones(numbered, nodeOf("n1", 2, more)),
        (error) => error instanceof Error && error.message.includes(field),
        field,
      );
  });

  it("what a node lacks is told at the node, what it has wrong at the annotation", () => {
    const transit = "k8s.ovn.org/node-transit-switch-port-ifaddr";
    const lacking = readZones(numbered, nodeOf("n1", 2), nodeOf("n2", 3, { [transit]: undefined }));
    assert.match(
      faultOf(lacking),
      /^3 : transitAddresses is missing: network "blue" needs it.*node-transit-switch-port-ifaddr/,
    );
    const wrong = readZones(
      numbered,
      nodeOf("n1", 2),
      nodeOf("n2", 3, { [transit]: '{"ipv6":"fd97::3/64"}' }),
    );
    assert.match(
      faultOf(wrong),
      /^3 metadata\.annotations\["k8s\.ovn\.org\/node-transit-switch-port-ifaddr"\]: have none of IPv4/,
    );
    assert.match(faultOf(readZones(blue, nodeOf("n1", 2))), /network "blue".*k8s\.ovn\.org\/network-id/);
  });

  describe("name the annotation that is missing, with its object and its place", () => {
    const gateway = {
      default: {
        mode: "shared",
        "bridge-id": "breth0",
        "mac-address": "02:42:ac:12:00:02",
        "ip-addresses": ["172.18.0.2/16"],
        "next-hops": ["172.18.0.1"],
      },
    };
    const outside = {
      "k8s.ovn.org/l3-gateway-config": JSON.stringify(gateway),
      "k8s.ovn.org/node-masquerade-subnet": '{"ipv4":"169.254.0.0/17"}',
    };
    const ofNetwork = { "k8s.ovn.org/network-id": "2", "k8s.ovn.org/tunnel-keys": "[16711685,16715779]" };
    const zone = ["node-transit-switch-port-ifaddr", "node-id", "node-chassis-id", "node-subnets"];
    const primary = ["l3-gateway-config", "node-masquerade-subnet"];
    const given = (number: number): object => ({
      ip_addresses: [`10.1.2.${number}/16`],
      mac_address: `0a:58:0a:01:02:0${number}`,
      tunnel_id: number,
    });
    // What each topology needs of a node of this zone, of a node of another one, of the network, and of a pod.
    const needs: readonly {
      readonly fields: Readonly<Record<string, string>>;
      readonly here: readonly string[];
      readonly there: readonly string[];
      readonly network: readonly string[];
      readonly pod: boolean;
    }[] = [
      { fields: { topology: "layer3" }, here: zone, there: zone, network: ["network-id"], pod: false },
      {
        fields: { topology: "layer2" },
        here: ["node-chassis-id"],
        there: ["node-chassis-id"],
        network: ["network-id"],
        pod: true,
      },
      { fields: { topology: "localnet" }, here: ["node-chassis-id"], there: [], network: [], pod: true },
      {
        fields: { topology: "layer3", role: "primary" },
        here: [...zone, ...primary],
        there: zone,
        network: ["network-id"],
        pod: false,
      },
      {
        fields: { topology: "layer2", role: "primary" },
        here: ["node-id", "node-chassis-id", ...primary],
        there: ["node-id", "node-chassis-id"],
        network: ["network-id", "tunnel-keys"],
        pod: true,
      },
    ];
    for (const { fields, here, there, network, pod: isRecorded } of needs) {
      const label = `${fields["role"] ?? "secondary"} ${fields["topology"]}`;
      const isPrimary = fields["role"] === "primary";
      /** A namespace, a network, a node of this zone and one of another, and a pod on each, without one annotation. */
      const manifests = (lacking?: {
        readonly document: number;
        readonly annotation: string;
      }): ManifestSet => {
        const left = (document: number, all: Readonly<Record<string, string>>): Record<string, string> =>
          Object.fromEntries(
            Object.entries(all).filter(
              ([key]) => lacking?.document !== document || key !== `k8s.ovn.org/${lacking.annotation}`,
            ),
          );
        const record = (document: number): { annotations: Record<string, string> } => ({
          annotations: left(document, {
            ...(isRecorded && {
              "k8s.ovn.org/pod-networks": JSON.stringify({ "default/blue": given(document) }),
            }),
          }),
        });
        const request = isPrimary ? undefined : "blue";
        return readZones(
          namespace("default", isPrimary ? { "k8s.ovn.org/primary-user-defined-network": "" } : {}),
          annotated(
            nad("default/blue", { name: "blue", subnets: "10.1.0.0/16", ...fields }),
            left(2, isPrimary || fields["topology"] !== "localnet" ? ofNetwork : {}),
          ),
          node("n1", { annotations: left(3, { ...annotationsOf(2), ...outside }) }),
          node("n2", { annotations: left(4, { ...annotationsOf(3), ...outside }) }),
          pod("default/a", request, record(5)),
          pod("default/b", request, {
            ...record(6),
            spec: { nodeName: "n2" },
          }),
        );
      };

      it(`${label}: nothing is missing`, () => {
        const set = manifests();
        assert.equal(set.pods.length, 2);
        buildFrom(set);
      });

      const cases: readonly {
        readonly document: number;
        readonly annotation: string;
        readonly about: RegExp;
        readonly place?: number;
      }[] = [
        ...network.map((annotation) => ({
          document: 2,
          annotation,
          about: /network "blue"/,
          // Nodes may tell the number as well, and the first that needs it for its masquerade addresses is asked.
          ...(label === "primary layer2" && annotation === "network-id" && { place: 3 }),
        })),
        ...here.map((annotation) => ({ document: 3, annotation, about: /nodes?\[n1\]|network "blue"/ })),
        ...there.map((annotation) => ({ document: 4, annotation, about: /nodes?\[n2\]|network "blue"/ })),
        ...(isRecorded ? [5, ...(fields["topology"] === "layer2" ? [6] : [])] : []).map((document) => ({
          document,
          annotation: "pod-networks",
          about: /network "blue"/,
        })),
      ];
      for (const { document, annotation, about, place = document } of cases)
        it(`${label}: ${annotation} of document ${document}`, () => {
          const set = manifests({ document, annotation });
          let located: ReturnType<typeof locate>;
          assert.throws(
            () => buildFrom(set),
            (error) => {
              located = locate(error, set);
              return true;
            },
          );
          assert.ok(located, "the error has a place");
          assert.deepEqual([located.file, located.document], ["m.yaml", place], located.message);
          assert.ok(located.line > 0);
          assert.match(located.reason, new RegExp(`k8s\\.ovn\\.org/${annotation}\\b`));
          assert.match(located.reason, about);
        });
    }
  });

  it("pods have the key of their port in their record", () => {
    const layer2 = annotated(
      nad("default/blue", { name: "blue", topology: "layer2", subnets: "10.1.0.0/16" }),
      {
        "k8s.ovn.org/network-id": "2",
      },
    );
    const record = (entry: object) => ({
      annotations: { "k8s.ovn.org/pod-networks": JSON.stringify({ "default/blue": entry }) },
    });
    const given = { ip_addresses: ["10.1.0.5/16"], mac_address: "0a:58:0a:01:00:05" };
    const set = readZones(
      layer2,
      nodeOf("n1", 2),
      pod("default/a", "blue", record({ ...given, tunnel_id: 7 })),
    );
    assert.deepEqual(set.pods[0]?.attachments[0]?.input.recorded, {
      ips: ["10.1.0.5/16"],
      mac: "0a:58:0a:01:00:05",
      tunnelId: 7,
    });
    buildFrom(set);
    for (const entry of [given, { ...given, tunnel_id: 0 }])
      assert.match(
        faultOf(readZones(layer2, nodeOf("n1", 2), pod("default/a", "blue", record(entry)))),
        /^3 metadata\.annotations\["k8s\.ovn\.org\/pod-networks"\].*: is missing: .*tunnel_id/,
      );
    assert.match(
      faultOf(readZones(layer2, nodeOf("n1", 2), pod("default/a", "blue"))),
      /is missing: .*k8s\.ovn\.org\/pod-networks/,
    );
  });

  it("a network whose number nobody tells is named with its place", () => {
    const set = readZones(blue, nodeOf("n1", 2));
    try {
      buildFrom(set);
      assert.fail("the network has a number");
    } catch (error) {
      const located = locate(error, set);
      assert.deepEqual([located?.document, located?.field], [1, ""]);
      assert.match(
        located?.reason ?? "",
        /^networkId is missing: network "blue".*k8s\.ovn\.org\/network-id /,
      );
    }
  });

  it("a primary layer2 network has keys of its switch and its router, on each of its definitions", () => {
    const LABEL = "k8s.ovn.org/primary-user-defined-network";
    const user = udn("Layer2", { role: "Primary", subnets: ["10.1.0.0/16"] });
    const made = (keys: string, key = "default/blue"): string =>
      annotated(
        nad(key, {
          name: "default_blue",
          topology: "layer2",
          role: "primary",
          subnets: "10.1.0.0/16",
          joinSubnet: "100.65.0.0/16,fd99::/64",
        }),
        { "k8s.ovn.org/network-id": "2", "k8s.ovn.org/tunnel-keys": keys },
      );
    const labelled = namespace("default", { [LABEL]: "" });
    const set = readZones(labelled, user, made("[16711685,16715779]"));
    assert.deepEqual(set.networks[0]?.spec.tunnelKeys, [16_711_685, 16_715_779]);
    for (const keys of ["[1]", "[1,2,3]", '["1","2"]', "[0,1]", "[1,16777216]", "{}", "x"])
      assert.throws(
        () => readZones(labelled, user, made(keys)),
        (error) => error instanceof Error && error.message.includes("tunnel-keys"),
        keys,
      );
    // Secondary networks may carry them, too; they have no router.
    const secondary = annotated(
      nad("default/green", { name: "green", topology: "layer2", subnets: "10.2.0.0/16" }),
      { "k8s.ovn.org/tunnel-keys": "[16711685,16715779]" },
    );
    assert.equal(readZones(secondary).networks[0]?.spec.tunnelKeys, undefined);
    const other = namespace("other", { [LABEL]: "" });
    const [both] = readZones(labelled, other, made("[1,2]"), made("[1, 2]", "other/blue")).networks;
    assert.deepEqual(
      [both?.nads, both?.spec.tunnelKeys],
      [
        ["default/blue", "other/blue"],
        [1, 2],
      ],
    );
    expectErrors([labelled, other, made("[1,2]"), made("[1,3]", "other/blue")], {
      document: 4,
      field: 'metadata.annotations["k8s.ovn.org/tunnel-keys"]',
      value: "[1,3]",
      reason: /not that of default\/blue/,
    });
  });
});
