import { checkOptions, showAs, stringifyJson, UsageError } from "../jsonrpc/index.ts";
import {
  type Atom,
  assertOp,
  type ColumnKind,
  commentOp,
  type DatabaseSchema,
  type InsertedRow,
  isRef,
  isUuid,
  type Mutation,
  type Operation,
  uuidName,
  type WriteRef,
  WrittenOperations,
} from "../ovsdb/index.ts";
import type { Match, Replica } from "../replica/index.ts";
import { absenceGuard, refusePresent } from "./absence.ts";
import {
  callFor,
  checkCalculation,
  checkElements,
  checkedOperation,
  checkPairs,
  checkRow,
  checkVerified,
  mayNameOthers,
  notARow,
  plainValue,
} from "./arguments.ts";
import { RowGoneError } from "./errors.ts";
import { checkUnchanged } from "./fixed-column.ts";
import type { Follower } from "./follower.ts";
import { refuseOrphans } from "./orphans.ts";
import { Places } from "./places.ts";
import type { RowUuids } from "./row-uuids.ts";
import { type SelectedRows, selectRows } from "./select.ts";
import { type ServerColumn, type ServerTable, serverTable } from "./server-table.ts";
import { OperationTexts, TouchedRow } from "./touched-row.ts";
import { TouchedRows } from "./touched-rows.ts";
import { isMadeUp, unsupported } from "./unsupported.ts";

export type AnyTarget = { readonly _uuid: string } | InsertedRow;
export type AnyElement = Atom | AnyTarget;

/** What a draft is made against. */
export interface DraftContext {
  /** The schema of the server. */
  readonly schema: DatabaseSchema;
  readonly model: DatabaseSchema;
  readonly replica: Replica;
  /** The same, perhaps without the last updates: a row that it holds is there. */
  readonly holding: Replica;
  /** Whether the server takes the `uuid` member of inserts; else named uuids are used. */
  readonly takesChosenUuids: boolean;
}

const INSERT_OPTIONS: Readonly<Record<keyof NonNullable<Parameters<Draft["insert"]>[2]>, true>> = {
  uuid: true,
};

/** Collects the calls of a transaction's function and turns them into RFC 7047 operations. */
export class Draft {
  readonly #schema: DatabaseSchema;
  readonly #model: DatabaseSchema;
  readonly #context: DraftContext;
  readonly #chosenUuids: boolean;
  readonly #uuids: RowUuids;
  readonly #rows = new TouchedRows();
  /** Guards on rows that must not be there. */
  readonly #absent: Operation[] = [];
  readonly #last: Operation[] = [];
  /** What is text already, after all the rest. */
  #written: WrittenOperations = WrittenOperations.of([]);
  /** Whether the function has ended: what is asked for from then on would be lost. */
  #isOver = false;
  /** Whether the function has waited for something, and what it read before may not be true any more. */
  hasWaited = false;
  /** See {@link follow}. */
  follower: Follower | undefined;

  static {
    showAs(Draft.prototype, "Transaction", (draft) => ({
      rows: draft.#rows.list.filter((row) => !row.isLeftAlone).map(({ shown }) => shown),
      others: [...draft.#absent, ...draft.#last].length + draft.#written.length,
      ended: draft.#isOver,
    }));
  }

  constructor(context: DraftContext, uuids: RowUuids) {
    const { schema, model, takesChosenUuids } = context;
    this.#context = context;
    this.#schema = schema;
    this.#model = model;
    this.#chosenUuids = takesChosenUuids;
    this.#uuids = uuids;
    uuids.beginRun();
  }

  insert(table: string, row: object, options: { readonly uuid?: string } = {}): InsertedRow {
    const target = this.#table(table);
    // What is null has no uuid, either.
    if (options?.uuid === undefined) checkOptions(options, INSERT_OPTIONS);
    const uuid =
      options.uuid === undefined ? this.#uuids.next(table) : this.#checkedUuid(table, options.uuid);
    const handle = Object.freeze({ table, ref: uuid });
    const touched = this.#chosenUuids
      ? new TouchedRow(target, uuid, `["uuid","${uuid}"]`, { handle, text: `"uuid":"${uuid}"` })
      : new TouchedRow(target, uuid, `["named-uuid","${uuidName(uuid)}"]`, {
          handle,
          text: `"uuid-name":"${uuidName(uuid)}"`,
        });
    this.#setColumns(touched, row);
    this.#rows.add(touched);
    return handle;
  }

  #checkedUuid(table: string, uuid: string): string {
    if (!isUuid(uuid)) throw new UsageError(`the uuid of a row inserted into ${table} cannot be ${uuid}`);
    if (!this.#chosenUuids) {
      const { name, version } = this.#schema;
      throw new UsageError(
        `${name} ${version} is on a server that takes no uuids chosen by clients, as the row inserted into ${table} has one`,
      );
    }
    const chosen = uuid.toLowerCase();
    if (this.#rows.has(chosen)) throw new UsageError(`the row ${chosen} is in this transaction already`);
    return chosen;
  }

  update(target: AnyTarget, columns: object): void {
    this.#setColumns(this.#touch(target), columns);
  }

  delete(target: AnyTarget): void {
    this.#touch(target, true).deleted = true;
  }

  add(target: AnyTarget, column: string, elements: AnyElement | readonly AnyElement[]): void {
    this.#mutateSet(target, column, "insert", elements);
  }

  remove(target: AnyTarget, column: string, elements: AnyElement | readonly AnyElement[]): void {
    this.#mutateSet(target, column, "delete", elements);
  }

  setKeys(target: AnyTarget, column: string, pairs: { readonly [key: string]: AnyElement }): void {
    const touched = this.#touch(target);
    const to = this.#writable(touched, column, ["map"]);
    const { writer, where } = to;
    checkPairs(where, pairs);
    const keys = Object.keys(pairs);
    if (keys.length === 0) return;
    const text = writer.writePairs(where, plainValue(to, pairs) as object, this.#writeRef);
    // A mutate insert leaves existing keys as they are (RFC 7047 section 5.1): delete first.
    touched.mutate(to, "delete", writer.writeElements(where, keys, this.#writeRef));
    touched.mutate(to, "insert", text);
  }

  removeKeys(target: AnyTarget, column: string, keys: readonly (string | number)[]): void {
    const touched = this.#touch(target);
    const to = this.#writable(touched, column, ["map"]);
    checkElements(to.where, keys);
    if (keys.length === 0) return;
    // The server refuses a set that names an element twice.
    const distinct = [...new Set(keys.map((key) => (typeof key === "number" ? `${key}` : key)))];
    touched.mutate(to, "delete", to.writer.writeElements(to.where, distinct, this.#writeRef));
  }

  mutate(target: AnyTarget, column: string, mutator: Mutation[1], value: number | bigint): void {
    const touched = this.#touch(target);
    const to = this.#writable(touched, column, ["scalar", "optional", "set"]);
    checkCalculation(to, mutator, value);
    touched.mutate(to, mutator, `${value}`);
  }

  verify(row: { readonly _uuid: string }, ...columns: readonly string[]): void {
    const touched = this.#touch(row);
    const { name } = touched.table;
    checkVerified(name, touched.inserted, columns);
    for (const column of columns) {
      const of = this.#column(touched.table, column);
      // What the caller has read is in the row given; the replica may have moved on since.
      const source = Object.hasOwn(row, column) ? row : this.#context.replica.table(name).row(touched.uuid);
      const value = (source as { readonly [column: string]: unknown } | undefined)?.[column];
      touched.verify(of, of.writer.write(of.where, value, this.#writeRef));
    }
  }

  verifyAbsent(table: string, match: object): void {
    this.#table(table);
    const guard = absenceGuard(this.#schema, this.#model, table, match);
    const store = this.#context.replica.table(table);
    if (!this.hasWaited) refusePresent(store, match as Match);
    this.#absent.push(guard);
  }

  select(table: string, match: object = {}, columns?: readonly string[]): SelectedRows<unknown> {
    this.#table(table);
    const selected = selectRows(this.#schema, this.#model, table, match, columns);
    this.#last.push(selected.operation);
    return selected;
  }

  comment(text: string): void {
    this.raw(commentOp(text));
  }

  assert(lock: string): void {
    this.raw(assertOp(lock));
  }

  raw(...operations: readonly Operation[]): void {
    this.assertOpen();
    for (const operation of operations) this.#last.push(checkedOperation(operation));
  }

  /** Adds operations that are text already. They go last. */
  append(written: WrittenOperations): void {
    this.assertOpen();
    this.#written = this.#written.followedBy(written);
  }

  /**
   * The operations, guards first, and what is where among them. None when nothing was asked for. `isAll` says that nothing is
   * sent with them.
   */
  write(isAll: boolean): { readonly operations: WrittenOperations; readonly places: Places } {
    this.#isOver = true;
    refuseOrphans(this.#rows.list, () => stringifyJson(this.#last) + this.#written.text);
    const anchor = isAll ? this.#anchor() : undefined;
    const texts = new OperationTexts();
    const inserted: InsertedRow[] = [];
    for (const guard of this.#absent) texts.add(guard.op, stringifyJson(guard));
    for (const row of this.#rows.list) if (row !== anchor) row.writeGuard(texts);
    const insertedAt = texts.kinds.length;
    for (const row of this.#rows.list) {
      if (row.handle === undefined || row.deleted) continue;
      row.writeInsert(texts);
      inserted.push(row.handle);
    }
    const anchorAt = anchor === undefined ? undefined : texts.kinds.length;
    for (const row of this.#rows.list) row.writeChanges(texts);
    for (const row of this.#rows.list) row.writeDeletion(texts);
    const operations = new WrittenOperations(texts.join(), texts.kinds, anchorAt);
    const places = new Places(inserted, insertedAt, this.#last, operations.length);
    return { operations: operations.with(this.#last).followedBy(this.#written), places };
  }

  /**
   * The row that needs no guard: the only one that is changed, where all else is rows which the server drops if that one is
   * gone (RFC 7047 section 3.2, isRoot). The transaction then does all or nothing as it is, and the server has less to do.
   */
  #anchor(): TouchedRow | undefined {
    if (this.#absent.length + this.#last.length + this.#written.length > 0) return undefined;
    let anchor: TouchedRow | undefined;
    for (const row of this.#rows.list) {
      if (row.hangs || row.isLeftAlone) continue;
      if (anchor !== undefined || !row.isOneChange) return undefined;
      anchor = row;
    }
    return anchor;
  }

  #touch(target: AnyTarget, evenIfGone = false): TouchedRow {
    this.assertOpen();
    if (typeof target !== "object" || target === null) throw notARow(target);
    const id = "_uuid" in target ? target._uuid : target.ref;
    const known =
      "_uuid" in target ? this.#rows.known(target, () => this.#context.holding) : this.#rows.inserted(target);
    if (known !== undefined) return known;
    if (!("_uuid" in target)) {
      if (!isRef(target)) throw notARow(target);
      throw new UsageError(
        "a handle of an inserted row is good only in the run of the function that inserted it",
      );
    }
    let owner = this.#context.holding.ownerOf(target);
    if (owner?.holds(id) !== true) owner = this.#context.replica.ownerOf(target);
    if (owner === undefined || !(evenIfGone || owner.holds(id))) throw new RowGoneError(owner?.name, id);
    const touched = new TouchedRow(this.#table(owner.name), id, `["uuid","${id}"]`);
    this.#rows.add(touched);
    return touched;
  }

  #mutateSet(
    target: AnyTarget,
    column: string,
    mutator: "insert" | "delete",
    elements: AnyElement | readonly AnyElement[],
  ): void {
    const touched = this.#touch(target);
    const to = this.#writable(touched, column, ["set", "optional"]);
    const list: readonly unknown[] = Array.isArray(elements) ? elements : [elements];
    if (list.length === 0) return;
    const plain = plainValue(to, list) as readonly unknown[];
    touched.mutate(to, mutator, to.writer.writeElements(to.where, plain, this.#writeRef));
  }

  #setColumns(touched: TouchedRow, from: object): void {
    checkRow(touched.table.name, from);
    const values = from as { readonly [column: string]: unknown };
    const columns: ServerColumn[] = [];
    const members: string[] = [];
    const isCopy = Object.hasOwn(values, "_uuid");
    for (const name of Object.keys(values)) {
      const value = values[name];
      if (value === undefined || name === "_uuid") continue;
      if (isCopy && isMadeUp(this.#schema, this.#model, touched.table.name, name, value)) continue;
      const column = this.#column(touched.table, name);
      const plain = plainValue(column, value);
      const text = column.writer.write(column.where, plain, this.#writeRef);
      if (column.schema.mutable === false && !touched.inserted) {
        checkUnchanged(this.#context.replica.table(touched.table.name), touched.uuid, column, plain);
        continue;
      }
      columns.push(column);
      members.push(`${column.text}:${text}`);
      if (column.holds && mayNameOthers(column, plain)) touched.holdsOthers = true;
    }
    // All or none: a caller that catches the error of one column must not find the others changed.
    touched.set(columns, members);
  }

  /** A column of which a part is about to be written. */
  #writable({ table, inserted }: TouchedRow, name: string, kinds: readonly ColumnKind[]): ServerColumn {
    const column = this.#column(table, name);
    if (column.schema.mutable === false && !inserted) {
      throw new UsageError(`${table.name}.${name} cannot be changed after the insert`);
    }
    if (!kinds.includes(column.kind)) {
      throw new UsageError(
        `${table.name}.${name} is a ${column.kind} column: this is for ${kinds.join(" and ")} columns; use ${callFor(column.kind)}`,
      );
    }
    return column;
  }

  /** Throws `UsageError` once the function has ended. */
  protected assertOpen(): void {
    if (this.#isOver) throw tooLate();
  }

  readonly #writeRef: WriteRef = (handle, { refType }) => {
    const touched = this.#rows.inserted(handle);
    if (touched === undefined) {
      throw new UsageError(`${handle.ref} is not a row inserted in this transaction`);
    }
    touched.referred = true;
    if (refType === "strong") touched.kept = true;
    return touched.reference;
  };

  #table(name: string): ServerTable {
    this.assertOpen();
    const table = serverTable(this.#schema, name);
    if (table === undefined) throw unsupported(this.#schema, this.#model, name);
    return table;
  }

  #column(table: ServerTable, name: string): ServerColumn {
    const column = table.column(name);
    if (column === undefined) throw unsupported(this.#schema, this.#model, table.name, name);
    return column;
  }
}

function tooLate(): UsageError {
  return new UsageError(
    "the transaction is used after its function has ended, and is sent without this: the function must await all that it starts",
  );
}

/** Adds operations to a transaction as `raw` does, but as text, which is sent as it is, after all others. */
export function addWritten(tx: unknown, written: WrittenOperations): void {
  if (!(tx instanceof Draft)) throw new UsageError("not a transaction that is being described");
  tx.append(written);
}

/** Has a follower told what becomes of what is being described. */
export function follow(tx: unknown, follower: Follower): void {
  if (!(tx instanceof Draft)) throw new UsageError("not a transaction that is being described");
  tx.follower = follower;
}
