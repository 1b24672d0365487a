import fc from "fast-check";
import {
  type Atom,
  type BaseType,
  type ColumnSchema,
  columnKind,
  type DatabaseSchema,
  isWideInteger,
  type TableSchema,
  type Value,
} from "../../../lib/ovsdb/index.ts";

// Random schemas and values that fit them; shared by the tests of codecs, schemas and the generator.

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/);
// Well-formed Unicode without NUL, with the keys and characters that trip naive code.
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }).map((text) => text.replaceAll("\0", "")),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "ref",
    "set",
    "map",
    "uuid",
    '"',
    "'",
    "*/",
    "a | b",
    "\u{1f600}",
    "",
  ),
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
// Reals as ovsdb-server prints them: 15 significant digits.
const reals = fc
  .double({ noNaN: true, min: -1e300, max: 1e300 })
  .map((real) => Number(real.toPrecision(15)) + 0);

const bases: fc.Arbitrary<BaseType> = fc.oneof(
  fc.constantFrom<BaseType>(
    { type: "integer" },
    { type: "real" },
    { type: "boolean" },
    { type: "string" },
    { type: "uuid" },
  ),
  ordered(fc.integer({ min: -1000, max: 1000 })).map(
    ([minInteger, maxInteger]): BaseType => ({
      type: "integer",
      minInteger,
      maxInteger,
    }),
  ),
  ordered(reals).map(([minReal, maxReal]): BaseType => ({ type: "real", minReal, maxReal })),
  ordered(fc.nat(6)).map(([minLength, maxLength]): BaseType => ({ type: "string", minLength, maxLength })),
  fc.constantFrom<BaseType>(
    { type: "integer", minInteger: 1 },
    { type: "integer", maxInteger: 2n ** 60n },
    { type: "string", maxLength: 3 },
    { type: "integer", enum: [1, 2, 10] },
    { type: "boolean", enum: [true] },
    { type: "real", enum: [0.5, 2] },
  ),
  fc
    .uniqueArray(texts, { minLength: 1, maxLength: 5 })
    .map((allowed): BaseType => ({ type: "string", enum: allowed })),
);

function ordered<T extends number>(each: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> {
  return fc.tuple(each, each).map(([a, b]) => (a < b ? [a, b] : [b, a]));
}

const sizes = fc.oneof(
  fc.constantFrom<Pick<ColumnSchema, "min" | "max">>(
    { min: 1, max: 1 },
    { min: 0, max: 1 },
    { min: 0, max: "unlimited" },
    { min: 1, max: "unlimited" },
    { min: 0, max: 3 },
    { min: 1, max: 4 },
  ),
);

/** Columns of every kind. */
export const columns: fc.Arbitrary<ColumnSchema> = fc
  .tuple(bases, fc.option(bases, { nil: undefined }), sizes, fc.boolean(), fc.boolean())
  .map(([key, value, size, ephemeral, fixed]) => ({
    key,
    ...(value !== undefined && { value }),
    ...size,
    ...(ephemeral && { ephemeral: true as const }),
    ...(fixed && { mutable: false as const }),
  }));

/** Atoms that a base type allows. */
export function atomsOf(base: BaseType): fc.Arbitrary<Atom> {
  if (base.enum !== undefined) return fc.constantFrom(...base.enum);
  switch (base.type) {
    case "integer": {
      if (!isWideInteger(base))
        return fc.integer({ min: Number(base.minInteger), max: Number(base.maxInteger) });
      const { minInteger, maxInteger } = base;
      return int64.filter(
        (i) => (minInteger === undefined || i >= minInteger) && (maxInteger === undefined || i <= maxInteger),
      );
    }
    case "real": {
      const { minReal = -Infinity, maxReal = Infinity } = base;
      return base.minReal === undefined ? reals : fc.constantFrom(minReal, maxReal);
    }
    case "boolean":
      return fc.boolean();
    case "string": {
      const { minLength = 0, maxLength = 9 } = base;
      return texts.map((text) => [...text, ..."x".repeat(minLength)].slice(0, maxLength).join(""));
    }
    case "uuid":
      return fc.uuid();
  }
}

/** Values that a column allows. */
export function valuesOf(column: ColumnSchema): fc.Arbitrary<Value> {
  const key = atomsOf(column.key);
  const size = { minLength: column.min, maxLength: column.max === "unlimited" ? 6 : column.max };
  switch (columnKind(column)) {
    case "scalar":
      return key;
    case "optional":
      return fc.option(key, { nil: null });
    case "set":
      return fc.uniqueArray(key, size);
    case "map":
      return fc
        .uniqueArray(fc.tuple(key, atomsOf(column.value ?? column.key)), {
          ...size,
          selector: ([name]) => String(name),
        })
        .map((pairs) => Object.fromEntries(pairs.map(([name, value]) => [String(name), value])));
  }
}

/** A column and some values of it. */
export function columnWithValues(count: number): fc.Arbitrary<[ColumnSchema, Value[]]> {
  return columns.chain((column) =>
    fc.tuple(fc.constant(column), fc.array(valuesOf(column), { minLength: count, maxLength: count })),
  );
}

/** Whole schemas, with references between their tables. */
export const schemas: fc.Arbitrary<DatabaseSchema> = fc
  .uniqueArray(names, { minLength: 1, maxLength: 4 })
  .chain((tables) => {
    const references: fc.Arbitrary<ColumnSchema> = fc
      .tuple(
        fc.constantFrom(...tables),
        fc.constantFrom("strong" as const, "weak" as const),
        fc.constantFrom(1, 2, "unlimited" as const),
      )
      .map(([refTable, refType, max]) => ({ key: { type: "uuid", refTable, refType }, min: 0, max }));
    const table: fc.Arbitrary<TableSchema> = fc
      .tuple(
        fc.dictionary(names, fc.oneof(columns, references), {
          minKeys: 1,
          maxKeys: 5,
          noNullPrototype: true,
        }),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      )
      .map(([own, indexed, maxRows]) => ({
        columns: own,
        indexes: indexed ? [Object.keys(own).slice(0, 2)] : [],
        isRoot: true,
        ...(maxRows !== undefined && { maxRows }),
      }));
    return fc.tuple(...tables.map(() => table)).map((made) => ({
      name: "Any",
      version: "1.2.3",
      tables: Object.fromEntries(tables.map((name, index) => [name, made[index] as TableSchema])),
    }));
  });
