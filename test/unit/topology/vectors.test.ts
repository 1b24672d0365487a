import assert from "node:assert/strict";
import { parseAddress } from "../../../lib/topology/description/address.ts";
import { NodeSubnetRange } from "../../../lib/topology/description/node-subnet-range.ts";
import { parseNetwork } from "../../../lib/topology/description/spec.ts";
import {
  addressClaim,
  chosenUuid,
  clusterRouterName,
  gatewayChassisName,
  hashedName,
  layer2SwitchName,
  legacyPhysicalNetworkName,
  localnetPortName,
  localnetSwitchName,
  logicalSwitchUuid,
  macOfAddress,
  macOfName,
  namePrefix,
  nodeSwitchName,
  podPortName,
  routerToSwitchPortName,
  switchToRouterPortName,
  transitSwitchName,
  uuidNamespace,
} from "../../../lib/topology/index.ts";
import { readJson } from "./support.ts";

describe("language-neutral vectors", () => {
  it("chosen uuids", () => {
    const spec = readJson<{ namespace: string; vectors: { parts: string[]; uuid: string }[] }>(
      "test/spec/ids.json",
    );
    assert.equal(uuidNamespace, spec.namespace);
    for (const { parts, uuid } of spec.vectors) {
      const [kind = "", ...key] = parts;
      assert.equal(chosenUuid(kind, ...key), uuid, parts.join(" "));
    }
    assert.equal(
      spec.vectors.find(({ parts }) => parts[0] === "claim")?.uuid,
      addressClaim("l2-network", "10.22.0.1"),
    );
    assert.equal(spec.vectors[0]?.uuid, logicalSwitchUuid("l3.network_work001"));
  });

  it("MACs", () => {
    const spec = readJson<{ ofAddress: Record<string, string>; ofName: Record<string, string> }>(
      "test/spec/macs.json",
    );
    for (const [text, mac] of Object.entries(spec.ofAddress)) {
      const address = parseAddress(text);
      assert.ok(address, text);
      assert.equal(macOfAddress(address), mac, text);
    }
    for (const [name, mac] of Object.entries(spec.ofName)) {
      assert.equal(macOfName(name), mac, name);
    }
  });

  it("names", () => {
    const spec = readJson<{
      network: Record<string, Record<string, string>>;
      podPort: { nad: string; namespace: string; pod: string; name: string }[];
      gatewayChassis: { port: string; chassis: string; name: string }[];
      hashed: Record<string, string>;
    }>("test/spec/names.json");
    for (const [network, expected] of Object.entries(spec.network)) {
      assert.deepEqual(
        {
          prefix: namePrefix(network),
          clusterRouter: clusterRouterName(network),
          "nodeSwitch n1": nodeSwitchName(network, "n1"),
          "switchToRouterPort n1": switchToRouterPortName(network, "n1"),
          "routerToSwitchPort n1": routerToSwitchPortName(network, "n1"),
          layer2Switch: layer2SwitchName(network),
          localnetSwitch: localnetSwitchName(network),
          localnetPort: localnetPortName(network),
          transitSwitch: transitSwitchName(network),
          legacyPhysicalNetwork: legacyPhysicalNetworkName(network),
        },
        expected,
      );
    }
    for (const { nad, namespace, pod, name } of spec.podPort) {
      assert.equal(podPortName(nad, namespace, pod), name);
    }
    for (const { port, chassis, name } of spec.gatewayChassis) {
      assert.equal(gatewayChassisName(port, chassis), name);
    }
    for (const [id, name] of Object.entries(spec.hashed)) {
      assert.equal(hashedName(id), name, id);
    }
  });

  it("node subnets", () => {
    const spec = readJson<{
      ranges: { cidr: string; hostPrefix: number; why: string; at: Record<string, string>; count?: number }[];
    }>("test/spec/node-subnets.json");
    for (const { cidr, hostPrefix, why, at, count } of spec.ranges) {
      const [subnet] = parseNetwork("layer3", { name: "net", subnets: [{ cidr, hostPrefix }] }).subnets;
      assert.ok(subnet);
      const range = new NodeSubnetRange(subnet);
      const last = count ?? Math.max(...Object.keys(at).map(Number)) + 1;
      const given = Array.from({ length: last }, () => range.next(() => true)?.text);
      for (const [index, text] of Object.entries(at)) {
        assert.equal(given[Number(index)], text, `${cidr} ${why}`);
      }
      assert.equal(new Set(given).size, last, `${cidr} gives nothing twice`);
      if (count !== undefined)
        assert.equal(
          range.next(() => true),
          undefined,
          `${cidr} ends`,
        );
    }
  });
});
