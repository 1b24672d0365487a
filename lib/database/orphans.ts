import { UsageError } from "../jsonrpc/index.ts";
import { uuidName } from "../ovsdb/index.ts";
import type { TouchedRow } from "./touched-row.ts";

/**
 * Throws `UsageError` for an inserted row that the server would drop without a word, since no strong reference holds it when
 * all is done (RFC 7047 section 3.2, isRoot), and for one that is referred to and deleted again.
 *
 * @param raw Operations that are not understood, as text: what they name may be held by them.
 */
export function refuseOrphans(rows: readonly TouchedRow[], raw: () => string): void {
  let rawText: string | undefined;
  const inRaw = (uuid: string): boolean => {
    rawText ??= raw();
    return rawText.includes(uuid) || rawText.includes(uuidName(uuid));
  };
  let all: ReadonlySet<string> | undefined;
  const held = (row: TouchedRow): boolean => {
    all ??= new Set(rows.flatMap((each) => each.heldReferences));
    return all.has(row.reference);
  };
  let isUndone = false;
  for (const row of rows) {
    isUndone ||= row.undoes;
    const { handle, table, deleted, kept, referred } = row;
    if (handle === undefined) continue;
    if (deleted) {
      if (!referred) continue;
      throw new UsageError(`a row inserted into ${table.name} is referred to, and deleted again`);
    }
    // A row whose uuid was chosen may be held by that, and not by its handle: this shows in the text only.
    if (!kept && !table.schema.isRoot && !held(row)) refuseOrphan(row, inRaw);
  }
  // What was said once may have been taken back. Nearly never is it, so only then is it looked up what is left.
  if (!isUndone) return;
  for (const row of rows) {
    if (row.handle !== undefined && !row.deleted && !row.table.schema.isRoot && !held(row))
      refuseOrphan(row, inRaw);
  }
}

function refuseOrphan({ table, uuid, nameText }: TouchedRow, inRaw: (uuid: string) => boolean): void {
  if (inRaw(uuid)) return;
  const name = nameText === "" ? "" : ` (${nameText})`;
  throw new UsageError(
    `no row holds the row inserted into ${table.name} by a strong reference${name}: the server would drop it silently; ` +
      `add it to its parent, by ${table.holders.join(" or ")}`,
  );
}
