import type { Row, TableName, Tables, WritableColumn } from "../database/index.ts";
import type { Uuid } from "../ovsdb/index.ts";
import type { DesiredRow, Identity, RefTo, WholeMap } from "./desired.ts";
import type { RowKindOf } from "./row-kind-of.ts";

/**
 * A {@link DesiredRow} of one of these kinds, typed by the model and by what the kinds own: a misspelt kind, column or key does not
 * compile, and neither does a value that is not of the column's type. The kinds have to be known to the compiler, as in
 * `const kinds = { ... } as const satisfies Readonly<Record<string, RowKindOf<NorthboundTables>>>`; of others it is any
 * {@link DesiredRow}.
 */
export type DesiredRowOf<
  T extends Tables<T>,
  Kinds extends Readonly<Record<string, RowKindOf<T>>>,
> = string extends keyof Kinds | TableName<T>
  ? DesiredRow
  : {
      [N in keyof Kinds & string]: Kinds[N] extends { readonly table: infer K extends TableName<T> }
        ? RowOfKind<T, K, N, Kinds[N]>
        : never;
    }[keyof Kinds & string];

type Typed =
  | "kind"
  | "identity"
  | "columns"
  | "keys"
  | "unsupported"
  | "elements"
  | "notElements"
  | "members"
  | "notMembers";

interface RowOfKind<T extends Tables<T>, K extends TableName<T>, N extends string, Kind>
  extends Omit<DesiredRow, Typed> {
  readonly kind: N;
  readonly identity?: Omit<Identity, "match" | "keys"> & {
    readonly match: Values<T, K, keyof T[K]["insert"] & string>;
    readonly keys?: KeysOf<Kind> | undefined;
  };
  readonly columns?: Values<T, K, Names<Kind, "columns" | "onDemand">> | undefined;
  readonly keys?: KeysOf<Kind> | undefined;
  readonly elements?: { readonly [C in Names<Kind, "elements">]?: readonly (RefTo | string)[] } | undefined;
  readonly notElements?: { readonly [C in Names<Kind, "elements">]?: readonly string[] } | undefined;
  readonly members?: { readonly [C in Names<Kind, "members">]?: readonly string[] } | undefined;
  readonly notMembers?: { readonly [C in Names<Kind, "members">]?: readonly string[] } | undefined;
  readonly unsupported?: { readonly [C in WritableColumn<T, K>]?: "omit" | "refuse" } | undefined;
}

/** The columns in lists of a kind. */
type Names<Kind, F extends string> = {
  [P in F]: Kind extends { readonly [Q in P]: readonly (infer C extends string)[] } ? C : never;
}[F];

type KeysOf<Kind> = Kind extends { readonly keys: infer Keys }
  ? {
      readonly [C in keyof Keys]?: {
        readonly [P in Keys[C] extends readonly (infer Key extends string)[] ? Key : never]?: string;
      };
    }
  : never;

type Values<T extends Tables<T>, K extends TableName<T>, C extends string> = {
  readonly [P in C]?: P extends keyof Row<T, K> ? ValueOf<Row<T, K>[P]> : never;
};

/** What is to be in a column, by what is read from it. */
type ValueOf<V> = V extends Uuid
  ? RefTo | string
  : V extends readonly (infer E)[]
    ? readonly (E extends Uuid ? RefTo | string : E extends bigint ? number : E)[]
    : V extends number | bigint
      ? number | bigint
      : V extends object
        ? WholeMap
        : V;
