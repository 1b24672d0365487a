import { UsageError } from "../jsonrpc/index.ts";
import { type Condition, isKeyed, type MonitorTable, type MonitorTables, sketch } from "../ovsdb/index.ts";
import { notMonitored } from "../replica/index.ts";

/**
 * For each table the conditions of which ANY has to hold for a row to be replicated; `true` is all rows, and an empty list none.
 * Values are written as RFC 7047 has them: a uuid is `["uuid", text]`.
 */
export type TableConditions = {
  readonly [table: string]: readonly (Condition | boolean)[] | true | undefined;
};

/** That other rows are wanted; settled when the replica holds them, or when the server has refused. */
export class Wish {
  /** The tables that it is about. */
  readonly changed: MonitorTables;
  #tables: MonitorTables;
  #held = false;
  #refusal: { readonly error: unknown } | undefined;

  constructor(changed: MonitorTables, before: MonitorTables) {
    this.changed = changed;
    this.#tables = { ...before, ...changed };
  }

  /** All that is wanted with it. */
  get tables(): MonitorTables {
    return this.#tables;
  }

  /** Something else was wanted before it. */
  follow(before: MonitorTables): void {
    this.#tables = { ...before, ...this.changed };
  }

  /** Whether the replica holds them. Throws what the server refused them with. */
  get held(): boolean {
    if (this.#refusal !== undefined) throw this.#refusal.error;
    return this.#held;
  }

  hold(): void {
    this.#held = true;
  }

  refuse(error: unknown): void {
    this.#refusal ??= { error };
  }
}

/** What is replicated: what was asked for when connecting, and how that was changed since. */
export class Conditions {
  #held: MonitorTables;
  /** Wishes that are not settled, in the order in which they came; each has those before it in it. */
  #open: Wish[] = [];
  /** Whether the server is asked for one wish after the other, since it refused several at once. */
  #oneByOne = false;

  constructor(tables: MonitorTables) {
    this.#held = tables;
  }

  /** What was wanted last that the server did not refuse. */
  get held(): MonitorTables {
    return this.#held;
  }

  /** What is wanted now. */
  get tables(): MonitorTables {
    return this.#open.at(-1)?.tables ?? this.#held;
  }

  /** What the server is to be asked for next, with all before it: the last wish that is not settled, else the first. */
  get next(): Wish | undefined {
    return this.#open.at(this.#oneByOne ? 0 : -1);
  }

  /**
   * Throws `UsageError` for a table that is not monitored or not among the `known`, and for what are no conditions. `check`
   * may refuse, too.
   */
  ask(changes: TableConditions, known: readonly string[], check: (tables: MonitorTables) => void): Wish {
    if (!isKeyed(changes))
      throw new UsageError(
        `conditions are lists by table, as in { Chassis: [["name", "==", "c1"]] }, and not ${sketch(changes)}`,
      );
    const changed = Object.entries(changes).flatMap(([table, where]) => {
      // Absent, as with options.
      if (where === undefined) return [];
      const { tables } = this;
      const before = Object.hasOwn(tables, table) ? tables[table] : undefined;
      if (before === undefined) throw notMonitored(table, known);
      if (where !== true && !Array.isArray(where)) {
        throw new UsageError(`${table}: conditions are a list, or true for all rows`);
      }
      return [[table, withConditions(before, where)]];
    });
    const wish = new Wish(Object.fromEntries(changed), this.tables);
    check(wish.tables);
    this.#open.push(wish);
    return wish;
  }

  /** The replica holds what this wish asks for, and so what earlier ones do. */
  hold(wish: Wish | undefined): void {
    if (wish === undefined) return;
    const settled = this.#open.splice(0, this.#open.indexOf(wish) + 1);
    if (settled.length > 0) this.#held = wish.tables;
    for (const one of settled) one.hold();
    if (this.#open.length === 0) this.#oneByOne = false;
  }

  /**
   * The server refuses this wish with those before it: what is held remains. It does not say which of several it cannot have, so
   * each is wanted by itself then. What was wanted later than one that is refused is wanted without it.
   */
  refuse(wish: Wish, error: unknown): void {
    const index = this.#open.indexOf(wish);
    this.#oneByOne = index > 0 || this.#oneByOne;
    if (index !== 0) return;
    wish.refuse(error);
    this.#open.shift();
    if (this.#open.length === 0) this.#oneByOne = false;
    let before = this.#held;
    for (const later of this.#open) {
      later.follow(before);
      before = later.tables;
    }
  }
}

function withConditions(wanted: MonitorTable, where: TableConditions[string]): MonitorTable {
  const columns = wanted === true ? undefined : "length" in wanted ? wanted : wanted.columns;
  return {
    ...(columns === undefined ? {} : { columns }),
    ...(where === true ? {} : { where }),
  };
}
