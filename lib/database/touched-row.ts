import { type InsertedRow, type Operation, ValidationError } from "../ovsdb/index.ts";
import type { ServerColumn, ServerTable } from "./server-table.ts";

/** Operations as text, one after the other. */
export class OperationTexts {
  readonly kinds: Operation["op"][] = [];
  readonly #texts: string[] = [];

  add(kind: Operation["op"], text: string): void {
    this.kinds.push(kind);
    this.#texts.push(text);
  }

  /**
   * All of them, with commas in between. Joined, not added up: V8 keeps a sum as a tree of its parts, which the garbage
   * collector would go through again and again while the transaction is under way.
   */
  join(): string {
    return this.#texts.join(",");
  }
}

/** How a row is called that is inserted. */
export interface Naming {
  readonly handle: InsertedRow;
  /** As it stands in the insert: `"uuid":"..."` or `"uuid-name":"..."`. */
  readonly text: string;
}

/**
 * One row of a draft: what shall happen to it, all calls merged. Values, mutations and references are JSON text from the
 * moment at which they are given; the operations are those that `insertOp`, `waitOp` and their kin make.
 */
export class TouchedRow {
  readonly table: ServerTable;
  /** The uuid: that of the existing row, or the one that an inserted row shall have. */
  readonly uuid: string;
  /** How operations refer to the row: `["uuid","..."]` or, of an inserted one, `["named-uuid","..."]`. */
  readonly reference: string;
  readonly #naming: Naming | undefined;
  #columns: ServerColumn[] = [];
  /** The same columns with what they shall be: `"name":"p1"`. */
  #members: string[] = [];
  #mutated: { readonly column: ServerColumn; readonly mutator: string; readonly text: string }[] = [];
  /** Columns that must still be as they were read, with what was read. */
  #verified: Map<ServerColumn, string> | undefined;
  deleted = false;
  /** Whether {@link set} was called more than once. */
  #revised = false;
  #isSet = false;
  /** Whether something that was said before of the same columns counts no more. */
  #hasTakenBack = false;
  /** Of an inserted row: whether anything that was said referred to it, and whether by a strong reference. */
  referred = false;
  kept = false;
  /** Of an inserted row: whether it refers strongly to rows by their uuids, and not only to handles of earlier ones. */
  holdsOthers = false;

  constructor(table: ServerTable, uuid: string, reference: string, naming?: Naming) {
    this.table = table;
    this.uuid = uuid;
    this.reference = reference;
    this.#naming = naming;
  }

  get inserted(): boolean {
    return this.#naming !== undefined;
  }

  /** What the row is called in this run; `undefined` for one that was there before. */
  get handle(): InsertedRow | undefined {
    return this.#naming?.handle;
  }

  /** The name that the row gets, as it stands in the insert; empty where it gets none. For messages. */
  get nameText(): string {
    return this.#members[this.#columns.findIndex(({ name }) => name === "name")] ?? "";
  }

  /**
   * Gives columns new values, as members of a row; what was to be added to them before, or taken away, does not count any
   * more. The two lists are the row's from now on.
   */
  set(columns: ServerColumn[], members: string[]): void {
    this.#revised = this.#isSet;
    this.#isSet = true;
    this.#hasTakenBack ||= this.#columns.length > 0 || this.#mutated.length > 0;
    if (this.#columns.length === 0) {
      this.#columns = columns;
      this.#members = members;
    } else {
      for (const [index, column] of columns.entries()) this.#setAgain(column, members[index] ?? "");
    }
    if (this.#mutated.length > 0) {
      this.#mutated = this.#mutated.filter(({ column }) => !columns.includes(column));
    }
  }

  #setAgain(column: ServerColumn, member: string): void {
    const known = this.#columns.indexOf(column);
    if (known === -1) {
      this.#columns.push(column);
      this.#members.push(member);
    } else {
      this.#members[known] = member;
    }
  }

  /** `mutator` and `value` as text: the second and third part of a mutation (RFC 7047 section 5.1). */
  mutate(column: ServerColumn, mutator: string, value: string): void {
    this.#mutated.push({ column, mutator, text: `[${column.text},"${mutator}",${value}]` });
    this.#hasTakenBack ||= mutator === "delete";
  }

  /** Whether a reference that was once said to this row's columns may not be there in the end. */
  get undoes(): boolean {
    return this.deleted || this.#hasTakenBack;
  }

  /** The rows, as {@link reference} names them, that columns of this row refer to strongly when all is done, as far as it was said. */
  get heldReferences(): readonly string[] {
    if (this.deleted) return [];
    const held = new Map<ServerColumn, Set<string>>();
    for (const [index, column] of this.#columns.entries()) {
      if (column.holds) held.set(column, new Set(referencesIn(this.#members[index] ?? "")));
    }
    for (const { column, mutator, text } of this.#mutated) {
      if (!column.holds) continue;
      const references = held.get(column) ?? new Set();
      held.set(column, references);
      for (const reference of referencesIn(text)) {
        if (mutator === "delete") references.delete(reference);
        else references.add(reference);
      }
    }
    return [...held.values()].flatMap((references) => [...references]);
  }

  verify(column: ServerColumn, value: string): void {
    this.#verified ??= new Map();
    // What was read first is what the rest was made from.
    if (!this.#verified.has(column)) this.#verified.set(column, value);
  }

  /**
   * Whether the row is inserted, and goes again with the row that holds it, without a word. One that was changed after its
   * insert may refer to one that was inserted later, and so may one that names rows by their uuids: then the two hold each
   * other. And where a row has gone that is named so, the server refuses the transaction for that, which no repetition mends.
   */
  get hangs(): boolean {
    const { inserted, deleted, holdsOthers, table } = this;
    const isChanged = this.#revised || this.#mutated.length > 0;
    return inserted && !deleted && !holdsOthers && !table.schema.isRoot && !isChanged;
  }

  /** Whether nothing but one operation on a row that was there before comes of it. */
  get isOneChange(): boolean {
    if (this.inserted || this.deleted || this.#verified !== undefined) return false;
    return this.#columns.length > 0 !== this.#mutated.length > 0;
  }

  /** Whether nothing comes of it at all. */
  get isLeftAlone(): boolean {
    const isSaid = this.#verified !== undefined || this.#columns.length + this.#mutated.length > 0;
    return !this.inserted && !this.deleted && !isSaid;
  }

  /** For people: what shall happen to the row, and to which columns. */
  get shown(): string {
    const changed = [...this.#columns, ...this.#mutated.map(({ column }) => column)];
    const columns = new Set([...changed, ...(this.#verified?.keys() ?? [])].map(({ name }) => name));
    const what = this.inserted ? "insert" : changed.length > 0 ? "change" : "verify";
    const about = `${this.table.name} ${this.uuid}`;
    if (this.deleted) return `${this.inserted ? "insert nothing, as deleted again:" : "delete"} ${about}`;
    return columns.size === 0 ? `${what} ${about}` : `${what} ${about}: ${[...columns].join(", ")}`;
  }

  /** A `wait` that the row still exists, and that its verified columns are as they were read; not for rows left alone. */
  writeGuard(to: OperationTexts): void {
    if (this.#verified !== undefined) {
      const columns = [...this.#verified.keys()].map(({ text }) => text).join(",");
      const values = [...this.#verified].map(([{ text }, value]) => `${text}:${value}`).join(",");
      this.#writeWait(to, `"columns":[${columns}],"until":"==","rows":[{${values}}]`);
    } else if (!this.inserted && !this.deleted && (this.#columns.length > 0 || this.#mutated.length > 0)) {
      // Other than no row at all: for the server less work than to compare the row with one that has its uuid.
      this.#writeWait(to, '"columns":[],"until":"!=","rows":[]');
    }
  }

  #writeWait(to: OperationTexts, what: string): void {
    to.add("wait", `{"op":"wait",${this.table.member},${this.#where},${what},"timeout":0}`);
  }

  /** Throws `ValidationError` when a column is left out that has to be set: the server refuses it, and names no column. */
  writeInsert(to: OperationTexts): void {
    if (this.#naming === undefined) return;
    for (const { column, problem } of this.table.needed) {
      if (this.#columns.includes(column)) continue;
      throw new ValidationError(this.table.name, column.name, undefined, `is left out, and ${problem}`);
    }
    to.add("insert", `{"op":"insert",${this.table.member},"row":${this.#row()},${this.#naming.text}}`);
  }

  writeChanges(to: OperationTexts): void {
    if (this.deleted) return;
    if (!this.inserted && this.#columns.length > 0) {
      to.add("update", `{"op":"update",${this.table.member},${this.#where},"row":${this.#row()}}`);
    }
    if (this.#mutated.length > 0) {
      let mutations = "";
      for (const { text } of this.#mutated) mutations += mutations === "" ? text : `,${text}`;
      to.add("mutate", `{"op":"mutate",${this.table.member},${this.#where},"mutations":[${mutations}]}`);
    }
  }

  writeDeletion(to: OperationTexts): void {
    if (!this.deleted || this.inserted) return;
    to.add("delete", `{"op":"delete",${this.table.member},${this.#where}}`);
  }

  get #where(): string {
    return `"where":[["_uuid","==",${this.reference}]]`;
  }

  /** Added up, as the mutations are: of few parts, that are copied right after with all other operations, a join would be one copy more. */
  #row(): string {
    const members = this.#members;
    let row = `{${members[0] ?? ""}`;
    for (let index = 1; index < members.length; index++) row += `,${members[index]}`;
    return `${row}}`;
  }
}

/** The references in the JSON text of a value. Strings that look like them have escaped quotes. */
function referencesIn(text: string): readonly string[] {
  return text.match(/\["(?:named-)?uuid","[^"]+"\]/g) ?? [];
}
