import { UsageError } from "../jsonrpc/index.ts";
import { isKeyed, sketch } from "./narrow.ts";
import type { DatabaseSchema } from "./schema.ts";

/** Throws `UsageError` for what is no schema, as plain JavaScript may give: neither a name nor the JSON of a file is one. */
export function checkSchema(what: string, schema: DatabaseSchema): void {
  if (isKeyed(schema) && typeof schema.name === "string" && isKeyed(schema.tables)) return;
  throw new UsageError(
    `${what} must be one such as northbound, or what parseSchema gives, and not ${sketch(schema)}`,
  );
}
