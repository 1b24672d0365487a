import type { Json } from "../jsonrpc/index.ts";
import {
  type DatabaseSchema,
  findColumn,
  findTable,
  type InsertOperation,
  type Mutation,
  type Operation,
  type WrittenOperations,
} from "../ovsdb/index.ts";
import { aimOf, demands, mayHit } from "./aim.ts";

/** A row that is there when the transaction was committed, and that nobody else can have inserted. */
export interface Token {
  readonly table: string;
  readonly uuid: string;
}

/** Among more rows than that no better one is found. */
const MOST_CANDIDATES = 50;

/**
 * Finds the row by which it shows whether operations were committed: an insert with a uuid that was drawn for them, and
 * which is surely there afterwards. A row of a root table stays unless it is deleted again; any other row must be held by
 * a strong reference, or the server drops it at the commit (RFC 7047 section 3.2, isRoot).
 */
export function findToken(
  { list: operations, anchor }: WrittenOperations,
  schema: DatabaseSchema,
  isDrawn: (uuid: string) => boolean,
): Token | undefined {
  const inserts = operations.filter(
    (operation): operation is InsertOperation & { readonly uuid: string } =>
      operation.op === "insert" && operation.uuid !== undefined && isDrawn(operation.uuid),
  );
  const isRoot = ({ table }: InsertOperation): boolean => findTable(schema, table)?.isRoot === true;
  const candidates = [...inserts.filter(isRoot), ...inserts.filter((insert) => !isRoot(insert))];
  const keeping = new Keeping(operations, schema, anchor);
  const found = candidates
    .slice(0, MOST_CANDIDATES)
    .find(({ table, uuid }) => keeping.isSure({ table, uuid }));
  return found && { table: found.table, uuid: found.uuid };
}

/** Tells which rows are surely there after a transaction. Unsure is no, whatever raw operations may do. */
class Keeping {
  readonly #operations: readonly Operation[];
  readonly #schema: DatabaseSchema;
  /** Position of a change of a row without which nothing at all was done. */
  readonly #anchor: number | undefined;

  constructor(operations: readonly Operation[], schema: DatabaseSchema, anchor: number | undefined) {
    this.#operations = operations;
    this.#schema = schema;
    this.#anchor = anchor;
  }

  /** Of an inserted row. `above` are rows whose being there is just looked into. */
  isSure(row: Token, above: ReadonlySet<string> = new Set()): boolean {
    const { table, uuid } = row;
    if (above.has(uuid) || this.#mayBeDeleted(row)) return false;
    if (findTable(this.#schema, table)?.isRoot === true) return true;
    const seen = new Set([...above, uuid]);
    return this.#operations.some((operation, index) => this.#holds(operation, index, uuid, seen));
  }

  #mayBeDeleted({ table, uuid }: Token): boolean {
    return this.#operations.some((operation) => operation.op === "delete" && mayHit(operation, table, uuid));
  }

  /** Whether this operation lets a row that is surely there refer to `uuid` strongly, and nothing takes that back. */
  #holds(operation: Operation, index: number, uuid: string, seen: ReadonlySet<string>): boolean {
    if (operation.op !== "insert" && operation.op !== "update" && operation.op !== "mutate") return false;
    const { table } = operation;
    const holder = operation.op === "insert" ? operation.uuid : aimOf(operation);
    if (holder === undefined) return false;
    const columns =
      operation.op === "mutate"
        ? operation.mutations.flatMap(([column, mutator, value], at) =>
            mutator === "insert" && refersTo(value, uuid)
              ? operation.mutations.slice(at + 1).some((later) => takesAway(later, column, uuid))
                ? []
                : [column]
              : [],
          )
        : Object.entries(operation.row).flatMap(([column, value]) => (refersTo(value, uuid) ? [column] : []));
    const later = this.#operations.slice(index + 1).filter((each) => mayHit(each, table, holder));
    const stays = columns.some(
      (column) => this.#isStrong(table, column) && !later.some((each) => takesFrom(each, column, uuid)),
    );
    if (!stays) return false;
    return operation.op === "insert"
      ? this.isSure({ table, uuid: holder }, seen)
      : this.#isSureToRemain({ table, uuid: holder }, index, operation);
  }

  /** Of a row that was there before. */
  #isSureToRemain(row: Token, index: number, holding: Operation): boolean {
    if (this.#mayBeDeleted(row)) return false;
    const isThere =
      index === this.#anchor ||
      this.#operations.slice(0, index).some((each) => demands(each, row.table, row.uuid));
    if (!isThere) return false;
    // What keeps a row of another table is not among the operations; so nothing at all may let go of anything.
    return (
      findTable(this.#schema, row.table)?.isRoot === true ||
      !this.#operations.some((each) => each !== holding && this.#letsGo(each))
    );
  }

  #letsGo(operation: Operation): boolean {
    switch (operation.op) {
      case "delete":
        return true;
      case "update":
        return Object.keys(operation.row).some((column) => this.#isStrong(operation.table, column));
      case "mutate":
        return operation.mutations.some(
          ([column, mutator]) => mutator === "delete" && this.#isStrong(operation.table, column),
        );
      default:
        return false;
    }
  }

  #isStrong(table: string, column: string): boolean {
    const { key, value } = findColumn(this.#schema, table, column) ?? {};
    return [key, value].some((base) => base?.refTable !== undefined && base.refType !== "weak");
  }
}

/** Whether an operation may end what an earlier one put into a column. */
function takesFrom(operation: Operation, column: string, uuid: string): boolean {
  if (operation.op === "update") return Object.hasOwn(operation.row, column);
  if (operation.op !== "mutate") return false;
  return operation.mutations.some((mutation) => takesAway(mutation, column, uuid));
}

function takesAway([name, mutator, value]: Mutation, column: string, uuid: string): boolean {
  return name === column && mutator !== "insert" && (isSet(value) ? refersTo(value, uuid) : true);
}

/** A set of references; all else that a mutation may take away is keys or pairs of a map. */
function isSet(value: Json): boolean {
  if (!Array.isArray(value)) return false;
  const elements = value[0] === "set" && Array.isArray(value[1]) ? value[1] : [value];
  return elements.every((element) => Array.isArray(element) && element[0] === "uuid");
}

function refersTo(value: Json, uuid: string): boolean {
  if (!Array.isArray(value)) return false;
  if (value[0] === "uuid") return value[1] === uuid;
  return value.some((element) => refersTo(element, uuid));
}
