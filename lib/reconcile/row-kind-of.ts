import type {
  MapColumn,
  ReferenceColumn,
  Row,
  SetColumn,
  TableName,
  Tables,
  WritableColumn,
} from "../database/index.ts";
import type { RowKind } from "./desired.ts";

/**
 * A {@link RowKind} whose table and columns are typed by the model, as in
 * `const kinds: Readonly<Record<string, RowKindOf<NorthboundTables>>> = { ... }`, which serves as {@link RowKinds}; any kind where
 * there is no model.
 */
export type RowKindOf<T extends Tables<T>> =
  string extends TableName<T> ? RowKind : { [K in TableName<T>]: KindIn<T, K> }[TableName<T>];

interface KindIn<T extends Tables<T>, K extends TableName<T>>
  extends Omit<RowKind, "table" | "columns" | "onDemand" | "keys" | "elements" | "members"> {
  readonly table: K;
  readonly columns: readonly WritableColumn<T, K>[];
  readonly onDemand?: readonly WritableColumn<T, K>[] | undefined;
  readonly keys: { readonly [C in MapColumn<T, K> & string]?: readonly string[] };
  readonly elements: readonly (SetColumn<T, K> & ReferenceColumn<Row<T, K>>)[];
  readonly members?: readonly SetColumn<T, K>[] | undefined;
}
