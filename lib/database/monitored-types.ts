import type { Json } from "../jsonrpc/index.ts";
import type { Atom, ConditionFunction, MonitorTables, Uuid } from "../ovsdb/index.ts";
import type { TableConditions } from "./conditions.ts";
import type { ColumnOf, Row, TableName, Tables } from "./types.ts";

/**
 * One condition on rows of a table, as `["type", "==", "router"]`, whose function and value are typed by the column. The value is
 * written as RFC 7047 has it: a text, a number or a boolean as it is, a uuid as `["uuid", row._uuid]`, several as
 * `["set", [each, ...]]`, a map as `["map", [[key, value], ...]]`.
 */
export type ConditionOf<T extends Tables<T>, K extends TableName<T>> = {
  [C in keyof Row<T, K> & string]: readonly [
    column: C,
    test: TestOf<Row<T, K>[C]>,
    value: ConditionValue<Row<T, K>[C]>,
  ];
}[keyof Row<T, K> & string];

/** What of one table is monitored: all columns, some columns, or some rows too. */
export type MonitorTableOf<T extends Tables<T>, K extends TableName<T>> =
  | true
  | readonly ColumnOf<Row<T, K>>[]
  | {
      /** @default all */
      readonly columns?: readonly ColumnOf<Row<T, K>>[] | undefined;
      /** Rows for which ANY of these holds. Absent: all rows. Empty: none, as ANY of nothing never holds. */
      readonly where?: readonly (ConditionOf<T, K> | boolean)[] | undefined;
    };

/** What of a database is monitored, by table, with the names and values of its model; any where there is none. */
export type MonitorTablesOf<T extends Tables<T>> =
  string extends TableName<T>
    ? MonitorTables
    : { readonly [K in TableName<T>]?: MonitorTableOf<T, K> | undefined };

/** What `Database.setConditions` takes, with the names and values of the model; any where there is none. */
export type ConditionsOf<T extends Tables<T>> =
  string extends TableName<T>
    ? TableConditions
    : { readonly [K in TableName<T>]?: readonly (ConditionOf<T, K> | boolean)[] | true | undefined };

/** The last branches of these two are for values of which nothing is known. */
type TestOf<V> = [V] extends [number | bigint | null]
  ? ConditionFunction
  : [V] extends [Atom | null] | [object]
    ? "==" | "!=" | "includes" | "excludes"
    : ConditionFunction;

type ConditionValue<V> = [V] extends [readonly (infer E)[]]
  ? OneOrSeveral<WireAtom<E>>
  : [V] extends [Atom]
    ? WireAtom<V>
    : [V] extends [Atom | null]
      ? OneOrSeveral<WireAtom<V>>
      : [V] extends [object]
        ? readonly ["map", readonly (readonly [WireKey<V>, WireAtom<V[keyof V]>])[]]
        : Json;

type OneOrSeveral<W> = W | readonly ["set", readonly W[]];

/** An atom as it stands in JSON, which has one kind of numbers. */
type WireAtom<A> =
  A extends Uuid<infer K>
    ? readonly ["uuid", Uuid<K>]
    : A extends bigint
      ? bigint | number
      : number extends A
        ? bigint | number
        : Extract<A, Atom>;

/** Keys that are not text are text in rows all the same, as far as they cannot be names of properties. */
type WireKey<M> = string extends keyof M ? Atom | readonly ["uuid", Uuid] : keyof M & Atom;
