import type { Database, Tables } from "../database/index.ts";
import { checkObject, meantKey, notKnown, UsageError, unknownKey } from "../jsonrpc/index.ts";
import { isKeyed, sketch } from "../ovsdb/index.ts";
import type { PlanOptions } from "./context.ts";
import type { RowKind, RowKinds } from "./desired.ts";

// What plain JavaScript may give. All of these throw `UsageError`.

export function checkDatabase<T extends Tables<T>>(db: Database<T>): void {
  if (typeof db === "object" && db !== null && typeof db.transact === "function") return;
  throw new UsageError("db must be a database, as connectNorthbound resolves with");
}

export function checkPlanOptions(options: PlanOptions): void {
  checkObject("the options of planRows", options);
  if (!isKeyed(options.schema) || !isKeyed(options.schema.tables))
    throw new UsageError(`schema must be that of a database, db.schema, and not ${sketch(options.schema)}`);
}

/** What is in the list is looked at where it is used. */
export function checkList(what: string, list: readonly object[]): void {
  if (!Array.isArray(list)) throw new UsageError(`${what} are a list, and not ${sketch(list)}`);
}

/** The same where each entry is looked at alone. */
export function checkEntries(what: string, list: readonly object[]): void {
  checkList(what, list);
  for (const [index, entry] of list.entries())
    if (!isKeyed(entry)) throw new UsageError(`${what}[${index}] is an object, and not ${sketch(entry)}`);
}

/** Those that were found to be kinds: plan after plan has the same ones. */
const wellFormed = new WeakSet<RowKinds>();

const KIND: Readonly<Record<keyof RowKind, true>> = {
  table: true,
  columns: true,
  onDemand: true,
  keys: true,
  elements: true,
  members: true,
  shared: true,
  root: true,
};

/** What each kind has to say, and may. */
export function checkKinds(kinds: RowKinds): void {
  if (wellFormed.has(kinds)) return;
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
    const stray = unknownKey(kind, KIND);
    if (stray !== undefined)
      throw new UsageError(`the row kind ${name}: ${stray} ${notKnown(meantKey(stray, KIND))}`);
    if (lacking.length > 0) throw new UsageError(`the row kind ${name} needs ${lacking.join("; ")}`);
    for (const [column, owned] of Object.entries(keys))
      if (!Array.isArray(owned))
        throw new UsageError(
          `the row kind ${name}: the keys of ${column} are a list, and not ${sketch(owned)}`,
        );
  }
  wellFormed.add(kinds);
}
