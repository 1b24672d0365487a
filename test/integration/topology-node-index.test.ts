import assert from "node:assert/strict";
import { insertOp, mutateOp, type Operation, updateOp } from "../../lib/ovsdb/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { parseCidr } from "../../lib/topology/description/address.ts";
import { layer3, type Northbound } from "../../lib/topology/index.ts";
import { networkOf, text, texts } from "../../lib/topology/observe/observe.ts";
import { checkProfile, checkSeen, recognise } from "../../lib/topology/observe/profile-check.ts";
import { seeAll, seeNodes } from "../../lib/topology/observe/sight.ts";
import { defaultTopologyOptions } from "../../lib/topology/request/request.ts";
import { SubnetLedger } from "../../lib/topology/request/subnet-ledger.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { profiles, useTopologyBench } from "../support/topology.ts";

// More than 32, so that the routers' sets are followed, not read again.
const nodes = Array.from({ length: 48 }, (_, index) => `n${index}`);

describeWithOvn("what is kept of a network's nodes", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const { spec } = layer3({ name: "net", nad: "default/net", subnets: "10.1.0.0/18/24" });

  /** What a plan of one node sees by what is kept, and by looking at everything. */
  function assertSame(nb: Northbound, node: string): void {
    const kept = seeNodes(nb.view, spec, [node]);
    const all = seeAll(nb.view, spec, [node]);
    assert.deepEqual(
      recognise(nb.view, spec.name, kept.telling, kept.roles),
      recognise(nb.view, spec.name, all.telling, all.roles),
    );
    for (const profile of profiles) {
      const options = { ...defaultTopologyOptions, profile };
      for (const migrate of [true, false])
        assert.equal(
          outcomeOf(() => checkSeen(nb.view, spec, options, migrate, kept)),
          outcomeOf(() => checkProfile(nb.view, spec, options, migrate, all.switches)),
        );
    }
    const ledger = new SubnetLedger(spec.subnets);
    for (const each of all.nodes) if (each.name !== node) ledger.observe(each);
    const rest = new SubnetLedger(spec.subnets);
    for (const each of kept.nodes) if (each.name !== node) rest.observe(each);
    const isOther = (other: string): boolean => other !== node;
    const [range] = spec.subnets;
    assert.ok(range);
    // Where the search for a free one begins, none is passed over.
    const first = kept.others?.firstFree(range, [node]) ?? 0n;
    const firstOfAll = kept.others?.firstFree(range, []) ?? 0n;
    const isAny = (): boolean => true;
    for (let number = 0; number < 64; number++) {
      const subnet = parseCidr(`10.1.${number}.0/24`);
      assert.ok(subnet);
      const held = rest.holder(subnet, isOther) ?? kept.others?.holder(subnet, isOther);
      const isFree = ledger.holder(subnet, isOther) === undefined;
      assert.equal(held === undefined, isFree, subnet.text);
      assert.ok(!isFree || number >= first, subnet.text);
      assert.ok(number >= firstOfAll || kept.others?.holder(subnet, isAny) !== undefined, subnet.text);
    }
    // Of several switches of one name none is the first.
    const own = (sight: typeof all): unknown =>
      sight.nodes.flatMap(({ name, subnets }) => (name === node ? [subnets.join()] : [])).toSorted();
    assert.deepEqual(own(kept), own(all));
  }

  it("is what looking at everything shows, whatever happens to the rows", async () => {
    const { nb } = bench;
    await layer3({ name: "net", nad: "default/net", subnets: "10.1.0.0/18/24" })
      .plan(nb, { nodes: nodes.slice(0, 40).map((name) => ({ name })) })
      .apply();
    await nb.transact((tx) => tx.raw(insertOp("Logical_Router", { name: "elsewhere" })));
    for (let seed = 0; seed < 150; seed++) {
      const random = new SeededRandom(seed);
      const operations = disturb(nb, random);
      await nb.transact((tx) => {
        for (const operation of operations) tx.raw(operation);
      });
      // Not after each: what is kept is then brought up to date over several changes.
      if (random.integer(0, 2) > 0) assertSame(nb, random.integer(0, 1) === 0 ? "n3" : "n19");
    }
    assertSame(nb, "n0");
  });

  it("shows at once that a network is not what it was, and that it is again", async () => {
    const { nb } = bench;
    const three = nodes.slice(0, 3);
    // A router of somebody else may have the port of a node, which tells of it until it goes.
    await bench.nbctl(`
      create Logical_Switch name=net_n9 external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/role=secondary
      lr-add elsewhere
      lrp-add elsewhere rtos-net_n9 0a:58:0a:01:09:01 10.1.9.1/24
    `);
    await layer3({ name: "net", nad: "default/net", subnets: "10.1.0.0/18/24" })
      .plan(nb, { nodes: three.map((name) => ({ name })) })
      .apply();
    const role = (node: string, command: string): string =>
      `${command} Logical_Switch net_${node} external_ids`;
    const steps: readonly (readonly [script: string, outcome: RegExp])[] = [
      ["set Logical_Switch net_n0 name=net_ovn_layer2_switch", /is a layer2 network/],
      ["set Logical_Switch net_ovn_layer2_switch name=net_n0", /well/],
      // A switch of no node becomes one of a node that the router does not know.
      [
        "create Logical_Switch name=net_x external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/topology=layer2 external_ids:k8s.ovn.org/role=secondary",
        /well/,
      ],
      ["set Logical_Switch net_x external_ids:k8s.ovn.org/topology=layer3", /well/],
      ["ls-del net_x", /well/],
      // Two of three signs of the profile are left.
      [
        [
          ...three.map((node) => `clear Logical_Switch net_${node} load_balancer_group`),
          "--all destroy Load_Balancer_Group",
        ].join("\n"),
        /well/,
      ],
      ["set Logical_Router net_ovn_cluster_router external_ids:k8s-ovn-topo-version=5", /2023/],
      ["remove Logical_Router net_ovn_cluster_router external_ids k8s-ovn-topo-version", /well/],
      [`${role("n0", "remove")} k8s.ovn.org/role`, /well/],
      [`${role("n1", "remove")} k8s.ovn.org/role`, /2023/],
      [`${role("n1", "set")}:k8s.ovn.org/role=secondary`, /well/],
      [`${role("n0", "set")}:k8s.ovn.org/role=secondary`, /well/],
      ["set Logical_Router net_ovn_cluster_router external_ids:k8s-ovn-topo-version=5", /2023/],
      ["create Load_Balancer_Group name=net_clusterLBGroup", /well/],
      ["destroy Load_Balancer_Group net_clusterLBGroup", /2023/],
    ];
    // Asked each time: what was found to be well is to be forgotten.
    const outcome = (): string =>
      outcomeOf(() =>
        checkSeen(nb.view, spec, defaultTopologyOptions, false, seeNodes(nb.view, spec, ["n2"])),
      );
    assertSame(nb, "n2");
    await bench.nbctl("lr-del elsewhere");
    assertSame(nb, "n2");
    await bench.nbctl("ls-del net_n9");
    assert.equal(outcome(), "well");
    for (const [script, expected] of steps) {
      await bench.nbctl(script);
      assert.match(outcome(), expected, script);
      assertSame(nb, "n2");
    }
  });
});

function outcomeOf(check: () => void): string {
  try {
    check();
    return "well";
  } catch (error) {
    return String(error);
  }
}

/** Something that happens to switches, routers and their ports. */
function disturb(nb: Northbound, random: SeededRandom): Operation[] {
  const pick = <T>(list: readonly T[]): T | undefined => list[random.integer(0, list.length - 1)];
  const { view } = nb;
  const switches = [...view.rows("Logical_Switch")];
  const routers = [...view.rows("Logical_Router")];
  const ports = [...view.rows("Logical_Router_Port")];
  const subnet = (): string => `10.1.${random.integer(0, 63)}`;
  const chosen = pick(switches);
  const port = pick(ports);
  const from = routers.find((router) => port !== undefined && texts(router, "ports").includes(port._uuid));
  const to = pick(routers);
  const here = (uuid: string): readonly [["_uuid", "==", readonly ["uuid", string]]] => [
    ["_uuid", "==", ["uuid", uuid]],
  ];
  const name = `net_${pick(nodes)}`;
  const isFree = ports.every((row) => text(row, "name") !== `rtos-${name}`);
  // Of another length than nodes have.
  const own = `${subnet()}.1/${random.integer(0, 3) === 0 ? 22 : 24}`;
  switch (random.integer(0, 10)) {
    case 0:
      return [
        insertOp("Logical_Switch", {
          name,
          other_config: ["map", [["subnet", `${subnet()}.0/24`]]],
          external_ids: ["map", random.integer(0, 3) === 0 ? [] : [["k8s.ovn.org/network", "net"]]],
        }),
      ];
    case 1:
      return chosen === undefined
        ? []
        : [{ op: "delete", table: "Logical_Switch", where: here(chosen._uuid) }];
    case 2: {
      if (chosen === undefined) return [];
      const isMarked = networkOf(chosen) !== "";
      const network = ["k8s.ovn.org/network", "net"] as const;
      return [
        mutateOp("Logical_Switch", here(chosen._uuid), [
          isMarked
            ? ["external_ids", "delete", ["set", ["k8s.ovn.org/network"]]]
            : ["external_ids", "insert", ["map", [network]]],
        ]),
      ];
    }
    case 3:
      return chosen === undefined
        ? []
        : [
            mutateOp("Logical_Switch", here(chosen._uuid), [
              ["external_ids", "delete", ["set", ["k8s.ovn.org/role"]]],
            ]),
          ];
    case 4: {
      const stranger = random.integer(0, 1) === 0;
      if (to === undefined || (!stranger && !isFree)) return [];
      const label = stranger ? `other-${random.integer(0, 1_000_000)}` : `rtos-${name}`;
      return [
        insertOp(
          "Logical_Router_Port",
          { name: label, mac: "0a:58:00:00:00:01", networks: ["set", [own]] },
          { uuidName: "made" },
        ),
        mutateOp("Logical_Router", here(to._uuid), [["ports", "insert", ["set", [["named-uuid", "made"]]]]]),
      ];
    }
    case 5:
      if (port === undefined || from === undefined) return [];
      return [
        mutateOp("Logical_Router", here(from._uuid), [["ports", "delete", ["set", [["uuid", port._uuid]]]]]),
      ];
    case 6:
      if (port === undefined || from === undefined || to === undefined || from === to) return [];
      return [
        mutateOp("Logical_Router", here(from._uuid), [["ports", "delete", ["set", [["uuid", port._uuid]]]]]),
        mutateOp("Logical_Router", here(to._uuid), [["ports", "insert", ["set", [["uuid", port._uuid]]]]]),
      ];
    case 7:
      if (port === undefined) return [];
      return [
        updateOp("Logical_Router_Port", here(port._uuid), {
          networks: ["set", [own]],
          ...(isFree && random.integer(0, 1) === 0 && { name: `rtos-${name}` }),
        }),
      ];
    case 8: {
      if (to === undefined) return [];
      const key = pick(["k8s.ovn.org/network", "k8s-ovn-topo-version", "k8s.ovn.org/role"] as const);
      if (key === undefined) return [];
      const isSet = text(to, "external_ids", key) !== "";
      const value = key === "k8s.ovn.org/network" ? "net" : "5";
      return [
        mutateOp("Logical_Router", here(to._uuid), [
          isSet
            ? ["external_ids", "delete", ["set", [key]]]
            : ["external_ids", "insert", ["map", [[key, value]]]],
        ]),
      ];
    }
    case 9:
      return to === undefined
        ? []
        : [
            updateOp("Logical_Router", here(to._uuid), {
              name: text(to, "name") === "elsewhere" ? "net_ovn_cluster_router" : "elsewhere",
            }),
          ];
    default:
      return chosen === undefined
        ? []
        : [
            updateOp("Logical_Switch", here(chosen._uuid), {
              name: pick(["net_join", "net_ovn_layer2_switch", name, name, name]) ?? name,
            }),
          ];
  }
}
