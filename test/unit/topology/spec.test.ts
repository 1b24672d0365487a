import assert from "node:assert/strict";
import { parseAddress } from "../../../lib/topology/description/address.ts";
import {
  checkNetworkRanges,
  type NetworkInput,
  type NetworkSpec,
  networkDifference,
  parseNetwork,
  SpecError,
  type TopologyName,
} from "../../../lib/topology/index.ts";

function refuses(topology: string, input: object, path: string, value: unknown): void {
  assert.throws(
    () =>
      checkNetworkRanges(parseNetwork(topology as TopologyName, { name: "net", ...input } as NetworkInput)),
    (error) => {
      assert.ok(error instanceof SpecError, String(error));
      assert.deepEqual({ path: error.path, value: error.value }, { path, value });
      assert.ok(error.message.includes(path));
      return true;
    },
    `${topology} ${JSON.stringify(input)}`,
  );
}

describe("network specs", () => {
  it("brings every way of saying it into one form", () => {
    const texts = parseNetwork("layer3", {
      name: "net",
      nad: "a/b",
      subnets: " 10.33.7.1/16 , fd00:10::1/48/64",
    });
    const list = parseNetwork("layer3", {
      name: "net",
      nad: ["a/b", "a/b"],
      subnets: ["10.33.0.0/16/24", { cidr: "fd00:10::/48", hostPrefix: 64 }],
      excludeSubnets: "nonsense, which upstream ignores for layer3",
      mtu: 0,
    });
    assert.deepEqual(texts, list);
    assert.deepEqual(
      texts.subnets.map((subnet) => [subnet.text, subnet.hostPrefix]),
      [
        ["10.33.0.0/16", 24],
        ["fd00:10::/48", 64],
      ],
    );
    assert.deepEqual(
      [texts.nads, texts.excludes, texts.mtu, texts.role],
      [["a/b"], [], undefined, "secondary"],
    );
  });

  it("is frozen", () => {
    const spec = parseNetwork("layer2", { name: "net", subnets: "10.0.0.0/8" });
    assert.ok(Object.isFrozen(spec) && Object.isFrozen(spec.subnets) && Object.isFrozen(spec.subnets[0]));
  });

  it("keeps what only localnet has, and takes VLAN 0 for none", () => {
    const spec = parseNetwork("localnet", {
      name: "net",
      vlanID: 4094,
      physicalNetworkName: "physnet",
      mtu: 9000,
    });
    assert.deepEqual([spec.vlan, spec.physicalNetworkName, spec.mtu], [4094, "physnet", 9000]);
    assert.equal(parseNetwork("localnet", { name: "net", vlanID: 0 }).vlan, undefined);
    const asked = { name: "net", underlayMtu: true };
    assert.deepEqual(
      [asked, { ...asked, mtu: 0 }, { ...asked, mtu: 9000 }].map((input) => {
        const { underlayMtu, mtu } = parseNetwork("localnet", input);
        return [underlayMtu, mtu];
      }),
      [
        [true, undefined],
        [true, undefined],
        [undefined, 9000],
      ],
    );
    assert.equal(parseNetwork("layer2", { name: "net", vlanID: 0 }).vlan, undefined);
  });

  it("refuses names that cannot be", () => {
    for (const name of [
      "",
      "a\nb",
      "a\u0000",
      "a\u0085",
      "\ud800",
      "default",
      "ovn-kubernetes",
      undefined,
      7,
    ]) {
      refuses("layer2", { name }, "name", name);
    }
    for (const nad of ["net", "a/b/c", "/b", "a/", "a/b\n"]) refuses("layer2", { nad }, "nad", nad);
    refuses("layer4", {}, "topology", "layer4");
    refuses("layer2", { role: "other" }, "role", "other");
  });

  it("refuses subnets that cannot be", () => {
    for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/8/24/1", "10.0.0.0/8/x", "hello", " "]) {
      refuses("layer3", { subnets: text }, "subnets", text);
    }
    refuses("layer2", { subnets: "10.0.0.0/8," }, "subnets", "");
    refuses("layer2", { subnets: "10.0.0.0/8/24" }, "subnets", "10.0.0.0/8/24");
    refuses("layer2", { subnets: "10.0.0.0/8,10.1.0.0/16" }, "subnets", "10.1.0.0/16");
    refuses("layer2", { subnets: "10.0.0.0/8,10.0.0.0/8" }, "subnets", "10.0.0.0/8");
    refuses("localnet", { subnets: "fd00::/64,10.0.0.0/8,fd00::/48" }, "subnets", "fd00::/48");
    refuses("layer3", { subnets: "10.0.0.0/24" }, "subnets", "10.0.0.0/24");
    refuses("layer3", { subnets: "10.0.0.0/16/16" }, "subnets", "10.0.0.0/16/16");
    refuses("layer3", { subnets: "10.0.0.0/16/31" }, "subnets", "10.0.0.0/16/31");
    refuses("layer3", { subnets: "fd00::/48/80" }, "subnets", "fd00::/48/80");
    refuses("layer3", { subnets: "fd00::/64" }, "subnets", "fd00::/64");
    refuses(
      "layer3",
      { subnets: "10.0.0.0/16/24,10.1.0.0/16/25" },
      "subnets",
      "10.0.0.0/16/24,10.1.0.0/16/25",
    );
    refuses("layer3", {}, "subnets", undefined);
    refuses("layer3", { subnets: [7] }, "subnets", 7);
    refuses("layer3", { subnets: 7 }, "subnets", 7);
  });

  it("refuses ranges that the cluster uses itself, as upstream does on every network with tunnels", () => {
    // Upstream's defaults, go-controller/pkg/config/config.go; a secondary network has no join subnet, and is refused for it too.
    for (const [topology, subnet] of [
      ["layer3", "100.64.0.0/16"],
      ["layer2", "100.64.0.0/16"],
      ["layer3", "100.65.3.0/24/26"],
      ["layer2", "fd98::/64"],
      ["layer2", "fd99::/80"],
      ["layer3", "100.88.0.0/16"],
      ["layer3", "fd97::/48"],
      ["layer2", "169.254.169.0/24"],
    ] as const)
      for (const role of ["secondary", "primary"])
        refuses(topology, { subnets: subnet, role }, "subnets", subnet.replace("/26", ""));
    refuses("layer2", { subnets: "10.0.0.0/8", joinSubnet: "10.9.0.0/16" }, "subnets", "10.0.0.0/8");
    refuses("layer3", { subnets: "10.0.0.0/8", joinSubnet: "100.64.0.0/17" }, "joinSubnet", "100.64.0.0/17");
    const fine: readonly (readonly [TopologyName, string, string?])[] = [
      ["localnet", "100.64.0.0/16"],
      ["localnet", "100.88.0.0/16"],
      // The transit subnet of a layer2 network moves away, and a secondary one has none.
      ["layer2", "100.88.0.0/16"],
      ["layer2", "100.64.0.0/15", "100.64.0.0/16,100.65.0.0/16"],
      ["layer3", "100.66.0.0/16"],
      // Nobody gets an address of the second, which takes up a part of the cluster's join subnet.
      ["layer2", "10.1.0.0/16,100.64.1.0/24", "100.64.1.0/24"],
    ];
    for (const [topology, subnets, excludeSubnets = ""] of fine)
      checkNetworkRanges(parseNetwork(topology, { name: "net", subnets, excludeSubnets }));
  });

  it("refuses excludes outside the subnets, and bare addresses", () => {
    const subnets = "10.22.0.0/16";
    for (const exclude of ["10.23.0.0/24", "10.0.0.0/8", "10.22.0.1", "fd00::/64", "x"]) {
      refuses("layer2", { subnets, excludeSubnets: exclude }, "excludeSubnets", exclude);
    }
    refuses("localnet", { excludeSubnets: "10.0.0.0/8" }, "excludeSubnets", "10.0.0.0/8");
    assert.equal(
      parseNetwork("layer2", { name: "net", subnets, excludeSubnets: "10.22.9.0/24, 10.22.0.1/32" }).excludes
        .length,
      2,
    );
  });

  it("refuses numbers and settings out of place", () => {
    for (const vlanID of [-1, 4095, 1.5, Number.NaN, "7"]) refuses("localnet", { vlanID }, "vlanID", vlanID);
    for (const mtu of [-1, 70_000, 1.5]) refuses("layer2", { mtu }, "mtu", mtu);
    refuses("layer2", { vlanID: 7 }, "vlanID", 7);
    refuses("layer3", { subnets: "10.0.0.0/8", physicalNetworkName: "p" }, "physicalNetworkName", "p");
    for (const physicalNetworkName of ["a,b", "a:b", "a\tb", "x".repeat(254)]) {
      refuses("localnet", { physicalNetworkName }, "physicalNetworkName", physicalNetworkName);
    }
    refuses("layer3", { subnets: "10.0.0.0/8", allowPersistentIPs: true }, "allowPersistentIPs", true);
    refuses("layer2", { allowPersistentIPs: "yes" }, "allowPersistentIPs", "yes");
  });

  it("shows no value of a field that is absent", () => {
    assert.throws(() => parseNetwork("layer3", { name: "net" }), {
      message: "subnets are needed by a layer3 network",
      path: "subnets",
    });
  });

  it("shows numbers that JSON has none of", () => {
    assert.throws(() => parseNetwork("layer2", { name: "net", mtu: Number.NaN }), /mtu .*: NaN$/);
    assert.throws(
      () => parseNetwork("layer2", { name: "net", mtu: Number.POSITIVE_INFINITY }),
      /mtu .*: Infinity$/,
    );
  });

  it("is one object for one description, whoever gives it and whatever becomes of the object it was given in", () => {
    const input = { name: "same", nad: ["a/b"], subnets: "10.0.0.0/8", mtu: 1400 };
    const spec = parseNetwork("layer2", input);
    assert.equal(parseNetwork("layer2", { ...input, nad: [...input.nad], vlanID: undefined } as never), spec);
    assert.notEqual(parseNetwork("localnet", input), spec);
    input.nad.push("c/d");
    input.mtu = 1500;
    const changed = parseNetwork("layer2", input);
    assert.deepEqual([changed.nads, changed.mtu], [["a/b", "c/d"], 1500]);
    assert.deepEqual([spec.nads, spec.mtu], [["a/b"], 1400]);
    for (const part of [spec.nads, spec.subnets, spec.subnets[0]]) assert.ok(Object.isFrozen(part));
  });

  it("is read anew from what is no plain object, since nobody sees what that says", () => {
    class Described {
      readonly #name: string;
      readonly nad = "a/b";
      constructor(name: string) {
        this.#name = name;
      }
      get name(): string {
        return this.#name;
      }
    }
    const names = ["one", "two"].map((name) => parseNetwork("layer2", new Described(name)).name);
    assert.deepEqual(names, ["one", "two"]);
    const subnet = (cidr: string): NetworkInput["subnets"] => [
      Object.defineProperty({ hostPrefix: 24 } as never, "cidr", { get: () => cidr }),
    ];
    const ranges = ["10.1.0.0/16", "10.2.0.0/16"].map(
      (cidr) =>
        parseNetwork("layer3", { name: "net", nad: "a/b", subnets: subnet(cidr) ?? [] }).subnets[0]?.text,
    );
    assert.deepEqual(ranges, ["10.1.0.0/16", "10.2.0.0/16"]);
    // In JSON it would be null, as what is not said.
    refuses("layer2", { mtu: Number.NaN }, "mtu", Number.NaN);
  });

  it("is another one for any difference to the description before", () => {
    const base = { name: "net", nad: "a/b", subnets: "10.1.0.0/16/24" };
    const others: [TopologyName, object][] = [
      ["layer3", { ...base, mtu: 1500 }],
      ["layer3", { ...base, mtu: 0 }],
      ["layer3", base],
      ["layer3", { name: "net", nad: "a/b", subnets: "10.2.0.0/16/24" }],
      ["layer3", { ...base, nad: undefined }],
      ["layer2", { ...base, subnets: "10.1.0.0/16" }],
      ["layer2", { name: "net", nad: "a/b" }],
      ["localnet", { name: "net", nad: "a/b" }],
      ["localnet", { name: "net", nad: "a/b", vlanID: 3 }],
    ];
    const specs = others.map(([topology, input]) => {
      const spec = parseNetwork(topology, { ...input } as NetworkInput);
      assert.equal(parseNetwork(topology, { ...input } as NetworkInput), spec);
      return spec;
    });
    assert.equal(new Set(specs).size, others.length);
    assert.deepEqual(
      specs.map(({ mtu, subnets, nads }) => [mtu, subnets[0]?.text, nads.length]),
      others.map(([, input]) => {
        const { mtu, subnets, nad }: Partial<NetworkInput> = input;
        const text = typeof subnets === "string" ? subnets.replace("/24", "") : undefined;
        return [mtu || undefined, text, nad === undefined ? 0 : 1];
      }),
    );
  });

  it("tells in what two descriptions of a network differ, NADs aside", () => {
    const base: NetworkInput = { name: "net", nad: "a/b", subnets: "10.0.0.0/8" };
    const spec = parseNetwork("layer2", base);
    assert.equal(networkDifference(spec, parseNetwork("layer2", { ...base, nad: "c/d", mtu: 0 })), undefined);
    const others: [TopologyName, Partial<NetworkInput>, string][] = [
      ["localnet", {}, "topology"],
      ["layer2", { subnets: "10.0.0.0/9" }, "subnets"],
      ["layer2", { excludeSubnets: "10.0.0.0/9" }, "excludeSubnets"],
      ["layer2", { mtu: 1500 }, "mtu"],
      ["layer2", { allowPersistentIPs: true }, "allowPersistentIPs"],
    ];
    for (const [topology, change, field] of others) {
      assert.equal(networkDifference(spec, parseNetwork(topology, { ...base, ...change })), field);
    }
    const localnet = parseNetwork("localnet", base);
    assert.equal(networkDifference(localnet, parseNetwork("localnet", { ...base, vlanID: 3 })), "vlanID");
    assert.equal(
      networkDifference(localnet, parseNetwork("localnet", { ...base, physicalNetworkName: "p" })),
      "physicalNetworkName",
    );
    const nodes = parseNetwork("layer3", base);
    assert.equal(
      networkDifference(nodes, parseNetwork("layer3", { ...base, subnets: "10.0.0.0/8/25" })),
      "subnets",
    );
    const primary = parseNetwork("layer2", { ...base, role: "primary" });
    for (const [field, text] of [
      ["joinSubnet", "100.70.0.0/16"],
      ["transitSubnet", "100.71.0.0/16"],
      ["reservedSubnets", "10.9.0.0/16"],
      ["infrastructureSubnets", "10.9.0.0/16"],
      ["defaultGatewayIPs", "10.9.0.1"],
    ] as const) {
      const other = parseNetwork("layer2", { ...base, role: "primary", [field]: text });
      assert.equal(networkDifference(primary, other), field);
    }
  });

  it("gives a primary layer2 network nothing that no interface can have, and all that one can", () => {
    const primary = (input: Omit<NetworkInput, "name">): NonNullable<NetworkSpec["primary"]> => {
      const { primary: found } = parseNetwork("layer2", { name: "net", role: "primary", ...input });
      assert.ok(found);
      return found;
    };
    const subnets = "10.1.0.0/16";
    const last = (10n << 24n) + (1n << 16n) + 0xffffn;
    // The broadcast address is the second of the range, and so the management address is the usual one.
    const { gateways, managements } = primary({ subnets, infrastructureSubnets: "10.1.255.254/31" });
    assert.deepEqual([gateways[0]?.value, managements[0]?.value], [last - 1n, last - 0xfffdn]);
    const highest = "fd00:1::ffff:ffff:ffff:ffff";
    const [gateway] = primary({ subnets: "fd00:1::/64", defaultGatewayIPs: highest }).gateways;
    assert.deepEqual(gateway, parseAddress(highest));
    refuses(
      "layer2",
      { role: "primary", subnets, defaultGatewayIPs: "10.1.255.255" },
      "defaultGatewayIPs",
      "10.1.255.255",
    );
    // Behind a large subnet in one step, however many ranges of that size it holds.
    const { transitSubnets } = primary({ subnets: "100.64.0.0/10" });
    assert.deepEqual(
      transitSubnets.map(({ text }) => text),
      ["100.128.0.0/16"],
    );
  });
});
