import assert from "node:assert/strict";
import { insertOp, mutateOp, type Operation, updateOp } from "../../lib/ovsdb/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { parseCidr } from "../../lib/topology/address.ts";
import { layer3, type Northbound } from "../../lib/topology/index.ts";
import { networkOf, text, texts } from "../../lib/topology/observe.ts";
import { recognise } from "../../lib/topology/profile-check.ts";
import { seeAll, seeNodes } from "../../lib/topology/sight.ts";
import { SubnetLedger } from "../../lib/topology/subnet-ledger.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

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
    const ledger = new SubnetLedger(spec.subnets);
    for (const each of all.nodes) if (each.name !== node) ledger.observe(each);
    const rest = new SubnetLedger(spec.subnets);
    for (const each of kept.nodes) if (each.name !== node) rest.observe(each);
    const isOther = (other: string): boolean => other !== node;
    for (let number = 0; number < 64; number++) {
      const subnet = parseCidr(`10.1.${number}.0/24`);
      assert.ok(subnet);
      const held = rest.holder(subnet, isOther) ?? kept.others?.holder(subnet, isOther);
      assert.equal(held === undefined, ledger.holder(subnet, isOther) === undefined, subnet.text);
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
});

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
  const own = `${subnet()}.1/24`;
  switch (random.integer(0, 8)) {
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
    default:
      return chosen === undefined
        ? []
        : [
            updateOp("Logical_Switch", here(chosen._uuid), {
              name: random.integer(0, 3) === 0 ? "net_join" : name,
            }),
          ];
  }
}
