import type { Value } from "../ovsdb/index.ts";

/** A row as the replica holds it: `_uuid` and every monitored column, decoded, frozen. */
export interface AnyRow {
  readonly _uuid: string;
  readonly [column: string]: Value;
}

/** Values a row must have to be found: scalars and optionals equal, sets contain all given, maps contain all given pairs. */
export type Match = { readonly [column: string]: Value };
