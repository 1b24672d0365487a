import { columnCodec } from "./codec.ts";
import { ValidationError } from "./errors.ts";
import type { ColumnSchema } from "./schema.ts";

/** Errors begin with the column's name, which is the caller's to say. */
const nameless = { table: "", column: "" };
const beginning = ".: ";

/**
 * Why the server takes no row with the default in a column (RFC 7047 section 5.2.1): it must keep the limits as other values do.
 *
 * @returns words that go on from the column's name, or `undefined` where the default is allowed.
 */
export function problemOfDefault(column: ColumnSchema): string | undefined {
  if (column.min === 0) return undefined;
  const table = column.key.refTable ?? column.value?.refTable;
  // The default is a uuid of zeros, which no row has.
  if (table !== undefined) return `a row of ${table} is needed`;
  const { defaultValue, encode } = columnCodec(column);
  try {
    encode(nameless, defaultValue, () => null);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return `its default ${error.message.slice(beginning.length)}`;
  }
  return undefined;
}
