import assert from "node:assert/strict";
import fc from "fast-check";
import type { AnyRow } from "../../lib/database/index.ts";
import {
  ConflictError,
  deleteOp,
  everyRow,
  insertOp,
  type Operation,
  randomUuid,
} from "../../lib/ovsdb/index.ts";
import { type DesiredRow, planRows, type Removal, type RowPlan } from "../../lib/reconcile/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type MemoryRows, memoryView } from "../support/memory-view.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import { id, kinds, wantedPort, wantedSwitch } from "../support/reconcile-fixtures.ts";

const tables = [
  "Logical_Switch",
  "Logical_Switch_Port",
  "Load_Balancer_Group",
  "Port_Group",
  "Copp",
  "Meter",
  "Meter_Band",
] as const;
const roots = tables.filter((table) => !["Logical_Switch_Port", "Meter_Band"].includes(table));

const names = [0, 1, 2] as const;
/** What may differ in a port: whether and where it is, and what drifted. */
const portState = fc.record({
  at: fc.integer({ min: 0, max: 2 }),
  address: fc.constantFrom("10.0.0.1", "10.0.0.2"),
  drift: fc.boolean(),
  grouped: fc.boolean(),
});
const scenario = fc.record({
  switches: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  ports: fc.tuple(fc.option(portState), fc.option(portState), fc.option(portState)),
  shared: fc.boolean(),
  band: fc.boolean(),
  wantedPorts: fc.tuple(fc.option(portState), fc.option(portState), fc.option(portState)),
  replace: fc.boolean(),
  uuidSupported: fc.boolean(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const portName = (number: number): string => `p${number}`;
const switchName = (number: number): string => `s${number}`;

/** Rows as others, and earlier versions of us, may have left them. */
function existing({ switches, ports, shared, band }: Scenario): Operation[] {
  const operations: Operation[] = [];
  const members: string[] = [];
  for (const number of names) {
    if (!switches[number]) continue;
    const held = names.filter((port) => ports[port]?.at === number).map(portName);
    for (const name of [...held, `foreign${number}`]) {
      const state = ports[Number(name.slice(1))];
      const uuidName = `port_${name}`;
      if (state?.grouped ?? true) members.push(uuidName);
      const drift: readonly [string, string][] = state?.drift ? [["network", "red"]] : [["pod", "true"]];
      operations.push(
        insertOp(
          "Logical_Switch_Port",
          {
            name,
            addresses: state?.address ?? "unknown",
            external_ids: ["map", [["theirs", name], ...drift]],
            ...(state?.drift && { type: "router", enabled: false }),
          },
          { uuidName },
        ),
      );
    }
    const references = [...held, `foreign${number}`].map((name) => ["named-uuid", `port_${name}`]);
    operations.push(
      insertOp("Logical_Switch", {
        name: switchName(number),
        ports: ["set", references],
        external_ids: ["map", [["theirs", "1"]]],
        other_config: [
          "map",
          [
            ["exclude_ips", "10.0.0.7"],
            ["theirs", "2"],
          ],
        ],
      }),
    );
  }
  const references = members.map((name) => ["named-uuid", name]);
  operations.push(insertOp("Port_Group", { name: "policy", ports: ["set", references] }));
  if (shared) operations.push(insertOp("Copp", { name: "shield", meters: ["map", [["bfd", "theirs"]]] }));
  const rate = band ? 25 : 50;
  operations.push(insertOp("Meter_Band", { action: "drop", rate }, { uuidName: "band" }));
  operations.push(
    insertOp("Meter", { name: "limit", unit: "kbps", bands: ["set", [["named-uuid", "band"]]] }),
  );
  return operations;
}

function desiredOf({ wantedPorts, replace }: Scenario, rows: MemoryRows): DesiredRow[] {
  const found = new Map((rows["Logical_Switch_Port"] ?? []).map((row) => [row["name"], row._uuid]));
  return [
    { key: "C", kind: "copp", name: "shield", keys: { meters: { arp: "limit" } } },
    { key: "M", kind: "meter", name: "limit", columns: { unit: "pktps", fair: true } },
    {
      key: "B",
      kind: "band",
      name: "drop 25",
      identity: { parent: "M", column: "bands", match: { action: "drop", rate: 25 } },
      columns: { action: "drop", rate: 25 },
    },
    { key: "G", kind: "group", name: "lbs" },
    ...names.map((number) =>
      wantedSwitch({
        key: switchName(number),
        name: switchName(number),
        uuid: id(number),
        columns: { copp: { ref: "C" } },
        elements: { load_balancer_group: [{ ref: "G" }] },
      }),
    ),
    ...names.flatMap((number): DesiredRow[] => {
      const state = wantedPorts[number];
      if (!state) return [];
      const old = replace ? found.get(portName(number)) : undefined;
      return [
        wantedPort({
          key: portName(number),
          name: portName(number),
          uuid: randomUuid(),
          columns: { addresses: [state.address] },
          parent: { key: switchName(state.at), column: "ports" },
          ...(old !== undefined && { replaces: old }),
        }),
      ];
    }),
  ];
}

describeWithOvn("reconcile on a real server", () => {
  const ovn = useSandbox({ northbound: true });
  let client: OvsdbClient;

  before(async () => {
    client = await OvsdbClient.of(ovn.sandbox);
  });
  beforeEach(async () => {
    await client.transact(roots.map((table) => deleteOp(table, everyRow)));
  });

  async function planNow(
    desired: readonly DesiredRow[],
    removals: readonly Removal[] = [],
    uuidSupported = true,
  ): Promise<RowPlan> {
    const view = memoryView(client.schema, await client.read(tables));
    return planRows(view, kinds, desired, removals, {
      schema: client.schema,
      uuidSupported,
      isOurs: () => true,
    });
  }

  async function named(table: string, name: string): Promise<AnyRow> {
    const found = ((await client.read([table]))[table] ?? []).find((row) => row["name"] === name);
    assert.ok(found, `${table} ${name}`);
    return found;
  }

  it("needs one transaction from any state, and keeps what belongs to others", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (state) => {
        await client.transact(roots.map((table) => deleteOp(table, everyRow)));
        await client.transact(existing(state));
        const before = await client.read(tables);
        const desired = desiredOf(state, before);
        await client.transact((await planNow(desired, [], state.uuidSupported)).operations);
        const after = await client.read(tables);
        const settled = desired.map(({ replaces: _, ...row }) => row);
        const { written, ...rest } = await planNow(settled, [], state.uuidSupported);
        assert.equal(written.length, 0);
        assert.deepEqual(rest, {
          isEmpty: true,
          changes: [],
          operations: [],
          omitted: [],
          namesakes: [],
          bytes: 0,
          sizes: new Map(),
        });
        assert.deepEqual(foreignFacts(after), foreignFacts(before));
      }),
      { numRuns: 25 },
    );
  });

  it("fails rather than lose a child whose parent went meanwhile", async () => {
    await client.transact((await planNow([wantedSwitch()])).operations);
    const { operations } = await planNow([wantedSwitch(), wantedPort()]);
    await client.transact([deleteOp("Logical_Switch", [["name", "==", "s1"]])]);
    await assert.rejects(client.transact(operations), ConflictError);
    assert.deepEqual((await client.read(["Logical_Switch_Port"]))["Logical_Switch_Port"], []);
    await client.transact((await planNow([wantedSwitch(), wantedPort()])).operations);
    await named("Logical_Switch_Port", "p1");
  });

  it("fails rather than take a port along that was added to a switch under deletion", async () => {
    await client.transact((await planNow([wantedSwitch(), wantedPort()])).operations);
    const row = await named("Logical_Switch", "s1");
    const removal = { table: "Logical_Switch", uuid: row._uuid, name: "s1", kind: "switch" };
    const { operations } = await planNow([], [{ ...removal, guards: { ports: [id(2)] } }]);
    await ovn.sandbox.run("ovn-nbctl", ["lsp-add", "s1", "foreign"]);
    await assert.rejects(client.transact(operations), ConflictError);
    await named("Logical_Switch_Port", "foreign");
    await ovn.sandbox.run("ovn-nbctl", ["lsp-del", "foreign"]);
    await client.transact(operations);
    assert.deepEqual((await client.read(["Logical_Switch"]))["Logical_Switch"], []);
  });

  for (const uuidSupported of [true, false]) {
    it(`lets one of two writers of the same rows win, ${uuidSupported ? "by uuid" : "by name guard"}`, async () => {
      const { guard: _, ...unguarded } = wantedSwitch();
      const desired = [unguarded, wantedPort()];
      const [first, second] = [
        await planNow(desired, [], uuidSupported),
        await planNow(desired, [], uuidSupported),
      ];
      await client.transact(first.operations);
      await assert.rejects(client.transact(second.operations), ConflictError);
      assert.equal((await client.read(["Logical_Switch"]))["Logical_Switch"]?.length, 1);
    });
  }

  it("replaces a row that lives on its own, and whoever holds it then holds the new one", async () => {
    const group = (uuid: string): DesiredRow => ({ key: "G", kind: "group", name: "lbs", uuid });
    const holder = wantedSwitch({ elements: { load_balancer_group: [{ ref: "G" }] } });
    await client.transact((await planNow([group(id(8)), holder])).operations);
    const theirs = insertOp("Logical_Switch", { name: "theirs", load_balancer_group: ["uuid", id(8)] });
    await client.transact([theirs]);
    const { operations } = await planNow([{ ...group(id(9)), replaces: id(8) }, holder]);
    await client.transact(operations);
    assert.equal((await named("Load_Balancer_Group", "lbs"))._uuid, id(9));
    for (const name of ["s1", "theirs"])
      assert.deepEqual((await named("Logical_Switch", name))["load_balancer_group"], [id(9)], name);
    assert.deepEqual((await planNow([group(id(9)), holder])).operations, []);
  });

  it("fails rather than drop what is added to a row under replacement", async () => {
    const port = wantedPort({ uuid: id(3) });
    await client.transact((await planNow([wantedSwitch(), port])).operations);
    const { operations } = await planNow([wantedSwitch(), wantedPort({ replaces: id(3) })]);
    await ovn.sandbox.run("ovn-nbctl", ["set", "Logical_Switch_Port", "p1", "external_ids:late=1"]);
    await assert.rejects(client.transact(operations), ConflictError);
  });
});

/** Everything in the database that is not ours, by names. */
function foreignFacts(rows: MemoryRows): unknown {
  const nameOf = new Map((rows["Logical_Switch_Port"] ?? []).map((row) => [row._uuid, row["name"]]));
  const portNames = (row: AnyRow): unknown[] =>
    (Array.isArray(row["ports"]) ? row["ports"] : []).map((uuid) => nameOf.get(String(uuid))).sort();
  const theirs = (value: unknown): unknown => Object.entries(value ?? {}).filter(([key]) => key === "theirs");
  return {
    ports: (rows["Logical_Switch_Port"] ?? [])
      .filter((row) => JSON.stringify(theirs(row["external_ids"])) !== "[]")
      .map((row) => [row["name"], row["enabled"], theirs(row["external_ids"])])
      .sort(),
    switches: (rows["Logical_Switch"] ?? [])
      .filter((row) => JSON.stringify(theirs(row["external_ids"])) !== "[]")
      .map((row) => [
        row["name"],
        theirs(row["external_ids"]),
        theirs(row["other_config"]),
        portNames(row).filter((name) => String(name).startsWith("foreign")),
      ])
      .sort(),
    groups: (rows["Port_Group"] ?? []).map((row) => [row["name"], portNames(row)]),
    meters: (rows["Copp"] ?? []).flatMap((row) =>
      Object.entries(row["meters"] ?? {}).filter(([, meter]) => meter === "theirs"),
    ),
  };
}
