import assert from "node:assert/strict";
import {
  type BuiltNetwork,
  type NodeInput,
  type Observed,
  subnetClaim,
} from "../../../lib/topology/index.ts";
import { build, rowOf } from "./support.ts";

/** What the database holds: router ports by the uuid they have, and what nodes are seen to have. */
function there(
  ports: Readonly<Record<string, string>>,
  nodes: Observed["nodes"] = [],
  leaving: readonly string[] = [],
): Partial<Observed> {
  return {
    nodes,
    routerPorts: {
      nameOf: (uuid) => ports[uuid],
      has: (name) => Object.values(ports).includes(name),
    },
    leaving: (uuid) => leaving.includes(uuid),
  };
}

const subnets = "10.33.0.0/16";
const first = subnetClaim("net", "10.33.0.0/24");
const a: NodeInput = { name: "a", chassisId: "C" };
const asking = (...texts: string[]): NodeInput => ({ ...a, subnets: { net: texts } });

/** The node's subnets, the uuid that its router port takes, and whether the router has to be guarded, or marked, too. */
function granted(built: BuiltNetwork): unknown[] {
  const [node] = built.nodes;
  return [
    node?.subnets.join(" "),
    rowOf(built, "rtos-net_a").uuid,
    node?.unseen ? "marked" : node?.exclusive,
  ];
}

describe("claims on nodes' subnets", () => {
  const of = (observed: Partial<Observed>, node = a, ranges = subnets): unknown[] =>
    granted(build("layer3", { subnets: ranges }, [], { observed, nodes: [node] }));

  it("are the uuids of their router ports, also where a subnet was asked for", () => {
    assert.deepEqual(of({}), ["10.33.0.0/24", first, false]);
    const asked = subnetClaim("net", "10.33.7.0/24");
    assert.deepEqual(of({}, asking("10.33.7.0/24")), ["10.33.7.0/24", asked, false]);
  });

  it("of rows that lost their subnets are passed over, and guarded when that very subnet is asked for", () => {
    const held = there({ [first]: "rtos-net_b" });
    const next = subnetClaim("net", "10.33.1.0/24");
    assert.deepEqual(of(held), ["10.33.1.0/24", next, false]);
    assert.deepEqual(of(held, asking("10.33.0.0/24")), ["10.33.0.0/24", undefined, "marked"]);
  });

  it("that somebody else is about to make are passed over, and made where that very subnet is asked for", () => {
    const observed: Partial<Observed> = { reserved: (uuid) => uuid === first };
    assert.deepEqual(of(observed), ["10.33.1.0/24", subnetClaim("net", "10.33.1.0/24"), false]);
    assert.deepEqual(of(observed, asking("10.33.0.0/24")), ["10.33.0.0/24", first, false]);
  });

  it("of the node's own row bring back the subnet it was made for", () => {
    assert.deepEqual(of(there({ [first]: "rtos-net_a" })), ["10.33.0.0/24", undefined, "marked"]);
  });

  it("of rows that go in the same transaction do not count, but their uuids are not free yet", () => {
    assert.deepEqual(of(there({ [first]: "rtos-net_b" }, [], [first])), [
      "10.33.0.0/24",
      undefined,
      "marked",
    ]);
  });

  it("speak for the first family only", () => {
    const dual = "10.33.0.0/16,fd00::/60";
    assert.deepEqual(of({}, a, dual), ["10.33.0.0/24 fd00::/64", first, true]);
    const known = there({}, [{ name: "a", subnets: ["fd00::/64"] }]);
    assert.deepEqual(of(known, a, dual), ["10.33.0.0/24 fd00::/64", first, false]);
  });

  it("cannot speak for all of a subnet of another length", () => {
    assert.deepEqual(of({}, asking("10.33.0.128/25")), ["10.33.0.128/25", first, "marked"]);
    assert.deepEqual(of({}, asking("10.33.0.0/22")), ["10.33.0.0/22", first, "marked"]);
  });

  it("on one part are made by the first of two nodes that asked for pieces of it in one call", () => {
    const nodes: readonly NodeInput[] = [
      asking("10.33.0.128/25"),
      { name: "b", chassisId: "D", subnets: { net: ["10.33.0.0/25"] } },
    ];
    const built = build("layer3", { subnets }, [], { nodes });
    const claims = ["rtos-net_a", "rtos-net_b"].map((name) => rowOf(built, name).uuid);
    assert.deepEqual(
      [claims, built.nodes.map(({ exclusive }) => exclusive)],
      [
        [first, undefined],
        [true, true],
      ],
    );
  });

  it("are nothing to a node that keeps its subnet under any uuid, and guarded when it gets another", () => {
    const old = there({ "some other uuid": "rtos-net_a" }, [{ name: "a", subnets: ["10.33.4.0/24"] }]);
    assert.deepEqual(of(old), ["10.33.4.0/24", undefined, false]);
    assert.deepEqual(of(old, asking("10.33.5.0/24")), ["10.33.5.0/24", undefined, "marked"]);
  });
});
