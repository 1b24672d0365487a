import { type Json, ProtocolError } from "../jsonrpc/index.ts";
import {
  type ColumnSchema,
  decodeValue,
  defaultValue,
  encodeValue,
  ValidationError,
  type Value,
} from "../ovsdb/index.ts";
import type { Columns, StoredColumn } from "./columns.ts";

/** Where the value of a column is found among other columns. */
interface Origin {
  readonly position: number;
  /** The column there, if it is of another type. */
  readonly column: StoredColumn | undefined;
}

/** How rows of a table become rows of the same table under another schema. Made once for all of them. */
export class Arrangement {
  readonly from: Columns;
  readonly to: Columns;
  /** By position in `to`; `undefined` for a column that was not there. */
  readonly origins: readonly (Origin | undefined)[];
  /** Whether nothing is to be done. */
  readonly isSame: boolean;

  constructor(from: Columns, to: Columns) {
    this.from = from;
    this.to = to;
    this.origins = to.list.map((column): Origin | undefined => {
      const position = from.position(column.name);
      const old = position === undefined ? undefined : from.list[position];
      if (position === undefined || old === undefined) return undefined;
      return { position, column: sameType(old.schema, column.schema) ? undefined : old };
    });
    this.isSame =
      from.list.length === to.list.length &&
      this.origins.every((origin, position) => origin?.position === position && origin.column === undefined);
  }
}

function sameType(a: ColumnSchema, b: ColumnSchema): boolean {
  return a === b || describe(a) === describe(b);
}

function describe(schema: ColumnSchema): string {
  return JSON.stringify(schema, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/**
 * A value of a column as it is under another type, such as one value where there may be several now; the default where
 * that type has no such value. As ovsdb-server does when it converts a database.
 */
export function underOtherType(from: ColumnSchema, to: ColumnSchema, value: Value): Value {
  try {
    const wire = encodeValue({ table: "", column: "" }, from, value, () => null);
    return decodeValue(to, bare(wire));
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof ValidationError) return defaultValue(to);
    throw error;
  }
}

/** A set of one element as that element, which any type can read that takes one. */
function bare(wire: Json): Json {
  if (!Array.isArray(wire) || wire[0] !== "set") return wire;
  const [, elements] = wire as readonly Json[];
  return Array.isArray(elements) && elements.length === 1 ? (elements[0] as Json) : wire;
}
