import assert from "node:assert/strict";
import { AddressError, type NodeInput, readNodeSubnets } from "../../../lib/topology/index.ts";
import { build } from "./support.ts";

function subnetsOf(
  nodes: readonly NodeInput[],
  more: { subnets?: string; observed?: readonly { name: string; subnets: string[] }[] } = {},
): Record<string, string> {
  const observed = { nodes: more.observed ?? [] };
  const built = build("layer3", { subnets: more.subnets ?? "10.33.0.0/16" }, [], { nodes, observed });
  return Object.fromEntries(built.nodes.map((node) => [node.name, node.subnets.join(" ")]));
}

function recorded(name: string, ...subnets: string[]): NodeInput {
  return { name, subnets: { net: subnets } };
}

describe("node subnets", () => {
  it("go to nodes by name, lowest first, one of each family, IPv4 first", () => {
    assert.deepEqual(
      subnetsOf([{ name: "n2" }, { name: "n10" }, { name: "n1" }], { subnets: "fd00::/60,10.33.0.0/16" }),
      {
        n1: "10.33.0.0/24 fd00::/64",
        n10: "10.33.1.0/24 fd00:0:0:1::/64",
        n2: "10.33.2.0/24 fd00:0:0:2::/64",
      },
    );
  });

  it("come from the next range when one is full", () => {
    assert.deepEqual(
      subnetsOf([{ name: "a" }, { name: "b" }, { name: "c" }], { subnets: "10.0.0.0/23,10.8.0.0/23" }),
      {
        a: "10.0.0.0/24",
        b: "10.0.1.0/24",
        c: "10.8.0.0/24",
      },
    );
    assert.throws(
      () => subnetsOf([{ name: "a" }, { name: "b" }, { name: "c" }], { subnets: "10.0.0.0/23" }),
      (error) =>
        error instanceof AddressError &&
        error.path === "nodes[c].subnets" &&
        error.value === "10.0.0.0/23" &&
        error.message.includes('"net"'),
    );
  });

  it("of the past come first: recorded, then observed, then free", () => {
    const observed = [
      { name: "a", subnets: ["10.33.7.0/24"] },
      { name: "b", subnets: ["10.33.0.0/24"] },
      { name: "gone", subnets: ["10.33.1.0/24"] },
    ];
    assert.deepEqual(subnetsOf([{ name: "c" }, { name: "b" }, recorded("a", "10.33.2.0/24")], { observed }), {
      a: "10.33.2.0/24",
      b: "10.33.0.0/24",
      c: "10.33.3.0/24",
    });
  });

  it("that a node lacks are added when the network gets a second family", () => {
    const observed = [{ name: "a", subnets: ["10.33.4.0/24"] }];
    assert.deepEqual(subnetsOf([{ name: "a" }], { subnets: "10.33.0.0/16,fd00::/60", observed }), {
      a: "10.33.4.0/24 fd00::/64",
    });
  });

  it("that do not fit the network are not believed when observed", () => {
    const observed = [
      { name: "a", subnets: ["10.99.0.0/24", "x", "fd00::"] },
      // Drifted onto the one that another node has on record.
      { name: "b", subnets: ["10.33.5.0/24"] },
    ];
    assert.deepEqual(subnetsOf([{ name: "a" }, { name: "b" }, recorded("c", "10.33.5.0/24")], { observed }), {
      a: "10.33.0.0/24",
      b: "10.33.1.0/24",
      c: "10.33.5.0/24",
    });
  });

  it("of another length keep what they overlap from being given", () => {
    assert.deepEqual(
      subnetsOf([recorded("a", "10.33.0.0/22"), { name: "b" }, recorded("c", "10.33.4.128/25")]),
      {
        a: "10.33.0.0/22",
        b: "10.33.5.0/24",
        c: "10.33.4.128/25",
      },
    );
  });

  it("that are used up are told with what makes room, where nodes have some that are not in the request", () => {
    const subnets = "10.33.0.0/23,fd00::/60";
    const ask = (...given: string[]) => {
      const observed = [{ name: "gone", subnets: given }];
      return () => subnetsOf([{ name: "a" }, { name: "b" }, { name: "c" }], { subnets, observed });
    };
    const message = 'node c: network "net" has no free subnet left in 10.33.0.0/23';
    assert.throws(ask(), { name: AddressError.name, message });
    // Another family is no matter.
    assert.throws(ask("fd00::/64"), { message });
    const why =
      "some are of nodes that are not in the request: the option prune removes such, and removeNode takes one out";
    assert.throws(ask("10.33.1.0/24"), { message: `${message.replace("node c", "node b")}; ${why}` });
  });

  it("on record are checked", () => {
    const observed = [{ name: "gone", subnets: ["10.33.1.0/24"] }];
    const bad: [NodeInput[], string, RegExp][] = [
      [[recorded("a", "10.34.0.0/24")], "10.34.0.0/24", /is not in 10\.33\.0\.0\/16/],
      [[recorded("a", "10.33.0.0")], "10.33.0.0", /address\/length/],
      [[recorded("a", "10.33.0.0/24", "10.33.1.0/24")], "10.33.1.0/24", /second of its family/],
      [[recorded("a", "10.33.0.0/24"), recorded("b", "10.33.0.0/24")], "10.33.0.0/24", /belongs to node a$/],
      [
        [recorded("a", "10.33.0.0/24"), recorded("b", "10.33.0.0/25")],
        "10.33.0.0/25",
        /overlaps with 10\.33\.0\.0\/24 of node a/,
      ],
      [
        [recorded("a", "10.33.1.0/24")],
        "10.33.1.0/24",
        /belongs to node gone, which is not in the request; the option prune removes such, and removeNode takes one out$/,
      ],
    ];
    for (const [nodes, value, message] of bad) {
      assert.throws(
        () => subnetsOf(nodes, { observed }),
        (error) => error instanceof AddressError && error.value === value && message.test(error.message),
        value,
      );
    }
  });
});

describe("reading a node's subnets from its rows", () => {
  const config = { subnet: "10.33.2.0/24", exclude_ips: "10.33.2.2", ipv6_prefix: "fd00:0:0:2::" };
  const routed = { networks: ["10.33.2.1/24", "fd00:0:0:2::1/64"], mac: "0a:58:0a:21:02:01" };
  const right = ["10.33.2.0/24", "fd00:0:0:2::/64"];

  it("agrees with all of them", () => {
    assert.deepEqual(readNodeSubnets(config, routed).toSorted(), right);
  });

  it("believes the majority when one has changed", () => {
    const changed: [Record<string, string>, typeof routed][] = [
      [{ ...config, subnet: "10.33.9.0/24" }, routed],
      [{ ...config, exclude_ips: "10.33.9.2" }, routed],
      [{ exclude_ips: "10.33.2.2", subnet: "10.33.2.0/24" }, routed],
      [config, { ...routed, networks: ["10.33.9.1/24"] }],
      [config, { ...routed, mac: "0a:58:0a:21:09:01" }],
      [config, { networks: [], mac: "" }],
      [{}, routed],
    ];
    for (const [otherConfig, port] of changed) {
      const read = readNodeSubnets(otherConfig, port);
      assert.equal(
        read.find((text) => text.includes(".")),
        right[0],
        JSON.stringify([otherConfig, port]),
      );
      assert.equal(
        read.find((text) => text.includes(":")),
        right[1],
        JSON.stringify([otherConfig, port]),
      );
    }
  });
});
