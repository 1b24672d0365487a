import assert from "node:assert/strict";
import {
  type BuiltNetwork,
  type NetworkRows,
  recogniseNetwork,
  type TopologyName,
  type TopologyOptions,
} from "../../../lib/topology/index.ts";
import { joinSwitchName } from "../../../lib/topology/naming/names.ts";
import { build, of2023, today } from "./support.ts";

type Mutable<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[]
    ? Mutable<E>[]
    : T[K] extends object
      ? { -readonly [P in keyof T[K]]: T[K][P] }
      : T[K];
};

function rowsOf(built: BuiltNetwork): Mutable<Required<Omit<NetworkRows, "nodeSwitches">>> {
  const marks = (prefix: string): BuiltNetwork["rows"] =>
    built.rows.filter((row) => row.key.startsWith(prefix));
  return {
    switches: marks("Logical_Switch/").map((row) => ({
      name: row.name,
      externalIds: { ...row.keys?.["external_ids"] },
      otherConfig: { ...row.keys?.["other_config"] },
    })),
    routers: marks("Logical_Router/").map((row) => ({
      name: row.name,
      externalIds: { ...row.keys?.["external_ids"] },
    })),
    ports: marks("Logical_Switch_Port/").map((row) => ({
      name: row.name,
      options: { ...row.keys?.["options"] },
    })),
    groups: marks("Load_Balancer_Group/").map((row) => row.name),
  };
}

function network(
  topology: TopologyName,
  options: TopologyOptions,
): Mutable<Required<Omit<NetworkRows, "nodeSwitches">>> {
  const subnets = "10.0.0.0/8";
  return rowsOf(build(topology, { subnets }, [], { options }));
}

const topologies: TopologyName[] = ["layer3", "layer2", "localnet"];

describe("recognising the profile", () => {
  it("heeds no join switch of a primary network, which has no role in any", () => {
    const rows = network("layer3", today);
    const { evidence } = recogniseNetwork("net", rows);
    const externalIds = { "k8s.ovn.org/network": "net" };
    rows.switches.push({ name: joinSwitchName("net"), externalIds, otherConfig: {} });
    assert.deepEqual(recogniseNetwork("net", rows).evidence, evidence);
  });

  for (const topology of topologies) {
    for (const options of [today, of2023]) {
      it(`of ${topology} as ${options.profile} writes it`, () => {
        const found = recogniseNetwork("net", network(topology, options));
        assert.deepEqual([found.exists, found.profile, found.rival], [true, options.profile, undefined]);
        assert.equal(found.mode, topology === "localnet" ? undefined : "central");
      });

      it(`of ${topology} as ${options.profile} writes it, with any one key lost, added or changed`, () => {
        const size = JSON.stringify(network(topology, options)).length;
        let tried = 0;
        const check = (
          change: (rows: Mutable<Required<Omit<NetworkRows, "nodeSwitches">>>) => void,
          what: string,
        ): void => {
          const rows = network(topology, options);
          change(rows);
          assert.notEqual(JSON.stringify(rows).length, size, what);
          assert.equal(recogniseNetwork("net", rows).profile, options.profile, what);
          tried += 1;
        };
        const marks = { "k8s.ovn.org/role": "secondary", "k8s-ovn-topo-version": "5" };
        for (const table of ["switches", "routers"] as const) {
          for (const index of network(topology, options)[table].keys()) {
            const ids = (
              rows: Mutable<Required<Omit<NetworkRows, "nodeSwitches">>>,
            ): Record<string, string> => (rows[table][index]?.externalIds ?? {}) as Record<string, string>;
            for (const [key, value] of Object.entries(marks)) {
              check((rows) => {
                const had = ids(rows)[key] !== undefined;
                if (had) delete ids(rows)[key];
                else ids(rows)[key] = value;
              }, `${table} ${index} ${key}`);
            }
          }
        }
        if (topology === "localnet") {
          check((rows) => {
            rows.ports[0] = { name: "net_ovn_localnet_port", options: {} };
          }, "network_name lost");
          check((rows) => {
            rows.ports[0] = {
              name: "net_ovn_localnet_port",
              options: { network_name: options === today ? "net_br-localnet" : "net" },
            };
          }, "network_name changed");
        }
        for (const _ of network(topology, options).groups)
          check((rows) => {
            rows.groups.pop();
          }, "group lost");
        assert.ok(tried >= 2);
      });
    }
  }

  it("does not take a physical network that was asked for as a mark", () => {
    for (const options of [today, of2023]) {
      const rows = rowsOf(build("localnet", { physicalNetworkName: "p" }, [], { options }));
      assert.equal(recogniseNetwork("net", rows).profile, options.profile);
    }
  });

  it("counts the switches' mark by majority", () => {
    const nodes = ["n1", "n2", "n3"].map((name) => ({ name }));
    const rows = rowsOf(build("layer3", { subnets: "10.0.0.0/8" }, [], { options: of2023, nodes }));
    Object.assign(rows.switches[0]?.externalIds ?? {}, { "k8s.ovn.org/role": "secondary" });
    for (const router of rows.routers) router.externalIds = {};
    assert.equal(recogniseNetwork("net", rows).profile, "ovn-kubernetes-2023");
  });

  it("says nothing of a network that is not there", () => {
    const found = recogniseNetwork("net", { switches: [], routers: [], ports: [], groups: [] });
    assert.deepEqual(found, {
      exists: false,
      profile: undefined,
      mode: undefined,
      evidence: [],
      rival: undefined,
    });
  });

  it("gives its reasons", () => {
    assert.match(
      recogniseNetwork("net", network("layer2", of2023)).evidence.join("; "),
      /topo-version.*role.*groups/,
    );
  });
});

describe("recognising the mode", () => {
  const ic = {
    "interconn-ts": "net_ovn_layer2_switch",
    "requested-tnl-key": "16711686",
    mcast_flood_unregistered: "true",
  };

  it("by a transit switch", () => {
    const rows = network("layer3", today);
    rows.switches.push({ name: "net_transit_switch", externalIds: {}, otherConfig: {} });
    assert.equal(recogniseNetwork("net", rows).mode, "interconnect");
  });

  it("by the keys of a layer2 switch, one more or less", () => {
    for (const lost of Object.keys(ic)) {
      const rows = network("layer2", today);
      const { [lost]: _, ...rest } = ic as Record<string, string>;
      Object.assign(rows.switches[0]?.otherConfig ?? {}, rest);
      assert.equal(recogniseNetwork("net", rows).mode, "interconnect", lost);
    }
    for (const [key, value] of Object.entries(ic)) {
      const rows = network("layer2", today);
      Object.assign(rows.switches[0]?.otherConfig ?? {}, { [key]: value });
      assert.equal(recogniseNetwork("net", rows).mode, "central", key);
    }
  });
});

describe("recognising another network under the same names", () => {
  it("names it", () => {
    const rows = network("layer2", today);
    for (const row of rows.switches)
      (row.externalIds as Record<string, string>)["k8s.ovn.org/network"] = "a-b";
    for (const row of rows.switches) row.name = row.name.replace("net_", "a.b_");
    assert.equal(recogniseNetwork("a.b", rows).rival, "a-b");
    assert.equal(recogniseNetwork("a-b", rows).rival, undefined);
    // A changed value that gives another prefix is drift.
    for (const row of rows.switches)
      (row.externalIds as Record<string, string>)["k8s.ovn.org/network"] = "changed";
    assert.equal(recogniseNetwork("a.b", rows).rival, undefined);
  });
});
