import assert from "node:assert/strict";
import {
  layer2,
  layer3,
  localnet,
  type Network,
  type NetworkInput,
  planDeletion,
  planTopology,
} from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

/** What plain JavaScript and parsed JSON may hold. */
type Plain = Record<string, unknown>;

/** What the last key of the last object holds. */
function innermost(value: unknown): unknown {
  return typeof value === "object" && value !== null ? innermost(Object.values(value).at(-1)) : value;
}

describe("keys of descriptions that nobody reads", () => {
  const isRefused = (path: string, value: unknown, meant?: string): object => ({
    code: "ERR_SPEC",
    path,
    value,
    message: `${path} is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  });

  it("of networks are refused, and the one that was meant is named", () => {
    const subnets = "10.1.0.0/16";
    const cases: readonly (readonly [(input: NetworkInput) => Network, Plain, string, string?])[] = [
      [layer2, { subnet: subnets }, "subnet", "subnets"],
      [localnet, { vlan: 20 }, "vlan", "vlanID"],
      [layer3, { subnets, hostprefix: 26 }, "hostprefix", "hostPrefix in an entry of subnets"],
      [layer3, { subnets: [{ cidr: subnets, hostprefix: 26 }] }, "subnets.hostprefix", "hostPrefix"],
      [layer3, { subnets: [{ cidr: subnets, hostSubnet: 26 }] }, "subnets.hostSubnet", "hostPrefix"],
      [layer2, { subnets, gatewayIPs: "10.1.0.9" }, "gatewayIPs", "defaultGatewayIPs"],
      [layer2, { subnets, dhcp: { leasetime: 60 } }, "dhcp.leasetime", "leaseTime"],
      [layer2, { nameOfNetwork: "red" }, "nameOfNetwork", "name"],
      [layer2, { colour: "blue" }, "colour"],
      // These every object seems to have.
      [layer2, { constructor: "blue" }, "constructor"],
      [layer2, JSON.parse('{ "__proto__": "blue" }'), "__proto__"],
    ];
    for (const [make, input, path, meant] of cases) {
      // Not with a spread, which would lose `__proto__`.
      const whole = Object.assign(Object.defineProperties({}, Object.getOwnPropertyDescriptors(input)), {
        name: "blue",
      });
      assert.throws(() => make(whole), isRefused(path, innermost(input), meant));
    }
  });

  it("are none when their value is undefined", () => {
    const input = { name: "blue", subnet: undefined };
    assert.equal(layer2(input).spec.name, "blue");
  });

  it("of plans, nodes, pods, requests and removals are refused", async () => {
    const { nb, sent } = await northboundWith({});
    const network = layer2({ name: "blue", nad: "s/blue", subnets: "10.1.0.0/16" });
    const { spec } = network;
    const pod = { namespace: "s", name: "a", node: "n1" };
    const attachment = { ...pod, nad: "s/blue" };
    const plans: readonly (readonly [Plain, string, string])[] = [
      [{ nods: [] }, "nods", "nodes"],
      [{ prun: true }, "prun", "prune"],
      [{ nodes: [{ name: "n1", subnet: {} }] }, "nodes[n1].subnet", "subnets"],
      [{ nodes: [{ nam: "n1" }] }, "nodes[0].nam", "name"],
      [{ nodes: [{ name: "n1", gateway: { nexthops: [] } }] }, "nodes[n1].gateway.nexthops", "nextHops"],
      [{ pods: [pod, { ...pod, ip: ["10.1.0.9"] }] }, "pods[s/a].ip", "ips"],
      [{ pods: [{ nam: "a", namespace: "s" }] }, "pods[0].nam", "name"],
      [{ pods: [{ ...pod, node: { name: "n1", chassisID: "c" } }] }, "nodes[n1].chassisID", "chassisId"],
      [{ pods: [{ ...pod, vm: { name: "v", activ: true } }] }, "pods[s/a].vm.activ", "active"],
      [{ pods: [{ ...pod, recorded: { ip: [] } }] }, "pods[s/a].recorded.ip", "ips"],
      [{ claims: [{ namespace: "s", name: "c", ips: [], sources: "x" }] }, "claims[0].sources", "source"],
    ];
    for (const [input, path, meant] of plans)
      assert.throws(() => network.plan(nb, input), {
        code: "ERR_SPEC",
        path,
        message: `${path} is not known; did you mean ${meant}?`,
      });
    const whole = { spec, nodes: [], attachments: [] };
    const requests: readonly (readonly [Plain, string, string])[] = [
      [{ networks: [], prun: true }, "prun", "prune"],
      [{ networks: [{ ...whole, atachments: [] }] }, "networks[0].atachments", "attachments"],
      [{ networks: [{ ...whole, nodes: [{ nme: "n1" }] }] }, "networks[0].nodes[0].nme", "name"],
      [{ networks: [{ ...whole, attachments: [{ ...attachment, ip: [] }] }] }, "pods[s/a].ip", "ips"],
    ];
    for (const [request, path, meant] of requests)
      assert.throws(() => planTopology(nb, request as never), {
        code: "ERR_SPEC",
        path,
        message: `${path} is not known; did you mean ${meant}?`,
      });
    // A description is not what `parseNetwork` makes of it.
    const described = { ...whole, spec: { name: "blue", nad: "s/blue" } };
    assert.throws(() => planTopology(nb, { networks: [described as never] }), {
      code: "ERR_SPEC",
      path: "networks[0].spec",
    });
    const removal = { networks: [], pods: [], forced: true };
    assert.throws(() => planDeletion(nb, removal), isRefused("forced", true, "force"));
    const written = { ...pod, ip: ["10.1.0.9"] };
    await assert.rejects(network.attach(nb, written), isRefused("pods[s/a].ip", ["10.1.0.9"], "ips"));
    const other = { ...pod, nads: "s/blue" };
    await assert.rejects(network.detach(nb, other), isRefused("pods[s/a].nads", "s/blue", "nad"));
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("of a misspelt key in a pod the error says where the pod was written", async () => {
    const { nb } = await northboundWith({});
    const network = layer2({ name: "blue", nad: "s/blue" });
    const pod = { namespace: "s", name: "a", node: "n1", source: "pods.yaml:3", macs: "x" };
    assert.throws(() => network.plan(nb, { pods: [pod] }), { path: "pods[s/a].macs", source: "pods.yaml:3" });
    await nb.close();
  });
});
