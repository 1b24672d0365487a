import fc from "fast-check";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import {
  type ColumnSchema,
  columnKind,
  decodeValue,
  defaultValue,
  encodeElements,
  encodeValue,
  type RowUpdate,
  type Value,
  valuesEqual,
} from "../../../lib/ovsdb/index.ts";
import { Columns, storedColumn } from "../../../lib/replica/columns.ts";
import { type AnyRow, TableStore } from "../../../lib/replica/index.ts";

const uuidType = { type: "uuid", refTable: "T", refType: "weak" } as const;
const bounded = { type: "integer", minInteger: 0, maxInteger: 9 } as const;

/** A table with a column of every kind that indexes and versions treat differently. */
export const columns: Readonly<Record<string, ColumnSchema>> = {
  name: { key: { type: "string" }, min: 1, max: 1 },
  wide: { key: { type: "integer" }, min: 1, max: 1 },
  real: { key: { type: "real" }, min: 1, max: 1 },
  up: { key: { type: "boolean" }, min: 0, max: 1 },
  tag: { key: bounded, min: 0, max: 1 },
  copp: { key: uuidType, min: 0, max: 1 },
  ports: { key: uuidType, min: 0, max: "unlimited" },
  words: { key: { type: "string" }, min: 0, max: "unlimited" },
  few: { key: { type: "integer" }, min: 0, max: 3 },
  ids: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
  queues: { key: bounded, value: uuidType, min: 0, max: "unlimited" },
  // A name that every object seems to have.
  ...Object.fromEntries([["constructor", { key: { type: "string" }, min: 1, max: 1 } as const]]),
};

export const uuids: readonly string[] = Array.from(
  { length: 50 },
  (_, index) => `00000000-0000-4000-8000-0000000000${String(index).padStart(2, "0")}`,
);

export function makeStore(hidden: readonly string[] = []): TableStore {
  const shown = Object.entries(columns).filter(([name]) => !hidden.includes(name));
  return new TableStore("T", new Columns(shown.map(([name, schema]) => storedColumn(name, schema))), hidden, [
    ["name"],
    ["tag", "name"],
  ]);
}

export function columnOf(name: string): ColumnSchema {
  const column = columns[name];
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

function atoms(type: string): fc.Arbitrary<string | number | bigint | boolean> {
  switch (type) {
    case "uuid":
      return fc.constantFrom(...uuids);
    case "integer":
      return fc.integer({ min: 0, max: 4 });
    case "real":
      return fc.constantFrom(0.5, 0.3, -1);
    case "boolean":
      return fc.boolean();
    default:
      return fc.constantFrom("a", "b", "c", "__proto__", "constructor", "");
  }
}

/** Values from a small stock, so that rows share them; sets on both sides of what is a large one. */
export function someValue(name: string): fc.Arbitrary<Value> {
  const { key, value } = columnOf(name);
  const one = atoms(key.type);
  switch (columnKind(columnOf(name))) {
    case "scalar":
      return one.map((atom) => readBack(name, atom));
    case "optional":
      return fc.option(one, { nil: null });
    case "set":
      return fc
        .oneof(
          { weight: 4, arbitrary: fc.uniqueArray(one, { maxLength: name === "few" ? 3 : 4 }) },
          { weight: name === "ports" ? 2 : 0, arbitrary: fc.shuffledSubarray([...uuids], { minLength: 30 }) },
        )
        .map((list) => readBack(name, list as Value));
    case "map":
      return fc
        .uniqueArray(fc.tuple(one, atoms(value?.type ?? "string")), {
          maxLength: 3,
          selector: ([mapKey]) => mapKey,
        })
        .map((pairs) => readBack(name, Object.fromEntries(pairs.map(([k, v]) => [String(k), v]))));
  }
}

/** As it comes from the server: wide integers as bigints, and so on. */
function readBack(name: string, value: Value): Value {
  return decodeValue(columnOf(name), toWire(name, value));
}

export function toWire(name: string, value: Value): Json {
  return encodeValue({ table: "T", column: name }, columnOf(name), value, () => null);
}

export type ModelRow = Record<string, Value>;

export function modelDefaults(): ModelRow {
  return Object.fromEntries(
    Object.entries(columns).map(([name, schema]) => [name, defaultValue(schema)] as const),
  );
}

/** What `update2` says of a change from one value to another; undefined when there is none. */
export function diffOf(name: string, from: Value, to: Value): Json | undefined {
  const schema = columnOf(name);
  if (valuesEqual(schema, from, to)) return undefined;
  switch (columnKind(schema)) {
    case "set": {
      const [a, b] = [from as readonly string[], to as readonly string[]];
      const changed = [...a.filter((e) => !b.includes(e)), ...b.filter((e) => !a.includes(e))];
      return encodeElements({ table: "T", column: name }, schema, changed, () => null);
    }
    case "map": {
      const [a, b] = [from, to] as [Record<string, Value>, Record<string, Value>];
      const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
      const pairs = keys.flatMap((key) => {
        const [old, next] = [own(a, key), own(b, key)];
        return old === next ? [] : [[key, next ?? old] as const];
      });
      return toWire(name, Object.fromEntries(pairs) as Value);
    }
    default:
      return toWire(name, to);
  }
}

function own(map: Record<string, Value>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

export interface Change {
  readonly row: number;
  readonly kind: "put" | "delete";
  readonly columns: ModelRow;
}

/** Some columns of one of a few rows; what that is to the server (insert, modify, delete, nothing) shows on the way. */
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    row: fc.nat(7),
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constant("put" as const) },
      { weight: 1, arbitrary: fc.constant("delete" as const) },
    ),
    columns: fc.record(Object.fromEntries(Object.keys(columns).map((name) => [name, someValue(name)])), {
      requiredKeys: [],
      noNullPrototype: true,
    }) as fc.Arbitrary<ModelRow>,
  }),
  { maxLength: 25 },
);

/** The server's words for a change, from what the model holds; `version` 1 or 2 of the updates. */
export function updateFor(
  model: ReadonlyMap<string, ModelRow>,
  change: Change,
  version: 1 | 2,
): { readonly update: RowUpdate; readonly next: ModelRow | undefined } | undefined {
  const uuid = uuids[change.row] ?? "";
  const base = { table: "T", uuid };
  const old = model.get(uuid);
  if (change.kind === "delete") {
    return old === undefined
      ? undefined
      : { update: { ...base, kind: "delete", columns: null }, next: undefined };
  }
  const next = { ...(old ?? modelDefaults()), ...change.columns };
  const wireOf = (names: readonly string[]): Record<string, Json> =>
    Object.fromEntries(names.map((name) => [name, toWire(name, next[name] ?? null)]));
  if (old === undefined) {
    const defaults = modelDefaults();
    const named = Object.keys(columns).filter(
      (name) => version === 1 || !valuesEqual(columnOf(name), defaults[name] ?? null, next[name] ?? null),
    );
    return { update: { ...base, kind: "insert", columns: wireOf(named) }, next };
  }
  if (version === 1) {
    return { update: { ...base, kind: "replace", columns: wireOf(Object.keys(columns)) }, next };
  }
  const diffs = Object.keys(columns).flatMap((name) => {
    const diff = diffOf(name, old[name] ?? null, next[name] ?? null);
    return diff === undefined ? [] : [[name, diff] as const];
  });
  if (diffs.length === 0) return undefined;
  return { update: { ...base, kind: "modify", columns: Object.fromEntries(diffs) }, next };
}

/** The same update as a message tells it: what it says of the row is text. */
export function asText(update: RowUpdate): RowUpdate {
  if (update.kind !== "modify" && update.kind !== "insert") return update;
  return { ...update, columns: null, text: JSON.stringify(update.columns) };
}

/** A row in a form that compares regardless of the order of sets. */
export function comparable(row: AnyRow | ModelRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(columns).map((name) => {
      const value = row[name] ?? null;
      return [name, Array.isArray(value) ? [...value].map(String).sort() : value];
    }),
  );
}
