import assert from "node:assert/strict";
import {
  type Atom,
  type ConditionOf,
  ConstraintError,
  Database,
  type DatabaseModel,
  type InsertedRow,
  type Uuid,
  ValidationError,
} from "../../lib/index.ts";
import { stringifyJson } from "../../lib/jsonrpc/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

interface KindColumns {
  readonly name: string;
  readonly small: number;
  readonly wide: bigint | number;
  readonly real: number;
  readonly flag: boolean;
  readonly colour: "red" | "blue";
  readonly maybe: string | null;
  readonly words: readonly string[];
  readonly numbers: readonly (bigint | number)[];
  readonly pairs: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<number, bigint | number>>;
  readonly other: Uuid<"Kind"> | InsertedRow<"Kind"> | null;
  readonly others: readonly (Uuid<"Kind"> | InsertedRow<"Kind">)[];
}
interface KindRow {
  readonly _uuid: Uuid<"Kind">;
  readonly name: string;
  readonly small: number;
  readonly wide: bigint;
  readonly real: number;
  readonly flag: boolean;
  readonly colour: "red" | "blue";
  readonly maybe: string | null;
  readonly words: readonly string[];
  readonly numbers: readonly bigint[];
  readonly pairs: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<number, bigint>>;
  readonly other: Uuid<"Kind"> | null;
  readonly others: readonly Uuid<"Kind">[];
}
interface Tables {
  readonly Kind: {
    readonly row: KindRow;
    readonly insert: Partial<KindColumns>;
    readonly update: Partial<KindColumns>;
  };
}

const reference = { type: "uuid", refTable: "Kind", refType: "weak" } as const;
const text = { type: "string" } as const;
const integer = { type: "integer" } as const;
const [one, any] = [{ min: 1, max: 1 } as const, { min: 0, max: "unlimited" } as const];

/** A schema of a user's own, with a column of every kind. */
const kinds: DatabaseModel<Tables> = {
  name: "Kinds",
  version: "1.0.0",
  tables: {
    Kind: {
      columns: {
        name: { key: text, ...one },
        small: { key: { type: "integer", minInteger: 0, maxInteger: 100 }, ...one },
        wide: { key: integer, ...one },
        real: { key: { type: "real" }, ...one },
        flag: { key: { type: "boolean" }, ...one },
        colour: { key: { type: "string", enum: ["red", "blue"] }, ...one },
        maybe: { key: text, min: 0, max: 1 },
        words: { key: text, ...any },
        numbers: { key: integer, ...any },
        pairs: { key: text, value: text, ...any },
        counts: { key: integer, value: integer, ...any },
        other: { key: reference, min: 0, max: 1 },
        others: { key: reference, ...any },
      },
      indexes: [["name"]],
      isRoot: true,
    },
  },
};

describeWithOvn("columns of every kind", () => {
  const ovn = useSandbox({ databases: { kinds } });
  let db: Database<Tables>;
  /** Sees everything through the server. */
  let other: Database<Tables>;
  let names = 0;

  before(async () => {
    const { remote } = ovn.sandbox.database("kinds");
    [db, other] = await Promise.all([Database.connect(kinds, remote), Database.connect(kinds, remote)]);
  });
  after(() => Promise.all([db.close(), other.close()]));

  async function insert(columns: Partial<KindColumns>): Promise<KindRow> {
    names += 1;
    const row = { name: `row ${names}`, colour: "red" as const, ...columns };
    const made = await db.transact((tx) => tx.insert("Kind", row));
    return read(made.uuid(made.value));
  }

  function read(uuid: Uuid<"Kind">): KindRow {
    const row = db.tables.Kind.byUuid(uuid);
    assert.ok(row !== undefined);
    return row;
  }

  /** Changes the row and checks that a client that only follows the server, and one that begins now, see the same. */
  async function update(row: KindRow, columns: Partial<KindColumns>): Promise<KindRow> {
    await db.transact((tx) => tx.update(row, columns));
    const now = read(row._uuid);
    await other.transact((tx) => tx.select("Kind", { _uuid: row._uuid }));
    assert.deepEqual(comparable(other.tables.Kind.byUuid(row._uuid)), comparable(now));
    await using fresh = await Database.connect(kinds, ovn.sandbox.database("kinds").remote);
    assert.deepEqual(comparable(fresh.tables.Kind.byUuid(row._uuid)), comparable(now));
    return now;
  }

  function comparable(row: KindRow | undefined): unknown {
    const sorted = (list: readonly Atom[] = []): string[] => list.map(String).sort();
    return (
      row && {
        ...row,
        words: sorted(row.words),
        numbers: sorted(row.numbers),
        others: sorted(row.others),
      }
    );
  }

  it("are inserted at their defaults, and given values, and cleared again", async () => {
    const row = await insert({});
    const empty = {
      small: 0,
      wide: 0n,
      real: 0,
      flag: false,
      colour: "red" as const,
      maybe: null,
      words: [],
      numbers: [],
      pairs: {},
      counts: {},
      other: null,
      others: [],
    };
    assert.deepEqual({ ...row }, { _uuid: row._uuid, name: row.name, ...empty });
    const full = {
      small: 100,
      wide: 5,
      real: 0.1,
      flag: true,
      colour: "blue" as const,
      maybe: "",
      words: ["a"],
      numbers: [1, 2n],
      pairs: { a: "b" },
      counts: { 1: 2, [-3]: 4n },
      other: row._uuid,
      others: [row._uuid],
    };
    const filled = await update(row, full);
    assert.deepEqual(
      { ...filled },
      {
        ...full,
        _uuid: row._uuid,
        name: row.name,
        wide: 5n,
        numbers: [1n, 2n],
        counts: { 1: 2n, [-3]: 4n },
      },
    );
    const cleared = await update(filled, empty);
    assert.deepEqual({ ...cleared }, { ...row });
    await db.transact((tx) => tx.delete(row));
    assert.equal(db.tables.Kind.byUuid(row._uuid), undefined);
  });

  it("keep integers of 64 bits exactly, wherever they stand", async () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
    const odd = 9_007_199_254_740_993n;
    const row = await insert({ wide: most, numbers: [least, odd, odd + 1n], counts: { 7: odd } });
    assert.equal(row.wide, most);
    assert.deepEqual([...row.numbers].sort(), [least, odd, odd + 1n].sort());
    assert.deepEqual(db.tables.Kind.find({ wide: most, numbers: [odd], counts: { 7: odd } }), [row]);
    assert.deepEqual(db.tables.Kind.find({ numbers: [odd - 1n] }), []);
    await db.transact((tx) => tx.mutate(row, "wide", "-=", odd));
    assert.equal(read(row._uuid).wide, most - odd);
    const selected = await db.transact((tx) => tx.select("Kind", { numbers: [odd] }, ["wide"]));
    assert.deepEqual(selected.rows(selected.value), [{ _uuid: row._uuid, wide: most - odd }]);
    await assert.rejects(
      db.transact((tx) => tx.update(row, { wide: 2 ** 53 })),
      ValidationError,
    );
    await assert.rejects(
      db.transact((tx) => tx.mutate(row, "wide", "*=", most)),
      /range error/,
    );
  });

  it("keep any text: Unicode, quotes, control characters, empty, keys such as __proto__", async () => {
    const texts = [
      "",
      " ",
      "\u{1f600}",
      "\u00e9",
      "e\u0301",
      '"\\/',
      "\u0001\u001f\u007f",
      "\ud7ff\ue000\uffff",
      "ref",
    ];
    const keys = [...texts, "__proto__", "constructor", "_uuid"];
    const pairs = Object.fromEntries(keys.map((key) => [key, `<${key}>`]));
    const row = await insert({ words: texts, pairs, maybe: texts.join("") });
    assert.deepEqual(new Set(row.words), new Set(texts));
    assert.deepEqual(new Map(Object.entries(row.pairs)), new Map(Object.entries(pairs)));
    assert.equal(row.maybe, texts.join(""));
    assert.equal(({} as Record<string, unknown>)["<__proto__>"], undefined);
    const proto = JSON.parse('{"__proto__":"<__proto__>"}') as Record<string, string>;
    assert.deepEqual(db.tables.Kind.find({ pairs: proto }), [row]);
    await db.transact((tx) => {
      tx.removeKeys(row, "pairs", keys.slice(1));
      tx.setKeys(row, "pairs", JSON.parse('{"__proto__":"new"}') as Record<string, string>);
    });
    assert.deepEqual(Object.entries(read(row._uuid).pairs).sort(), [
      ["", "<>"],
      ["__proto__", "new"],
    ]);
    for (const bad of ["\0", "\ud800", "a\udc00b"]) {
      for (const columns of [{ maybe: bad }, { words: [bad] }, { pairs: { [bad]: "" } }]) {
        await assert.rejects(
          db.transact((tx) => tx.update(row, columns)),
          ValidationError,
        );
      }
    }
    await db.transact((tx) => tx.comment("the connection has survived all of it \u{1f44d}"));
  });

  it("follow sets that grow large, shrink, and are added to and taken from", async () => {
    const words = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, index) => `word ${from + index}`);
    let row = await insert({ words: words(0, 32) });
    row = await update(row, { words: words(0, 33) });
    row = await update(row, { words: words(10, 1_000) });
    assert.equal(db.has(row, "words", "word 999") && !db.has(row, "words", "word 9"), true);
    await db.transact((tx) => {
      tx.add(row, "words", ["word 5", "word 10", "word 5"]);
      tx.remove(row, "words", ["word 11", "never there"]);
    });
    const now = read(row._uuid);
    assert.deepEqual(new Set(now.words), new Set(["word 5", "word 10", ...words(12, 1_000)]));
    assert.equal(row.words.length, 990, "the old row is as it was");
    row = await update(now, { words: ["one"] });
    row = await update(row, { words: [] });
    assert.deepEqual(row.words, []);
  });

  it("touch single keys of maps only, and overwrite those", async () => {
    const row = await insert({ pairs: { a: "1", b: "2", c: "3" }, counts: { 1: 1, 2: 2, 3: 3 } });
    await db.transact((tx) => {
      tx.setKeys(row, "pairs", { a: "new", d: "4" });
      tx.removeKeys(row, "pairs", ["b", "b", "never there"]);
      tx.setKeys(row, "counts", { 2: 22 });
      tx.removeKeys(row, "counts", ["1", 1, 3]);
    });
    const { pairs, counts } = read(row._uuid);
    assert.deepEqual([pairs, counts], [{ a: "new", c: "3", d: "4" }, { 2: 22n }]);
  });

  it("refer to rows, which are followed in both directions", async () => {
    const made = await db.transact((tx) => {
      const target = tx.insert("Kind", { name: "target", colour: "red" });
      const source = tx.insert("Kind", { name: "source", colour: "red", other: target, others: [target] });
      return { target, source };
    });
    const [target, source] = [made.value.target, made.value.source].map((row) => read(made.uuid(row)));
    assert.ok(target !== undefined && source !== undefined);
    assert.deepEqual([db.deref(source, "other"), db.deref(source, "others")], [[target], [target]]);
    assert.deepEqual(db.referrers(target, "Kind", "others"), [source]);
    assert.deepEqual(db.referrers(target, "Kind", "other"), [source]);
    assert.equal(db.has(source, "others", target), true);
    await db.transact((tx) => tx.delete(target));
    assert.deepEqual(read(source._uuid).others, []);
    assert.equal(read(source._uuid).other, null);
    assert.deepEqual(db.referrers(target, "Kind", "others"), []);
  });

  it("are refused with table, column and value when they break a rule that is known here", async () => {
    const row = await insert({});
    for (const [columns, column] of [
      [{ small: 101 }, "small"],
      [{ small: 1.5 }, "small"],
      [{ colour: "green" as never }, "colour"],
      [{ flag: "yes" as never }, "flag"],
      [{ words: "a" as never }, "words"],
      [{ name: null as never }, "name"],
      [{ real: Number.POSITIVE_INFINITY }, "real"],
      [{ others: ["not a uuid" as never] }, "others"],
    ] as const) {
      await assert.rejects(
        db.transact((tx) => tx.update(row, columns)),
        { name: "ValidationError", table: "Kind", column },
      );
    }
  });

  it("may be named in conditions, with all values that their types allow", async () => {
    const row = await insert({
      ...{ name: "wanted", small: 7, wide: 5n, real: 1.5, flag: true, colour: "blue", maybe: "m" },
      ...{ words: ["a", "b"], numbers: [1], pairs: { k: "v" }, counts: { 5: 6 } },
    });
    await db.transact((tx) => tx.update(row, { others: [row._uuid] }));
    type Condition = ConditionOf<Tables, "Kind">;
    const uuid = ["uuid", row._uuid] as const;
    const met: readonly Condition[] = [
      ["_uuid", "==", uuid],
      ["name", "==", "wanted"],
      ["small", ">", 6],
      ["wide", ">=", 5n],
      ["wide", "<", 6],
      ["real", "<=", 1.5],
      ["flag", "!=", false],
      ["colour", "excludes", "red"],
      ["maybe", "==", ["set", ["m"]]],
      ["maybe", "excludes", ["set", ["n", "o"]]],
      ["words", "includes", "a"],
      ["words", "==", ["set", ["a", "b"]]],
      ["numbers", "includes", ["set", [1]]],
      ["pairs", "includes", ["map", [["k", "v"]]]],
      ["counts", "==", ["map", [[5, 6n]]]],
      ["other", "==", ["set", []]],
      ["other", "!=", uuid],
      ["others", "includes", uuid],
    ];
    const unmet: readonly Condition[] = [
      ["_uuid", "!=", uuid],
      ["wide", ">", 5n],
      ["real", "==", 1],
      ["maybe", "excludes", ["set", ["m", "n"]]],
      ["words", "excludes", ["set", ["b", "c"]]],
      ["counts", "excludes", ["map", [[5, 6]]]],
      ["other", "includes", uuid],
    ];
    await using part = await Database.connect(kinds, ovn.sandbox.database("kinds").remote);
    for (const condition of [...met, ...unmet]) {
      await part.setConditions({ Kind: [condition] });
      const found = part.tables.Kind.byUuid(row._uuid) !== undefined;
      assert.equal(found, met.includes(condition), stringifyJson(condition));
    }
  });

  it("are refused by the server when only it can know", async () => {
    const row = await insert({});
    await assert.rejects(
      db.transact((tx) => tx.insert("Kind", { name: row.name, colour: "red" })),
      (error) => error instanceof ConstraintError && error.operationIndex === null,
    );
    await assert.rejects(
      db.transact((tx) => tx.mutate(row, "small", "+=", 101)),
      (error) => error instanceof ConstraintError && error.table === "Kind" && error.operation === "mutate",
    );
    assert.equal(db.tables.Kind.get({ name: row.name })?.small, 0);
  });
});
