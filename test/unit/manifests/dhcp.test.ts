import assert from "node:assert/strict";
import { formatAddress } from "../../../lib/topology/description/address.ts";
import { buildNetwork, type NetworkSpec, nothingObserved } from "../../../lib/topology/index.ts";
import { today } from "../topology/support.ts";
import { blue, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { cluster, layer2, namespace, udn } from "./udn-fixtures.ts";

/** An object with an annotation, whatever it had. */
function annotated(manifest: string, value: string): string {
  const annotations = `  annotations: {ovn-northbound/dhcp: ${JSON.stringify(value)}}\n`;
  return manifest
    .replace(/^metadata:\n/m, `metadata:\n${annotations}`)
    .replace(
      /^metadata: \{(.*)\}$/m,
      `metadata: {$1, annotations: {ovn-northbound/dhcp: ${JSON.stringify(value)}}}`,
    );
}

function dhcpOf(...manifests: readonly string[]): NetworkSpec["dhcp"] {
  return read(...manifests).networks[0]?.spec.dhcp;
}

describe("DHCP in manifests", () => {
  it("is asked for by an annotation of ours, on any definition of a network", () => {
    assert.equal(dhcpOf(blue()), undefined);
    assert.equal(dhcpOf(annotated(blue(), "true"))?.serves, "all");
    assert.equal(dhcpOf(annotated(udn("Layer2", layer2), "true"), namespace("default"))?.serves, "all");
    const settings = {
      dnsServers: ["10.1.0.53", "fd00::53"],
      router: "10.1.0.1",
      leaseTime: 60,
      domainName: "a.b",
    };
    const {
      dnsServers = [],
      router,
      leaseTime,
      domainName,
    } = dhcpOf(annotated(blue(), JSON.stringify(settings))) ?? {};
    assert.deepEqual(dnsServers.map(formatAddress), settings.dnsServers);
    assert.equal(router && formatAddress(router), "10.1.0.1");
    assert.deepEqual([leaseTime, domainName], [60, "a.b"]);
    const nulls = Object.fromEntries(["serves", ...Object.keys(settings)].map((key) => [key, null]));
    assert.deepEqual(dhcpOf(annotated(blue(), JSON.stringify(nulls))), dhcpOf(annotated(blue(), "true")));
  });

  it("is served to virtual machines of a primary layer2 network, unless it is refused", () => {
    const primary = (text?: string): NetworkSpec["dhcp"] => {
      const network = udn("Layer2", { role: "Primary", subnets: ["10.1.0.0/16"] });
      return dhcpOf(
        text === undefined ? network : annotated(network, text),
        namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" }),
      );
    };
    assert.equal(primary()?.serves, "virtual-machines");
    assert.equal(primary("true")?.serves, "virtual-machines");
    assert.equal(primary('{"serves": "all"}')?.serves, "all");
    assert.equal(primary("false"), undefined);
  });

  it("holds for all definitions of a network, which may not contradict each other", () => {
    const other = blue({}, "shop/blue");
    assert.equal(dhcpOf(annotated(blue(), "true"), other)?.serves, "all");
    assert.equal(dhcpOf(blue(), annotated(other, "true"))?.serves, "all");
    expectErrors([annotated(blue(), "true"), annotated(other, '{"leaseTime": 60}')], {
      document: 2,
      field: 'metadata.annotations["ovn-northbound/dhcp"]',
      value: '{"leaseTime": 60}',
      reason: /differs from that of kube-system\/blue \("true"\)/,
    });
  });

  it("tells the MTU that OVN-Kubernetes gives the interfaces", () => {
    // localnetMTU in pkg/clustermanager/userdefinednetwork/template and parseNetConfSingle in pkg/config/cni.go.
    const config = { role: "Secondary", physicalNetworkName: "phys", subnets: ["10.1.0.0/16"] };
    const described = (more: object = {}): string =>
      annotated(cluster("Localnet", { ...config, ...more }), "true");
    const made = (more: object = {}, name = "cluster_udn_blue"): string =>
      annotated(
        nad("default/blue", {
          name,
          topology: "localnet",
          role: "secondary",
          subnets: "10.1.0.0/16",
          physicalNetworkName: "phys",
          ...more,
        }),
        "true",
      );
    const place = namespace("default");
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[described(), place], "1450"],
      [[described({ mtu: 9000 }), place], "9000"],
      [[described({ mtu: 65_536 }), place], "65535"],
      [[made({}, "wire")], "1350"],
      // Upstream reads it into a number whose absence is 0.
      [[made({ mtu: 0 }, "wire")], "1350"],
      [[described(), made({ mtu: 0 }), place], "1350"],
      // What it was when the definition was made.
      [[described(), made({ mtu: 1500 }), place], "1500"],
      [[made({ mtu: 1500 }), described(), place], "1500"],
      [[described(), made(), place], "1350"],
      [[made(), described(), place], "1350"],
    ];
    for (const [manifests, mtu] of cases) {
      const [network] = read(...manifests).networks;
      assert.ok(network);
      const { rows } = buildNetwork(network.spec, nothingObserved, [], [], { ...today, clusterMtu: 1350 });
      const options = rows.find(({ kind }) => kind === "dhcp options")?.keys?.["options"];
      assert.equal(options?.["mtu"], mtu, manifests.join("---\n"));
    }
  });

  it("names what is wrong in it", () => {
    const field = 'metadata.annotations["ovn-northbound/dhcp"]';
    const wrong = (value: string, expected: { field?: string; reason: RegExp; value?: unknown }): void =>
      expectErrors([annotated(blue(), value)], { field, line: 4, ...expected });
    wrong("yes", { value: "yes", reason: /is not JSON/ });
    wrong("[]", { reason: /must be true, false or a map/, value: [] });
    wrong('{"dns": "10.1.0.1"}', { field: `${field}.dns`, value: "10.1.0.1", reason: /is not known/ });
    wrong('{"dnsServers": "10.1.0.1"}', {
      field: `${field}.dnsServers`,
      value: "10.1.0.1",
      reason: /must be a list/,
    });
    wrong('{"router": "10.2.0.1"}', { reason: /must lie within one of the subnets/, value: "10.2.0.1" });
    wrong('{"leaseTime": 5}', { reason: /from 60/, value: 5 });
    expectErrors([annotated(blue({ subnets: undefined }), "true")], {
      field,
      reason: /needs subnets/,
      value: true,
    });
  });

  it("knows the virtual machine of a pod by KubeVirt's label and annotation", () => {
    const launcher = (annotations: object): string =>
      pod("default/virt-launcher-a-x1", "kube-system/blue", {
        annotations,
        metadata: {
          labels: { "kubevirt.io": "virt-launcher" },
          annotations: { "k8s.v1.cni.cncf.io/networks": "kube-system/blue", ...annotations },
        },
      });
    const [found] = read(blue(), node("n1"), launcher({ "kubevirt.io/domain": "a" })).pods;
    assert.deepEqual(found?.attachments[0]?.input.vm, { name: "a" });
    const [plain] = read(blue(), node("n1"), pod("default/a", "kube-system/blue")).pods;
    assert.equal(plain?.attachments[0]?.input.vm, undefined);
    expectErrors([blue(), node("n1"), launcher({})], {
      document: 3,
      field: 'metadata.annotations["kubevirt.io/domain"]',
      reason: /is missing/,
    });
  });
});
