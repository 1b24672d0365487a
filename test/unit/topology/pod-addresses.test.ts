import assert from "node:assert/strict";
import { type AttachmentInput, addressClaim, type Observed } from "../../../lib/topology/index.ts";
import { addressesOf, build, observe, pod, port, refusesAddress as refuses, rowOf } from "./support.ts";

const subnets = "10.22.0.0/16";

/** Uuids that some row has. */
function held(...uuids: string[]): Partial<Observed> {
  return { claims: (uuid) => uuids.includes(uuid) };
}

describe("addresses given out", () => {
  it("are the lowest free ones, pods in order of namespace, name and NAD key", () => {
    const pods = [
      pod("b"),
      pod("a", { namespace: "zoo" }),
      pod("a", { nad: "default/net/1" }),
      pod("a"),
      pod("B"),
    ];
    const built = build("layer2", { subnets }, pods);
    assert.deepEqual(
      built.attachments.map((each) => [each.portName, each.addresses, each.exclusive]),
      [
        ["default.net_default_B", "0a:58:0a:16:00:01 10.22.0.1", false],
        ["default.net_default_a", "0a:58:0a:16:00:02 10.22.0.2", false],
        ["default.net.1_default_a", "0a:58:0a:16:00:03 10.22.0.3", false],
        ["default.net_default_b", "0a:58:0a:16:00:04 10.22.0.4", false],
        ["default.net_zoo_a", "0a:58:0a:16:00:05 10.22.0.5", false],
      ],
    );
    assert.deepEqual(built.attachments[0]?.ips, ["10.22.0.1/16"]);
    assert.equal(rowOf(built, "default.net_default_B").uuid, addressClaim("net", "10.22.0.1"));
  });

  it("start at .3 of the node's subnet on layer3", () => {
    const built = build("layer3", { subnets: "10.33.0.0/16" }, [
      pod("a", { node: "n2" }),
      pod("b"),
      pod("c", { node: "n2" }),
    ]);
    assert.deepEqual(addressesOf(built), {
      a: "0a:58:0a:21:01:03 10.33.1.3",
      b: "0a:58:0a:21:00:03 10.33.0.3",
      c: "0a:58:0a:21:01:04 10.33.1.4",
    });
  });

  it("are one of each subnet, in their order; the MAC is of the first", () => {
    const built = build("layer2", { subnets: "fd00::/64,10.22.0.0/16,10.23.0.0/16" }, [pod("a")]);
    const [attachment] = built.attachments;
    assert.equal(attachment?.addresses.slice(18), "fd00::1 10.22.0.1 10.23.0.1");
    assert.match(attachment?.mac ?? "", /^0a:58:(?!0a:16)/);
    assert.deepEqual(attachment?.ips, ["fd00::1/64", "10.22.0.1/16", "10.23.0.1/16"]);
    // The claim guards the first alone.
    assert.equal(attachment?.exclusive, true);
  });

  it("are found behind excluded ranges", () => {
    const built = build(
      "layer2",
      {
        subnets: "10.0.0.0/8,fd00::/64",
        excludeSubnets: "10.0.0.0/9,10.1.0.0/16,10.128.0.0/10,10.192.0.0/11,fd00::/113",
      },
      [pod("a")],
    );
    assert.equal(built.attachments[0]?.addresses.slice(18), "10.224.0.0 fd00::8000");
  });

  it("never are the network's, the broadcast, or beyond the first 65,535 of an IPv6 subnet", () => {
    const many = Array.from({ length: 3 }, (_, index) => pod(`p${index}`));
    refuses(
      () => build("layer2", { subnets: "10.0.0.0/30" }, many),
      { path: "pods[default/p2].addresses", value: "10.0.0.0/30" },
      'network "net"',
      "no free address",
    );
    refuses(() => build("layer2", { subnets: "10.0.0.0/31" }, many), { value: "10.0.0.0/31" });
    refuses(() => build("layer2", { subnets: "fd00::/64", excludeSubnets: "fd00::/112" }, many), {
      value: "fd00::/64",
    });
    const built = build("layer2", { subnets: "fd00::/126" }, many);
    assert.deepEqual(
      built.attachments.map((each) => each.ips[0]),
      ["fd00::1/126", "fd00::2/126", "fd00::3/126"],
    );
  });

  it("leave alone what others on the switch hold, and what claims are held for", () => {
    const observed: Partial<Observed> = {
      ports: [
        port("somebody", "00:00:00:00:0a:01 10.22.0.1"),
        port("restricted", "", { portSecurity: ["00:00:00:00:0a:02 10.22.0.2/32 10.22.0.3"] }),
        port("dynamic", "dynamic", { dynamicAddresses: "0a:00:00:00:00:04 10.22.0.4" }),
        port("router", "router", { addresses: ["router", "10.22.0.5/16"] }),
        // A pod that is not in this call.
        port("default.net_default_gone", "0a:58:0a:16:00:06 10.22.0.6"),
      ],
      ...held(addressClaim("net", "10.22.0.7")),
    };
    const built = build("layer2", { subnets }, [pod("a")], { observed });
    assert.equal(built.attachments[0]?.ips[0], "10.22.0.8/16");
  });
});

describe("addresses asked for", () => {
  it("are taken: requested before recorded, the rest allocated", () => {
    const dual = "10.22.0.0/16,fd00::/64";
    const built = build("layer2", { subnets: dual }, [
      pod("a", { ips: ["10.22.0.9/16"], mac: "02-00-00-00-00-AA" }),
      pod("b", {
        ips: ["fd00::9"],
        recorded: { ips: ["10.22.5.5/16", "fd00::5/64"], mac: "02:00:00:00:00:bb" },
      }),
      pod("c"),
    ]);
    assert.deepEqual(addressesOf(built), {
      a: "02:00:00:00:00:aa 10.22.0.9 fd00::1",
      b: "02:00:00:00:00:bb 10.22.5.5 fd00::9",
      c: "0a:58:0a:16:00:01 10.22.0.1 fd00::2",
    });
  });

  it("are honoured when recorded, though excluded since", () => {
    const input = { subnets, excludeSubnets: "10.22.200.0/24" };
    const recorded = { ips: ["10.22.200.7/16"] };
    assert.equal(build("layer2", input, [pod("a", { recorded })]).attachments[0]?.ips[0], "10.22.200.7/16");
    // The same request as ever, now on record.
    assert.equal(
      build("layer2", input, [pod("a", { recorded, ips: ["10.22.200.7"] })]).attachments[0]?.ips[0],
      "10.22.200.7/16",
    );
    refuses(
      () => build("layer2", input, [pod("a", { ips: ["10.22.200.7"] })]),
      { path: "pods[default/a].ips", value: "10.22.200.7" },
      "excludeSubnets",
    );
  });

  it("take the claim where it is free, else a random uuid and the guard", () => {
    const claim = addressClaim("net", "10.22.0.9");
    const free = build("layer2", { subnets }, [pod("a", { ips: ["10.22.0.9"] })]);
    assert.deepEqual(
      [rowOf(free, "default.net_default_a").uuid, free.attachments[0]?.exclusive],
      [claim, false],
    );
    const taken = build("layer2", { subnets }, [pod("a", { ips: ["10.22.0.9"] })], { observed: held(claim) });
    assert.deepEqual(
      [rowOf(taken, "default.net_default_a").uuid, taken.attachments[0]?.exclusive],
      [undefined, true],
    );
  });

  it("are refused where they cannot be", () => {
    const layer2 = (input: Partial<AttachmentInput>, more = {}): unknown =>
      build(
        "layer2",
        { subnets: "10.22.0.0/24,fd00::/64" },
        [pod("a", { ...input, source: "pods.yaml:7" })],
        more,
      );
    const path = "pods[default/a].ips";
    refuses(
      () => layer2({ ips: ["10.23.0.1"] }),
      { path, value: "10.23.0.1" },
      "is not in 10.22.0.0/24, fd00::/64",
    );
    refuses(
      () => layer2({ recorded: { ips: ["10.23.0.1/16"] } }),
      { path: "pods[default/a].recorded.ips" },
      "is not in",
    );
    refuses(() => layer2({ ips: ["10.22.0.0"] }), { path }, "network address");
    refuses(() => layer2({ ips: ["10.22.0.255"] }), { path }, "broadcast address");
    refuses(() => layer2({ ips: ["fd00::"] }), { path }, "network address");
    refuses(() => layer2({ ips: ["10.22.0.1", "10.22.0.2"] }), { path, value: "10.22.0.2" }, "second");
    refuses(
      () => layer2({ recorded: { ips: ["10.22.0.1", "10.22.0.2"] } }),
      { path: "pods[default/a].recorded.ips", value: "10.22.0.2" },
      "second",
    );
    refuses(() => layer2({ ips: ["ten"] }), { path, value: "ten" });
    refuses(() => layer2({ mac: "01:00:5e:00:00:01" }), {
      path: "pods[default/a].mac",
      value: "01:00:5e:00:00:01",
    });
    refuses(
      () =>
        layer2(
          { ips: ["10.22.0.9"] },
          { observed: { ports: [port("foreign", "02:00:00:00:00:01 10.22.0.9")] } },
        ),
      { path, value: "10.22.0.9" },
      'taken by port "foreign"',
    );
    assert.throws(() => layer2({ ips: ["ten"] }), { source: "pods.yaml:7" });
    const layer3 = (ips: string[]): unknown =>
      build("layer3", { subnets: "10.33.0.0/16" }, [pod("a", { ips })]);
    refuses(() => layer3(["10.33.0.1"]), { path }, "router port");
    refuses(() => layer3(["10.33.0.2"]), { path }, "management");
    refuses(() => layer3(["10.33.1.5"]), { path }, "is not in 10.33.0.0/24, which node n1 has");
    assert.doesNotThrow(() => layer3(["10.33.0.77/24"]));
  });

  it("are refused to two pods, naming both", () => {
    const ips = ["10.22.0.9"];
    refuses(
      () => build("layer2", { subnets }, [pod("b", { recorded: { ips } }), pod("a", { ips })]),
      { path: "pods[default/b].recorded.ips" },
      "default/a",
      "default/b",
    );
  });

  it("are refused when another pod of this call has them in the database", () => {
    const before = build("layer2", { subnets }, [pod("old")]);
    refuses(
      () =>
        build("layer2", { subnets }, [pod("old"), pod("new", { ips: ["10.22.0.1"] })], {
          observed: observe(before),
        }),
      { path: "pods[default/new].ips", value: "10.22.0.1" },
      "default.net_default_old",
    );
  });

  it("may be handed over by a pod that takes another", () => {
    const observed = observe(build("layer2", { subnets }, [pod("old")]));
    const built = build(
      "layer2",
      { subnets },
      [pod("old", { ips: ["10.22.0.7"] }), pod("new", { ips: ["10.22.0.1"] })],
      { observed },
    );
    const row = rowOf(built, "default.net_default_new");
    // The old row still holds the claim when the new one is inserted.
    assert.deepEqual([row.uuid, built.attachments[0]?.exclusive], [undefined, true]);
    assert.equal(rowOf(built, "default.net_default_old").replaces, addressClaim("net", "10.22.0.1"));
    assert.equal(rowOf(built, "default.net_default_old").uuid, addressClaim("net", "10.22.0.7"));
  });
});

describe("addresses that the database shows", () => {
  const name = "default.net_default_a";
  const right = "0a:58:0a:16:00:05 10.22.0.5";
  const uuid = addressClaim("net", "10.22.0.5");
  const withPorts = (
    ports: Observed["ports"],
    input: Partial<AttachmentInput> = {},
  ): ReturnType<typeof build> =>
    build("layer2", { subnets }, [pod("a", input)], {
      observed: { ports, claims: (each) => ports.some((one) => one.uuid === each) },
    });

  it("stay, and so does the row", () => {
    const built = withPorts([port(name, right, { uuid })]);
    const row = rowOf(built, name);
    assert.deepEqual(
      [built.attachments[0]?.addresses, row.uuid, row.replaces],
      [right, undefined, undefined],
    );
    assert.equal(built.attachments[0]?.exclusive, false);
  });

  it("are what the row was made for, whichever column has changed", () => {
    const wrong = "0a:58:0a:16:00:63 10.22.0.99";
    for (const change of [
      { addresses: [wrong] },
      { portSecurity: [wrong] },
      { addresses: [] },
      { portSecurity: [] },
      { addresses: ["unknown"] },
      { addresses: [`02:00:00:00:00:01 10.22.0.5`] },
    ]) {
      const built = withPorts([port(name, right, { uuid, ...change })]);
      assert.deepEqual(
        [built.attachments[0]?.addresses, rowOf(built, name).replaces],
        [right, undefined],
        JSON.stringify(change),
      );
    }
    // Both lost: the free address that the row's own uuid claims is as good as any.
    const bare = withPorts([port(name, "", { uuid: addressClaim("net", "10.22.0.1") })]);
    assert.deepEqual([bare.attachments[0]?.ips[0], rowOf(bare, name).replaces], ["10.22.0.1/16", undefined]);
  });

  it("are adopted from rows of others, by the column whose MAC speaks for it", () => {
    const adopted = withPorts([port(name, right, { addresses: ["0a:58:0a:16:00:05 10.22.0.99"] })]);
    assert.deepEqual([adopted.attachments[0]?.addresses, rowOf(adopted, name).replaces], [right, undefined]);
    const custom = withPorts([port(name, "02:00:00:00:00:07 10.22.0.7")]);
    assert.equal(custom.attachments[0]?.ips[0], "10.22.0.7/16");
  });

  it("give way to requested and recorded ones, under a new uuid", () => {
    for (const input of [{ ips: ["10.22.0.9"] }, { recorded: { ips: ["10.22.0.9/16"] } }]) {
      const built = withPorts([port(name, right, { uuid })], input);
      const row = rowOf(built, name);
      assert.deepEqual(
        [built.attachments[0]?.ips[0], row.replaces, row.uuid],
        ["10.22.0.9/16", uuid, addressClaim("net", "10.22.0.9")],
      );
    }
  });

  it("are given up when they are no longer in the network", () => {
    const built = withPorts([
      port(name, "0a:58:0b:00:00:05 11.0.0.5", { uuid: addressClaim("net", "11.0.0.5") }),
    ]);
    assert.deepEqual(
      [built.attachments[0]?.ips[0], rowOf(built, name).replaces !== undefined],
      ["10.22.0.1/16", true],
    );
  });

  it("stay when the network gets a second family; the row keeps its uuid", () => {
    const observed = observe(build("layer2", { subnets }, [pod("a")]));
    const built = build("layer2", { subnets: `${subnets},fd00::/64` }, [pod("a")], { observed });
    const row = rowOf(built, name);
    assert.deepEqual(
      [built.attachments[0]?.ips, row.replaces, built.attachments[0]?.exclusive],
      [["10.22.0.1/16", "fd00::1/64"], undefined, true],
    );
  });

  it("stay when what was the second is the first one now; its claim needs a new row", () => {
    const both = port(name, "0a:58:0a:16:00:05 10.22.0.5 fd00::5", { uuid });
    const built = build("layer2", { subnets: `fd00::/64,${subnets}` }, [pod("a")], {
      observed: { ports: [both], claims: (each) => each === uuid },
    });
    const row = rowOf(built, name);
    assert.deepEqual(
      [built.attachments[0]?.ips, row.replaces, row.uuid],
      [["fd00::5/64", "10.22.0.5/16"], uuid, addressClaim("net", "fd00::5")],
    );
  });

  it("stay with the port that was made for them when another has drifted onto them", () => {
    const other = "default.net_default_b";
    const ports = [
      port(name, right, { uuid }),
      port(other, right, {
        uuid: addressClaim("net", "10.22.0.6"),
        portSecurity: ["0a:58:0a:16:00:06 10.22.0.6"],
      }),
    ];
    const built = build("layer2", { subnets }, [pod("a"), pod("b")], { observed: { ports } });
    assert.deepEqual(addressesOf(built), { a: right, b: "0a:58:0a:16:00:06 10.22.0.6" });
    // With nothing left of its own, and before the other one by name.
    const theirs = "0a:58:0a:16:00:06 10.22.0.6";
    const drifted = [
      port(name, theirs, { uuid }),
      port(other, theirs, { uuid: addressClaim("net", "10.22.0.6") }),
    ];
    const again = build("layer2", { subnets }, [pod("a"), pod("b")], { observed: { ports: drifted } });
    assert.equal(addressesOf(again)["b"], theirs);
    assert.notEqual(addressesOf(again)["a"], theirs);
  });

  it("change with the node on layer3, and the row with them", () => {
    const input = { subnets: "10.33.0.0/16" };
    const observed = observe(build("layer3", input, [pod("a")]));
    const built = build("layer3", input, [pod("a", { node: "n2" })], { observed });
    const row = rowOf(built, name);
    assert.deepEqual(
      [built.attachments[0]?.ips[0], row.replaces, row.parent?.key],
      ["10.33.1.3/24", addressClaim("net", "10.33.0.3"), "Logical_Switch/net_n2"],
    );
  });

  it("stay on layer2 when the pod moves to another node", () => {
    const observed = observe(build("layer2", { subnets }, [pod("a")]));
    const built = build("layer2", { subnets }, [pod("a", { node: "n2" })], { observed });
    const row = rowOf(built, name);
    assert.deepEqual([row.replaces, row.keys?.["options"]?.["requested-chassis"]], [undefined, "C2"]);
  });

  it("stay though a port of somebody else was given the same since", () => {
    const ports = [port(name, right, { uuid }), port("foreign", right)];
    for (const input of [{}, { recorded: { ips: ["10.22.0.5/16"] } }]) {
      assert.equal(withPorts(ports, input).attachments[0]?.addresses, right);
    }
  });

  it("go to a new row when their subnet went to another switch", () => {
    const input = { subnets: "10.33.0.0/16" };
    const observed = observe(build("layer3", input, [pod("a")]));
    const nodes = [
      { name: "n1", subnets: { net: ["10.33.1.0/24"] } },
      { name: "n2", subnets: { net: ["10.33.0.0/24"] } },
    ];
    const built = build("layer3", input, [pod("a", { node: "n2" })], { observed, nodes });
    const row = rowOf(built, name);
    assert.deepEqual(
      [built.attachments[0]?.ips[0], row.replaces, row.uuid, built.attachments[0]?.exclusive],
      ["10.33.0.3/24", addressClaim("net", "10.33.0.3"), undefined, true],
    );
  });
});
