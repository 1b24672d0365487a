import { showAs, UsageError } from "../jsonrpc/index.ts";
import {
  isRef,
  type Operation,
  type OperationResult,
  type Uuid,
  type WrittenOperations,
} from "../ovsdb/index.ts";
import { changesRows } from "./aim.ts";
import { checkedRow } from "./arguments.ts";
import type { Places } from "./places.ts";
import type { SelectedRows } from "./select.ts";
import type { Target } from "./types.ts";

/** What a transaction did. */
export interface TransactResult<R> {
  /** What the function returned in the run that was committed. */
  readonly value: R;
  /**
   * Whether the function asked for a change of rows, and it was sent and done; with `onlyChanges`, of rows that were not so already.
   * False where there was nothing to do, where it only read or verified, and after a dry run. That `wait` raises nb_cfg is no change.
   */
  readonly changed: boolean;
  /** Runs of the function: 1, and one more for each conflict. */
  readonly attempts: number;
  /** The operations that were sent, in RFC 7047's form. */
  readonly operations: readonly Operation[];
  /**
   * Whether the reply was lost with the connection, and the database was found to hold what was written: it is done, and
   * what the server said to it is not known.
   */
  readonly settled: boolean;
  /** What the server said to each operation; empty after a dry run, and where `settled` is true. */
  readonly results: readonly OperationResult[];
  /**
   * The uuid that an inserted row has got, or that of a row that was read: what finds a row or makes it may return either. Throws
   * `UsageError` for the handle of a row that this transaction did not insert.
   */
  uuid<K extends string>(row: Target<K>): Uuid<K>;
  /**
   * The rows that a `select` found. Throws `UsageError` for a select that was not in this transaction, and where `settled`
   * is true: what it found was lost with the reply.
   */
  rows<S>(selected: SelectedRows<S>): readonly S[];
}

/** One run of a transaction's function. */
export interface Attempt<R> {
  /** Which run it is, from 1. */
  readonly number: number;
  /** What the function returned. */
  readonly value: R;
  readonly operations: WrittenOperations;
  /** What the function asked for; `operations` may have more. */
  readonly own: WrittenOperations;
  readonly places: Places;
}

/**
 * Makes the result of a committed transaction, or of one without operations or a dry one (then `results` is empty), or of
 * one whose reply was lost (`settled`).
 */
export function makeResult<R>(
  attempt: Attempt<R>,
  results: readonly OperationResult[] | "settled",
): TransactResult<R> {
  return new Outcome(attempt, results);
}

class Outcome<R> implements TransactResult<R> {
  readonly value: R;
  readonly changed: boolean;
  readonly attempts: number;
  readonly settled: boolean;
  readonly results: readonly OperationResult[];
  readonly #attempt: Attempt<R>;

  static {
    showAs(
      Outcome.prototype,
      "TransactResult",
      ({ value, changed, attempts, settled, operations, results }) => ({
        value,
        changed,
        attempts,
        settled,
        operations,
        results,
      }),
    );
  }

  constructor(attempt: Attempt<R>, results: readonly OperationResult[] | "settled") {
    this.#attempt = attempt;
    this.value = attempt.value;
    this.attempts = attempt.number;
    this.settled = results === "settled";
    this.results = results === "settled" ? [] : results;
    this.changed = (this.settled || this.results.length > 0) && attempt.own.kinds.some(changesRows);
  }

  /** Made when first asked for: it costs more than all the rest of a result. */
  get operations(): readonly Operation[] {
    return this.#attempt.operations.list;
  }

  // These two can be taken out of the result and called on their own.

  readonly uuid = <K extends string>(row: Target<K>): Uuid<K> => {
    if (!isRef(row)) return checkedRow(row)._uuid;
    const position = this.#attempt.places.ofInsert(row);
    if (position === undefined) {
      throw new UsageError(
        `this transaction inserted no such row into ${row.table}: take the handle from the run that was committed, its \`value\``,
      );
    }
    const result = this.results[position];
    return (result?.op === "insert" ? result.uuid : row.ref) as Uuid<K>;
  };

  readonly rows = <S>(selected: SelectedRows<S>): readonly S[] => {
    const isObject = typeof selected === "object" && selected !== null;
    const position = isObject ? this.#attempt.places.ofSelect(selected) : undefined;
    if (position === undefined) throw new UsageError("this transaction had no such select");
    if (this.settled) {
      throw new UsageError(
        "what the select found was lost with the reply: the transaction was found to be committed (`settled`)",
      );
    }
    const result = this.results[position];
    return result?.op === "select" ? result.rows.map((row) => selected.read(row)) : [];
  };
}
