import assert from "node:assert/strict";
import {
  type AttachmentInput,
  buildIsolation,
  type NodeInput,
  type ObservedIsolation,
  parseNetwork,
  SpecError,
} from "../../../lib/topology/index.ts";
import { primaryNode } from "../../support/primary.ts";
import { pod, readJson, refusesAddress, render, sortRows } from "./support.ts";

const { spec } = {
  spec: parseNetwork("layer3", { name: "blue", role: "primary", subnets: "10.200.0.0/16" }),
};
const nodes: readonly NodeInput[] = [
  primaryNode("n1", 2, { subnets: { default: ["10.128.0.0/24", "fd00:10:244::/64"] } }),
];
const nothing: ObservedIsolation = {
  acls: [],
  hasMeter: false,
  hasSwitch: () => true,
  port: () => undefined,
};
const web = pod("web", {
  defaultPort: {
    ips: ["10.128.0.7/24", "fd00:10:244::7/64"],
    openPorts: [{ protocol: "tcp", port: 80 }, { protocol: "icmp" }],
  },
});

describe("pods of primary networks on the cluster's own network", () => {
  it("have the rows that upstream writes", () => {
    const { rows, notes } = buildIsolation([{ spec, nodes, attachments: [web] }], nothing, false);
    // Typed from section 6.5 of the rows reference, the name of the group from its vectors.
    assert.deepEqual(sortRows(render(rows)), sortRows(readJson("test/golden/isolation.json")));
    assert.deepEqual(notes, []);
  });

  it("are closed to all nodes that are known, in order, and to those that were before", () => {
    const match = (
      observed: Partial<ObservedIsolation>,
      exact: boolean,
      names: readonly string[],
    ): unknown => {
      const all = names.map((name, index) =>
        primaryNode(name, index + 2, { subnets: { default: [`10.128.${index}.0/24`] } }),
      );
      const { rows } = buildIsolation(
        [{ spec, nodes: all, attachments: [{ ...web, node: names[0] ?? "" }] }],
        { ...nothing, ...observed },
        exact,
      );
      return rows.find(({ name }) => name.endsWith("AllowHostPrimaryUDN:Ingress"))?.columns?.["match"];
    };
    const group = "outport == @a8747502060113802905";
    assert.equal(match({}, false, ["n2", "n1"]), `${group} && (ip4.src==10.128.1.2 || ip4.src==10.128.0.2)`);
    const id = "default-network-controller:UDNIsolation:AllowHostPrimaryUDN:Ingress";
    const acls = [{ uuid: "u", id, match: `${group} && (ip4.src==10.128.9.2 || ip6.src==fd00::2)` }];
    assert.equal(
      match({ acls }, false, ["n1"]),
      `${group} && (ip4.src==10.128.0.2 || ip4.src==10.128.9.2 || ip6.src==fd00::2)`,
    );
    assert.equal(match({ acls }, true, ["n1"]), `${group} && (ip4.src==10.128.0.2)`);
  });

  it("have none where the node has no switch there, and a note says so", () => {
    const built = buildIsolation(
      [{ spec, nodes, attachments: [web] }],
      { ...nothing, hasSwitch: () => false },
      false,
    );
    assert.deepEqual(built.rows, []);
    assert.match(built.notes.join(), /no switch of the cluster's own network for n1/);
    assert.deepEqual(buildIsolation([{ spec, nodes, attachments: [pod("web")] }], nothing, false).rows, []);
  });

  it("have an address and a MAC, on primary networks only", () => {
    const build = (input: AttachmentInput): unknown =>
      buildIsolation([{ spec, nodes, attachments: [input] }], nothing, false);
    const path = "pods[default/web].defaultPort";
    refusesAddress(() => build({ ...web, defaultPort: { ips: [] } }), { path }, "needs an address");
    refusesAddress(
      () => build({ ...web, defaultPort: { ips: ["10.1"] } }),
      { path, value: "10.1" },
      "no IP address",
    );
    refusesAddress(
      () => build({ ...web, defaultPort: { ips: ["10.1.0.1"], mac: "x" } }),
      { path, value: "x" },
      "not the MAC address",
    );
    const secondary = parseNetwork("layer2", { name: "red", subnets: "10.1.0.0/24" });
    assert.throws(
      () => buildIsolation([{ spec: secondary, nodes, attachments: [web] }], nothing, false),
      (error) => error instanceof SpecError && error.path === path,
    );
  });
});
