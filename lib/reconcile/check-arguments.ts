import type { Database, ReadView, Tables } from "../database/index.ts";
import { checkObject, UsageError } from "../jsonrpc/index.ts";
import { isKeyed, sketch } from "../ovsdb/index.ts";
import type { PlanOptions } from "./context.ts";
import type { RowKinds } from "./desired.ts";

// What plain JavaScript may give. All of these throw `UsageError`.

export function checkDatabase<T extends Tables<T>>(db: Database<T>): void {
  if (typeof db === "object" && db !== null && typeof db.transact === "function") return;
  throw new UsageError("db must be a database, as connectNorthbound resolves with");
}

export function checkView(view: ReadView): void {
  if (typeof view === "object" && view !== null && typeof view.rows === "function") return;
  throw new UsageError("view must be that of a database, db.view");
}

export function checkPlanOptions(options: PlanOptions): void {
  checkObject("the options of planRows", options);
  if (!isKeyed(options.schema))
    throw new UsageError(`schema must be that of a database, db.schema, and not ${sketch(options.schema)}`);
}

/** What is in the list is looked at where it is used. */
export function checkList(what: string, list: readonly object[]): void {
  if (!Array.isArray(list)) throw new UsageError(`${what} are a list, and not ${sketch(list)}`);
}

/** What each kind has to say. */
export function checkKinds(kinds: RowKinds): void {
  if (!isKeyed(kinds)) throw new UsageError(`row kinds are an object, and not ${sketch(kinds)}`);
  for (const [name, kind] of Object.entries(kinds)) {
    if (!isKeyed(kind)) throw new UsageError(`the row kind ${name} is an object, and not ${sketch(kind)}`);
    const { table, columns, keys, elements, root } = kind;
    const lacking = [
      typeof table === "string" ? [] : ["table, a name"],
      Array.isArray(columns) ? [] : ["columns, a list"],
      isKeyed(keys) ? [] : ["keys, an object of lists"],
      Array.isArray(elements) ? [] : ["elements, a list"],
      typeof root === "boolean" ? [] : ["root, true or false"],
    ].flat();
    if (lacking.length > 0) throw new UsageError(`the row kind ${name} needs ${lacking.join("; ")}`);
  }
}
