import assert from "node:assert/strict";
import { addressClaim, type BuiltNetwork } from "../../../lib/topology/index.ts";
import { addressesOf, build, pod } from "./support.ts";

/** So many pods come, and as many go with the same transaction, which have the lowest addresses. */
function replaced(count: number, subnets: string): { readonly built: BuiltNetwork; readonly looks: number } {
  const going = new Set(
    Array.from({ length: count }, (_, index) => addressClaim("net", `10.22.0.${index + 1}`)),
  );
  let looks = 0;
  const claims = (uuid: string): boolean => {
    looks += 1;
    return going.has(uuid);
  };
  const pods = Array.from({ length: count }, (_, index) => pod(`p${String(index).padStart(3, "0")}`));
  const built = build("layer2", { subnets }, pods, {
    observed: { claims, leaving: (uuid) => going.has(uuid) },
  });
  return { built, looks };
}

describe("addresses of pods that go", () => {
  it("are given to those that come only where no other is left", () => {
    assert.deepEqual(addressesOf(replaced(4, "10.22.0.0/29").built), {
      p000: "0a:58:0a:16:00:05 10.22.0.5",
      p001: "0a:58:0a:16:00:06 10.22.0.6",
      p002: "0a:58:0a:16:00:01 10.22.0.1",
      p003: "0a:58:0a:16:00:02 10.22.0.2",
    });
  });

  it("are passed over once, and not by each that comes", () => {
    const [few, many] = [replaced(50, "10.22.0.0/16").looks, replaced(200, "10.22.0.0/16").looks];
    assert.ok(few > 0 && many <= 5 * few, `${few} looks for 50, ${many} for 200`);
  });
});
