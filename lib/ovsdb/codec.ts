import { type Json, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import { type AtomCodec, atKey, atomCodec, isRef, refused } from "./atoms.ts";
import { isArray, isKeyed, sketch } from "./narrow.ts";
import { type Atom, type ColumnKind, type ColumnSchema, columnKind } from "./schema.ts";
import type { ColumnName, Ref, ResolveRef, Value } from "./value.ts";

/**
 * Everything that can be done with values of one column, prepared once per column.
 *
 * See the functions of the same names in `values.ts` for what each does and throws.
 */
export interface ColumnCodec {
  readonly kind: ColumnKind;
  readonly defaultValue: Value;
  decode(wire: Json): Value;
  encode(where: ColumnName, value: unknown, resolve: ResolveRef): Json;
  encodeElements(where: ColumnName, elements: readonly unknown[], resolve: ResolveRef): Json;
  encodePairs(where: ColumnName, pairs: object, resolve: ResolveRef): Json;
  applyDiff(current: Value, diff: Json): Value;
  equal(a: Value, b: Value): boolean;
}

/** The codec of a column; made on first use and kept as long as the schema object lives. */
export function columnCodec(column: ColumnSchema): ColumnCodec {
  const known = codecs.get(column);
  if (known !== undefined) return known;
  const codec = makers[columnKind(column)](column);
  codecs.set(column, codec);
  return codec;
}

const codecs: WeakMap<ColumnSchema, ColumnCodec> = new WeakMap();

const makers: Readonly<Record<ColumnKind, (column: ColumnSchema) => ColumnCodec>> = {
  scalar: scalarCodec,
  optional: optionalCodec,
  set: setCodec,
  map: mapCodec,
};

type Elements = readonly (Atom | Ref)[];
type Pairs = { readonly [key: string]: Atom | Ref };

// Most sets and maps of a row are empty: all of them share these.
const emptySet: Elements = Object.freeze([]);
const emptyMap: Pairs = Object.freeze({});

function scalarCodec(column: ColumnSchema): ColumnCodec {
  const atom = atomCodec(column.key);
  return {
    kind: "scalar",
    defaultValue: atom.defaultAtom,
    decode: atom.decode,
    encode: atom.encode,
    encodeElements: (where, elements, resolve) => encodeSet(atom, where, elements, resolve),
    encodePairs: notPairs,
    applyDiff: (_current, diff) => atom.decode(diff),
    equal: (a, b) => isSingle(a) && isSingle(b) && atom.identity(a) === atom.identity(b),
  };
}

function optionalCodec(column: ColumnSchema): ColumnCodec {
  const scalar = scalarCodec(column);
  const decode = (wire: Json): Value => {
    if (!isTagged(wire, "set")) return scalar.decode(wire);
    const [first, ...others] = tagged(wire, "set");
    if (others.length > 0)
      throw new ProtocolError(`value: expected at most one element, got ${sketch(wire)}`);
    return first === undefined ? null : scalar.decode(first);
  };
  return {
    ...scalar,
    kind: "optional",
    defaultValue: null,
    decode,
    encode: (where, value, resolve) => (value === null ? ["set", []] : scalar.encode(where, value, resolve)),
    applyDiff: (_current, diff) => decode(diff),
    equal: (a, b) => (a === null || b === null ? a === b : scalar.equal(a, b)),
  };
}

function setCodec(column: ColumnSchema): ColumnCodec {
  const atom = atomCodec(column.key);
  const decodeElements = (wire: Json): Atom[] =>
    // A set of one element comes as the bare element.
    isTagged(wire, "set") ? tagged(wire, "set").map(atom.decode) : [atom.decode(wire)];
  return {
    kind: "set",
    defaultValue: column.min === 0 ? emptySet : Object.freeze([atom.defaultAtom]),
    decode: (wire) => frozenSet(decodeElements(wire)),
    encode(where, value, resolve) {
      if (!Array.isArray(value)) throw refused(where, value, `${sketch(value)} is not an array`);
      const wire = encodeSet(atom, where, value, resolve);
      checkSize(where, column, value, wire[1].length, "elements");
      return wire;
    },
    encodeElements: (where, elements, resolve) => encodeSet(atom, where, elements, resolve),
    encodePairs: notPairs,
    applyDiff(current, diff) {
      const toggled = new Map(decodeElements(diff).map((element) => [atom.identity(element), element]));
      const kept = elementsOf(current).filter((element) => !toggled.delete(atom.identity(element)));
      return frozenSet([...kept, ...toggled.values()]);
    },
    equal(a, b) {
      if (a === b) return true;
      if (!Array.isArray(a) || !Array.isArray(b)) return false;
      const left = new Set(elementsOf(a).map(atom.identity));
      const right = new Set(elementsOf(b).map(atom.identity));
      return left.size === right.size && [...right].every((element) => left.has(element));
    },
  };
}

function mapCodec(column: ColumnSchema): ColumnCodec {
  if (column.value === undefined) throw new UsageError("not a map column");
  const keyAtom = atomCodec(column.key);
  const valueAtom = atomCodec(column.value);

  const keyOf = (pair: Json | undefined): string => String(keyAtom.decode(asPair(pair)[0] ?? null));
  const atomOf = (pair: Json | undefined): Atom => valueAtom.decode(asPair(pair)[1] ?? null);
  const ofStrings = column.key.type === "string" && column.value.type === "string";
  const decode = (wire: Json): Value => {
    const pairs = tagged(wire, "map");
    if (pairs.length === 0) return emptyMap;
    const map: Record<string, Atom | Ref> = {};
    // A plain loop that calls nothing for a pair of strings: most of what a row holds are such pairs.
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index];
      if (ofStrings && isArray(pair) && pair.length === 2) {
        const key = pair[0];
        const value = pair[1];
        if (typeof key === "string" && typeof value === "string" && key !== "__proto__") {
          map[key] = value;
          continue;
        }
      }
      setOwn(map, keyOf(pair), atomOf(pair));
    }
    return Object.freeze(map);
  };
  const encodeKey = (where: ColumnName, key: unknown, resolve: ResolveRef): Json => {
    const atom = typeof key === "string" ? keyAtom.fromKey(key) : key;
    if (atom === undefined) throw refused(where, key, `key ${sketch(key)} is not of type ${column.key.type}`);
    return keyAtom.encode(where, atom, resolve);
  };
  const encodeAt = (where: ColumnName, key: string, value: unknown, resolve: ResolveRef): Json => {
    try {
      return valueAtom.encode(where, value, resolve);
    } catch (error) {
      throw atKey(error, where, key);
    }
  };
  const encodePairs = (where: ColumnName, value: unknown, resolve: ResolveRef): ["map", Json[]] => {
    if (!isKeyed(value)) throw refused(where, value, `${sketch(value)} is not a plain object`);
    return [
      "map",
      Object.entries(value).map(([key, element]) => [
        encodeKey(where, key, resolve),
        encodeAt(where, key, element, resolve),
      ]),
    ];
  };
  return {
    kind: "map",
    defaultValue:
      column.min === 0 ? emptyMap : Object.freeze({ [String(keyAtom.defaultAtom)]: valueAtom.defaultAtom }),
    decode,
    encode(where, value, resolve) {
      const wire = encodePairs(where, value, resolve);
      checkSize(where, column, value, wire[1].length, "pairs");
      return wire;
    },
    // Elements of a map are its keys: what a mutation deletes it by.
    encodeElements: (where, keys, resolve) => ["set", keys.map((key) => encodeKey(where, key, resolve))],
    encodePairs,
    applyDiff(current, diff) {
      if (column.max === 1) return decode(diff);
      const map = { ...pairsOf(current) };
      for (const pair of tagged(diff, "map")) {
        const key = keyOf(pair);
        const value = atomOf(pair);
        const old = Object.hasOwn(map, key) ? map[key] : undefined;
        if (old !== undefined && valueAtom.identity(old) === valueAtom.identity(value)) delete map[key];
        else setOwn(map, key, value);
      }
      return frozenMap(map);
    },
    equal(a, b) {
      if (a === b) return true;
      if (!isPairs(a) || !isPairs(b)) return false;
      const left = Object.entries(a);
      return (
        left.length === Object.keys(b).length &&
        left.every(([key, value]) => {
          const other = Object.hasOwn(b, key) ? b[key] : undefined;
          return other !== undefined && valueAtom.identity(value) === valueAtom.identity(other);
        })
      );
    },
  };
}

function encodeSet(
  atom: AtomCodec,
  where: ColumnName,
  elements: readonly unknown[],
  resolve: ResolveRef,
): ["set", Json[]] {
  const byIdentity = new Map<unknown, Json>();
  // `encode` has checked the type by the time `identity` is asked.
  for (const element of elements) {
    const wire = atom.encode(where, element, resolve);
    byIdentity.set(atom.identity(element as Atom | Ref), wire);
  }
  return ["set", [...byIdentity.values()]];
}

/** Refuses pairs for a column that is no map. */
export function notPairs(where: ColumnName, pairs: object): never {
  throw refused(where, pairs, "is not a map column");
}

/** Throws `ValidationError` where the schema does not allow a set or map of that size. */
export function checkSize(
  where: ColumnName,
  column: ColumnSchema,
  value: unknown,
  size: number,
  unit: string,
): void {
  if (size < column.min) throw refused(where, value, `${size} ${unit}, at least ${column.min} needed`);
  if (column.max !== "unlimited" && size > column.max) {
    throw refused(where, value, `${size} ${unit}, at most ${column.max} allowed`);
  }
}

function isTagged(wire: Json, tag: "set" | "map"): boolean {
  return isArray(wire) && wire[0] === tag;
}

function tagged(wire: Json, tag: "set" | "map"): readonly Json[] {
  if (isArray(wire) && wire.length === 2 && wire[0] === tag && isArray(wire[1])) return wire[1];
  throw new ProtocolError(`value: expected a ${tag}, got ${sketch(wire)}`);
}

function asPair(wire: Json | undefined): readonly Json[] {
  if (isArray(wire) && wire.length === 2) return wire;
  throw new ProtocolError(`value: expected a pair, got ${sketch(wire)}`);
}

function frozenSet(elements: Elements): Elements {
  return elements.length === 0 ? emptySet : Object.freeze(elements);
}

function frozenMap(map: Pairs): Pairs {
  for (const _key in map) return Object.freeze(map);
  return emptyMap;
}

/** Assigns also where the key is `__proto__`, to which a plain assignment gives the object another prototype. */
function setOwn(map: Record<string, Atom | Ref>, key: string, value: Atom | Ref): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  else map[key] = value;
}

function isSingle(value: Value): value is Atom | Ref {
  return typeof value !== "object" || isRef(value);
}

function elementsOf(value: Value): Elements {
  if (Array.isArray(value)) return value as Elements;
  throw new UsageError(`a set column holds ${sketch(value)}`);
}

function pairsOf(value: Value): Pairs {
  if (isPairs(value)) return value;
  throw new UsageError(`a map column holds ${sketch(value)}`);
}

// A map with a key `ref` looks like a Ref; only the column tells, and here it is a map column.
function isPairs(value: Value): value is Pairs {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
