import { type KnownKeys, meantKey, notKnown, unknownKey } from "../jsonrpc/index.ts";
import { SpecError } from "./errors.ts";
import { fault } from "./spec-field.ts";

/** What a value has to be. `any` is looked at elsewhere. */
type Leaf = "any" | "text" | "number" | "true or false";

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

type Single = Leaf | Choice<string | number> | Shape;

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
      ? "any"
      : ShapeOf<V>
    : FieldOfLeaf<V>;

/** In brackets, lest each member of a union be asked alone. */
type FieldOfLeaf<V> = [boolean] extends [V]
  ? "true or false"
  : [string] extends [V]
    ? "any" | "text"
    : [V] extends [string | number]
      ? Choice<V> | (number extends V ? "number" : never)
      : never;

/** Something that may be absent. */
export function maybe<const F>(field: F): Optional<F> {
  return new Optional(field);
}

/** Something that is one of these. */
export function oneOf<const V extends string | number>(...values: readonly V[]): Choice<V> {
  return new Choice(values);
}

/**
 * Throws `SpecError` for what has another shape, as plain JavaScript may give: a list that is none, an entry that is no
 * object, a key that nobody reads. `path` is where `value` stands, `source` the object that it was read from.
 */
export function checkShape(path: string, value: unknown, shape: Shape, source?: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fault(path, value, "must be an object", source);
  const known = keysOf(shape);
  const key = unknownKey(value, known);
  if (key !== undefined) {
    const problem = notKnown(meantKey(key, known));
    const place = `${path}.${key}`;
    throw new SpecError(`${place} ${problem}`, { path: place, value: value[key as never], source });
  }
  for (const [name, field] of Object.entries(shape)) {
    const inner: unknown = value[name as never];
    if (!(field instanceof Optional)) checkField(`${path}.${name}`, inner, field, source);
    else if (inner !== undefined) checkField(`${path}.${name}`, inner, field.field, source);
  }
}

function checkField(path: string, value: unknown, field: Field, source: string | undefined): void {
  if (isList(field)) {
    if (!Array.isArray(value)) throw fault(path, value, "must be a list", source);
    for (const [index, entry] of value.entries()) checkField(`${path}[${index}]`, entry, field[0], source);
  } else if (field instanceof Choice) {
    if (!field.values.some((choice) => choice === value))
      throw fault(path, value, `must be one of ${field.values.join(", ")}`, source);
  } else if (typeof field === "string") {
    if (!isLeaf(value, field))
      throw fault(path, value, `must be ${field === "true or false" ? field : `a ${field}`}`, source);
  } else checkShape(path, value, field, source);
}

function isLeaf(value: unknown, leaf: Leaf): boolean {
  switch (leaf) {
    case "any":
      return true;
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "true or false":
      return typeof value === "boolean";
  }
}

const keys = new WeakMap<Shape, KnownKeys>();

function keysOf(shape: Shape): KnownKeys {
  const known = keys.get(shape) ?? Object.fromEntries(Object.keys(shape).map((key) => [key, true as const]));
  keys.set(shape, known);
  return known;
}

function isList(field: Field): field is readonly [Single] {
  return Array.isArray(field);
}
