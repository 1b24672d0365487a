import type { AnyRow } from "./rows.ts";
import { SetVersion } from "./set-version.ts";
import { plain, type StoredColumn, type StoredRow } from "./stored-row.ts";

/** What `RowChange` needs of a table: it keeps versions of rows, and makes them readable when somebody reads. */
interface Views {
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  viewOf(stored: StoredRow): AnyRow;
  position(column: string): number;
}

/** How one row changed. */
export class RowChange {
  readonly table: string;
  readonly uuid: string;
  readonly #views: Views;
  readonly #old: StoredRow | undefined;
  readonly #new: StoredRow | undefined;
  readonly #changed: readonly number[];

  constructor(
    views: Views,
    uuid: string,
    old: StoredRow | undefined,
    next: StoredRow | undefined,
    changed: readonly number[],
  ) {
    this.table = views.name;
    this.uuid = uuid;
    this.#views = views;
    this.#old = old;
    this.#new = next;
    this.#changed = changed;
  }

  get kind(): "insert" | "modify" | "delete" {
    if (this.#old === undefined) return "insert";
    return this.#new === undefined ? "delete" : "modify";
  }

  /** The row before; `undefined` for an insert. */
  get old(): AnyRow | undefined {
    return this.#old && this.#views.viewOf(this.#old);
  }

  /** The row after; `undefined` for a deletion. */
  get new(): AnyRow | undefined {
    return this.#new && this.#views.viewOf(this.#new);
  }

  /** Names of the columns that a `modify` changed; empty for inserts and deletions. */
  get columns(): readonly string[] {
    return this.#changed.map((position) => this.#views.columns[position]?.name ?? "");
  }

  /** Elements that came into and went out of a set column, without making arrays of the whole sets. */
  elements(column: string): { readonly added: readonly unknown[]; readonly removed: readonly unknown[] } {
    const position = this.#views.position(column);
    const before = this.#old?.value(this.#views.columns, position) ?? [];
    const after = this.#new?.value(this.#views.columns, position) ?? [];
    if (before instanceof SetVersion && after instanceof SetVersion) return before.differenceTo(after);
    const old = asArray(plain(before));
    const next = asArray(plain(after));
    return {
      added: next.filter((element) => !old.includes(element)),
      removed: old.filter((element) => !next.includes(element)),
    };
  }

  /** This change and a later one of the same row as one; `undefined` when they cancel out. */
  followedBy(later: RowChange): RowChange | undefined {
    if (this.#old === undefined && later.#new === undefined) return undefined;
    const changed = [...new Set([...this.#changed, ...later.#changed])];
    return new RowChange(this.#views, this.uuid, this.#old, later.#new, changed);
  }
}

function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null ? [] : [value];
}
