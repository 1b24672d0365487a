import type { Json } from "../jsonrpc/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import {
  type Atom,
  assertOp,
  type ColumnSchema,
  columnKind,
  commentOp,
  type DatabaseSchema,
  deleteOp,
  encodeElements,
  encodeValue,
  type InsertedRow,
  insertOp,
  type Mutation,
  mutateOp,
  type Operation,
  type Ref,
  randomUuid,
  type TableSchema,
  UnsupportedError,
  updateOp,
  waitOp,
} from "../ovsdb/index.ts";
import type { Replica } from "../replica/index.ts";
import type { Element } from "./transaction.ts";

type AnyTarget = { readonly _uuid: string } | InsertedRow;

/** One row of the draft: what shall happen to it, all calls merged. */
interface Touched {
  readonly table: string;
  /** Uuid of an existing row, or the `ref` of an inserted one. */
  readonly id: string;
  readonly inserted: { readonly uuid: string; readonly row: { [column: string]: Json } } | undefined;
  readonly columns: { [column: string]: Json };
  readonly mutations: Mutation[];
  readonly verified: Set<string>;
  deleted: boolean;
}

/** Collects the calls of a transaction's function and turns them into RFC 7047 operations. */
export class Draft {
  readonly #server: DatabaseSchema;
  readonly #replica: Replica;
  readonly #chosenUuids: boolean;
  readonly #touched = new Map<string, Touched>();
  readonly #raw: Operation[] = [];
  readonly #referred = new Set<string>();

  /** `chosenUuids`: whether the server takes the `uuid` member of inserts; else named uuids are used. */
  constructor(server: DatabaseSchema, replica: Replica, chosenUuids: boolean) {
    this.#server = server;
    this.#replica = replica;
    this.#chosenUuids = chosenUuids;
  }

  insert(table: string, row: object, options: { readonly uuid?: string } = {}): InsertedRow {
    const schema = this.#tableSchema(table);
    const uuid = options.uuid ?? randomUuid();
    const handle = Object.freeze({ table, ref: uuid });
    const wire: { [column: string]: Json } = {};
    this.#touched.set(uuid, {
      table,
      id: uuid,
      inserted: { uuid, row: wire },
      columns: wire,
      mutations: [],
      verified: new Set(),
      deleted: false,
    });
    this.#encodeColumns(table, schema, row, wire);
    return handle;
  }

  update(target: AnyTarget, columns: object): void {
    const touched = this.#touch(target);
    const schema = this.#tableSchema(touched.table);
    for (const [column, { mutable }] of Object.entries(schema.columns)) {
      if (mutable === false && touched.inserted === undefined && Object.hasOwn(columns, column)) {
        throw new UsageError(`${touched.table}.${column} cannot be changed after the insert`);
      }
    }
    this.#encodeColumns(touched.table, schema, columns, touched.columns);
  }

  delete(target: AnyTarget): void {
    this.#touch(target).deleted = true;
  }

  add(target: AnyTarget, column: string, elements: Element | readonly Element[]): void {
    this.#mutateSet(target, column, "insert", elements);
  }

  remove(target: AnyTarget, column: string, elements: Element | readonly Element[]): void {
    this.#mutateSet(target, column, "delete", elements);
  }

  setKeys(target: AnyTarget, column: string, pairs: { readonly [key: string]: Atom | AnyTarget }): void {
    const touched = this.#touch(target);
    const schema = this.#map(touched.table, column);
    const plain = Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, referenced(value)]));
    // A mutate insert leaves existing keys as they are (RFC 7047 section 5.1): delete first.
    touched.mutations.push(
      [column, "delete", this.#keys(touched.table, column, schema, Object.keys(pairs))],
      [
        column,
        "insert",
        encodeValue({ table: touched.table, column }, { ...schema, min: 0 }, plain, this.#resolve),
      ],
    );
  }

  removeKeys(target: AnyTarget, column: string, keys: readonly string[]): void {
    const touched = this.#touch(target);
    const schema = this.#map(touched.table, column);
    touched.mutations.push([column, "delete", this.#keys(touched.table, column, schema, keys)]);
  }

  mutate(target: AnyTarget, column: string, mutator: Mutation[1], value: number | bigint): void {
    const touched = this.#touch(target);
    this.#columnSchema(touched.table, column);
    touched.mutations.push([column, mutator, value]);
  }

  verify(row: { readonly _uuid: string }, ...columns: readonly string[]): void {
    const touched = this.#touch(row);
    for (const column of columns) {
      this.#columnSchema(touched.table, column);
      touched.verified.add(column);
    }
  }

  comment(text: string): void {
    this.#raw.push(commentOp(text));
  }

  assert(lock: string): void {
    this.#raw.push(assertOp(lock));
  }

  raw(...operations: readonly Operation[]): void {
    this.#raw.push(...operations);
  }

  /** The operations, guards first. Empty when nothing was asked for. */
  operations(): Operation[] {
    const rows = [...this.#touched.values()];
    const guards: Operation[] = [];
    const inserts: Operation[] = [];
    const changes: Operation[] = [];
    const deletions: Operation[] = [];
    for (const row of rows) {
      if (row.inserted !== undefined) {
        if (row.deleted) continue;
        this.#refuseOrphan(row);
        inserts.push(this.#insertOp(row.table, row.inserted));
        if (row.mutations.length > 0) changes.push(mutateOp(row.table, [this.#isRow(row)], row.mutations));
        continue;
      }
      if (row.verified.size > 0 || !row.deleted) guards.push(this.#guard(row));
      if (row.deleted) {
        deletions.push(deleteOp(row.table, [this.#isRow(row)]));
        continue;
      }
      if (Object.keys(row.columns).length > 0)
        changes.push(updateOp(row.table, [this.#isRow(row)], row.columns));
      if (row.mutations.length > 0) changes.push(mutateOp(row.table, [this.#isRow(row)], row.mutations));
    }
    return [...guards, ...inserts, ...changes, ...deletions, ...this.#raw];
  }

  #insertOp(
    table: string,
    inserted: { readonly uuid: string; readonly row: { [column: string]: Json } },
  ): Operation {
    return this.#chosenUuids
      ? insertOp(table, inserted.row, { uuid: inserted.uuid })
      : insertOp(table, inserted.row, { uuidName: uuidName(inserted.uuid) });
  }

  /** A `wait` that the row still exists, and that its verified columns are as they were read. */
  #guard(row: Touched): Operation {
    const columns = [...row.verified];
    if (columns.length === 0) {
      return waitOp(row.table, [this.#isRow(row)], {
        columns: ["_uuid"],
        until: "==",
        rows: [{ _uuid: ["uuid", row.id] }],
      });
    }
    const current = this.#replica.table(row.table).row(row.id);
    const expected = Object.fromEntries(
      columns.map((column) => [
        column,
        encodeValue(
          { table: row.table, column },
          this.#columnSchema(row.table, column),
          current?.[column],
          this.#resolve,
        ),
      ]),
    );
    return waitOp(row.table, [this.#isRow(row)], { columns, until: "==", rows: [expected] });
  }

  #isRow(row: Touched): ["_uuid", "==", Json] {
    return [
      "_uuid",
      "==",
      row.inserted === undefined ? ["uuid", row.id] : this.#reference(row.inserted.uuid),
    ];
  }

  #refuseOrphan(row: Touched): void {
    if (this.#tableSchema(row.table).isRoot || this.#referred.has(row.id)) return;
    if (this.#raw.some((operation) => JSON.stringify(operation).includes(row.id))) return;
    throw new UsageError(
      `the row inserted into ${row.table} is referred to by no row: the server would drop it silently; add it to its parent`,
    );
  }

  #touch(target: AnyTarget): Touched {
    const id = "_uuid" in target ? target._uuid : target.ref;
    const known = this.#touched.get(id);
    if (known !== undefined) return known;
    if (!("_uuid" in target)) {
      throw new UsageError(
        "a handle of an inserted row is good only in the run of the function that inserted it",
      );
    }
    const table = this.#replica.tableOf(id);
    if (table === undefined) throw new UsageError(`no monitored table has a row ${id} (any more)`);
    const touched: Touched = {
      table,
      id,
      inserted: undefined,
      columns: {},
      mutations: [],
      verified: new Set(),
      deleted: false,
    };
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
    const schema = this.#columnSchema(touched.table, column);
    if (columnKind(schema) === "map")
      throw new UsageError(`${touched.table}.${column} is a map: use setKeys or removeKeys`);
    const list = (Array.isArray(elements) ? elements : [elements]) as readonly Element[];
    if (list.length === 0) return;
    const wire = encodeElements(
      { table: touched.table, column },
      schema,
      list.map(referenced),
      this.#resolve,
    );
    touched.mutations.push([column, mutator, wire]);
  }

  #map(table: string, column: string): ColumnSchema {
    const schema = this.#columnSchema(table, column);
    if (columnKind(schema) !== "map") throw new UsageError(`${table}.${column} is not a map`);
    return schema;
  }

  #keys(table: string, column: string, schema: ColumnSchema, keys: readonly string[]): Json {
    const { value: _, ...set } = schema;
    return encodeElements({ table, column }, { ...set, min: 0, max: "unlimited" }, keys, this.#resolve);
  }

  #encodeColumns(table: string, schema: TableSchema, from: object, into: { [column: string]: Json }): void {
    for (const [column, value] of Object.entries(from)) {
      if (value === undefined || column === "_uuid") continue;
      const known = schema.columns[column];
      if (known === undefined) throw new UnsupportedError(table, column, this.#serverName());
      into[column] = encodeValue({ table, column }, known, referencedDeep(value), this.#resolve);
    }
  }

  readonly #resolve = (ref: Ref): Json => {
    const row = this.#touched.get(ref.ref);
    if (row?.inserted === undefined) {
      throw new UsageError(`${ref.ref} is not a row inserted in this transaction`);
    }
    this.#referred.add(ref.ref);
    return this.#reference(row.inserted.uuid);
  };

  #reference(uuid: string): Json {
    return this.#chosenUuids ? ["uuid", uuid] : ["named-uuid", uuidName(uuid)];
  }

  #tableSchema(table: string): TableSchema {
    const schema = this.#server.tables[table];
    if (schema === undefined) throw new UnsupportedError(table, undefined, this.#serverName());
    return schema;
  }

  #columnSchema(table: string, column: string): ColumnSchema {
    const schema = this.#tableSchema(table).columns[column];
    if (schema === undefined) throw new UnsupportedError(table, column, this.#serverName());
    return schema;
  }

  #serverName(): string {
    return `the server's ${this.#server.name} ${this.#server.version}`;
  }
}

/** The `<id>` under which a row is named in a transaction for servers that take no chosen uuids. */
export function uuidName(uuid: string): string {
  return `row_${uuid.replaceAll("-", "_")}`;
}

/** Rows stand for their uuids wherever a reference may be given. */
function referenced(value: unknown): unknown {
  return value !== null && typeof value === "object" && "_uuid" in value ? value._uuid : value;
}

function referencedDeep(value: unknown): unknown {
  return Array.isArray(value) ? value.map(referenced) : referenced(value);
}
