import { isKeyed, isUuid, type Mutation, type WriteRef } from "../ovsdb/index.ts";
import type { AnyRow, TableStore } from "../replica/index.ts";
import { plainValue } from "./arguments.ts";
import { type AnyElement, type AnyTarget, Draft, type DraftContext } from "./draft.ts";
import type { RowUuids } from "./row-uuids.ts";
import { type ServerColumn, serverTable } from "./server-table.ts";
import type { TransactOptions } from "./transact-options.ts";

/** A column of a row that the replica holds. */
interface Present {
  readonly store: TableStore;
  /** Its columns are read as late as may be: of large sets arrays are made for that. */
  readonly row: AnyRow;
  readonly column: ServerColumn;
}

type Pairs = { readonly [key: string]: unknown };

/** The draft that a call of `transact` asks for. */
export function makeDraft(
  context: DraftContext,
  uuids: RowUuids,
  { onlyChanges }: Pick<TransactOptions, "onlyChanges">,
): Draft {
  return onlyChanges === true ? new ChangesOnlyDraft(context, uuids) : new Draft(context, uuids);
}

/**
 * A draft that leaves out what the replica shows to be so already. Nothing is left out of what the same transaction has said
 * something of before, as the replica does not show what comes of that; nor of a column that is not monitored.
 */
class ChangesOnlyDraft extends Draft {
  readonly #context: DraftContext;
  /**
   * Of which columns, by {@link saidKey}, the transaction has said something: of all of it, or of these elements or keys.
   */
  readonly #said = new Map<string, "all" | Set<unknown>>();

  constructor(context: DraftContext, uuids: RowUuids) {
    super(context, uuids);
    this.#context = context;
  }

  override update(target: AnyTarget, columns: object): void {
    const given = isKeyed(columns) ? Object.entries(columns) : undefined;
    const differing = given?.filter(([name, value]) => {
      const present = this.#present(target, name);
      if (present === undefined || value === undefined) return true;
      return this.#said.has(saidKey(present.store, present.row, name)) || !isSame(present, value);
    });
    super.update(target, differing === undefined ? columns : Object.fromEntries(differing));
    for (const [name] of differing ?? []) this.#say(target, name, "all");
  }

  override delete(target: AnyTarget): void {
    if (this.#isGone(target)) this.assertOpen();
    else super.delete(target);
  }

  override add(target: AnyTarget, column: string, elements: AnyElement | readonly AnyElement[]): void {
    const asked = this.#asked(target, column, elements, false);
    super.add(target, column, asked);
    this.#say(target, column, asked.map(plainElement));
  }

  override remove(target: AnyTarget, column: string, elements: AnyElement | readonly AnyElement[]): void {
    const asked = this.#asked(target, column, elements, true);
    super.remove(target, column, asked);
    this.#say(target, column, asked.map(plainElement));
  }

  override setKeys(target: AnyTarget, column: string, pairs: { readonly [key: string]: AnyElement }): void {
    const present = this.#present(target, column);
    const asked = isKeyed(pairs)
      ? Object.entries(pairs).filter(([key, value]) => {
          return present === undefined || this.#hasSaid(present, key) || !isSamePair(present, key, value);
        })
      : undefined;
    super.setKeys(target, column, asked === undefined ? pairs : Object.fromEntries(asked));
    this.#say(target, column, asked === undefined ? "all" : asked.map(([key]) => key));
  }

  override removeKeys(target: AnyTarget, column: string, keys: readonly (string | number)[]): void {
    const present = this.#present(target, column);
    const asked = Array.isArray(keys)
      ? keys.filter((key) => {
          return present === undefined || this.#hasSaid(present, `${key}`) || hasKey(present, `${key}`);
        })
      : keys;
    super.removeKeys(target, column, asked);
    this.#say(target, column, asked.map(String));
  }

  override mutate(target: AnyTarget, column: string, mutator: Mutation[1], value: number | bigint): void {
    super.mutate(target, column, mutator, value);
    this.#say(target, column, "all");
  }

  /** Those of the elements that are not as they shall be: there, where they are to go. */
  #asked(
    target: AnyTarget,
    column: string,
    elements: AnyElement | readonly AnyElement[],
    toGo: boolean,
  ): readonly AnyElement[] {
    const list: readonly AnyElement[] = Array.isArray(elements) ? elements : [elements];
    const present = this.#present(target, column);
    if (present === undefined) return list;
    return list.filter((element) => {
      const plain = plainElement(plainValue(present.column, element) as AnyElement);
      return this.#hasSaid(present, plain) || holds(present, plain) !== !toGo;
    });
  }

  #say(target: AnyTarget, column: string, what: "all" | readonly unknown[]): void {
    if (!("_uuid" in target) || what.length === 0) return;
    const key = saidKey(this.#context.replica.ownerOf(target), target, column);
    const said = this.#said.get(key);
    if (said === "all") return;
    if (what === "all") this.#said.set(key, what);
    else if (said === undefined) this.#said.set(key, new Set(what));
    else for (const each of what) said.add(each);
  }

  #hasSaid({ store, row, column }: Present, element: unknown): boolean {
    const said = this.#said.get(saidKey(store, row, column.name));
    return said === "all" || said?.has(element) === true;
  }

  /** Whether this is a row that was read and that the replica does not hold any more. */
  #isGone(target: AnyTarget): boolean {
    if (typeof target !== "object" || target === null || !("_uuid" in target)) return false;
    const store = this.#context.replica.ownerOf(target);
    return store !== undefined && !store.holds(target._uuid);
  }

  /** `undefined` for what is no row of the replica, or no column that both it and the server have: the draft judges that. */
  #present(target: AnyTarget, name: string): Present | undefined {
    if (typeof target !== "object" || target === null || !("_uuid" in target)) return undefined;
    const { schema, replica } = this.#context;
    const store = replica.ownerOf(target);
    if (store?.columns.position(name) === undefined) return undefined;
    const column = serverTable(schema, store.name)?.column(name);
    const row = store.row(target._uuid);
    return column && row && { store, row, column };
  }
}

function saidKey(
  store: TableStore | undefined,
  { _uuid }: { readonly _uuid: string },
  column: string,
): string {
  return `${store?.name} ${_uuid} ${column}`;
}

/** Numbers as text, since 5 and 5n are the same; rows as their uuids. Handles of inserted rows stay what they are. */
function plainElement(element: AnyElement): unknown {
  if (typeof element !== "object" || element === null) return element === undefined ? element : `${element}`;
  return "_uuid" in element ? element._uuid : element;
}

/** Whether a set has the element; `undefined` for what is none, which the draft refuses. */
function holds({ store, row, column }: Present, element: unknown): boolean | undefined {
  const { type } = column.schema.key;
  if (typeof element !== "string" || (type === "uuid" && !isUuid(element)) || column.kind === "map")
    return undefined;
  if (type === "uuid") return store.has(row._uuid, column.name, element.toLowerCase());
  if (type === "string") return store.has(row._uuid, column.name, element);
  return [row[column.name]].flat().some((each) => `${each}` === element);
}

function hasKey({ row, column }: Present, key: string): boolean {
  return column.kind !== "map" || Object.hasOwn(row[column.name] as Pairs, key);
}

function isSamePair(present: Present, key: string, value: unknown): boolean {
  if (present.column.kind !== "map" || !hasKey(present, key)) return false;
  const now = (present.row[present.column.name] as Pairs)[key];
  return pairText(present.column, key, value) === pairText(present.column, key, now);
}

/** Whether a column has this value. Sets and maps are not ordered, so that the texts of equal ones have equal lengths only. */
function isSame({ row, column }: Present, given: unknown): boolean {
  const { writer, where, kind } = column;
  const plain = plainValue(column, given);
  const [now, then] = [row[column.name], plain].map((value) => writer.write(where, value, nowhere));
  if (now === then) return true;
  if (kind === "scalar" || kind === "optional" || now?.length !== then?.length) return false;
  const [parts, others] = [row[column.name], plain].map((value) => partTexts(column, value));
  const all = new Set(parts);
  return others?.every((part) => all.has(part)) === true;
}

/** The elements of a set or the pairs of a map, each as text. */
function partTexts(column: ServerColumn, value: unknown): readonly string[] {
  if (Array.isArray(value))
    return value.map((each) => column.writer.writeElements(column.where, [each], nowhere));
  return Object.entries(value as Pairs).map(([key, each]) => pairText(column, key, each));
}

function pairText(column: ServerColumn, key: string, value: unknown): string {
  const pair = plainValue(column, { [key]: value }) as Pairs;
  return column.writer.writePairs(column.where, pair, nowhere);
}

/** The text of a handle: no row that is there refers to it. */
const nowhere: WriteRef = ({ ref }) => `["named-uuid","${ref}"]`;
