import assert from "node:assert/strict";
import { readDeletion, readManifests } from "../../../lib/manifests/index.ts";
import { blue, errorsIn, expectErrors, nad, node, pod, read } from "./fixtures.ts";

const layer3 = (fields: Record<string, unknown>): string =>
  nad("kube-system/blue", { name: "blue", topology: "layer3", subnets: "10.1.0.0/16", ...fields });
const localnet = (fields: Record<string, unknown>): string =>
  nad("kube-system/blue", { name: "blue", topology: "localnet", ...fields });

describe("networks of manifests", () => {
  it("have the fields of their configuration", () => {
    const [spec] = read(
      localnet({ vlanID: 20, physicalNetworkName: "phys", subnets: "10.1.0.0/24, fd00::/64", mtu: 0 }),
    ).networks.map((network) => network.spec);
    assert.equal(spec?.vlan, 20);
    assert.equal(spec?.physicalNetworkName, "phys");
    assert.equal(spec?.mtu, undefined);
    assert.deepEqual(
      spec?.subnets.map(({ text }) => text),
      ["10.1.0.0/24", "fd00::/64"],
    );
    assert.equal(read(localnet({ vlanID: 0 })).networks[0]?.spec.vlan, undefined);
    const [routed] = read(layer3({ subnets: "10.1.0.0/16/24", role: "secondary" })).networks;
    assert.equal(routed?.spec.subnets[0]?.hostPrefix, 24);
  });

  it("may be a list with one plugin, named beside it", () => {
    const plugin = {
      type: "ovn-k8s-cni-overlay",
      topology: "layer2",
      netAttachDefName: "kube-system/blue",
    };
    const list = (fields: object): string =>
      nad("kube-system/blue", {
        type: undefined,
        netAttachDefName: undefined,
        cniVersion: "1.0.0",
        name: "blue",
        ...fields,
      });
    assert.equal(read(list({ plugins: [plugin] })).networks[0]?.spec.name, "blue");
    expectErrors([list({ plugins: [{ ...plugin, subnets: "10.1.0.0" }] })], {
      field: "spec.config.plugins[0].subnets",
      value: "10.1.0.0",
      line: 16,
      reason: /must be address\/length/,
    });
    expectErrors([list({ plugins: [plugin], name: undefined })], {
      field: "spec.config.name",
      value: undefined,
      line: 8,
      reason: /is missing/,
    });
    const tuning = { type: "tuning" };
    expectErrors([list({ plugins: [plugin, tuning] })], {
      field: "spec.config.plugins",
      value: [plugin, tuning],
      line: 11,
      reason: /cannot be chained/,
    });
    expectErrors([list({ plugins: [plugin], type: plugin.type })], {
      field: "spec.config.type",
      value: plugin.type,
      reason: /must not stand beside plugins/,
    });
    expectErrors([list({ plugins: [] })], {
      field: "spec.config.plugins",
      value: [],
      reason: /must not be empty/,
    });
    expectErrors([list({ plugins: 1 })], {
      field: "spec.config.plugins",
      value: 1,
      reason: /must be a list/,
    });
    expectErrors([list({ plugins: [1] })], {
      field: "spec.config.plugins[0]",
      value: 1,
      reason: /must be a map/,
    });
  });

  it("of other CNI plugins and of the cluster are skipped", () => {
    const bare = "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n";
    const set = read(
      nad("d/a", { type: "macvlan", topology: 7 }),
      nad("d/b", { name: "default" }),
      nad("d/c", { topology: "" }),
      nad("d/e", { type: undefined, plugins: [{ type: "bridge" }, { type: "ovn-k8s-cni-overlay" }] }),
      `${bare}metadata: {name: f}\n`,
      `${bare}metadata: {name: g}\nspec: {config: ""}\n`,
    );
    const cluster = "it has no topology: it stands for the cluster's default network";
    const elsewhere = "its configuration is not in spec.config";
    assert.deepEqual(
      set.skipped.map(({ document, kind, name, reason }) => [document, kind, name, reason]),
      [
        [1, "NetworkAttachmentDefinition", "d/a", 'its CNI type is "macvlan"'],
        [2, "NetworkAttachmentDefinition", "d/b", cluster],
        [3, "NetworkAttachmentDefinition", "d/c", cluster],
        [4, "NetworkAttachmentDefinition", "d/e", 'its CNI type is "bridge"'],
        [5, "NetworkAttachmentDefinition", "default/f", elsewhere],
        [6, "NetworkAttachmentDefinition", "default/g", elsewhere],
      ],
    );
    assert.deepEqual(set.networks, []);
  });

  it("with one field that is wrong name it, with its line", () => {
    const cases: readonly [string, string, unknown, RegExp][] = [
      [blue({ topology: "ring" }), "topology", "ring", /must be layer3, layer2 or localnet/],
      [blue({ topology: 3 }), "topology", 3, /must be layer3, layer2 or localnet/],
      [blue({ type: 3 }), "type", 3, /must be a string/],
      [
        blue({ type: "ovn-k8s-cni-overlays" }),
        "type",
        "ovn-k8s-cni-overlays",
        /did you mean ovn-k8s-cni-overlay\?/,
      ],
      [blue({ name: "default" }), "name", "default", /the cluster's own network/],
      [blue({ name: "ovn-kubernetes" }), "name", "ovn-kubernetes", /the cluster's own network/],
      [blue({ name: "" }), "name", "", /must not be empty/],
      [blue({ role: "boss" }), "role", "boss", /must be primary or secondary/],
      [localnet({ role: "primary" }), "role", "primary", /must be secondary on a localnet network/],
      [blue({ netAttachDefName: "d/blue" }), "netAttachDefName", "d/blue", /must be "kube-system\/blue"/],
      [blue({ subnets: "10.1.0.0/33" }), "subnets", "10.1.0.0/33", /must be address\/length/],
      [blue({ subnets: "239.1.0.0/16" }), "subnets", "239.1.0.0/16", /must not lie in 224\.0\.0\.0\/4/],
      [blue({ subnets: "fd00::/64,::1/128" }), "subnets", "::1/128", /must not lie in ::\/127/],
      [blue({ subnets: "10.1.0.0/16/24" }), "subnets", "10.1.0.0/16/24", /have no host prefix/],
      [blue({ subnets: ["10.1.0.0/16"] }), "subnets", ["10.1.0.0/16"], /must be a string/],
      [
        blue({ subnets: "10.1.0.0/16,10.1.9.0/24" }),
        "subnets",
        "10.1.9.0/24",
        /overlap with 10\.1\.0\.0\/16/,
      ],
      [blue({ subnets: "fd00::/64,fd00::/64" }), "subnets", "fd00::/64", /overlap with fd00::\/64/],
      [layer3({ subnets: "10.1.0.0/24/24" }), "subnets", "10.1.0.0/24/24", /longer than their own/],
      [layer3({ subnets: "10.1.0.0/24/20" }), "subnets", "10.1.0.0/24/20", /longer than their own/],
      [blue({ excludeSubnets: "10.1.0.5" }), "excludeSubnets", "10.1.0.5", /must be address\/length/],
      [blue({ excludeSubnets: "10.9.0.0/24" }), "excludeSubnets", "10.9.0.0/24", /within one of the subnets/],
      [blue({ mtu: "1400" }), "mtu", "1400", /must be a number/],
      [blue({ mtu: 1400.5 }), "mtu", 1400.5, /must be a whole number/],
      [blue({ mtu: -1 }), "mtu", -1, /from 0 to/],
      [localnet({ vlanID: -1 }), "vlanID", -1, /from 0 to 4094/],
      [localnet({ vlanID: 4095 }), "vlanID", 4095, /from 0 to 4094/],
      [localnet({ physicalNetworkName: "a:b" }), "physicalNetworkName", "a:b", /comma or a colon/],
      [layer3({ allowPersistentIPs: true }), "allowPersistentIPs", true, /not possible on a layer3/],
      [blue({ allowPersistentIPs: "yes" }), "allowPersistentIPs", "yes", /must be true or false/],
      [localnet({ joinSubnet: "10.9.0.0/16" }), "joinSubnet", "10.9.0.0/16", /not possible on a localnet/],
      [localnet({ reservedSubnets: "10.1.0.0/24" }), "reservedSubnets", "10.1.0.0/24", /only .* layer2/],
      [blue({ infrastructureSubnets: "x" }), "infrastructureSubnets", "x", /only .* on a primary network/],
      [blue({ transport: "evpn" }), "transport", "evpn", /is not supported yet/],
      [blue({ outboundSNAT: "enabled" }), "outboundSNAT", "enabled", /only possible with/],
      [blue({ evpn: {} }), "evpn", {}, /is not supported yet/],
      [blue({ uplink: "u" }), "uplink", "u", /only possible on a primary network/],
      [blue({ ipam: { type: "static" } }), "ipam.type", "static", /the addresses of a network are given in/],
    ];
    for (const [text, field, value, reason] of cases) {
      const key = field.split(".")[0];
      const line = text.split("\n").findIndex((each) => each.includes(`"${key}":`)) + 1;
      const inside = field.includes(".") ? line + 1 : line;
      expectErrors([text], { field: `spec.config.${field}`, value, line: inside, reason });
    }
  });

  it("with several fields that are wrong name all of them", () => {
    expectErrors(
      [localnet({ role: "primary", joinSubnet: "x", transport: "evpn" })],
      { field: "spec.config.role", value: "primary", reason: /./ },
      { field: "spec.config.joinSubnet", value: "x", reason: /./ },
      { field: "spec.config.transport", value: "evpn", reason: /./ },
    );
    expectErrors(
      [localnet({ excludeSubnets: "10.1.0.0/24", subnets: "10.1.0.0", vlanID: 9999, mtu: 1e9 })],
      { field: "spec.config.subnets", value: "10.1.0.0", reason: /./ },
      { field: "spec.config.vlanID", value: 9999, reason: /./ },
      { field: "spec.config.mtu", value: 1e9, reason: /./ },
    );
    expectErrors(
      [blue({ name: undefined, netAttachDefName: undefined })],
      { field: "spec.config.name", value: undefined, reason: /is missing/ },
      { field: "spec.config.netAttachDefName", value: undefined, reason: /is missing/ },
    );
  });

  it("of ranges that the cluster has are refused with their line, but can be removed", () => {
    const subnets = "10.1.0.0/16,100.64.0.0/16";
    const overlap = { field: "spec.config.subnets", value: "100.64.0.0/16", reason: /cluster's join subnet/ };
    expectErrors([blue({ subnets })], { document: 1, line: 13, ...overlap });
    const join = { field: "spec.config.joinSubnet", value: "100.64.0.0/17", reason: /100\.64\.0\.0\/16/ };
    expectErrors([blue({ joinSubnet: "100.64.0.0/17" })], { document: 1, line: 14, ...join });
    const text = blue({ subnets });
    assert.deepEqual(readDeletion([{ file: "m.yaml", text }]).networks, [
      { name: "blue", nads: ["kube-system/blue"] },
    ]);
  });

  it("are measured against those ranges when nothing else is wrong with them", () => {
    const wrong = { role: "primary", subnets: "10.1.0.0", excludeSubnets: "10.1.9.0/24" };
    const subnets = { field: "spec.config.subnets", value: "10.1.0.0", reason: /./ };
    const reserved = { field: "spec.config.reservedSubnets", value: "x", reason: /address\/length/ };
    expectErrors([blue({ ...wrong, reservedSubnets: "x" })], subnets, reserved);
    // What stands in for the subnets overlaps with everything, and is of both families.
    for (const more of [{}, { transitSubnet: "10.9.0.0/16" }, { defaultGatewayIPs: "10.1.0.1" }])
      expectErrors([blue({ ...wrong, ...more })], subnets);
    const mtu = { field: "spec.config.mtu", value: 70_000, reason: /./ };
    expectErrors([blue({ subnets: "100.64.0.0/16", mtu: 70_000 })], mtu);
  });

  it("say which fields their topology does not use", () => {
    const set = read(layer3({ excludeSubnets: "10.1.0.0/24", vlanID: 7 }));
    assert.deepEqual(
      set.skipped.map(({ name, reason }) => [name, reason]),
      [
        ["kube-system/blue", "spec.config.excludeSubnets is not used on a layer3 network"],
        ["kube-system/blue", "spec.config.vlanID is not used on a layer3 network"],
      ],
    );
    assert.equal(set.networks.length, 1);
  });

  it("say which keys nobody reads, with their lines, and what was probably meant", () => {
    const { networks, skipped } = read(
      blue({
        subnet: "10.2.0.0/16",
        vlans: 7,
        excludeSubnet: "10.1.0.1/32",
        shape: "ring",
        physicalNetwork: "p",
      }),
    );
    assert.deepEqual(
      networks.map(({ spec }) => [spec.name, spec.vlan, spec.excludes.length]),
      [["blue", undefined, 0]],
    );
    const says = (key: string, hint: string): string => `spec.config.${key} is not known and not used${hint}`;
    assert.deepEqual(
      skipped.map(({ line, name, reason }) => [line, name, reason]),
      [
        [14, "kube-system/blue", says("subnet", "; did you mean subnets?")],
        [15, "kube-system/blue", says("vlans", "; did you mean vlanID?")],
        [16, "kube-system/blue", says("excludeSubnet", "; did you mean excludeSubnets?")],
        [17, "kube-system/blue", says("shape", "")],
        [18, "kube-system/blue", says("physicalNetwork", "; did you mean physicalNetworkName?")],
      ],
    );
  });

  it("may have the keys of any CNI plugin, which are passed over silently", () => {
    const cni = {
      cniVersion: "1.0.0",
      capabilities: { ips: true },
      dns: {},
      ipam: {},
      prevResult: {},
      args: {},
      runtimeConfig: {},
      logFile: "/x",
      logLevel: "5",
      "logfile-maxsize": 1,
      "logfile-maxbackups": 1,
      "logfile-maxage": 1,
      deviceID: "",
      disableCheck: true,
    };
    assert.deepEqual(read(blue(cni)).skipped, []);
  });

  it("say what stands beside a list of plugins and belongs into it", () => {
    const plugin = { type: "ovn-k8s-cni-overlay", topology: "layer2", netAttachDefName: "kube-system/blue" };
    const beside = { type: undefined, netAttachDefName: undefined, name: "blue", subnets: "10.1.0.0/16" };
    const { skipped } = read(nad("kube-system/blue", { ...beside, plugins: [{ ...plugin, mtus: 1 }] }));
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      [
        "spec.config.subnets is not known and not used",
        "spec.config.plugins[0].mtus is not known and not used; did you mean mtu?",
      ],
    );
  });

  it("whose topology is misspelt are no networks of the cluster", () => {
    for (const key of ["topolgy", "Topology", "topologies"]) {
      const fields = { name: "blue", subnets: "10.1.0.0/16", [key]: "layer2" };
      if (key === "topologies")
        assert.deepEqual(
          read(nad("kube-system/blue", fields)).skipped.map(({ reason }) => reason),
          ["it has no topology: it stands for the cluster's default network"],
        );
      else
        expectErrors([nad("kube-system/blue", fields)], {
          field: `spec.config.${key}`,
          value: "layer2",
          line: 13,
          reason: /did you mean topology\?/,
        });
    }
  });

  it("are one when several definitions agree", () => {
    const set = read(
      blue({ mtu: 0, excludeSubnets: "" }),
      blue({ subnets: " 10.1.9.9/16" }, "a/b"),
      node("n1"),
      pod("d/p", "a/b"),
    );
    assert.equal(set.networks.length, 1);
    assert.deepEqual(set.networks[0]?.nads, ["a/b", "kube-system/blue"]);
    assert.deepEqual(set.networks[0]?.spec.nads, ["a/b", "kube-system/blue"]);
    assert.equal(set.pods[0]?.attachments[0]?.network, "blue");
  });

  it("that several definitions describe differently name the field and both documents", () => {
    const cases: readonly [Record<string, unknown>, Record<string, unknown>, string, string][] = [
      [{ mtu: 1400 }, { mtu: 1500 }, "mtu", "1400"],
      [{ mtu: 1400 }, {}, "mtu", "1400"],
      [{}, { mtu: 1500 }, "mtu", "absent"],
      [{}, { topology: "localnet" }, "topology", '"layer2"'],
      [{}, { subnets: "10.2.0.0/16" }, "subnets", '"10.1.0.0/16"'],
      [{}, { excludeSubnets: "10.1.1.0/24" }, "excludeSubnets", "absent"],
      [{ allowPersistentIPs: true }, {}, "allowPersistentIPs", "true"],
    ];
    for (const [first, second, field, written] of cases) {
      expectErrors([blue(first, "a/b"), blue(second)], {
        document: 2,
        field: `spec.config.${field}`,
        value: { topology: "layer2", subnets: "10.1.0.0/16", ...second }[field],
        reason: new RegExp(
          `differs from that of a/b \\(${written}\\) in m\\.yaml, document 1, line \\d+, .* "blue"$`,
        ),
      });
    }
    const vlans = [localnet({ vlanID: 1 }), nad("a/b", { name: "blue", topology: "localnet", vlanID: 2 })];
    expectErrors(vlans, { field: "spec.config.vlanID", value: 1, reason: /\(2\) in m\.yaml, document 2/ });
  });

  it("with something wrong are not compared", () => {
    expectErrors([blue({ mtu: -1 }, "a/b"), blue({ mtu: 1400 })], {
      field: "spec.config.mtu",
      value: -1,
      reason: /from 0/,
    });
  });

  it("whose configuration is not JSON name the line where it goes wrong", () => {
    const config = [
      "    {",
      '            "cniVersion": "0.3.1",',
      '            "subnets": "10.33.0.0/16/24", #each node has a part',
      '            "netAttachDefName": "d/x"',
      "    }",
    ];
    const head = "kind: NetworkAttachmentDefinition\nmetadata: {name: x}\nspec:\n";
    const reason = /^is not JSON: unexpected "#" after the value of "subnets".* \(JSON has no comments\)$/;
    const value = '"subnets": "10.33.0.0/16/24", #each node has a part';
    for (const [style, line] of [
      ["|2", 7],
      ["|", 7],
      [">-", 7],
    ] as const)
      expectErrors([`${head}  config: ${style}\n${config.join("\n")}\n`], {
        field: "spec.config",
        line,
        value,
        reason,
      });
    // At the first letter of its line, where what stands beside the key must not count.
    for (const style of ["|", ">-"]) {
      const [first] = errorsIn(() => read(`${head}  config: ${style}\n    {\n    'a'}\n`));
      assert.deepEqual([first?.line, first?.field], [6, "spec.config"]);
    }
    const quoted = JSON.stringify(config.join("\n"));
    expectErrors([`${head}  config: ${quoted}\n`], { field: "spec.config", line: 4, value, reason });
    const single = `${head}  config: '${config.join("\n")}'\n`;
    const [error] = errorsIn(() => read(single));
    assert.equal(error?.line, 6);
    const json = JSON.stringify(
      {
        kind: "NetworkAttachmentDefinition",
        metadata: { name: "x" },
        spec: { config: "{\n'a'}" },
      },
      null,
      2,
    );
    const [inJson] = errorsIn(() => readManifests([{ file: "x.json", text: json }]));
    assert.deepEqual([inJson?.line, inJson?.value, inJson?.field], [7, "'a'}", "spec.config"]);
  });

  it("need a string as configuration", () => {
    const text = "kind: NetworkAttachmentDefinition\nmetadata: {name: x}\nspec: {config: {name: x}}\n";
    expectErrors([text], { field: "spec.config", value: { name: "x" }, line: 3, reason: /must be a string/ });
    expectErrors([text.replace("{name: x}}", "'[]'}")], {
      field: "spec.config",
      value: [],
      reason: /must be a map/,
    });
  });
});
