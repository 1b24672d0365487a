import assert from "node:assert/strict";
import type { AttachmentInput, NetworkInput, TopologyName } from "../../../lib/topology/index.ts";
import { addressesOf, build, observe, pod, port, refusesAddress as refuses } from "./support.ts";

const mac = "02:00:00:00:00:01";
const end = "of several ports with one MAC on a switch one is reached";

describe("a MAC that a pod asks for", () => {
  const routed = { subnets: "10.33.0.0/16" };

  it("is not that of the router on its switch: nobody there would have a way out", () => {
    for (const [asked, owner] of [
      ["0a:58:0a:21:00:01", "the router port 10.33.0.1"],
      ["0A-58-0A-21-00-02", "the node's management port"],
    ] as const) {
      const value = asked.toLowerCase().replaceAll("-", ":");
      refuses(
        () => build("layer3", routed, [pod("a", { mac: asked })]),
        { path: "pods[default/a].mac", value },
        `pod default/a on network "net": ${value} is the MAC of ${owner}`,
      );
    }
    const elsewhere = build("layer3", routed, [
      pod("a", { mac: "0a:58:0a:21:01:01" }),
      pod("b", { node: "n2" }),
    ]);
    assert.deepEqual(elsewhere.notes, [], "that of another node's");
  });

  it("stays where a port has it already", () => {
    const router = "0a:58:0a:21:00:01";
    const input = pod("a", { mac: router });
    const ports = [port("default.net_default_a", `${router} 10.33.0.5`, { switchName: "net_n1" })];
    const built = build("layer3", routed, [input], {
      observed: { ports, nodes: [{ name: "n1", subnets: ["10.33.0.0/24"] }] },
    });
    assert.equal(addressesOf(built)["a"], `${router} 10.33.0.5`);
  });

  const notesOf = (
    topology: TopologyName,
    input: Partial<NetworkInput>,
    pods: readonly AttachmentInput[],
    ports = [port("theirs", "02:00:00:00:00:09 10.22.0.77")],
  ): readonly string[] => build(topology, input, pods, { observed: { ports } }).notes;

  it("that two ports on one switch have is told of", () => {
    const [a, b] = [pod("a", { mac }), pod("b", { mac: mac.toUpperCase() })];
    const both = `network "net": ports "default.net_default_a", "default.net_default_b" have ${mac}: ${end}`;
    assert.deepEqual(notesOf("layer2", { subnets: "10.22.0.0/16" }, [a, b, pod("c")]), [both]);
    assert.deepEqual(notesOf("layer2", {}, [a, b]), [both], "without subnets");
    assert.deepEqual(notesOf("layer3", routed, [a, b]), [both]);
    assert.deepEqual(notesOf("layer3", routed, [a, { ...b, node: "n2" }]), [], "on two switches");
    const made = pod("a", { mac: "0a:58:0a:16:00:01" });
    assert.match(
      notesOf("layer2", { subnets: "10.22.0.0/16" }, [{ ...made, name: "z" }, pod("a")])[0] ?? "",
      /"default.net_default_a", "default.net_default_z" have 0a:58:0a:16:00:01/,
    );
    const known = pod("x", { mac: "02:00:00:00:00:09" });
    assert.deepEqual(notesOf("layer2", { subnets: "10.22.0.0/16" }, [known]), [
      `network "net": ports "default.net_default_x", "theirs" have 02:00:00:00:00:09: ${end}`,
    ]);
    const many = Array.from({ length: 10 }, (_, index) =>
      pod(`p${index}`, { mac: `02:00:00:00:00:0${index % 5}` }),
    );
    assert.match(notesOf("layer2", {}, many)[0] ?? "", /; and 2 more: of several/);
  });

  it("is no conflict between the pods of one virtual machine, and with what the database has of the same port", () => {
    const of = (name: string, peer: string): AttachmentInput =>
      pod(name, { mac, vm: { name: "vm", peer, active: name === "a" } });
    const input = { subnets: "10.22.0.0/16", allowPersistentIPs: true };
    assert.deepEqual(notesOf("layer2", input, [of("a", "b"), of("b", "a")]), []);
    const first = build("layer2", input, [pod("a", { mac })]);
    assert.deepEqual(build("layer2", input, [pod("a", { mac })], { observed: observe(first) }).notes, []);
    const moved = build("layer2", input, [of("b", "a")], { observed: observe(first) });
    assert.deepEqual(moved.notes, [], "a port of the other pod that is not in the request");
  });
});
