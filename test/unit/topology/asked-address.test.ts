import assert from "node:assert/strict";
import type { AttachmentInput } from "../../../lib/topology/index.ts";
import { build, pod, refusesAddress as refuses } from "./support.ts";

const subnets = "10.22.0.0/24,fd00::/64";

function ips(input: Partial<AttachmentInput>, topology: "layer2" | "localnet" = "layer2"): readonly string[] {
  return build(topology, { subnets }, [pod("a", input)]).attachments[0]?.ips ?? [];
}

describe("the prefix length of an address that a pod asks for", () => {
  it("may be left out, or is that of the subnet", () => {
    assert.deepEqual(ips({ ips: ["10.22.0.9", " fd00::9 "] }), ["10.22.0.9/24", "fd00::9/64"]);
    assert.deepEqual(ips({ ips: ["10.22.0.9/24", " fd00::9/64 "] }), ["10.22.0.9/24", "fd00::9/64"]);
  });

  it("is refused where it is another one, with pod, field, value and subnet", () => {
    const path = "pods[default/a].ips";
    for (const value of ["10.22.0.9/8", "10.22.0.9/25", "10.22.0.9/32"])
      refuses(
        () => ips({ ips: ["fd00::9/64", value] }),
        { path, value },
        `pod default/a on network "net": ${value} has the prefix length ${value.slice(10)}, but its subnet is 10.22.0.0/24`,
      );
    assert.throws(() => ips({ ips: ["10.22.0.9/8"], source: "pods.yaml:7" }), { source: "pods.yaml:7" });
    refuses(() => ips({ ips: ["fd00::9/48"] }, "localnet"), { path, value: "fd00::9/48" }, "fd00::/64");
  });

  it("on layer3 is that of the node's subnet", () => {
    const layer3 = (text: string): unknown =>
      build("layer3", { subnets: "10.33.0.0/16/24" }, [pod("a", { ips: [text] })]).attachments[0]?.ips;
    assert.deepEqual(layer3("10.33.0.9/24"), ["10.33.0.9/24"]);
    refuses(() => layer3("10.33.0.9/16"), { value: "10.33.0.9/16" }, "its subnet is 10.33.0.0/24");
  });

  it("may be what it was in the past, when that is on record or in the pod's IPAMClaim", () => {
    const asked = ["10.22.0.9/16"];
    assert.equal(ips({ ips: asked, recorded: { ips: asked } })[0], "10.22.0.9/24");
    assert.equal(ips({ recorded: { ips: asked } })[0], "10.22.0.9/24");
    const claim = { namespace: "default", name: "a", ips: asked };
    assert.equal(ips({ ips: asked, claim })[0], "10.22.0.9/24");
    refuses(() => ips({ ips: ["10.22.0.9/8"], recorded: { ips: asked } }), { value: "10.22.0.9/8" });
  });

  it("stays as it is on a network without subnets", () => {
    const [attachment] = build("layer2", {}, [pod("a", { ips: ["10.22.0.9/8"] })]).attachments;
    assert.deepEqual(attachment?.ips, ["10.22.0.9/8"]);
  });
});

it("an IPAMClaim with what is no address is refused, with its name, the text and where that stands", () => {
  const claim = {
    namespace: "default",
    name: "vm",
    ips: ["10.22.0.9/24", "10.22.0"],
    source: "claims.yaml:7",
  };
  assert.throws(() => ips({ claim }), {
    code: "ERR_SPEC",
    path: "claims[default/vm].ips",
    value: "10.22.0",
    source: "claims.yaml:7",
    message: /must be addresses of network "net"/,
  });
});
