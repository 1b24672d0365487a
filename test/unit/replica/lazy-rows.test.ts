import assert from "node:assert/strict";
import fc from "fast-check";
import { type JsonText, TextBlock } from "../../../lib/jsonrpc/json-text.ts";
import type { RowUpdate } from "../../../lib/ovsdb/index.ts";
import type { RowChange } from "../../../lib/replica/index.ts";
import { bytesInUse } from "../../support/collect-garbage.ts";
import { countParsed, type Parsed } from "../../support/count-work.ts";
import { asText, changes, comparable, type ModelRow, makeStore, updateFor, uuids } from "./support.ts";

function jsonText(json: string): JsonText {
  const bytes = Buffer.from(json);
  return new TextBlock({ object: "T", bytes, places: [0, 0, bytes.length] }).text(0);
}

/** The same update as text; a new row is a piece of a snapshot. */
function inText(update: RowUpdate): RowUpdate {
  if (update.kind !== "insert") return asText(update);
  return { ...update, columns: null, text: jsonText(JSON.stringify(update.columns)) };
}

describe("rows that nobody has read", () => {
  for (const version of [1, 2] as const) {
    it(`change by updates of version ${version}, and read at any later time as they were then`, () => {
      fc.assert(
        fc.property(
          changes,
          fc.boolean(),
          fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
          fc.boolean(),
          (steps, text, readAtOnce, backwards) => {
            const store = makeStore();
            const model = new Map<string, ModelRow>();
            const checks: (() => void)[] = [];
            steps.forEach((step, index) => {
              const said = updateFor(model, step, version);
              if (said === undefined) return;
              const { uuid } = said.update;
              const old = model.get(uuid);
              const change = store.apply(text ? inText(said.update) : said.update);
              const check = (): void => checkViews(change, old, said.next);
              if (readAtOnce[index] === true) check();
              else checks.push(check);
              if (said.next === undefined) model.delete(uuid);
              else model.set(uuid, said.next);
            });
            for (const check of backwards ? checks.reverse() : checks) check();
            for (const uuid of uuids.slice(0, 8)) {
              const row = store.row(uuid);
              assert.deepEqual(row && comparable(row), model.get(uuid) && comparable(model.get(uuid) ?? {}));
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  function checkViews(change: RowChange, old: ModelRow | undefined, next: ModelRow | undefined): void {
    assert.deepEqual(change.old && comparable(change.old), old && comparable(old));
    assert.deepEqual(change.new && comparable(change.new), next && comparable(next));
  }

  const [first = ""] = uuids;

  it("stay text when other columns change, and give it back once for all versions", () => {
    const store = makeStore();
    const came = jsonText('{"name":"a","words":"w"}');
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: came });
    const told = [{ words: "x" }, { tag: 5 }, { tag: ["set", []] as const }, { words: "w" }].map((columns) =>
      store.apply({ table: "T", uuid: first, kind: "modify", columns }),
    );
    assert.equal(came.released, false);
    assert.deepEqual(
      told.map((change) => [change.new?.["name"], change.new?.["words"], change.new?.["tag"]]),
      [
        ["a", ["w", "x"], null],
        ["a", ["w", "x"], 5],
        ["a", ["w", "x"], null],
        ["a", ["x"], null],
      ],
    );
    assert.equal(came.released, true);
    assert.equal(store.row(first)?.["name"], "a");
  });

  it("stay text when a change comes as text, and so does the change", () => {
    const store = makeStore();
    const came = jsonText('{"name":"a","words":"w"}');
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: came });
    const told = ['{"words":"x"}', '{"tag":5,"words":["set",["w","y"]]}'].map((text) =>
      store.apply({ table: "T", uuid: first, kind: "modify", columns: null, text }),
    );
    assert.equal(came.released, false);
    assert.deepEqual(
      told.map((change) => [
        change.old?.["words"],
        change.new?.["words"],
        change.new?.["tag"],
        change.columns,
      ]),
      [
        [["w"], ["w", "x"], null, ["words"]],
        [["w", "x"], ["x", "y"], 5, ["tag", "words"]],
      ],
    );
    assert.equal(came.released, true);
  });

  it("have their changes parsed when they are read, and no more than so much text waits for that", async () => {
    const store = makeStore();
    const rows = uuids.slice(0, 20);
    for (const uuid of rows)
      store.apply({ table: "T", uuid, kind: "insert", columns: null, text: '{"name":"a"}' });
    const change = (times: number, from = 0): Promise<Parsed> =>
      countParsed(() => {
        for (let index = from; index < from + times; index += 1) {
          const text = `{"words":"w${index}"}`.padEnd(64);
          store.apply({ table: "T", uuid: rows[index % 20] ?? "", kind: "modify", columns: null, text });
        }
      });
    assert.equal((await change(16_000)).texts, 0);
    const { texts } = await change(24_000, 16_000);
    assert.ok(
      texts >= 40_000 - 20 - (1024 * 1024) / 64 && texts < 40_000 - 12_000,
      `${texts} of 40,000 changes`,
    );
    const read = await countParsed(() => {
      for (const [index, uuid] of rows.entries()) {
        const words = store.row(uuid)?.["words"];
        assert.deepEqual(new Set(words as readonly string[]), new Set(wordsOf(index)));
      }
    });
    // And what the rows themselves came in, unless a change has needed that.
    assert.ok(texts + read.texts >= 40_000 && texts + read.texts <= 40_000 + 2 * rows.length);
  });

  it("have their changes parsed sooner where they are all of one row, as that is done at once", async () => {
    const store = makeStore();
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: '{"name":"a"}' });
    const change = (times: number): Promise<Parsed> =>
      countParsed(() => {
        for (let index = 0; index < times; index += 1) {
          const text = '{"words":"w"}'.padEnd(64);
          store.apply({ table: "T", uuid: first, kind: "modify", columns: null, text });
        }
      });
    assert.equal((await change(2_048)).texts, 0);
    assert.ok((await change(2)).texts >= 2_048);
    assert.equal((await change(2_000)).texts, 0);
  });

  it("have a long change parsed before another one waits", async () => {
    const store = makeStore();
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: '{"name":"a"}' });
    const { texts } = await countParsed(() => {
      for (let index = 0; index < 10; index += 1) {
        const text = `{"words":"${String(index).repeat(1100 * 1024)}"}`;
        store.apply({ table: "T", uuid: first, kind: "modify", columns: null, text });
      }
    });
    assert.equal(texts, 9);
    const words = store.row(first)?.["words"];
    assert.equal(Array.isArray(words) && words.length, 10);
  });

  function wordsOf(row: number): string[] {
    return Array.from({ length: 2_000 }, (_, round) => `w${20 * round + row}`);
  }

  it("give their text back when they are deleted, whatever has changed in between", () => {
    const store = makeStore();
    const came = jsonText('{"name":"a"}');
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: came });
    store.apply({ table: "T", uuid: first, kind: "modify", columns: { tag: 5 } });
    const gone = store.apply({ table: "T", uuid: first, kind: "delete", columns: null });
    assert.equal(came.released, true);
    assert.deepEqual([gone.old?.["name"], gone.old?.["tag"]], ["a", 5]);
  });

  it("are not parsed to be deleted, and read afterwards as ever", async () => {
    const store = makeStore();
    const came = jsonText('{"name":"aü"}');
    const [, second = ""] = uuids;
    store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: came });
    store.apply({ table: "T", uuid: second, kind: "insert", columns: null, text: '{"name":"b中"}' });
    const gone: RowChange[] = [];
    const { texts } = await countParsed(() => {
      for (const uuid of [first, second])
        gone.push(store.apply({ table: "T", uuid, kind: "delete", columns: null }));
    });
    assert.equal(texts, 0);
    assert.equal(came.released, true);
    assert.deepEqual(
      gone.map(({ old }) => old?.["name"]),
      ["aü", "b中"],
    );
  });

  it("do not hold on to the message in which they came when they are deleted, also before they are read", () => {
    const store = makeStore();
    const gone: RowChange[] = [];
    const before = bytesInUse();
    for (let message = 0; message < 64; message += 1) {
      const text = `${String(message).padStart(9, "#").repeat(60_000)}{"name":"row ${message}"}`;
      const row = text.slice(text.indexOf("{"));
      store.apply({ table: "T", uuid: first, kind: "insert", columns: null, text: row });
      gone.push(store.apply({ table: "T", uuid: first, kind: "delete", columns: null }));
    }
    const grown = bytesInUse() - before;
    assert.ok(grown < 8_000_000, `${grown} bytes for 64 rows of messages of 540 kB`);
    assert.equal(gone[63]?.old?.["name"], "row 63");
  });
});
