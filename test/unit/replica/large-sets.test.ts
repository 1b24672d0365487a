import assert from "node:assert/strict";
import type { AnyRow, RowChange, TableStore } from "../../../lib/replica/index.ts";
import { makeStore, uuids } from "./support.ts";

const size = 5_000;
const parent = uuids[0] ?? "";
const port = (index: number): string => `00000000-0000-4000-9000-${String(index).padStart(12, "0")}`;
const wire = (...indexes: number[]): ["set", ["uuid", string][]] => [
  "set",
  indexes.map((index) => ["uuid", port(index)]),
];

function large(): TableStore {
  const store = makeStore();
  const all = Array.from({ length: size }, (_, index) => index);
  store.apply({ table: "T", uuid: parent, kind: "insert", columns: { name: "sw", ports: wire(...all) } });
  return store;
}

/** How often something is put into a map or a set or taken out, and how many elements are copied into new sets. */
function countWork(run: () => void): number {
  let work = 0;
  const restore = [Set.prototype, Map.prototype].flatMap((prototype: object) =>
    ["add", "set", "delete"].flatMap((name) => {
      const original: unknown = Reflect.get(prototype, name);
      if (typeof original !== "function") return [];
      Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
        work += 1;
        return Reflect.apply(original, this, args);
      });
      return [() => Reflect.set(prototype, name, original)];
    }),
  );
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return work;
}

describe("a set of 5,000 elements", () => {
  it("costs what is changed: in the row, in the index of referrers, in the change that is told", () => {
    const store = large();
    assert.deepEqual(
      store.referrers(port(7), "ports").map(({ _uuid }) => _uuid),
      [parent],
    );
    const steps = 1_000;
    let changed: RowChange | undefined;
    const work = countWork(() => {
      for (let index = 0; index < steps; index += 1) {
        const columns = { ports: wire(size + index, index) };
        changed = store.apply({ table: "T", uuid: parent, kind: "modify", columns });
        changed.elements("ports");
      }
    });
    assert.ok(work < 40 * steps, `${work} steps for ${steps} changes of two elements`);
    assert.deepEqual(changed?.elements("ports"), {
      added: [port(size + steps - 1)],
      removed: [port(steps - 1)],
    });
    assert.deepEqual(
      store.referrers(port(size + 3), "ports").map(({ _uuid }) => _uuid),
      [parent],
    );
    assert.deepEqual(store.referrers(port(3), "ports"), []);
    assert.ok(store.has(parent, "ports", port(size)) && !store.has(parent, "ports", port(0)));
  });

  it("makes no array for a question about one element", () => {
    const store = large();
    store.has(parent, "ports", port(1));
    const work = countWork(() => {
      for (let index = 0; index < 1_000; index += 1) store.has(parent, "ports", port(index));
    });
    assert.ok(work < 10, `${work} steps`);
  });

  it("keeps old rows readable while the newest moves on", () => {
    const store = large();
    const before = store.row(parent);
    const changes: RowChange[] = [];
    for (let index = 0; index < 20; index += 1) {
      changes.push(
        store.apply({ table: "T", uuid: parent, kind: "modify", columns: { ports: wire(index) } }),
      );
    }
    assert.equal(portsOf(store.row(parent)).length, size - 20);
    assert.equal(portsOf(before).length, size);
    assert.equal(portsOf(changes[9]?.new).length, size - 10);
    assert.ok(portsOf(changes[9]?.old).includes(port(9)));
  });
});

function portsOf(row: AnyRow | undefined): readonly unknown[] {
  const ports = row?.["ports"];
  return Array.isArray(ports) ? ports : [];
}
