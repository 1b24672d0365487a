import type { BaseType, ColumnSchema } from "../ovsdb/index.ts";

/** Makes of an atom what a `Map` can find it by: the same for all values that the server takes for the same. */
export type AtomKey = (atom: unknown) => unknown;

/** The key function for atoms of a type: 5 and 5n are one value, and so is a uuid in either case. */
export function atomKey(base: BaseType): AtomKey {
  switch (base.type) {
    case "integer":
      return integerKey;
    case "real":
      // ovsdb-server prints 15 significant digits.
      return (atom) => (typeof atom === "number" ? Number(atom.toPrecision(15)) : atom);
    case "uuid":
      return (atom) => (typeof atom === "string" ? atom.toLowerCase() : atom);
    default:
      return (atom) => atom;
  }
}

function integerKey(atom: unknown): unknown {
  if (typeof atom !== "bigint") return atom;
  const narrow = Number(atom);
  return Number.isSafeInteger(narrow) ? narrow : atom;
}

/** The same for a column's whole value; sets and maps are unordered. */
export function valueKey(column: ColumnSchema): (value: unknown) => unknown {
  const key = atomKey(column.key);
  const mapValueKey = column.value === undefined ? key : atomKey(column.value);
  return (value) => {
    if (value === null || typeof value !== "object") return key(value);
    const parts: readonly unknown[] = Array.isArray(value)
      ? value.map(key)
      : Object.entries(value).map(([name, element]) => [name, mapValueKey(element)]);
    return joinKeys(parts.map((part) => joinKeys([part])).sort());
  };
}

/** Several keys as one text; numbers, bigints and strings that look alike stay apart. */
export function joinKeys(keys: readonly unknown[]): string {
  return JSON.stringify(keys, (_, key: unknown) =>
    typeof key === "bigint" ? { integer: String(key) } : key,
  );
}
