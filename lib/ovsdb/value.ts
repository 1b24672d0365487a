import type { Json } from "../jsonrpc/index.ts";
import type { Atom, BaseType } from "./schema.ts";

/** A row inserted in the same transaction, named by the caller (any string). */
export interface Ref {
  readonly ref: string;
}

/**
 * A column's value in JavaScript: an atom, `null` for an empty optional, a frozen array for a set (unordered), a
 * frozen plain object for a map.
 *
 * Keys of a map are text whatever their type in the schema. A map has the ordinary prototype, so that it equals an
 * object literal in `assert.deepEqual`; a key `__proto__` is an own property like any other. Use `Object.hasOwn`
 * for keys that come from outside.
 */
export type Value = Atom | null | Ref | readonly (Atom | Ref)[] | { readonly [key: string]: Atom | Ref };

/** Where a value belongs, for messages. */
export interface ColumnName {
  readonly table: string;
  readonly column: string;
}

/** Gives the wire form of a reference to a row inserted in the same transaction, e.g. `["named-uuid", name]`. */
export type ResolveRef = (ref: Ref) => Json;

/** The same as JSON text. `type` is that of the place where the reference stands. */
export type WriteRef = (ref: Ref, type: BaseType) => string;
