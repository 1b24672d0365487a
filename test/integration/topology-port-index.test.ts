import assert from "node:assert/strict";
import type { AnyRow, ReadView } from "../../lib/database/index.ts";
import type { Json } from "../../lib/jsonrpc/index.ts";
import { deleteOp, insertOp, mutateOp, type Operation, updateOp, type Where } from "../../lib/ovsdb/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { parseAddress } from "../../lib/topology/description/address.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { text, texts } from "../../lib/topology/observe/observe.ts";
import { portsOfSwitch } from "../../lib/topology/observe/port-index.ts";
import type { SwitchPorts } from "../../lib/topology/observe/switch-ports.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { catchUp, useTopologyBench } from "../support/topology.ts";

const switchNames = ["s0", "s1", "s2"];
// Few, so that ports share them, and that they are free again.
const addresses = Array.from({ length: 12 }, (_, index) => `10.0.0.${index + 1}`);

const macs = ["0a:00:00:00:00:01", "0a:00:00:00:00:02", "0a:00:00:00:00:03", "0a:00:00:00:00:04"];

describeWithOvn("what is kept of the ports of switches", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  it("is what looking at all of them shows, whatever happens to them", async () => {
    const { nb } = bench;
    // More than 32 on one of them: its set of ports is then followed, and that of another one read again.
    await nb.transact((tx) => {
      for (const [index, name] of switchNames.entries())
        for (const operation of switchWith(name, index === 0 ? 40 : 6)) tx.raw(operation);
    });
    let runs = 0;
    for (let seed = 0; seed < 400; seed++) {
      const random = new SeededRandom(seed);
      const operations = disturb(nb, random, seed);
      await nb.transact((tx) => {
        for (const operation of operations) tx.raw(operation);
      });
      // Not after each: what is kept is then brought up to date over several changes.
      if (random.integer(0, 2) === 0) continue;
      await catchUp(nb);
      for (const row of nb.view.rows("Logical_Switch")) {
        const kept = portsOfSwitch(nb.view, row);
        assert.deepEqual(factsOf(kept), factsOf(portsOfSwitch(forgetful(nb.view), row)), `seed ${seed}`);
        if (factsOf(kept).runs.some((end) => end > 1n)) runs += 1;
      }
    }
    assert.ok(runs > 100, `${runs} switches had a run of addresses`);
  });

  it("is read once, and then only where it has changed", async () => {
    const { nb } = bench;
    await nb.transact((tx) => {
      for (const operation of switchWith("s0", 40)) tx.raw(operation);
    });
    const asked: string[] = [];
    const counted: ReadView = {
      ...nb.view,
      byUuid: (table, uuid) => {
        asked.push(table);
        return nb.view.byUuid(table, uuid);
      },
    };
    const look = (mac?: string): readonly string[] => {
      const [row] = nb.view.find("Logical_Switch", { name: "s0" });
      assert.ok(row);
      asked.length = 0;
      const ports = portsOfSwitch(counted, row);
      if (mac !== undefined) ports.portsWithMac(mac);
      return [...asked];
    };
    assert.equal(look().length, 40);
    assert.deepEqual(look(), []);
    // Who has a MAC is found out when somebody asks, and kept then.
    assert.equal(look("0a:00:00:00:00:01").length, 40);
    assert.deepEqual(look("0a:00:00:00:00:02"), []);
    await bench.nbctl('lsp-add s0 one-more\nlsp-set-addresses one-more "0a:00:00:00:00:03 10.0.0.3"');
    assert.deepEqual(look(), ["Logical_Switch_Port"]);
    await bench.nbctl("lsp-del one-more");
    // Its row has changed, and it is on no switch that is known.
    assert.deepEqual(look(), []);
    await bench.nbctl(
      'ls-add s9\nlsp-add s9 another\nlsp-set-addresses another "0a:00:00:00:00:04 10.0.0.4"',
    );
    assert.deepEqual(look(), []);
  });
});

/** The same view, of which nobody tells what changes. */
function forgetful(view: ReadView): ReadView {
  const { journal: _, ...rest } = view;
  return rest;
}

function factsOf(ports: SwitchPorts): {
  readonly uuids: readonly string[];
  readonly elsewhere: readonly string[];
  readonly holders: readonly (readonly string[])[];
  readonly runs: readonly bigint[];
  readonly macs: readonly (readonly string[])[];
} {
  const held = addresses.filter((address) => ports.holders(address).length > 0);
  return {
    uuids: [...ports.uuids].toSorted(),
    elsewhere: [...ports.elsewhere].toSorted(),
    holders: addresses.map((address) => ports.holders(address).toSorted()),
    macs: macs.map((mac) => ports.portsWithMac(mac).toSorted()),
    runs: held.flatMap((address) => {
      const parsed = parseAddress(address);
      return parsed === undefined ? [] : [ports.endOfRun(parsed) - parsed.value];
    }),
  };
}

function switchWith(name: string, count: number, seed = -1): Operation[] {
  const ports = Array.from({ length: count }, (_, index) =>
    insertOp(
      "Logical_Switch_Port",
      { name: `${name}-${seed}-${index}`, addresses: `0a:00:00:00:00:01 10.0.1.${index}` },
      { uuidName: `p${index}` },
    ),
  );
  const set = ["set", ports.map((_, index) => ["named-uuid", `p${index}`])] as const;
  return [...ports, insertOp("Logical_Switch", { name, ports: set })].map((operation) =>
    JSON.parse(JSON.stringify(operation).replaceAll(/"p(\d+)"/g, `"${name}p$1"`)),
  );
}

/** Something that happens to switches and their ports. */
function disturb(nb: Northbound, random: SeededRandom, seed: number): Operation[] {
  const pick = <T>(list: readonly T[]): T | undefined => list[random.integer(0, list.length - 1)];
  const switches = [...nb.view.rows("Logical_Switch")];
  const port = pick([...nb.view.rows("Logical_Switch_Port")]);
  const to = pick(switches);
  const from = switches.find((row) => port !== undefined && texts(row, "ports").includes(port._uuid));
  const some = (): string => {
    const first = random.integer(0, addresses.length - 1);
    return [pick(macs), ...addresses.slice(first, first + random.integer(0, 3))].join(" ");
  };
  if (to === undefined) return switchWith(switchNames[seed % 3] ?? "s0", seed % 2 === 0 ? 40 : 6, seed);
  const link = (row: AnyRow, how: "insert" | "delete", uuid: unknown): Operation =>
    mutateOp("Logical_Switch", here(row._uuid), [["ports", how, ["set", [uuid as ["uuid", string]]]]]);
  const add = [
    insertOp("Logical_Switch_Port", { name: `new-${seed}`, addresses: some() }, { uuidName: "fresh" }),
    link(to, "insert", ["named-uuid", "fresh"]),
  ];
  if (port === undefined || from === undefined) return add;
  const change = (columns: Parameters<typeof updateOp>[2]): Operation[] => [
    updateOp("Logical_Switch_Port", here(port._uuid), columns),
  ];
  const own: readonly ["uuid", string] = ["uuid", port._uuid];
  const ways: readonly (() => Operation[])[] = [
    () => add,
    () => add,
    () => change({ addresses: some() }),
    () => change({ addresses: ["set", [...new Set([some(), some()])]] }),
    () => change({ port_security: some() }),
    () => change({ dynamic_addresses: some() }),
    () => change({ name: `other-${seed}` }),
    () => change({ type: pick(["router", "virtual", ""]) ?? "" }),
    () => change({ type: "virtual", options: ["map", [["virtual-ip", "10.0.0.7"]]] }),
    () => [link(from, "delete", own)],
    () => [link(from, "delete", own)],
    () => [link(from, "delete", own)],
    () => {
      const other = nb.view.byUuid("Logical_Switch_Port", pick(texts(from, "ports")) ?? "");
      if (other === undefined || other._uuid === port._uuid) return [];
      const same = { addresses: addressesOf(other) };
      return [
        updateOp("Logical_Switch_Port", here(other._uuid), { name: text(port, "name"), ...same }),
        ...change({ name: text(other, "name"), ...same }),
      ];
    },
    // Its address goes on to another one in the same moment.
    () => [link(from, "delete", own), ...add],
    () => [link(from, "delete", own), link(to, "insert", own)],
    () => [link(to, "insert", own)],
    () => (random.integer(0, 4) === 0 ? [deleteOp("Logical_Switch", here(to._uuid))] : []),
    () => [updateOp("Logical_Switch", here(to._uuid), { other_config: ["map", [["seed", String(seed)]]] })],
  ];
  const name = text(to, "name");
  const operations = (pick(ways) ?? (() => add))();
  // Switches that have gone come again, under another uuid.
  const missing = switchNames.find(
    (each) => each !== name && !switches.some((row) => text(row, "name") === each),
  );
  return missing === undefined ? operations : switchWith(missing, seed % 2 === 0 ? 40 : 6, seed);
}

function addressesOf(port: AnyRow): Json {
  return ["set", [...texts(port, "addresses")]];
}

function here(uuid: string): Where {
  return [["_uuid", "==", ["uuid", uuid]]];
}
