import assert from "node:assert/strict";
import type { AnyRow } from "../../lib/database/index.ts";
import { insertOp, mutateOp, type Operation, updateOp, type Where } from "../../lib/ovsdb/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import {
  listNetworks,
  listNodes,
  type Northbound,
  type PodOnNetwork,
  PodWatch,
  transitSwitchName,
  transitSwitchPortName,
} from "../../lib/topology/index.ts";
import { text, texts } from "../../lib/topology/observe/observe.ts";
import { countingView } from "../support/count-work.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { nodesIn, podsIn } from "../support/summary-of.ts";
import { catchUp, layer2Brief, layer3Brief, useTopologyBench } from "../support/topology.ts";

// More than 32 on a switch: its set of ports is then followed, and that of another one read again.
const crowd = Array.from({ length: 40 }, (_, index) => `crowd-${index}`);

const briefs = [
  layer3Brief([...crowd.map((name) => ({ name, node: "n2" })), { name: "a" }]),
  { ...layer2Brief(crowd), input: { name: "blue", subnets: "10.9.0.0/24" } },
];

describeWithOvn("pods that are looked at again and again", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  it("are those that a list of everything shows, whatever happens to the rows", async () => {
    const { nb } = bench;
    await bench.apply(briefs);
    await nb.transact((tx) => {
      for (const operation of wayToAnotherZone) tx.raw(operation);
    });
    const watch = new PodWatch(nb.view);
    const known: string[] = [];
    let looks = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = new SeededRandom(seed);
      await nb.transact((tx) => {
        for (const operation of disturb(nb, random, seed)) tx.raw(operation);
      });
      // Not after each: a look is then at several changes.
      if (random.integer(0, 2) === 0) continue;
      await catchUp(nb);
      const { before, now } = watch.look();
      if (now.length < 30) looks += 1;
      for (const text of before.map(textOf)) {
        assert.ok(known.includes(text), `seed ${seed}: ${text} was never told`);
        known.splice(known.indexOf(text), 1);
      }
      known.push(...now.map(textOf));
      const networks = listNetworks(nb.view);
      const all = podsIn(networks).map(textOf);
      assert.deepEqual(listNodes(nb.view), nodesIn(networks), `seed ${seed}`);
      assert.deepEqual(known.toSorted(), all.toSorted(), `seed ${seed}`);
    }
    assert.ok(looks > 250, `${looks} looks at few pods`);
  });

  it("are read once, and then only where something has changed", async () => {
    const { nb } = bench;
    await bench.apply(briefs);
    const { view, asked } = countingView(nb.view);
    const watch = new PodWatch(view);
    const look = (): { readonly rows: number; readonly names: readonly string[] } => {
      asked.clear();
      const names = watch.look().now.map(({ name }) => name);
      return { rows: [...asked.values()].reduce((sum, each) => sum + each, 0), names };
    };
    const first = look();
    assert.equal(first.names.length, 2 * crowd.length + 1);
    assert.ok(first.rows > crowd.length, `${first.rows} rows`);
    assert.deepEqual(look(), { rows: 0, names: [] });
    await bench.nbctl('lsp-set-addresses default.net_default_a "0a:00:00:00:00:07 10.3.0.99"');
    // The port, and the switch that it is on.
    assert.deepEqual(look(), { rows: 2, names: ["a"] });
    // Both ports of that pod.
    await bench.nbctl('lsp-set-addresses default.blue_default_crowd-1 "0a:00:00:00:00:01 10.9.0.98"');
    assert.deepEqual(look(), { rows: 2, names: ["crowd-1", "crowd-1"] });
    await bench.nbctl("lsp-del default.blue_default_crowd-8");
    assert.deepEqual(look(), { rows: 1, names: ["crowd-8"] });
    // What is not shown of a port.
    await bench.nbctl("lsp-set-port-security default.blue_default_crowd-9");
    assert.deepEqual(look(), { rows: 2, names: [] });
    // Nodes are looked for again, and no pod of them is.
    await bench.nbctl("ls-add elsewhere");
    const other = look();
    assert.deepEqual(other.names, []);
    assert.ok(other.rows > 0 && other.rows < crowd.length, `${other.rows} rows`);
  });
});

const ids = (network: string): readonly (readonly [string, string])[] => [
  ["k8s.ovn.org/network", network],
  ["k8s.ovn.org/topology", "layer3"],
];

const wayToAnotherZone: readonly Operation[] = [
  insertOp(
    "Logical_Switch_Port",
    {
      name: transitSwitchPortName("net", "far"),
      options: ["map", [["requested-chassis", "chassis-of-far"]]],
    },
    { uuidName: "far" },
  ),
  insertOp("Logical_Switch", {
    name: transitSwitchName("net"),
    ports: ["named-uuid", "far"],
    external_ids: ["map", ids("net")],
  }),
];

/** Something that happens to the rows that tell of pods. */
function disturb({ view }: Northbound, random: SeededRandom, seed: number): Operation[] {
  const pick = <T>(list: readonly T[]): T | undefined => list[random.integer(0, list.length - 1)];
  const any = (table: string): AnyRow => pick([...view.rows(table)]) ?? { _uuid: "" };
  const switches = [...view.rows("Logical_Switch")];
  const port = any("Logical_Switch_Port");
  const to = any("Logical_Switch");
  const from = switches.find((row) => texts(row, "ports").includes(port._uuid)) ?? to;
  // One of several: then the port stays.
  const home = switches.find((row) => row !== from && texts(row, "ports").includes(port._uuid));
  const own: readonly ["uuid", string] = ["uuid", port._uuid];
  const link = (row: AnyRow, how: "insert" | "delete", uuid: readonly [string, string]): Operation =>
    mutateOp("Logical_Switch", here(row._uuid), [["ports", how, ["set", [uuid]]]]);
  const mark = (
    table: string,
    row: AnyRow,
    column: string,
    key: string,
    values: readonly string[],
  ): Operation[] => {
    const value = pick(values) ?? "";
    return [
      mutateOp(table, here(row._uuid), [
        [column, "delete", ["set", [key]]],
        [column, "insert", ["map", value === "" ? [] : [[key, value]]]],
      ]),
    ];
  };
  const chassis = ["chassis-of-n1", "chassis-of-n2", "chassis-of-far", "elsewhere", ""];
  const networks = ["net", "blue", "green", ""];
  const [remote] = view.find("Logical_Switch_Port", { name: transitSwitchPortName("net", "far") });
  const ways: readonly (() => Operation[])[] = [
    () => mark("Logical_Switch_Port", port, "options", "requested-chassis", chassis),
    () => mark("Logical_Switch_Port", port, "external_ids", "pod", ["true", "false"]),
    () => mark("Logical_Switch_Port", port, "external_ids", "namespace", ["default", "other"]),
    () => mark("Logical_Switch_Port", port, "external_ids", "k8s.ovn.org/network", networks),
    () => mark("Logical_Switch_Port", port, "external_ids", "k8s.ovn.org/nad", ["default/net", "default/x"]),
    () => [
      updateOp("Logical_Switch_Port", here(port._uuid), {
        addresses: ["set", [`0a:00:00:00:00:01 10.9.1.${seed % 250}`]],
      }),
    ],
    () => [
      insertOp(
        "Logical_Switch_Port",
        {
          name: `default.net_default_new-${seed}`,
          external_ids: [
            "map",
            [
              ...ids(text(to, "external_ids", "k8s.ovn.org/network")),
              ["pod", "true"],
              ["namespace", "default"],
              ["k8s.ovn.org/nad", "default/net"],
            ],
          ],
        },
        { uuidName: "fresh" },
      ),
      link(to, "insert", ["named-uuid", "fresh"]),
    ],
    () => (random.integer(0, 3) > 0 ? [] : [link(from, "delete", own)]),
    () => [link(from, "delete", own), link(to, "insert", own)],
    ...repeated(4, () => [link(to, "insert", own)]),
    ...repeated(4, () => (home === undefined ? [] : [link(home, "delete", own)])),
    () => mark("Logical_Switch", to, "external_ids", "k8s.ovn.org/network", ["net", "blue", "net", ""]),
    () => mark("Logical_Switch", to, "external_ids", "k8s.ovn.org/topology", ["layer2", "layer3"]),
    () => [updateOp("Logical_Switch", here(to._uuid), { other_config: ["map", [["seed", String(seed)]]] })],
    () => [
      updateOp("Logical_Switch", here(to._uuid), {
        name: pick(["net_n1", "net_n2", transitSwitchName("net"), "blue_ovn_layer2_switch"]) ?? "",
      }),
    ],
    () => mark("Logical_Router", any("Logical_Router"), "options", "chassis", chassis),
    () => [
      updateOp("Logical_Router", here(any("Logical_Router")._uuid), {
        name: pick(["GR_net_n7", "GR_net_n8", "net_ovn_cluster_router"]) ?? "",
      }),
    ],
    () => [
      updateOp("Gateway_Chassis", here(any("Gateway_Chassis")._uuid), {
        chassis_name: pick(chassis.slice(0, 4)) ?? "",
      }),
    ],
    ...repeated(3, () =>
      remote === undefined
        ? []
        : mark("Logical_Switch_Port", remote, "options", "requested-chassis", chassis),
    ),
    ...repeated(3, () => {
      if (remote === undefined) return [];
      const uuid: readonly ["uuid", string] = ["uuid", remote._uuid];
      return switches.map((row) => link(row, row === to ? "insert" : "delete", uuid));
    }),
  ];
  return pick(ways)?.() ?? [];
}

function repeated<T>(times: number, each: T): readonly T[] {
  return Array.from({ length: times }, () => each);
}

function here(uuid: string): Where {
  return [["_uuid", "==", ["uuid", uuid]]];
}

function textOf(pod: PodOnNetwork): string {
  return JSON.stringify(pod);
}
