import { orWhyNot, showAs, UsageError } from "../jsonrpc/index.ts";
import { type Atom, columnKind, type Value } from "../ovsdb/index.ts";
import { Arrangement } from "./arrangement.ts";
import type { Columns } from "./columns.ts";
import { plain } from "./decoded.ts";
import type { AnyRow } from "./rows.ts";
import { SetVersion } from "./set-version.ts";
import type { StoredRow } from "./stored-row.ts";

/** What `RowChange` needs of a table: it keeps versions of rows, and makes them readable when somebody reads. */
interface Views {
  readonly name: string;
  readonly columns: Columns;
  viewOf(stored: StoredRow): AnyRow;
  position(column: string): number;
  restore(uuid: string, stored: StoredRow | undefined): void;
}

/** How one row changed. */
export class RowChange {
  readonly table: string;
  readonly uuid: string;
  readonly #views: Views;
  readonly #old: StoredRow | undefined;
  readonly #new: StoredRow | undefined;
  /** Filled when the new version is settled. */
  readonly #changed: readonly number[];

  static {
    showAs(RowChange.prototype, "RowChange", (change) => ({
      ...{ table: change.table, uuid: change.uuid, kind: change.kind },
      ...(change.kind === "modify" && { columns: orWhyNot(() => change.columns) }),
      ...(change.kind !== "insert" && { old: orWhyNot(() => change.old) }),
      ...(change.kind !== "delete" && { new: orWhyNot(() => change.new) }),
    }));
  }

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

  /** Positions of the columns that have changed. */
  get #positions(): readonly number[] {
    this.#new?.settle(this.#views.columns);
    return this.#changed;
  }

  /** Names of the columns that a `modify` changed; empty for inserts and deletions. */
  get columns(): readonly string[] {
    if (this.kind !== "modify") return [];
    return this.#positions.map((position) => this.#views.columns.list[position]?.name ?? "");
  }

  /**
   * Elements that came into and went out of a set column (or an optional or scalar one), without making arrays of the
   * whole sets. Throws `UsageError` for a map column: compare `old` and `new` there.
   */
  elements(column: string): { readonly added: readonly Atom[]; readonly removed: readonly Atom[] } {
    const position = this.#views.position(column);
    const { schema } = this.#views.columns.list[position] ?? {};
    if (schema !== undefined && columnKind(schema) === "map") {
      throw new UsageError(`${this.table}.${column} is a map, which has pairs and no elements`);
    }
    const before = this.#old?.value(this.#views.columns, position) ?? null;
    const after = this.#new?.value(this.#views.columns, position) ?? null;
    if (before instanceof SetVersion && after instanceof SetVersion) return before.differenceTo(after);
    const old = new Set(asArray(plain(before)));
    const next = new Set(asArray(plain(after)));
    return {
      added: [...next].filter((element) => !old.has(element)),
      removed: [...old].filter((element) => !next.has(element)),
    };
  }

  /**
   * The same for a large set that was changed in place; undefined for any other, which is as quickly read anew, and for one that
   * cannot be read: whoever reads the row is told, not the message in which it came.
   */
  toggled(
    column: string,
  ): { readonly added: readonly string[]; readonly removed: readonly string[] } | undefined {
    if (this.#old === undefined || this.#new === undefined) return undefined;
    const position = this.#views.position(column);
    const before = this.#old.largeSet(this.#views.columns, position);
    const after = before && this.#new.largeSet(this.#views.columns, position);
    return after && before.differenceTo(after);
  }

  /** Brings the row back to what it was before, as long as nothing has changed it since. */
  takeBack(): void {
    this.#views.restore(this.uuid, this.#old);
  }

  /** This change and a later one of the same row as one; `undefined` when they cancel out. */
  followedBy(later: RowChange): RowChange | undefined {
    if (this.#old === undefined && later.#new === undefined) return undefined;
    const { columns } = later.#views;
    const moved = this.#views.columns !== columns;
    // A row that went and came again under the same uuid may differ anywhere, and so may one under another schema.
    const changed =
      this.#new === undefined || moved
        ? columns.list.map((_, position) => position)
        : [...new Set([...this.#positions, ...later.#positions])];
    const old = moved ? this.#old?.rearranged(new Arrangement(this.#views.columns, columns)) : this.#old;
    return new RowChange(later.#views, this.uuid, old, later.#new, changed);
  }

  /** What of a merged change is left of it: without columns that have come back to what they were; `undefined` when none is. */
  net(): RowChange | undefined {
    const { columns } = this.#views;
    const [old, next] = [this.#old, this.#new];
    if (old === undefined || next === undefined) return this;
    const changed = this.#positions.filter((position) => !old.sameAt(columns, position, next));
    return changed.length === 0 ? undefined : new RowChange(this.#views, this.uuid, old, next, changed);
  }
}

/** What a value is made of that is no map. */
function asArray(value: Value): readonly Atom[] {
  const atoms = value as Atom | null | readonly Atom[];
  if (atoms === null) return [];
  return typeof atoms === "object" ? atoms : [atoms];
}
