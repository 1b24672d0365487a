import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChangeBatch } from "../../../lib/database/change-types.ts";
import { ChangeStream } from "../../../lib/database/changes.ts";
import type { AnyRow, RowChange, TableStore } from "../../../lib/replica/index.ts";
import { countParsed } from "../../support/count-work.ts";
import {
  asText,
  type Change,
  changes,
  columns,
  comparable,
  type ModelRow,
  makeStore,
  toWire,
  updateFor,
  uuids,
} from "../replica/support.ts";

type Batch = ChangeBatch<RowChange>;

const [first = "", second = ""] = uuids;

/** Applies a change to the store and tells the stream. */
function step(store: TableStore, stream: ChangeStream, model: Map<string, ModelRow>, change: Change): void {
  const said = updateFor(model, change, 2);
  if (said === undefined) return;
  stream.push("update", [store.apply(change.row % 2 === 0 ? asText(said.update) : said.update)]);
  if (said.next === undefined) model.delete(said.update.uuid);
  else model.set(said.update.uuid, said.next);
}

function snapshot(rows: Iterable<AnyRow>): Map<string, unknown> {
  return new Map([...rows].map((row) => [row._uuid, comparable({ ...row })]));
}

/** What a reader who knows only the batches would hold; checks each batch against that. */
function replay(held: Map<string, unknown>, batch: Batch): void {
  for (const change of batch.rows) {
    const { old, new: next, kind } = change;
    assert.deepEqual(old && comparable({ ...old }), held.get(change.uuid), "old is what was told last");
    assert.equal(kind, old === undefined ? "insert" : next === undefined ? "delete" : "modify");
    assert.ok(kind !== "modify" || change.columns.length > 0, "a change changes something");
    if (old !== undefined && next !== undefined) {
      const [before, after] = [comparable({ ...old }), comparable({ ...next })];
      const differing = Object.keys(columns).filter(
        (name) => JSON.stringify(text(before[name])) !== JSON.stringify(text(after[name])),
      );
      assert.deepEqual([...change.columns].sort(), differing.sort());
    } else {
      assert.deepEqual(change.columns, []);
    }
    if (next === undefined) held.delete(change.uuid);
    else held.set(change.uuid, comparable({ ...next }));
  }
}

function text(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.entries(value)
    .map(([key, element]) => `${key} ${element}`)
    .sort();
}

/** Reads a batch now and then, as a busy reader does: one read is always under way once it has begun. */
class Reader {
  readonly held: Map<string, unknown>;
  readonly causes: string[] = [];
  readonly #stream: ChangeStream;
  #read: Promise<void> | undefined;
  #result: IteratorResult<Batch> | undefined;

  constructor(stream: ChangeStream, held: Map<string, unknown>) {
    this.#stream = stream;
    this.held = held;
  }

  /** Takes one batch if there is one; tells whether the stream has ended. */
  async poll(): Promise<boolean> {
    this.#read ??= this.#stream.next().then((result) => {
      this.#result = result;
    });
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
    if (this.#result === undefined) return false;
    const { done, value } = this.#result;
    this.#read = this.#result = undefined;
    if (done === true) return true;
    this.causes.push(value.cause);
    replay(this.held, value);
    return false;
  }

  async finish(): Promise<void> {
    this.#stream.end(undefined);
    while (!(await this.poll()));
  }
}

function insertOf(uuid: string, name: string): Change {
  return { row: uuids.indexOf(uuid), kind: "put", columns: { name } };
}

describe("ChangeStream", () => {
  it("loses nothing, however slowly it is read: its replay on the old snapshot gives the new one", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        changes,
        fc.array(fc.tuple(changes, fc.nat(3)), { maxLength: 30, size: "max" }),
        async (before, rounds) => {
          const store = makeStore();
          const model = new Map<string, ModelRow>();
          const nobody = new ChangeStream([], () => undefined);
          for (const change of before) step(store, nobody, model, change);
          const stream = new ChangeStream(undefined, () => undefined, 64);
          const reader = new Reader(stream, snapshot(store.rows()));
          for (const [round, reads] of rounds) {
            for (const change of round) step(store, stream, model, change);
            for (let read = 0; read < reads - 1; read += 1) await reader.poll();
          }
          await reader.finish();
          assert.deepEqual(reader.held, snapshot(store.rows()));
          for (const cause of reader.causes) seen.add(cause);
        },
      ),
      // Shrinking histories of this length would take minutes.
      { numRuns: 30, endOnFailure: true },
    );
    assert.deepEqual([...seen].sort(), ["coalesced", "update"], "both ways were taken");
  });

  /** A store and a stream that so many changes of one row have gone to unread. */
  function behind(count: number): { stream: ChangeStream; store: TableStore; model: Map<string, ModelRow> } {
    const [store, model] = [makeStore(), new Map<string, ModelRow>()];
    const stream = new ChangeStream(undefined, () => undefined);
    for (let index = 0; index < count; index += 1) step(store, stream, model, insertOf(first, `n${index}`));
    return { stream, store, model };
  }

  async function batches(stream: ChangeStream): Promise<Batch[]> {
    stream.end(undefined);
    const all: Batch[] = [];
    for await (const batch of stream) all.push(batch);
    return all;
  }

  it("gives one batch per update to a reader that keeps up a little, and one in all to one that does not", async () => {
    assert.equal((await batches(behind(512).stream)).length, 512);
    const [only, ...others] = await batches(behind(10_000).stream);
    assert.equal(others.length, 0);
    assert.equal(only?.cause, "coalesced");
    assert.deepEqual(
      only?.rows.map(({ kind, new: row }) => [kind, row?.["name"]]),
      [["insert", "n9999"]],
    );
  });

  it("tells nothing of what has cancelled out", async () => {
    const { stream, store, model } = behind(600);
    step(store, stream, model, { row: 0, kind: "delete", columns: {} });
    assert.deepEqual(await batches(stream), []);
  });

  it("tells of a row that went and came again with other values as a change of those", async () => {
    const [store, model] = [makeStore(), new Map<string, ModelRow>()];
    step(store, new ChangeStream([], () => undefined), model, insertOf(first, "old"));
    const stream = new ChangeStream(undefined, () => undefined);
    for (let index = 0; index < 600; index += 1) step(store, stream, model, insertOf(second, `n${index}`));
    step(store, stream, model, { row: 0, kind: "delete", columns: {} });
    step(store, stream, model, insertOf(first, "new"));
    const [batch] = await batches(stream);
    const change = batch?.rows.find(({ uuid }) => uuid === first);
    assert.deepEqual([change?.kind, change?.columns], ["modify", ["name"]]);
  });

  it("reads no row that changed once, to merge it with what waits", async () => {
    const store = makeStore();
    const stream = new ChangeStream(undefined, () => undefined, 4);
    for (const uuid of uuids) store.apply({ table: "T", uuid, kind: "insert", columns: null, text: "{}" });
    const parsed = await countParsed(async () => {
      for (const uuid of uuids) {
        const update = { table: "T", uuid, kind: "modify", columns: null, text: '{"words":"w"}' } as const;
        stream.push("update", [store.apply(update)]);
      }
      const [batch] = await batches(stream);
      assert.deepEqual([batch?.cause, batch?.rows.length], ["coalesced", uuids.length]);
    });
    assert.equal(parsed.texts, 0);
  });

  it("merges a large set by what was toggled", async () => {
    const store = makeStore();
    const ports = toWire("ports", [...uuids]);
    store.apply({ table: "T", uuid: first, kind: "insert", columns: { ports } });
    const stream = new ChangeStream(undefined, () => undefined);
    for (let index = 0; index < 602; index += 1) {
      const columns = { ports: toWire("ports", [uuids[index % 2] ?? ""]) };
      stream.push("update", [store.apply({ table: "T", uuid: first, kind: "modify", columns })]);
    }
    const [batch] = await batches(stream);
    const { added, removed } = batch?.rows[0]?.elements("ports") ?? { added: ["?"], removed: [] };
    assert.deepEqual([added, [...removed].sort()], [[], [first, second]]);
  });

  it("serves several reads at once, in order", async () => {
    const [store, model] = [makeStore(), new Map<string, ModelRow>()];
    const stream = new ChangeStream(undefined, () => undefined);
    const reads = [stream.next(), stream.next(), stream.next()];
    step(store, stream, model, insertOf(first, "a"));
    step(store, stream, model, insertOf(first, "b"));
    stream.end(undefined);
    const results = await Promise.all(reads);
    assert.deepEqual(
      results.map(({ done, value }) => (done ? "done" : value.rows[0]?.new?.["name"])),
      ["a", "b", "done"],
    );
  });

  it("delivers what waits, then throws the error once, then is done", async () => {
    const { stream } = behind(2);
    stream.end({ reason: new Error("gone") });
    assert.equal((await stream.next()).done, false);
    assert.equal((await stream.next()).done, false);
    await assert.rejects(stream.next(), /gone/);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("throws also a reason that is undefined", async () => {
    const stream = new ChangeStream(undefined, () => undefined);
    const read = stream.next();
    stream.end({ reason: undefined });
    await assert.rejects(read, (error) => error === undefined);
  });

  it("says once that it has ended, and takes nothing more", async () => {
    let ends = 0;
    const stream = new ChangeStream(undefined, () => {
      ends += 1;
    });
    const [store, model] = [makeStore(), new Map<string, ModelRow>()];
    step(store, stream, model, insertOf(first, "a"));
    await stream.return();
    stream.end({ reason: new Error("late") });
    step(store, stream, model, insertOf(first, "b"));
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.equal(ends, 1);
  });

  it("passes on its tables only, and an initial batch also when it is empty", async () => {
    const stream = new ChangeStream(["Other"], () => undefined);
    const store = makeStore();
    stream.push("initial", []);
    stream.push("update", [store.apply({ table: "T", uuid: first, kind: "insert", columns: {} })]);
    assert.deepEqual(await batches(stream), [{ cause: "initial", rows: [] }]);
  });

  it("has a first batch for who asked for the present rows, also when those and all later ones have gone since", async () => {
    const store = makeStore();
    const stream = new ChangeStream(undefined, () => undefined, 1);
    store.apply({ table: "T", uuid: first, kind: "insert", columns: {} });
    stream.push("initial", store.asInserts());
    stream.push("update", [store.apply({ table: "T", uuid: second, kind: "insert", columns: {} })]);
    for (const uuid of [first, second])
      stream.push("update", [store.apply({ table: "T", uuid, kind: "delete", columns: null })]);
    assert.deepEqual(await batches(stream), [{ cause: "coalesced", rows: [] }]);
  });
});
