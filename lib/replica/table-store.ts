import { hint, type MemberTexts, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import { columnKind, isKeyed, type RowUpdate, sketch } from "../ovsdb/index.ts";
import { Arrangement } from "./arrangement.ts";
import type { Found } from "./buckets.ts";
import { type CatchUp, nothingWaits } from "./catch-up.ts";
import { type Columns, hiddenColumn, hiddenColumns, type StoredColumn } from "./columns.ts";
import { type Condition, checkWanted, conditionOf } from "./condition.ts";
import { IndexSet } from "./index-set.ts";
import { RowChange } from "./row-change.ts";
import { RowShape } from "./row-shape.ts";
import { RowStore } from "./row-store.ts";
import type { AnyRow, Match } from "./rows.ts";
import { SetVersion } from "./set-version.ts";
import { StoredRow } from "./stored-row.ts";
import { UnsettledRows } from "./unsettled-rows.ts";

/** A look-up that leaves no more rows than this to be looked at is good enough: no further index is built for it. */
const FEW = 16;

/** No index serves a match exactly. */
const UNSERVED = Symbol("unserved");

/** How matches on one column alone are served. */
interface Plan {
  readonly name: string;
  readonly position: number;
  readonly column: StoredColumn;
  /** Whether the column is a unique index by itself. */
  readonly unique: boolean;
  /** Whether texts are what it holds: of a map the values. */
  readonly ofTexts: boolean;
}

/** The rows of one table, and the indexes that queries asked for. */
export class TableStore {
  readonly name: string;
  readonly columns: Columns;
  readonly catchUp: CatchUp;
  /** Another number after each message that changed this table; no two contents have the same. */
  revision = 0;
  readonly #hidden: object | undefined;
  readonly #shape: RowShape;
  readonly #uniqueIndexes: readonly (readonly string[])[];
  /** The columns that are a unique index by themselves. */
  readonly #uniqueColumns: ReadonlySet<string>;
  readonly #rows = new RowStore();
  readonly #indexes: IndexSet;
  readonly #unsettled = new UnsettledRows((slot) => this.#rows.at(slot)?.settle(this.columns));
  /** Positions of columns of strings that are a unique index by themselves: what tables are asked by most. */
  readonly #names: readonly number[];
  /** That of the latest match on one column: whoever asks in a loop asks the same each time. It holds no index, which may go. */
  #plan: Plan | undefined;

  constructor(
    name: string,
    columns: Columns,
    notMonitored: readonly string[],
    uniqueIndexes: readonly (readonly string[])[],
    catchUp: CatchUp = nothingWaits,
  ) {
    this.name = name;
    this.catchUp = catchUp;
    this.columns = columns;
    this.#hidden = hiddenColumns(name, notMonitored);
    this.#shape = new RowShape(name, columns, this.#hidden);
    this.#uniqueIndexes = uniqueIndexes;
    this.#uniqueColumns = new Set(uniqueIndexes.flatMap((index) => (index.length === 1 ? index : [])));
    this.#indexes = new IndexSet(columns, this.#rows);
    this.#names = columns.list.flatMap(({ name, schema }, position) =>
      this.#uniqueColumns.has(name) && columnKind(schema) === "scalar" && schema.key.type === "string"
        ? [position]
        : [],
    );
  }

  get size(): number {
    return this.#rows.size;
  }

  holds(uuid: string): boolean {
    return this.#rows.has(uuid);
  }

  row(uuid: string): AnyRow | undefined {
    const stored = this.#rows.get(uuid);
    return stored && this.viewOf(stored);
  }

  rows(): IterableIterator<AnyRow> {
    return this.#rows.views(this);
  }

  /** Makes a version of a row readable, also one that is no longer the newest. */
  viewOf(stored: StoredRow): AnyRow {
    return stored.view(this.columns, this.#shape);
  }

  /** Every row as an insert. */
  asInserts(): RowChange[] {
    return [...this.#rows].map((stored) => new RowChange(this, stored.uuid, undefined, stored, []));
  }

  /** What leads from an earlier content of this table, perhaps under another schema, to this one: deletions first. */
  since(earlier: TableStore): RowChange[] {
    const arrangement = new Arrangement(earlier.columns, this.columns);
    const before = (stored: StoredRow): StoredRow =>
      arrangement.isSame ? stored : stored.rearranged(arrangement);
    const changes: RowChange[] = [];
    for (const old of earlier.#rows) {
      if (!this.#rows.has(old.uuid)) changes.push(new RowChange(this, old.uuid, before(old), undefined, []));
    }
    for (const next of this.#rows) {
      const { uuid } = next;
      const stored = earlier.#rows.get(uuid);
      const old = stored && before(stored);
      const changed = old === undefined ? [] : this.#difference(old, next);
      if (old === undefined || changed.length > 0)
        changes.push(new RowChange(this, uuid, old, next, changed));
    }
    return changes;
  }

  #difference(old: StoredRow, next: StoredRow): number[] {
    return this.columns.list.flatMap((_, position) =>
      old.sameAt(this.columns, position, next) ? [] : [position],
    );
  }

  /** Takes in rows of a first snapshot, before any others. Throws `ProtocolError` for a row that is there already. */
  load(texts: MemberTexts): void {
    const indexes = this.#names.map((position) => this.#indexes.column(position));
    const first = this.#rows.load(texts, (uuid) =>
      impossible("insert of a row that is already there", this.name, uuid),
    );
    for (const index of indexes) index.load(texts, first, this.#rows);
  }

  /** Applies one row of a server update. Throws `ProtocolError`, and changes nothing, when it cannot follow from what is held. */
  apply(update: RowUpdate): RowChange {
    const old = this.#rows.get(update.uuid);
    // That of the update may be a piece of the message, and keep all of it in memory.
    const uuid = old?.uuid ?? update.uuid;
    const changed: number[] = [];
    const next = this.#next(update, old, changed);
    if (next === undefined) this.#rows.delete(uuid);
    else if (old === undefined) this.#rows.add(next);
    else this.#rows.replace(old, next);
    try {
      this.#indexes.change(old, next, typeof update.text === "string" ? update.text : changed);
    } catch (error) {
      this.restore(uuid, old);
      throw error;
    }
    return new RowChange(this, uuid, old, next, changed);
  }

  /** Puts an earlier version of a row in place of what is there; the indexes are built again when they are asked for. */
  restore(uuid: string, stored: StoredRow | undefined): void {
    if (stored === undefined) this.#rows.delete(uuid);
    else this.#rows.set(stored);
    this.#indexes.clear();
  }

  #next(update: RowUpdate, old: StoredRow | undefined, changed: number[]): StoredRow | undefined {
    const { kind, uuid } = update;
    const wire = update.columns ?? {};
    switch (kind) {
      case "initial":
      case "insert":
        if (old !== undefined) throw impossible("insert of a row that is already there", this.name, uuid);
        return StoredRow.fromWire(uuid, update.text ?? wire);
      case "modify":
        if (old === undefined) throw impossible("change of a row that is not there", this.name, uuid);
        if (typeof update.text !== "string") return old.modified(this.columns, wire, changed);
        if (old.unsettled > 0) this.#unsettled.add(old.slot, old.unsettled);
        return old.modifiedByText(update.text, changed);
      case "replace":
        return old === undefined ? StoredRow.fromWire(uuid, wire) : old.replaced(this.columns, wire, changed);
      case "delete":
        if (old === undefined) throw impossible("deletion of a row that is not there", this.name, uuid);
        old.detach(this.columns);
        return undefined;
    }
  }

  /**
   * Rows that match, through an index where the match names a scalar column, an element of a set of uuids or a key of a
   * map column. Throws `UsageError` for a column that is not there or not monitored, and for a value of `undefined`.
   */
  find(match: Match): AnyRow[] {
    const plan = this.#planFor(match);
    const bucket = plan === undefined ? UNSERVED : this.#served(plan, match[plan.name]);
    if (bucket !== UNSERVED) return this.#viewsOf(bucket);
    this.#checkMatch(match);
    const { _uuid: uuid, ...rest } = match;
    const conditions = Object.entries(rest).map(([column, value]) => {
      const position = this.position(column);
      return conditionOf(this.name, this.columns, position, value);
    });
    const only = uuid === undefined ? undefined : this.#rows.get(String(uuid).toLowerCase());
    const candidates = uuid === undefined ? this.#candidates(conditions) : only === undefined ? [] : [only];
    const found: AnyRow[] = [];
    for (const stored of candidates) {
      if (conditions.every((condition) => condition.holds(stored))) found.push(this.viewOf(stored));
    }
    return found;
  }

  /** The one row with these values of one of the schema's indexes, or this `_uuid`. Throws `UsageError` for other columns. */
  get(match: Match): AnyRow | undefined {
    const plan = this.#planFor(match);
    if (plan?.unique === true) {
      const bucket = this.#served(plan, match[plan.name]);
      if (bucket === undefined) return undefined;
      if (typeof bucket === "number") return this.#viewAt(bucket);
    }
    this.#checkMatch(match);
    const given = Object.keys(match);
    const index = [["_uuid"], ...this.#uniqueIndexes].find(
      (columns) => columns.length === given.length && columns.every((column) => Object.hasOwn(match, column)),
    );
    if (index === undefined) {
      for (const column of given) if (column !== "_uuid") this.position(column);
      const known = this.#uniqueIndexes.map((columns) => columns.join("+")).join(", ") || "none";
      throw new UsageError(
        `${this.name} has no unique index on ${given.join("+") || "nothing"} (its indexes: ${known}); use find()`,
      );
    }
    if (index.length === 1) return this.find(match)[0];
    const positions = index.map((column) => this.position(column));
    for (const position of positions) {
      const column = this.columns.list[position];
      if (column !== undefined) checkWanted(this.name, column, match[column.name]);
    }
    const [slot] = this.#indexes.columns(positions).lookup(index.map((column) => match[column]));
    return slot === undefined ? undefined : this.#viewAt(slot);
  }

  /** How to serve a match that names one column; undefined for any other. */
  #planFor(match: Match): Plan | undefined {
    const name = soleKey(match);
    if (name === undefined) return undefined;
    if (name === this.#plan?.name) return this.#plan;
    const position = this.columns.position(name);
    const column = position === undefined ? undefined : this.columns.list[position];
    if (position === undefined || column === undefined) return undefined;
    const { type } = column.schema.value ?? column.schema.key;
    const ofTexts = type === "string" || type === "uuid";
    this.#plan = { name, position, column, unique: this.#uniqueColumns.has(name), ofTexts };
    return this.#plan;
  }

  /**
   * What an index has for a match on one column, when nothing is left to be compared: the way of most queries, and so
   * without any detour.
   */
  #served(
    { position, column, ofTexts }: Plan,
    wanted: unknown,
  ): number | ReadonlySet<number> | undefined | typeof UNSERVED {
    if (!ofTexts) return UNSERVED;
    if (typeof wanted === "string" && column.single)
      return this.size === 0 ? undefined : this.#indexes.column(position).bucket(wanted);
    if (typeof wanted !== "object" || wanted === null || !column.map || Array.isArray(wanted))
      return UNSERVED;
    const key = soleKey(wanted);
    const value = key === undefined ? undefined : (wanted as { readonly [key: string]: unknown })[key];
    if (key === undefined || typeof value !== "string") return UNSERVED;
    // An index that is built on nothing would have to follow all that comes before anybody asks again.
    if (this.size === 0) return undefined;
    return this.#indexes.mapKey(position, key).bucket(value);
  }

  #viewsOf(bucket: number | ReadonlySet<number> | undefined): AnyRow[] {
    if (bucket === undefined) return [];
    if (typeof bucket !== "number") return [...bucket].flatMap((slot) => this.#viewAt(slot) ?? []);
    const row = this.#viewAt(bucket);
    return row === undefined ? [] : [row];
  }

  #viewAt(slot: number): AnyRow | undefined {
    return this.#rows.viewAt(slot, this);
  }

  /** Whether the column holds the element; for a map, whether it has the key. Uuids may be in capitals. */
  has(uuid: string, column: string, wanted: string): boolean {
    const position = this.position(column);
    const isUuid = this.columns.list[position]?.schema.key.type === "uuid";
    const element = isUuid ? wanted.toLowerCase() : wanted;
    const value = this.#rows.get(uuid)?.value(this.columns, position);
    if (value instanceof SetVersion) return value.has(element);
    if (Array.isArray(value)) return value.includes(element);
    return value !== null && typeof value === "object" ? Object.hasOwn(value, element) : value === element;
  }

  /** The rows whose `column` refers to `uuid`. */
  referrers(uuid: string, column: string): AnyRow[] {
    const found = this.#indexes.elements(this.position(column)).lookup(uuid);
    return [...found].flatMap((slot) => this.#viewAt(slot) ?? []);
  }

  /** Position of a monitored column; throws `UsageError` for a column that is not there or not monitored. */
  position(column: string): number {
    const position = this.columns.position(column);
    if (position !== undefined) return position;
    const hidden = Object.getOwnPropertyNames(this.#hidden ?? {});
    if (hidden.includes(column)) throw hiddenColumn(this.name, column);
    const known = [...this.columns.list.map(({ name }) => name), ...hidden];
    throw new UsageError(`${this.name} has no column ${column}${hint(column, known)}`);
  }

  /**
   * What has no keys of its own, as a function or a Map, would match every row. `undefined` is neither "any value" nor "no
   * value": as a rule it is a variable that somebody forgot to fill.
   */
  #checkMatch(match: Match): void {
    if (!isKeyed(match))
      throw new UsageError(
        `${this.name}: look for columns and values, as in { name: "x" }, and not for ${sketch(match)}`,
      );
    for (const [column, value] of Object.entries(match)) {
      if (value === undefined) throw new UsageError(`${this.name}.${column}: cannot look for undefined`);
    }
  }

  /** The rows to look at: as few as an index gives. */
  #candidates(conditions: readonly Condition[]): Iterable<StoredRow> {
    let best: Found | undefined;
    // Columns of a unique index first: with one of those nothing else is asked, and no index is built on the others.
    const unique = conditions.filter(({ column }) => this.#uniqueIndexes.some(([one]) => one === column));
    for (const condition of [...unique, ...conditions]) {
      if (best !== undefined && best.size <= FEW) break;
      const found = condition.lookup(this.#indexes);
      if (found !== undefined && (best === undefined || found.size < best.size)) best = found;
    }
    return best === undefined ? this.#rows : [...best].flatMap((slot) => this.#rows.at(slot) ?? []);
  }
}

/** The name of the only property of an object. */
function soleKey(object: object): string | undefined {
  let sole: string | undefined;
  for (const key in object) {
    if (sole !== undefined) return undefined;
    sole = key;
  }
  return sole;
}

function impossible(what: string, table: string, uuid: string): ProtocolError {
  return new ProtocolError(`impossible update: ${what} (${table} ${uuid})`);
}
