import { type Json, writeJson } from "../jsonrpc/index.ts";
import {
  type Condition,
  deleteOp,
  type Mutation,
  mutateOp,
  type Operation,
  updateOp,
  uuidName,
  type WaitOptions,
  type WireRow,
  WrittenOperations,
  waitOp,
} from "../ovsdb/index.ts";
import { type Insert, membersText } from "./insert.ts";

/** The row that an operation is about. */
interface Touched {
  readonly table: string;
  readonly uuid: string;
}

/** Takes the operations of a draft one after the other: what each does, to which row, and its JSON text. */
type Sink = (op: Operation["op"], about: Touched, text: string) => void;

/** The name of an existing row whose uuid may be that of another one later; undefined for all other rows. */
export type NameOf = (table: string, uuid: string) => string | undefined;

/** What the one `wait` on an existing row tests: that it is there, and perhaps what is in it. */
interface Guard extends Touched {
  /** Absent: nothing but that it is there. */
  contents: { readonly columns: Map<string, Json>; readonly holds: Map<string, Set<string>> } | undefined;
}

interface Mutate extends Touched {
  readonly added: Map<string, Set<string>>;
  /** Absent: elements come into sets, and that is all. */
  others: OtherMutations | undefined;
}

interface OtherMutations {
  readonly removed: Map<string, Set<string>>;
  readonly removedMembers: Map<string, readonly string[]>;
  readonly addedMembers: Map<string, readonly string[]>;
  readonly deletedKeys: Map<string, readonly string[]>;
  readonly insertedPairs: Map<string, Json>;
}

/**
 * Collects what a plan does and writes it as few operations: one `wait`, one `update` and one `mutate` per row at most.
 *
 * Whoever changes an existing row says so once; the guard that the row still exists comes by itself.
 */
export class TransactionDraft {
  readonly #uuidSupported: boolean;
  readonly #nameGuards: (Touched & { readonly nameText: string })[] = [];
  readonly #guards = new Map<string, Guard>();
  readonly #inserts: Insert[] = [];
  readonly #updates = new Map<string, Touched & { readonly columns: Map<string, Json> }>();
  readonly #mutates = new Map<string, Mutate>();
  readonly #deletes = new Map<string, Touched>();
  /** Rows that have a name only within the transaction. */
  readonly #inserted = new Set<string>();
  readonly #nameOf: NameOf;

  /** @param nameOf what guards of a row test beside that it is there. */
  constructor(uuidSupported: boolean, nameOf: NameOf = () => undefined) {
    this.#uuidSupported = uuidSupported;
    this.#nameOf = nameOf;
  }

  /** Announces a row that {@link insert} will make under a name, so that references to it can be written before. */
  announce(uuid: string): void {
    this.#inserted.add(uuid);
  }

  /** The wire form of a reference. */
  reference(uuid: string): Json {
    return this.#inserted.has(uuid) ? ["named-uuid", uuidName(uuid)] : ["uuid", uuid];
  }

  /** The same as JSON text. */
  readonly referenceText = (uuid: string): string =>
    this.#inserted.has(uuid) ? `["named-uuid","${uuidName(uuid)}"]` : `["uuid","${uuid}"]`;

  /** Inserts a row; others may join its sets later. */
  insert(insert: Insert): void {
    this.#inserts.push(insert);
  }

  /** Lets the transaction fail if a row of the table has this name, as JSON text, which the row `uuid` is to have. */
  expectNoName(table: string, uuid: string, nameText: string): void {
    this.#nameGuards.push({ table, uuid, nameText });
  }

  /** Lets the transaction fail if the row is gone. */
  expectRow(table: string, uuid: string): void {
    this.#guard(table, uuid);
  }

  /** The same, where another row may have taken its uuid, which nobody else would tell. */
  expectNamed(table: string, uuid: string): void {
    if (this.#nameOf(table, uuid) !== undefined) this.#guard(table, uuid);
  }

  /** Lets the transaction fail if the column holds anything else. */
  expectValue(table: string, uuid: string, column: string, wire: Json): void {
    this.#contents(table, uuid).columns.set(column, wire);
  }

  /** Lets the transaction fail if the reference column no longer holds the element. */
  expectElement(table: string, uuid: string, column: string, element: string): void {
    collect(this.#contents(table, uuid).holds, column, element);
  }

  update(table: string, uuid: string, column: string, wire: Json): void {
    this.#guard(table, uuid);
    const id = rowId(table, uuid);
    const update = this.#updates.get(id) ?? { table, uuid, columns: new Map<string, Json>() };
    update.columns.set(column, wire);
    this.#updates.set(id, update);
  }

  /** Adds an element to a set of a row that is there; one that is inserted gets it by `addToSet` (insert.ts). */
  addElement(table: string, uuid: string, column: string, element: string): void {
    collect(this.#mutate(table, uuid).added, column, element);
  }

  removeElement(table: string, uuid: string, column: string, element: string): void {
    collect(this.#others(table, uuid).removed, column, element);
  }

  /** Takes strings out of a set, and puts others in. */
  changeMembers(
    table: string,
    uuid: string,
    column: string,
    remove: readonly string[],
    add: readonly string[],
  ): void {
    const mutate = this.#others(table, uuid);
    if (remove.length > 0) mutate.removedMembers.set(column, remove);
    if (add.length > 0) mutate.addedMembers.set(column, add);
  }

  /** Sets pairs of a string map; `remove` lists all keys that must go first, also those that get another value. */
  changeKeys(
    table: string,
    uuid: string,
    column: string,
    remove: readonly string[],
    pairs: Json | undefined,
  ): void {
    const mutate = this.#others(table, uuid);
    if (remove.length > 0)
      mutate.deletedKeys.set(column, [...(mutate.deletedKeys.get(column) ?? []), ...remove]);
    if (pairs !== undefined)
      mutate.insertedPairs.set(column, joinPairs(mutate.insertedPairs.get(column), pairs));
  }

  /** Deletes a row of a root table. That it is gone already is fine, so nothing is tested. */
  delete(table: string, uuid: string): void {
    this.#deletes.set(rowId(table, uuid), { table, uuid });
  }

  /** What the draft comes to, as the text that is sent. */
  write(): WrittenOperations {
    const kinds: Operation["op"][] = [];
    const texts: string[] = [];
    this.forEach((op, _about, text) => {
      kinds.push(op);
      texts.push(text);
    });
    return new WrittenOperations(texts.join(","), kinds);
  }

  /** The same, operation by operation. */
  forEach(sink: Sink): void {
    const pass = (about: Touched, operation: Operation): void =>
      sink(operation.op, about, writeJson(operation));
    for (const guard of this.#nameGuards) sink("wait", guard, nameGuardText(guard.table, guard.nameText));
    for (const guard of this.#guards.values()) {
      if (guard.contents !== undefined) pass(guard, this.#waitOperation(guard, guard.contents));
      else sink("wait", guard, existenceText(guard));
    }
    for (const insert of this.#inserts) sink("insert", insert, this.#insertText(insert));
    for (const update of this.#updates.values())
      pass(update, updateOp(update.table, [thisRow(update.uuid)], toRow(update.columns)));
    for (const mutate of this.#mutates.values()) {
      if (mutate.others !== undefined) pass(mutate, this.#mutateOperation(mutate, mutate.others));
      else sink("mutate", mutate, this.#additionText(mutate));
    }
    for (const deleted of this.#deletes.values())
      pass(deleted, deleteOp(deleted.table, [thisRow(deleted.uuid)]));
  }

  /** Whether there is nothing to do. A name is guarded for an insert; updates and mutations come with guards of their rows. */
  get isEmpty(): boolean {
    return this.#inserts.length === 0 && this.#guards.size === 0 && this.#deletes.size === 0;
  }

  #guard(table: string, uuid: string): Guard {
    const id = rowId(table, uuid);
    const known = this.#guards.get(id);
    if (known !== undefined) return known;
    const name = this.#nameOf(table, uuid);
    const contents =
      name === undefined ? undefined : { columns: new Map([["name", name]]), holds: new Map() };
    const guard: Guard = { table, uuid, contents };
    this.#guards.set(id, guard);
    return guard;
  }

  #contents(table: string, uuid: string): NonNullable<Guard["contents"]> {
    const guard = this.#guard(table, uuid);
    guard.contents ??= { columns: new Map(), holds: new Map() };
    return guard.contents;
  }

  #mutate(table: string, uuid: string): Mutate {
    this.#guard(table, uuid);
    const id = rowId(table, uuid);
    const known = this.#mutates.get(id);
    if (known !== undefined) return known;
    const mutate: Mutate = { table, uuid, added: new Map(), others: undefined };
    this.#mutates.set(id, mutate);
    return mutate;
  }

  #others(table: string, uuid: string): OtherMutations {
    const mutate = this.#mutate(table, uuid);
    mutate.others ??= {
      removed: new Map(),
      removedMembers: new Map(),
      addedMembers: new Map(),
      deletedKeys: new Map(),
      insertedPairs: new Map(),
    };
    return mutate.others;
  }

  #waitOperation({ table, uuid }: Guard, { columns, holds }: NonNullable<Guard["contents"]>): Operation {
    const includes = [...holds].map(
      ([column, elements]): Condition => [column, "includes", this.#set(elements)],
    );
    // Nothing to compare: other than no row at all, which is less work for the server than to compare uuids.
    const expected: Pick<WaitOptions, "until" | "rows"> =
      columns.size > 0 ? { until: "==", rows: [toRow(columns)] } : { until: "!=", rows: [] };
    return waitOp(table, [thisRow(uuid), ...includes], { columns: [...columns.keys()], ...expected });
  }

  #insertText(insert: Insert): string {
    const { table, uuid } = insert;
    const naming = this.#uuidSupported ? `"uuid":"${uuid}"` : `"uuid-name":"${uuidName(uuid)}"`;
    return `{"op":"insert","table":"${table}","row":{${membersText(insert, this.referenceText)}},${naming}}`;
  }

  #mutateOperation({ table, uuid, added }: Mutate, others: OtherMutations): Operation {
    const { removed, removedMembers, addedMembers, deletedKeys, insertedPairs } = others;
    const mutations: Mutation[] = [];
    for (const [column, members] of removedMembers) mutations.push([column, "delete", ["set", members]]);
    for (const [column, members] of addedMembers) mutations.push([column, "insert", ["set", members]]);
    for (const [column, elements] of removed) mutations.push([column, "delete", this.#set(elements)]);
    for (const [column, elements] of added) mutations.push([column, "insert", this.#set(elements)]);
    for (const [column, keys] of deletedKeys) mutations.push([column, "delete", ["set", keys]]);
    for (const [column, pairs] of insertedPairs) mutations.push([column, "insert", pairs]);
    return mutateOp(table, [thisRow(uuid)], mutations);
  }

  #additionText({ table, uuid, added }: Mutate): string {
    let mutations = "";
    for (const [column, elements] of added) {
      let set = "";
      for (const element of elements) set += `${set === "" ? "" : ","}${this.referenceText(element)}`;
      mutations += `${mutations === "" ? "" : ","}["${column}","insert",["set",[${set}]]]`;
    }
    return `{"op":"mutate","table":"${table}",${whereText(uuid)},"mutations":[${mutations}]}`;
  }

  #set(elements: ReadonlySet<string>): Json {
    return ["set", [...elements].map((element) => this.reference(element))];
  }
}

/** Written as text at once: a new network has one for each of its switches. */
function nameGuardText(table: string, nameText: string): string {
  return `{"op":"wait","table":"${table}","where":[["name","==",${nameText}]],"columns":["name"],"until":"==","rows":[],"timeout":0}`;
}

/** Written as text at once: what is added to a row that is there, or refers to one, begins with it. */
function existenceText({ table, uuid }: Touched): string {
  return `{"op":"wait","table":"${table}",${whereText(uuid)},"columns":[],"until":"!=","rows":[],"timeout":0}`;
}

function whereText(uuid: string): string {
  return `"where":[["_uuid","==",["uuid","${uuid}"]]]`;
}

/** Names a row among those of all tables; uuids are unique within a table only. */
function rowId(table: string, uuid: string): string {
  return `${table} ${uuid}`;
}

function thisRow(uuid: string): Condition {
  return ["_uuid", "==", ["uuid", uuid]];
}

function toRow(columns: ReadonlyMap<string, Json>): WireRow {
  return Object.fromEntries(columns);
}

/** Two maps as one, in wire form: `["map", pairs]`. */
function joinPairs(before: Json | undefined, more: Json): Json {
  return before === undefined ? more : ["map", [...pairsIn(before), ...pairsIn(more)]];
}

function pairsIn(map: Json): readonly Json[] {
  const [, pairs] = map as readonly Json[];
  return Array.isArray(pairs) ? pairs : [];
}

function collect(sets: Map<string, Set<string>>, column: string, element: string): void {
  const set = sets.get(column) ?? new Set();
  set.add(element);
  sets.set(column, set);
}
