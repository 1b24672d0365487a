import { type DatabaseSchema, findColumn } from "../ovsdb/index.ts";
import type { RowKind } from "./desired.ts";
import type { Target } from "./stage.ts";

/** What a kind owns, as columns with their schemas, without those that the server lacks. */
export interface OwnedTargets {
  readonly columns: readonly Target[];
  readonly keys: readonly Target[];
  readonly elements: readonly Target[];
  readonly members: readonly Target[];
}

/** Looks up the columns of each kind once for a plan: it has few kinds, and perhaps a hundred thousand rows. */
export class KindTargets {
  readonly #schema: DatabaseSchema;
  readonly #known = new Map<RowKind, OwnedTargets>();

  constructor(schema: DatabaseSchema) {
    this.#schema = schema;
  }

  of(kind: RowKind): OwnedTargets {
    const known = this.#known.get(kind);
    if (known !== undefined) return known;
    const { table } = kind;
    const owned: OwnedTargets = {
      columns: this.#targets(table, kind.columns),
      keys: this.#targets(table, Object.keys(kind.keys)),
      elements: this.#targets(table, kind.elements),
      members: this.#targets(table, kind.members ?? []),
    };
    this.#known.set(kind, owned);
    return owned;
  }

  #targets(table: string, columns: readonly string[]): readonly Target[] {
    return columns.flatMap((column) => {
      const schema = findColumn(this.#schema, table, column);
      return schema === undefined ? [] : [{ table, column, schema }];
    });
  }
}
