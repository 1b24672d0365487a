import assert from "node:assert/strict";
import { type AttachmentInput, addressClaim, type Observed } from "../../../lib/topology/index.ts";
import { build, pod, rowOf } from "./support.ts";

const subnets = "10.22.0.0/16";

describe("addresses that somebody else is about to take", () => {
  it("are passed over where nothing was asked for; who asks for one claims it as any other", () => {
    const claim = addressClaim("net", "10.22.0.1");
    const observed: Partial<Observed> = { reserved: (uuid) => uuid === claim };
    const given = (input: Partial<AttachmentInput>): unknown[] => {
      const built = build("layer2", { subnets }, [pod("a", input)], { observed });
      const [port] = built.attachments;
      return [port?.ips[0], rowOf(built, "default.net_default_a").uuid, port?.exclusive];
    };
    assert.deepEqual(given({}), ["10.22.0.2/16", addressClaim("net", "10.22.0.2"), false]);
    assert.deepEqual(given({ ips: ["10.22.0.1"] }), ["10.22.0.1/16", claim, false]);
    assert.deepEqual(given({ recorded: { ips: ["10.22.0.1"] } }), ["10.22.0.1/16", claim, false]);
  });
});
