import { type Json, stringifyJson, UsageError } from "../jsonrpc/index.ts";
import {
  type Atom,
  assertOp,
  type ColumnSchema,
  columnKind,
  commentOp,
  type DatabaseSchema,
  encodeElements,
  encodePairs,
  encodeValue,
  findColumn,
  findTable,
  type InsertedRow,
  isUuid,
  type Mutation,
  type Operation,
  type Ref,
  type TableSchema,
  UnsupportedError,
  ValidationError,
} from "../ovsdb/index.ts";
import type { Replica } from "../replica/index.ts";
import { withReferences, withReferencesIn } from "./arguments.ts";
import { RowGoneError } from "./errors.ts";
import type { RowUuids } from "./row-uuids.ts";
import { type SelectedRows, selectRows } from "./select.ts";
import { TouchedRow } from "./touched-row.ts";

type AnyTarget = { readonly _uuid: string } | InsertedRow;
type Element = Atom | AnyTarget;

/** What a draft is made against. */
export interface DraftContext {
  /** The schema of the server. */
  readonly schema: DatabaseSchema;
  readonly model: DatabaseSchema;
  readonly replica: Replica;
  /** Whether the server takes the `uuid` member of inserts; else named uuids are used. */
  readonly takesChosenUuids: boolean;
}

/** Collects the calls of a transaction's function and turns them into RFC 7047 operations. */
export class Draft {
  readonly #schema: DatabaseSchema;
  readonly #model: DatabaseSchema;
  readonly #replica: Replica;
  readonly #chosenUuids: boolean;
  readonly #uuids: RowUuids;
  readonly #touched = new Map<string, TouchedRow>();
  /** What this run gave out: the uuids of another run's rows may be the same. */
  readonly #handles = new Set<unknown>();
  readonly #insertsInto = new Map<string, number>();
  readonly #last: Operation[] = [];
  /** Inserted rows that something refers to, and those that a strong reference keeps. */
  readonly #referred = new Set<string>();
  readonly #kept = new Set<string>();

  constructor({ schema, model, replica, takesChosenUuids }: DraftContext, uuids: RowUuids) {
    this.#schema = schema;
    this.#model = model;
    this.#replica = replica;
    this.#chosenUuids = takesChosenUuids;
    this.#uuids = uuids;
  }

  insert(table: string, row: object, options: { readonly uuid?: string } = {}): InsertedRow {
    this.#tableSchema(table);
    const uuid = options.uuid === undefined ? this.#nextUuid(table) : this.#checkedUuid(table, options.uuid);
    const touched = new TouchedRow(table, uuid, true);
    this.#setColumns(touched, row);
    this.#touched.set(uuid, touched);
    const handle = Object.freeze({ table, ref: uuid });
    this.#handles.add(handle);
    return handle;
  }

  /** Whether the row was inserted by this run. */
  inserted(handle: InsertedRow): boolean {
    return this.#handles.has(handle);
  }

  #nextUuid(table: string): string {
    const index = this.#insertsInto.get(table) ?? 0;
    this.#insertsInto.set(table, index + 1);
    return this.#uuids.nth(table, index);
  }

  #checkedUuid(table: string, uuid: string): string {
    if (!isUuid(uuid)) throw new UsageError(`the uuid of a row inserted into ${table} cannot be ${uuid}`);
    if (!this.#chosenUuids) {
      throw new UsageError(
        `${this.#serverName()} is on a server that takes no uuids chosen by clients, as the row inserted into ${table} has one`,
      );
    }
    const chosen = uuid.toLowerCase();
    if (this.#touched.has(chosen)) throw new UsageError(`the row ${chosen} is in this transaction already`);
    return chosen;
  }

  update(target: AnyTarget, columns: object): void {
    this.#setColumns(this.#touch(target), columns);
  }

  delete(target: AnyTarget): void {
    this.#touch(target, true).deleted = true;
  }

  add(target: AnyTarget, column: string, elements: Element | readonly Element[]): void {
    this.#mutateSet(target, column, "insert", elements);
  }

  remove(target: AnyTarget, column: string, elements: Element | readonly Element[]): void {
    this.#mutateSet(target, column, "delete", elements);
  }

  setKeys(target: AnyTarget, column: string, pairs: { readonly [key: string]: Element }): void {
    const touched = this.#touch(target);
    const where = { table: touched.table, column };
    const schema = this.#writable(touched, column, ["map"]);
    const keys = Object.keys(pairs);
    if (keys.length === 0) return;
    const wire = encodePairs(where, schema, withReferencesIn(pairs), this.#resolver(schema));
    // A mutate insert leaves existing keys as they are (RFC 7047 section 5.1): delete first.
    touched.mutate(
      [column, "delete", encodeElements(where, schema, keys, this.#resolver(schema))],
      [column, "insert", wire],
    );
  }

  removeKeys(target: AnyTarget, column: string, keys: readonly string[]): void {
    const touched = this.#touch(target);
    const where = { table: touched.table, column };
    const schema = this.#writable(touched, column, ["map"]);
    if (keys.length === 0) return;
    // The server refuses a set that names an element twice.
    const distinct = [...new Set(keys)];
    touched.mutate([column, "delete", encodeElements(where, schema, distinct, this.#resolver(schema))]);
  }

  mutate(target: AnyTarget, column: string, mutator: Mutation[1], value: number | bigint): void {
    const touched = this.#touch(target);
    const { type } = this.#writable(touched, column, ["scalar", "optional", "set"]).key;
    const fits =
      type === "integer"
        ? typeof value === "bigint" || Number.isSafeInteger(value)
        : type === "real" && Number.isFinite(value);
    if (!fits) {
      throw new ValidationError(
        touched.table,
        column,
        value,
        `cannot calculate ${mutator} ${value} on a column of type ${type}`,
      );
    }
    touched.mutate([column, mutator, value]);
  }

  verify(row: { readonly _uuid: string }, ...columns: readonly string[]): void {
    const touched = this.#touch(row);
    if (touched.inserted) throw new UsageError("a row inserted in this transaction has nothing to verify");
    for (const column of columns) {
      const schema = this.#columnSchema(touched.table, column);
      // What the caller has read is in the row given; the replica may have moved on since.
      const source = Object.hasOwn(row, column) ? row : this.#replica.table(touched.table).row(touched.uuid);
      const value = (source as { readonly [column: string]: unknown } | undefined)?.[column];
      touched.verify(
        column,
        encodeValue({ table: touched.table, column }, schema, value, this.#resolver(schema)),
      );
    }
  }

  select(table: string, match: object = {}, columns?: readonly string[]): SelectedRows<unknown> {
    this.#tableSchema(table);
    const selected = selectRows(this.#schema, this.#model, table, match, columns);
    this.#last.push(selected.operation);
    return selected;
  }

  comment(text: string): void {
    this.#last.push(commentOp(text));
  }

  assert(lock: string): void {
    this.#last.push(assertOp(lock));
  }

  raw(...operations: readonly Operation[]): void {
    for (const operation of operations) this.#last.push(operation);
  }

  /** The operations, guards first. Empty when nothing was asked for. */
  operations(): Operation[] {
    const rows = [...this.#touched.values()];
    this.#refuseOrphans(rows.filter((row) => row.inserted));
    const placed = rows.map((row) => ({
      row,
      reference: row.inserted ? this.#reference(row.uuid) : (["uuid", row.uuid] as const),
    }));
    const operations: Operation[] = [];
    for (const { row, reference } of placed) operations.push(...row.guards(reference));
    for (const { row } of placed) {
      operations.push(
        ...row.inserts(this.#chosenUuids ? { uuid: row.uuid } : { uuidName: uuidName(row.uuid) }),
      );
    }
    for (const { row, reference } of placed) operations.push(...row.changes(reference));
    for (const { row, reference } of placed) operations.push(...row.deletions(reference));
    // One by one: a plan may have more raw operations than a call may have arguments.
    for (const operation of this.#last) operations.push(operation);
    return operations;
  }

  #refuseOrphans(inserted: readonly TouchedRow[]): void {
    const orphans = inserted.filter(
      ({ table, uuid, deleted }) => !deleted && !this.#tableSchema(table).isRoot && !this.#kept.has(uuid),
    );
    // Raw operations may refer to it; they are not understood, only searched.
    const raw = orphans.length === 0 ? "" : stringifyJson(this.#last);
    const orphan = orphans.find(({ uuid }) => !raw.includes(uuid) && !raw.includes(uuidName(uuid)));
    if (orphan !== undefined) {
      throw new UsageError(
        `no row holds the row inserted into ${orphan.table} by a strong reference: the server would drop it silently; add it to its parent`,
      );
    }
    const missing = inserted.find(({ uuid, deleted }) => deleted && this.#referred.has(uuid));
    if (missing !== undefined) {
      throw new UsageError(`a row inserted into ${missing.table} is referred to, and deleted again`);
    }
  }

  #touch(target: AnyTarget, evenIfGone = false): TouchedRow {
    const id = "_uuid" in target ? target._uuid : target.ref;
    const known = this.#touched.get(id);
    if (known !== undefined && ("_uuid" in target || this.#handles.has(target))) return known;
    if (!("_uuid" in target)) {
      throw new UsageError(
        "a handle of an inserted row is good only in the run of the function that inserted it",
      );
    }
    const owner = this.#replica.ownerOf(target);
    if (owner === undefined || !(evenIfGone || owner.holds(id))) throw new RowGoneError(owner?.name, id);
    const touched = new TouchedRow(owner.name, id, false);
    this.#touched.set(id, touched);
    return touched;
  }

  #mutateSet(
    target: AnyTarget,
    column: string,
    mutator: "insert" | "delete",
    elements: Element | readonly Element[],
  ): void {
    const touched = this.#touch(target);
    const schema = this.#writable(touched, column, ["set", "optional"]);
    const list: readonly unknown[] = Array.isArray(elements) ? elements : [elements];
    if (list.length === 0) return;
    const where = { table: touched.table, column };
    touched.mutate([
      column,
      mutator,
      encodeElements(where, schema, list.map(withReferences), this.#resolver(schema)),
    ]);
  }

  #setColumns(touched: TouchedRow, from: object): void {
    const columns = Object.entries(from)
      .filter(([column, value]) => value !== undefined && column !== "_uuid")
      .map(([column, value]: [string, unknown]): [string, Json] => {
        const schema = this.#writable(touched, column);
        const plain = columnKind(schema) === "map" ? withReferencesIn(value) : withReferences(value);
        const where = { table: touched.table, column };
        return [column, encodeValue(where, schema, plain, this.#resolver(schema))];
      });
    // All or none: a caller that catches the error of one column must not find the others changed.
    for (const [column, value] of columns) touched.set(column, value);
  }

  /** The schema of a column that is about to be written. */
  #writable(
    { table, inserted }: TouchedRow,
    column: string,
    kinds?: readonly ReturnType<typeof columnKind>[],
  ): ColumnSchema {
    const schema = this.#columnSchema(table, column);
    if (schema.mutable === false && !inserted) {
      throw new UsageError(`${table}.${column} cannot be changed after the insert`);
    }
    const kind = columnKind(schema);
    if (kinds !== undefined && !kinds.includes(kind)) {
      throw new UsageError(
        `${table}.${column} is a ${kind} column: this is for ${kinds.join(" and ")} columns`,
      );
    }
    return schema;
  }

  #resolver({ key, value }: ColumnSchema): (ref: Ref) => Json {
    const strong = key.refType === "strong" || value?.refType === "strong";
    return (handle) => {
      const { ref } = handle;
      if (!this.#handles.has(handle)) {
        throw new UsageError(`${ref} is not a row inserted in this transaction`);
      }
      this.#referred.add(ref);
      if (strong) this.#kept.add(ref);
      return this.#reference(ref);
    };
  }

  #reference(uuid: string): Json {
    return this.#chosenUuids ? ["uuid", uuid] : ["named-uuid", uuidName(uuid)];
  }

  #tableSchema(table: string): TableSchema {
    const schema = findTable(this.#schema, table);
    if (schema === undefined) throw new UnsupportedError(table, undefined, this.#serverName());
    return schema;
  }

  #columnSchema(table: string, column: string): ColumnSchema {
    this.#tableSchema(table);
    const schema = findColumn(this.#schema, table, column);
    if (schema === undefined) throw new UnsupportedError(table, column, this.#serverName());
    return schema;
  }

  #serverName(): string {
    return `the server's ${this.#schema.name} ${this.#schema.version}`;
  }
}

/** The `<id>` under which a row is named in a transaction for servers that take no chosen uuids. */
export function uuidName(uuid: string): string {
  return `row_${uuid.replaceAll("-", "_")}`;
}
