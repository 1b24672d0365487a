import assert from "node:assert/strict";
import fc from "fast-check";
import { type Json, ProtocolError, UsageError } from "../../../lib/jsonrpc/index.ts";
import { MemberCutter } from "../../../lib/jsonrpc/member-cutter.ts";
import { columnKind, type Value, valuesEqual } from "../../../lib/ovsdb/index.ts";
import { Columns, storedColumn } from "../../../lib/replica/columns.ts";
import { type AnyRow, type Match, type RowChange, TableStore } from "../../../lib/replica/index.ts";
import {
  asText,
  type Change,
  changes,
  columnOf,
  columns,
  comparable,
  type ModelRow,
  makeStore,
  someValue,
  toWire,
  updateFor,
  uuids,
} from "./support.ts";

/** What a match means, said without any index. */
function scan(model: ReadonlyMap<string, ModelRow>, match: Match): string[] {
  return [...model]
    .filter(([, row]) =>
      Object.entries(match).every(([name, wanted]) => fits(name, row[name] ?? null, wanted)),
    )
    .map(([uuid]) => uuid)
    .sort();
}

function fits(name: string, value: Value, wanted: Value): boolean {
  switch (columnKind(columnOf(name))) {
    case "set":
      return (wanted as readonly string[]).every((element) => (value as readonly string[]).includes(element));
    case "map":
      return Object.entries(wanted as ModelRow).every(
        ([key, element]) => Object.hasOwn(value as ModelRow, key) && (value as ModelRow)[key] === element,
      );
    default:
      return valuesEqual(columnOf(name), value, wanted);
  }
}

/** An empty list is no match: it would be found everywhere. */
const someWish = (name: string) =>
  someValue(name).filter((value) => !Array.isArray(value) || value.length > 0);
const matches: fc.Arbitrary<Match> = fc.record(
  Object.fromEntries(Object.keys(columns).map((name) => [name, someWish(name)])),
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<Match>;
/** As a rule one column: with more hardly a row fits. */
const narrow: fc.Arbitrary<Match> = fc
  .constantFrom(...Object.keys(columns))
  .chain((name) => someWish(name).map((value) => ({ [name]: value })));

function uuidsOf(rows: Iterable<AnyRow>): string[] {
  return [...rows].map((row) => row._uuid).sort();
}

describe("TableStore", () => {
  for (const version of [1, 2] as const) {
    it(`holds what the updates of version ${version} say, and finds by index what a scan finds`, () => {
      fc.assert(
        fc.property(
          changes,
          changes,
          fc.array(fc.tuple(fc.nat(25), fc.oneof(narrow, matches)), { maxLength: 20 }),
          (before: Change[], steps: Change[], queries) => {
            const store = makeStore();
            const model = new Map<string, ModelRow>();
            loadSnapshot(store, model, before);
            const held: { row: AnyRow; was: unknown }[] = [];
            steps.forEach((step, index) => {
              const said = updateFor(model, step, version);
              const uuid = uuids[step.row] ?? "";
              if (said !== undefined) {
                const change = store.apply(index % 3 === 0 ? said.update : asText(said.update));
                assert.equal(change.kind, kindOf(model.get(uuid), said.next));
                checkChange(change, model.get(uuid), said.next);
                if (said.next === undefined) model.delete(uuid);
                else model.set(uuid, said.next);
              }
              for (const [at, match] of queries) {
                if (at <= index) assert.deepEqual(uuidsOf(store.find(match)), scan(model, match));
              }
              const row = store.row(uuid);
              // Rows are read at some versions and not at others: laziness must not show.
              if (row !== undefined && index % 2 === 0) held.push({ row, was: comparable({ ...row }) });
              if (index % 3 === 0) checkRows(store, model);
              for (const target of uuids.slice(0, 3)) {
                const expected = [...model].filter(([, r]) => (r["ports"] as string[]).includes(target));
                assert.deepEqual(
                  store
                    .referrers(target, "ports")
                    .map(({ _uuid }) => _uuid)
                    .sort(),
                  expected.map(([u]) => u).sort(),
                );
                for (const [u, r] of model) {
                  assert.equal(store.has(u, "ports", target), (r["ports"] as string[]).includes(target));
                }
              }
            });
            assert.equal(store.size, model.size);
            checkRows(store, model);
            for (const [uuid, row] of model) {
              assert.deepEqual(comparable(store.row(uuid) ?? { _uuid: "" }), comparable(row));
            }
            for (const { row, was } of held)
              assert.deepEqual(comparable(row), was, "old rows keep old values");
          },
        ),
        { numRuns: 150 },
      );
    });
  }

  function checkRows(store: TableStore, model: ReadonlyMap<string, ModelRow>): void {
    const rows = [...store.rows()];
    assert.deepEqual(uuidsOf(rows), [...model.keys()].sort());
    for (const row of rows) assert.deepEqual(comparable(row), comparable(model.get(row._uuid) ?? {}));
  }

  /** Puts the rows that come out of some changes into a store, as a large snapshot does. */
  function loadSnapshot(store: TableStore, model: Map<string, ModelRow>, steps: readonly Change[]): void {
    const rows = new Map<string, Json>();
    for (const step of steps) {
      const uuid = uuids[step.row] ?? "";
      const said = model.has(uuid) ? undefined : updateFor(model, step, 2);
      if (said?.next === undefined) continue;
      model.set(uuid, said.next);
      rows.set(uuid, { initial: said.update.columns ?? {} });
    }
    const cutter = new MemberCutter({ wrapper: "initial", onMembers: (texts) => store.load(texts) });
    cutter.push(Buffer.from(JSON.stringify({ result: { T: Object.fromEntries(rows) } })));
    assert.equal(store.size, rows.size);
  }

  function kindOf(old: ModelRow | undefined, next: ModelRow | undefined): string {
    if (old === undefined) return "insert";
    return next === undefined ? "delete" : "modify";
  }

  function checkChange(change: RowChange, old: ModelRow | undefined, next: ModelRow | undefined): void {
    assert.deepEqual(change.old && comparable(change.old), old && comparable(old));
    assert.deepEqual(change.new && comparable(change.new), next && comparable(next));
    const differing =
      old === undefined || next === undefined
        ? []
        : Object.keys(columns).filter(
            (name) => !valuesEqual(columnOf(name), old[name] ?? null, next[name] ?? null),
          );
    assert.deepEqual([...change.columns].sort(), differing.sort());
    const before = (old?.["ports"] ?? []) as readonly string[];
    const after = (next?.["ports"] ?? []) as readonly string[];
    const { added, removed } = change.elements("ports");
    assert.deepEqual([...added].sort(), after.filter((e) => !before.includes(e)).sort());
    assert.deepEqual([...removed].sort(), before.filter((e) => !after.includes(e)).sort());
  }

  const first = uuids[0] ?? "";
  const second = uuids[1] ?? "";

  it("refuses a snapshot with the same row twice", () => {
    const store = makeStore();
    const bytes = Buffer.from('"a":{"initial":{}');
    const texts = { object: "T", bytes, places: [1, 15, 17] };
    store.load(texts);
    assert.throws(
      () => store.load(texts),
      /impossible update: insert of a row that is already there \(T a\)/,
    );
    assert.throws(() => store.apply({ table: "T", uuid: "a", kind: "initial", columns: {} }), ProtocolError);
    assert.equal(store.size, 1);
  });

  it("finds both rows of a snapshot that have the same long name", () => {
    const store = makeStore();
    const name = "n".repeat(200_000);
    const row = (uuid: string): string => `"${uuid}":{"initial":{"name":"${name}"}}`;
    const cutter = new MemberCutter({ wrapper: "initial", onMembers: (texts) => store.load(texts) });
    cutter.push(Buffer.from(`{"result":{"T":{${row(first)},${row(second)}}}}`));
    assert.deepEqual(uuidsOf(store.find({ name })), [first, second].sort());
  });

  it("says of a row that is nested too deep that the server is at fault, when it is read", () => {
    const store = makeStore();
    const bytes = Buffer.from(`"a":{"initial":{"few":${"[".repeat(100_000)}1${"]".repeat(100_000)}}`);
    store.load({ object: "T", bytes, places: [1, 15, bytes.length] });
    assert.throws(() => store.row("a"), ProtocolError);
    assert.throws(() => store.find({ few: [1] }), ProtocolError);
  });

  it("refuses updates that cannot follow from what it holds", () => {
    const store = makeStore();
    for (const kind of ["modify", "delete"] as const) {
      assert.throws(() => store.apply({ table: "T", uuid: first, kind, columns: {} }), ProtocolError);
    }
    store.apply({ table: "T", uuid: first, kind: "insert", columns: {} });
    for (const kind of ["insert", "initial"] as const) {
      assert.throws(() => store.apply({ table: "T", uuid: first, kind, columns: {} }), ProtocolError);
    }
    assert.equal(store.size, 1);
  });

  it("refuses a value that is not of the column's type when it is read", () => {
    const store = makeStore();
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { name: 5 } });
    assert.throws(() => store.row(first), ProtocolError);
  });

  it("throws for columns that were not asked for, and for those that do not exist", () => {
    const store = makeStore(["words"]);
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { name: "n" } });
    const row = store.row(first);
    assert.throws(() => row?.["words"], /T\.words is not monitored/);
    assert.throws(() => store.find({ words: [] }), /T\.words is not monitored/);
    assert.throws(() => store.has(first, "words", "a"), /T\.words is not monitored/);
    assert.throws(() => store.find({ nonsense: 1 }), /T has no column nonsense/);
    assert.throws(() => store.find({ toString: 1 } as unknown as Match), /T has no column toString/);
    assert.throws(() => store.find({ nmae: "n" }), { message: "T has no column nmae; did you mean name?" });
    assert.deepEqual(Object.keys(row ?? {}).includes("words"), false);
  });

  it("gives frozen rows, the same one as long as nothing changes", () => {
    const store = makeStore();
    store.apply({
      table: "T",
      uuid: first,
      kind: "insert",
      columns: { ids: toWire("ids", JSON.parse('{"__proto__":"x"}')), ports: toWire("ports", [...uuids]) },
    });
    const row = store.row(first);
    assert.equal(store.row(first), row);
    assert.ok(Object.isFrozen(row) && Object.isFrozen(row?.["ports"]) && Object.isFrozen(row?.["ids"]));
    assert.equal(row?.["ports"], row?.["ports"]);
    assert.deepEqual(Object.entries(row?.["ids"] ?? {}), [["__proto__", "x"]]);
    assert.equal(({} as { x?: unknown }).x, undefined);
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { name: "new" } });
    assert.notEqual(store.row(first), row);
    assert.equal(row?.["name"], "");
  });

  it("shows each row as it is now to who goes over all of them again", () => {
    const store = makeStore();
    const names = (): unknown[] => [...store.rows()].map((row) => row["name"]);
    for (const [uuid, name] of [
      [first, "a"],
      [second, "b"],
    ] as const) {
      store.apply({ table: "T", uuid, kind: "insert", columns: { name } });
    }
    assert.deepEqual(names(), ["a", "b"]);
    const change = store.apply({ table: "T", uuid: first, kind: "modify", columns: { name: "c" } });
    assert.deepEqual(names(), ["c", "b"]);
    assert.equal(store.get({ name: "c" })?.["name"], "c");
    change.takeBack();
    assert.deepEqual(names(), ["a", "b"]);
    store.apply({ table: "T", uuid: first, kind: "delete", columns: null });
    assert.deepEqual(names(), ["b"]);
    assert.equal(store.get({ name: "a" }), undefined);
    // It comes to where the first one was.
    store.apply({ table: "T", uuid: uuids[2] ?? "", kind: "insert", columns: { name: "d" } });
    assert.deepEqual(names(), ["b", "d"]);
  });

  it("finds by pairs of maps what is there after a change was taken back", () => {
    const store = makeStore();
    const found = (value: string): number => store.find({ ids: { k: value } }).length;
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { ids: toWire("ids", { k: "a" }) } });
    assert.deepEqual([found("a"), found("b")], [1, 0]);
    const ids = toWire("ids", { k: "b" });
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { ids } }).takeBack();
    assert.deepEqual([found("a"), found("b")], [1, 0]);
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { ids } });
    assert.deepEqual([found("a"), found("b")], [0, 1]);
  });

  it("gets by an index of two columns when one of them has changed", () => {
    const store = makeStore();
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { name: "a", tag: 1 } });
    assert.equal(store.get({ name: "a", tag: 1 })?._uuid, first);
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { tag: 2 } });
    assert.equal(store.get({ name: "a", tag: 1 }), undefined);
    assert.equal(store.get({ name: "a", tag: 2 })?._uuid, first);
  });

  it("finds those that refer to a row, given in either case, in sets, and as keys of maps", () => {
    const uuid = "abcdef00-0000-4000-8000-000000000001";
    const schema = { key: { type: "uuid" }, value: { type: "string" }, min: 0, max: "unlimited" } as const;
    const store = new TableStore(
      "T",
      new Columns([storedColumn("ports", columnOf("ports")), storedColumn("roles", schema)]),
      [],
      [],
    );
    const row = { ports: ["uuid", uuid], roles: ["map", [[["uuid", uuid], "a"]]] };
    store.apply({ table: "T", uuid: first, kind: "insert", columns: row });
    for (const given of [uuid, uuid.toUpperCase()]) {
      assert.deepEqual(uuidsOf(store.referrers(given, "ports")), [first]);
      assert.deepEqual(uuidsOf(store.referrers(given, "roles")), [first]);
      assert.deepEqual(uuidsOf(store.find({ ports: given })), [first]);
    }
  });

  it("keeps pairs of two maps apart that have the same key", () => {
    const store = makeStore();
    const row = { ids: toWire("ids", { 1: second }), queues: toWire("queues", { 1: first }) };
    store.apply({ table: "T", uuid: first, kind: "insert", columns: row });
    assert.equal(store.find({ ids: { 1: second } }).length, 1);
    assert.equal(store.find({ queues: { 1: first } }).length, 1);
    assert.deepEqual([store.find({ ids: { 1: first } }), store.find({ queues: { 1: second } })], [[], []]);
  });

  it("finds by _uuid, in either case", () => {
    const store = makeStore();
    const uuid = "abcdef00-0000-4000-8000-000000000001";
    store.apply({ table: "T", uuid, kind: "insert", columns: { name: "n" } });
    assert.equal(store.find({ _uuid: uuid.toUpperCase() }).length, 1);
    assert.equal(store.get({ _uuid: uuid })?.["name"], "n");
    assert.deepEqual(store.find({ _uuid: uuid, name: "other" }), []);
  });

  it("finds by one element of a set, given alone", () => {
    const store = makeStore();
    const columns = { words: ["set", ["a", "b"]], few: ["set", [1, 2]], ports: ["uuid", second] };
    store.apply({ table: "T", uuid: first, kind: "insert", columns });
    for (const match of [{ words: "b" }, { few: 2 }, { ports: second }])
      assert.deepEqual(uuidsOf(store.find(match)), [first]);
    for (const match of [{ words: "c" }, { few: 3 }, { ports: first }])
      assert.deepEqual(store.find(match), []);
  });

  it("does not take a value of undefined for one that no row has", () => {
    const store = makeStore();
    for (const look of [
      () => store.find({ name: undefined } as unknown as Match),
      () => store.find({ _uuid: undefined } as unknown as Match),
      () => store.get({ name: undefined } as unknown as Match),
      () => store.get({ name: "x", tag: undefined } as unknown as Match),
    ]) {
      assert.throws(look, UsageError);
    }
  });

  it("takes 5 and 5n for the same, as the server does", () => {
    const store = makeStore();
    store.apply({
      table: "T",
      uuid: first,
      kind: "insert",
      columns: { wide: 5, real: 0.3, few: ["set", [1, 2]] },
    });
    assert.equal(store.find({ wide: 5 }).length, 1);
    assert.equal(store.find({ wide: 5n }).length, 1);
    assert.equal(store.find({ few: [2] }).length, 1);
    assert.equal(store.find({ few: [2n] }).length, 1);
    assert.equal(store.find({ real: 0.1 + 0.2 }).length, 1);
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { wide: 9007199254740993n } });
    assert.equal(store.find({ wide: 9007199254740993n }).length, 1);
    assert.equal(store.find({ wide: 9007199254740992n }).length, 0);
  });

  it("gets by the schema's indexes only, and names them", () => {
    const store = makeStore();
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { name: "a", tag: 1 } });
    store.apply({ table: "T", uuid: second, kind: "insert", columns: { name: "b", tag: 1 } });
    assert.equal(store.get({ name: "b" })?._uuid, second);
    assert.equal(store.get({ name: "a", tag: 1 })?._uuid, first);
    assert.equal(store.get({ name: "a", tag: 2 }), undefined);
    assert.throws(() => store.get({ name: "a", tag: "1" } as Match), /T\.tag is of type integer/);
    assert.throws(() => store.get({ tag: 1 }), /no unique index on tag \(its indexes: name, tag\+name\)/);
    // As many columns as an index has, and one of them.
    assert.throws(() => store.get({ name: "a", real: 1 }), /no unique index on name\+real /);
  });

  it("tells of a map that it has no elements", () => {
    const change = makeStore().apply({ table: "T", uuid: first, kind: "insert", columns: {} });
    assert.throws(() => change.elements("ids"), UsageError);
  });

  it("asks a large set of a row nobody has read without decoding it each time", () => {
    const store = makeStore();
    let reads = 0;
    const wire = new Proxy([...uuids.map((uuid) => ["uuid", uuid])], {
      get(target, property, receiver): unknown {
        if (property === "0") reads += 1;
        return Reflect.get(target, property, receiver);
      },
    });
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { ports: ["set", wire] } });
    for (let index = 0; index < 100; index += 1) assert.ok(store.has(first, "ports", second));
    assert.ok(reads <= 3, `${reads} readings for 100 questions`);
  });
});
