import { ProtocolError, UsageError } from "../jsonrpc/index.ts";
import { columnKind, type RowUpdate, type Value, valuesEqual } from "../ovsdb/index.ts";
import { ColumnIndex, type Index, MapKeyIndex, ReferenceIndex } from "./indexes.ts";
import { RowChange } from "./row-change.ts";
import type { AnyRow, Match } from "./rows.ts";
import { SetVersion } from "./set-version.ts";
import { hiddenColumns, plain, type StoredColumn, StoredRow } from "./stored-row.ts";

/** The rows of one table, and the indexes that queries asked for. */
export class TableStore {
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #hidden: PropertyDescriptorMap | undefined;
  readonly #uniqueIndexes: readonly (readonly string[])[];
  readonly #rows = new Map<string, StoredRow>();
  readonly #indexes = new Map<string, Index>();

  constructor(
    name: string,
    columns: readonly StoredColumn[],
    notMonitored: readonly string[],
    uniqueIndexes: readonly (readonly string[])[],
  ) {
    this.name = name;
    this.columns = columns;
    this.#positions = new Map(columns.map((column, position) => [column.name, position]));
    this.#hidden = hiddenColumns(name, notMonitored);
    this.#uniqueIndexes = uniqueIndexes;
  }

  get size(): number {
    return this.#rows.size;
  }

  holds(uuid: string): boolean {
    return this.#rows.has(uuid);
  }

  row(uuid: string): AnyRow | undefined {
    const stored = this.#rows.get(uuid);
    return stored && this.#view(stored);
  }

  *rows(): Generator<AnyRow, undefined> {
    for (const stored of this.#rows.values()) yield this.#view(stored);
  }

  #view(stored: StoredRow): AnyRow {
    return stored.view(this.columns, this.#hidden);
  }

  /** Makes a version of a row readable, also one that is no longer the newest. */
  viewOf(stored: StoredRow): AnyRow {
    return this.#view(stored);
  }

  /** Every row as an insert. */
  asInserts(): RowChange[] {
    return [...this.#rows.values()].map((stored) => new RowChange(this, stored.uuid, undefined, stored, []));
  }

  /** Applies one row of a server update. Throws `ProtocolError` when it cannot follow from what is held. */
  apply(update: RowUpdate): RowChange {
    const old = this.#rows.get(update.uuid);
    const changed: number[] = [];
    let next: StoredRow | undefined;
    switch (update.kind) {
      case "initial":
      case "insert":
        if (old !== undefined)
          throw impossible("insert of a row that is already there", this.name, update.uuid);
        next = StoredRow.fromWire(update.uuid, update.columns ?? {});
        break;
      case "modify":
        if (old === undefined) throw impossible("change of a row that is not there", this.name, update.uuid);
        next = old.modified(this.columns, update.columns ?? {}, changed);
        break;
      case "replace":
        next =
          old === undefined
            ? StoredRow.fromWire(update.uuid, update.columns ?? {})
            : old.replaced(this.columns, update.columns ?? {}, changed);
        break;
      case "delete":
        if (old === undefined)
          throw impossible("deletion of a row that is not there", this.name, update.uuid);
        break;
    }
    if (next === undefined) this.#rows.delete(update.uuid);
    else this.#rows.set(update.uuid, next);
    for (const index of this.#indexes.values()) {
      if (old === undefined || next === undefined || index.positions.some((p) => changed.includes(p))) {
        index.change(old, next);
      }
    }
    return new RowChange(this, update.uuid, old, next, changed);
  }

  /** Rows that match, through an index where the match names a scalar column or a key of a map column. */
  find(match: Match): AnyRow[] {
    const found: AnyRow[] = [];
    const conditions = Object.entries(match).map(([column, value]) => ({
      position: this.position(column),
      value,
    }));
    for (const stored of this.#candidates(conditions)) {
      if (conditions.every(({ position, value }) => this.#matches(stored, position, value))) {
        found.push(this.#view(stored));
      }
    }
    return found;
  }

  /** The one row with these values of one of the schema's indexes. Throws `UsageError` for any other columns. */
  get(match: Match): AnyRow | undefined {
    const given = Object.keys(match);
    const index = this.#uniqueIndexes.find(
      (columns) => columns.length === given.length && columns.every((column) => Object.hasOwn(match, column)),
    );
    if (index === undefined) {
      const known = this.#uniqueIndexes.map((columns) => columns.join("+")).join(", ") || "none";
      throw new UsageError(
        `${this.name} has no unique index on ${given.join("+") || "nothing"} (its indexes: ${known}); use find()`,
      );
    }
    const lookup = this.#columnIndex(index.map((column) => this.position(column)));
    for (const uuid of lookup.lookup(index.map((column) => match[column] ?? null))) return this.row(uuid);
    return undefined;
  }

  has(uuid: string, column: string, element: string): boolean {
    const position = this.position(column);
    const value = this.#rows.get(uuid)?.value(this.columns, position);
    if (value instanceof SetVersion) return value.has(element);
    return Array.isArray(value) ? value.includes(element) : value === element;
  }

  /** Uuids of the rows whose `column` refers to `uuid`. */
  referrers(uuid: string, column: string): Iterable<string> {
    const position = this.position(column);
    const index = this.#index(`ref ${position}`, () => new ReferenceIndex(this.columns, position));
    return index.lookup(uuid);
  }

  /** Position of a monitored column; throws `UsageError` for a column that is not there or not monitored. */
  position(column: string): number {
    const position = this.#positions.get(column);
    if (position === undefined) {
      throw new UsageError(
        this.#hidden !== undefined && Object.hasOwn(this.#hidden, column)
          ? `${this.name}.${column} is not monitored: name it in the \`tables\` option`
          : `${this.name} has no column ${column}`,
      );
    }
    return position;
  }

  #columnIndex(positions: readonly number[]): ColumnIndex {
    return this.#index(`columns ${positions.join()}`, () => new ColumnIndex(this.columns, positions));
  }

  /** An index is built when it is first asked for, and then kept up to date. */
  #index<I extends Index>(name: string, make: () => I): I {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known as I;
    const index = make();
    for (const stored of this.#rows.values()) index.change(undefined, stored);
    this.#indexes.set(name, index);
    return index;
  }

  *#candidates(conditions: readonly { position: number; value: Value }[]): Generator<StoredRow, undefined> {
    let best: Iterable<string> | undefined;
    let bestCount = Number.POSITIVE_INFINITY;
    const consider = (count: number, uuids: Iterable<string>): void => {
      if (count < bestCount) {
        bestCount = count;
        best = uuids;
      }
    };
    for (const { position, value } of conditions) {
      const kind = this.#kind(position);
      if (kind === "scalar" || kind === "optional") {
        const index = this.#columnIndex([position]);
        consider(index.count([value]), index.lookup([value]));
      } else if (kind === "map" && value !== null && typeof value === "object") {
        for (const [mapKey, mapValue] of Object.entries(value)) {
          const index = this.#index(
            `key ${position} ${mapKey}`,
            () => new MapKeyIndex(this.columns, position, mapKey),
          );
          consider(index.count(mapValue), index.lookup(mapValue));
        }
      }
    }
    if (best === undefined) {
      yield* this.#rows.values();
      return;
    }
    for (const uuid of best) {
      const stored = this.#rows.get(uuid);
      if (stored !== undefined) yield stored;
    }
  }

  #kind(position: number): string {
    const column = this.columns[position];
    return column === undefined ? "none" : columnKind(column.schema);
  }

  #matches(stored: StoredRow, position: number, wanted: Value): boolean {
    const column = this.columns[position];
    if (column === undefined) return false;
    const value = stored.value(this.columns, position);
    switch (columnKind(column.schema)) {
      case "set": {
        const elements = Array.isArray(wanted) ? wanted : [wanted];
        return elements.every((element) =>
          value instanceof SetVersion
            ? value.has(String(element))
            : Array.isArray(value) && value.includes(element as never),
        );
      }
      case "map":
        return (
          wanted !== null &&
          typeof wanted === "object" &&
          Object.entries(wanted).every(
            ([mapKey, mapValue]) =>
              value !== null &&
              typeof value === "object" &&
              Object.hasOwn(value, mapKey) &&
              (value as unknown as { readonly [key: string]: unknown })[mapKey] === mapValue,
          )
        );
      default:
        return valuesEqual(column.schema, plain(value), wanted);
    }
  }
}

function impossible(what: string, table: string, uuid: string): ProtocolError {
  return new ProtocolError(`impossible update: ${what} (${table} ${uuid})`);
}
