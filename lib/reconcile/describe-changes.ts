import { UsageError } from "../jsonrpc/index.ts";
import { isKeyed, sketch, type Value } from "../ovsdb/index.ts";
import { checkList } from "./check-arguments.ts";
import type { Change, ColumnChange } from "./desired.ts";

const signs: Readonly<Record<Change["action"], string>> = { insert: "+", update: "~", delete: "-" };

/**
 * Changes as lines for a terminal: one per row, and below it one per column, indented by four spaces.
 *
 * Control characters are written as JSON escapes, so that no name in a database can steer a terminal.
 */
export function describeChanges(changes: readonly Change[]): readonly string[] {
  checkChanges(changes);
  return changes.flatMap((change) => [
    headline(change),
    ...Object.entries(change.columns).map(
      ([column, detail]) => `    ${printable(column)}: ${describe(detail)}`,
    ),
  ]);
}

/** More are not shown of a plan that is logged. */
const MOST_SHOWN = 20;

/**
 * A line for each of the first 20 changes, with the names of the columns that an update changes, and one that says how many more there
 * are: what `console.log` shows of a plan. Control characters as in {@link describeChanges}.
 */
export function outlineChanges(changes: readonly Change[]): readonly string[] {
  checkChanges(changes);
  const lines = changes.slice(0, MOST_SHOWN).map((change) => {
    const columns = change.action === "update" ? Object.keys(change.columns).map(printable) : [];
    return columns.length === 0 ? headline(change) : `${headline(change)}: ${columns.join(", ")}`;
  });
  const more = changes.length - lines.length;
  return more === 0 ? lines : [...lines, `... and ${more} more`];
}

function checkChanges(changes: readonly Change[]): void {
  checkList("changes", changes);
  for (const [index, change] of changes.entries())
    if (!isKeyed(change?.columns) || typeof change.table !== "string" || typeof change.name !== "string")
      throw new UsageError(`changes[${index}] is none that a plan has: ${sketch(change)}`);
}

function headline({ action, table, name, parent, reason }: Change): string {
  const where = parent === undefined ? "" : ` in ${parent.table} ${printable(parent.name)}`;
  return `${signs[action]} ${table} ${printable(name)}${where}${reason === undefined ? "" : ` (${printable(reason)})`}`;
}

function describe(change: ColumnChange): string {
  const { old, new: value, added = [], removed = [] } = change;
  if (added.length > 0 || removed.length > 0) {
    return [
      ...removed.map((name) => `-${printable(name)}`),
      ...added.map((name) => `+${printable(name)}`),
    ].join(" ");
  }
  if (old === undefined) return text(value);
  return `${text(old)} -> ${text(value)}`;
}

function text(value: Value | undefined): string {
  if (value === undefined || value === null) return "(none)";
  if (typeof value === "string")
    return value === "" || /^\s|\s$/.test(value) ? `"${printable(value)}"` : printable(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${printable(key)}=${text(entry)}`)
    .join(", ")}}`;
}

function printable(name: string): string {
  return name.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
