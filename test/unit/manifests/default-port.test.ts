import assert from "node:assert/strict";
import type { AttachmentInput } from "../../../lib/topology/index.ts";
import { type Expected, expectErrors, node, pod, read } from "./fixtures.ts";
import { namespace, udn } from "./udn-fixtures.ts";

const network = udn("Layer2", { role: "Primary", subnets: ["10.1.0.0/16"] });
const home = namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" });
const records = JSON.stringify({
  default: {
    ip_addresses: ["10.128.0.7/24"],
    mac_address: "0a:58:0a:80:00:07",
    role: "infrastructure-locked",
  },
  "default/blue": { ip_addresses: ["10.1.0.5/16"], mac_address: "0a:58:0a:01:00:05", role: "primary" },
});
const web = (openPorts?: string, record = records): string =>
  pod("default/web", undefined, {
    annotations: {
      "k8s.ovn.org/pod-networks": record,
      ...(openPorts !== undefined && { "k8s.ovn.org/open-default-ports": openPorts }),
    },
  });
const defaultPort = (text: string): AttachmentInput["defaultPort"] =>
  read(network, home, node("n1"), text).pods[0]?.attachments[0]?.input.defaultPort;

describe("the port of a pod on the cluster's own network", () => {
  it("is what upstream wrote down, with the ports that are open there", () => {
    assert.deepEqual(defaultPort(web()), { ips: ["10.128.0.7/24"], mac: "0a:58:0a:80:00:07" });
    assert.deepEqual(defaultPort(web("- protocol: tcp\n  port: 80\n- protocol: icmp\n"))?.openPorts, [
      { protocol: "tcp", port: 80 },
      { protocol: "icmp" },
    ]);
    assert.deepEqual(defaultPort(web("- protocol: sctp\n  port: 9\n"))?.openPorts, [
      { protocol: "sctp", port: 9 },
    ]);
    for (const none of ["[]", "", " \n"]) assert.ok(!("openPorts" in (defaultPort(web(none)) ?? {})), none);
    assert.equal(defaultPort(web(undefined, "{}")), undefined);
    // Without an address nobody could reach it.
    assert.equal(defaultPort(web("- protocol: icmp\n", '{"default":{"ip_addresses":[]}}')), undefined);
  });

  it("is none of ours for pods without a primary network", () => {
    const flat = udn("Layer2", { role: "Secondary", subnets: ["10.1.0.0/16"] });
    const [found] = read(
      flat,
      node("n1"),
      pod("default/web", "blue", { annotations: { "k8s.ovn.org/pod-networks": records } }),
    ).pods;
    assert.equal(found?.attachments[0]?.input.defaultPort, undefined);
  });

  it("names what is wrong with open ports", () => {
    const wrong = (text: string, reason: RegExp): void => {
      const expected: Expected = {
        document: 4,
        field: 'metadata.annotations["k8s.ovn.org/open-default-ports"]',
        value: text,
        reason,
      };
      expectErrors([network, home, node("n1"), web(text)], expected);
    };
    wrong("- protocol: [", /is not a list in YAML/);
    // Whether those of the others are meant, nobody could tell.
    wrong("- protocol: icmp\n---\n- protocol: icmp\n", /is not a list in YAML/);
    wrong("- protocol: gre\n", /^0\.protocol: must be one of/);
    wrong("- port: 80\n", /^0\.protocol: is missing/);
    wrong("- protocol: tcp\n  port: http\n", /^0\.port: must be a number/);
    wrong("- protocol: tcp\n", /^0\.port: is missing/);
    wrong("- protocol: icmp\n  port: 1\n", /^0\.port: must not be set/);
    wrong("- protocol: udp\n  port: 65536\n", /^0\.port: must be from 0 to 65535/);
  });

  it("does not take open ports that are no text for none", () => {
    const annotations = {
      "k8s.ovn.org/pod-networks": records,
      "k8s.ovn.org/open-default-ports": [{ protocol: "tcp", port: 80 }],
    };
    expectErrors([network, home, node("n1"), pod("default/web", undefined, { metadata: { annotations } })], {
      document: 4,
      field: 'metadata.annotations["k8s.ovn.org/open-default-ports"]',
      value: [{ protocol: "tcp", port: 80 }],
      reason: /text|string/i,
    });
  });
});
