import { type KnownKeys, meantKey, notKnown } from "../../jsonrpc/index.ts";
import { SpecError } from "./errors.ts";
import { fault } from "./spec-field.ts";

/** What a value has to be. `any` is looked at elsewhere. */
type Leaf = "any" | "text" | "number" | "bigint" | "true or false";

/** What is one of a few. */
class Choice<V> {
  readonly values: readonly V[];

  constructor(values: readonly V[]) {
    this.values = values;
  }
}

/** What may be absent, and what it is otherwise. */
class Optional<F> {
  readonly field: F;

  constructor(field: F) {
    this.field = field;
  }
}

/** A map with keys of its user's. */
class Entries<F> {
  readonly field: F;

  constructor(field: F) {
    this.field = field;
  }
}

type Value = Leaf | Choice<string | number>;

type Single = Value | Entries<Value | readonly [Value]> | Shape;

/** A value, an object, or a list of either. */
type Field = Single | readonly [Single];

/** The keys of an object, and what stands under each. */
export interface Shape {
  readonly [key: string]: Field | Optional<Field>;
}

/** A shape that names each key of X and no other, and which of them may be absent: with another one it does not compile. */
export type ShapeOf<X> = {
  readonly [K in keyof X]-?: object extends Pick<X, K>
    ? Optional<FieldOf<NonNullable<X[K]>>>
    : FieldOf<NonNullable<X[K]>>;
};

type FieldOf<V> = [V] extends [readonly (infer Entry)[]]
  ? readonly [FieldOf<Entry>]
  : [V] extends [object]
    ? // A map has the keys that its user gives it.
      string extends keyof V
      ? "any" | Entries<FieldOf<V[keyof V]>>
      : ShapeOf<V>
    : FieldOfLeaf<V>;

/** In brackets, lest each member of a union be asked alone. */
type FieldOfLeaf<V> = [boolean] extends [V]
  ? "true or false"
  : [string] extends [V]
    ? "any" | "text"
    : [bigint] extends [V]
      ? "bigint"
      : [V] extends [string | number]
        ? Choice<V> | (number extends V ? "number" : never)
        : never;

/** Something that may be absent. */
export function maybe<const F>(field: F): Optional<F> {
  return new Optional(field);
}

/** A map that holds such things under whatever keys. */
export function each<const F>(field: F): Entries<F> {
  return new Entries(field);
}

/** Something that is one of these. */
export function oneOf<const V extends string | number>(...values: readonly V[]): Choice<V> {
  return new Choice(values);
}

/** What has another shape: where it stands within the whole, and what is wrong with it. */
interface Misfit {
  readonly path: string;
  readonly value: unknown;
  readonly problem: string;
  /** A key that nobody reads: what it holds is no part of the fault. */
  readonly isKey?: true;
}

/**
 * Throws `SpecError` for what has another shape, as plain JavaScript may give: a list that is none, an entry that is no
 * object, a key that nobody reads. `path` is where `value` stands, `source` the object that it was read from.
 */
export function checkShape(
  path: string | (() => string),
  value: unknown,
  shape: Shape,
  source?: string,
): void {
  const misfit = misfitOfObject(value, shape);
  if (misfit === undefined) return;
  const place = `${typeof path === "string" ? path : path()}${misfit.path}`;
  const { value: inner, problem, isKey } = misfit;
  throw isKey === undefined
    ? fault(place, inner, problem, source)
    : new SpecError(`${place} ${problem}`, { path: place, value: inner, source });
}

/** Of the many that fit nothing is written down, not even where they stand. */
function misfitOfObject(value: unknown, shape: Shape): Misfit | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { path: "", value, problem: "must be an object" };
  const { fields, needed } = partsOf(shape);
  for (const key in value) {
    const inner: unknown = value[key as never];
    if (inner === undefined) continue;
    const field = fields[key];
    if (field !== undefined) {
      const misfit = misfitOf(inner, field);
      if (misfit !== undefined) return { ...misfit, path: `.${key}${misfit.path}` };
    } else if (Object.hasOwn(value, key)) {
      return {
        path: `.${key}`,
        value: inner,
        problem: notKnown(meantKey(key, knownKeys(fields)) ?? labelMeant(key, fields)),
        isKey: true,
      };
    }
  }
  for (const name of needed) {
    const misfit = value[name as never] === undefined && misfitOf(undefined, fields[name] ?? "any");
    if (misfit) return { ...misfit, path: `.${name}${misfit.path}` };
  }
  return undefined;
}

/** What stands in a selector of labels as in the labels themselves. */
function labelMeant(key: string, fields: Parts["fields"]): string | undefined {
  return Object.hasOwn(fields, "matchLabels") ? `matchLabels[${JSON.stringify(key)}]` : undefined;
}

function knownKeys(fields: Parts["fields"]): KnownKeys {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, true as const]));
}

function misfitOf(value: unknown, field: Field): Misfit | undefined {
  if (typeof field === "string") {
    if (isLeaf(value, field)) return undefined;
    return { path: "", value, problem: `must be ${field === "true or false" ? field : `a ${field}`}` };
  }
  if (isList(field)) return misfitOfList(value, field[0]);
  if (field instanceof Choice) {
    if (field.values.some((choice) => choice === value)) return undefined;
    return { path: "", value, problem: `must be one of ${field.values.join(", ")}` };
  }
  return field instanceof Entries ? misfitOfMap(value, field.field) : misfitOfObject(value, field);
}

function misfitOfList(value: unknown, field: Single): Misfit | undefined {
  if (!Array.isArray(value)) return { path: "", value, problem: "must be a list" };
  for (const [index, entry] of value.entries()) {
    const misfit = misfitOf(entry, field);
    if (misfit !== undefined) return { ...misfit, path: `[${index}]${misfit.path}` };
  }
  return undefined;
}

function misfitOfMap(value: unknown, field: Field): Misfit | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { path: "", value, problem: "must be a map" };
  for (const [key, entry] of Object.entries(value)) {
    const misfit = misfitOf(entry, field);
    if (misfit !== undefined) return { ...misfit, path: `.${key}${misfit.path}` };
  }
  return undefined;
}

function isLeaf(value: unknown, leaf: Leaf): boolean {
  switch (leaf) {
    case "any":
      return true;
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "bigint":
      return typeof value === "bigint";
    case "true or false":
      return typeof value === "boolean";
  }
}

/** A shape as it is gone through. */
interface Parts {
  /** Without a prototype, which would know `constructor`. */
  readonly fields: Readonly<Record<string, Field>>;
  readonly needed: readonly string[];
}

const parts = new WeakMap<Shape, Parts>();

function partsOf(shape: Shape): Parts {
  const made = parts.get(shape);
  if (made !== undefined) return made;
  const fields: Record<string, Field> = Object.create(null);
  for (const [name, field] of Object.entries(shape))
    fields[name] = field instanceof Optional ? field.field : field;
  const needed = Object.keys(shape).filter((name) => !(shape[name] instanceof Optional));
  parts.set(shape, { fields, needed });
  return { fields, needed };
}

function isList(field: Field): field is readonly [Single] {
  return Array.isArray(field);
}
