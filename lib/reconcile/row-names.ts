import type { ReadView } from "../database/index.ts";
import type { Atom, ColumnSchema, Ref, Value } from "../ovsdb/index.ts";
import type { Placements } from "./placements.ts";

/** Puts names in place of uuids, for people. */
export class RowNames {
  readonly #view: ReadView;
  readonly #placements: Placements;

  constructor(view: ReadView, placements: Placements) {
    this.#view = view;
    this.#placements = placements;
  }

  /** The row's name; its uuid when it has none. */
  of(table: string, uuid: string): string {
    const desired = this.#placements.byUuid(table, uuid);
    if (desired !== undefined) return desired.row.name;
    const name = this.#view.byUuid(table, uuid)?.["name"];
    return typeof name === "string" && name !== "" ? name : uuid;
  }

  /** A value with the references of its column as names. Maps of references are left as they are: OVN has none. */
  readable(column: ColumnSchema, value: Value): Value {
    const table = column.key.refTable;
    if (table === undefined || column.value !== undefined) return value;
    const named = (element: Atom | Ref): Atom | Ref =>
      typeof element === "string" ? this.of(table, element) : element;
    if (typeof value === "string") return named(value);
    return Array.isArray(value) ? value.map(named) : value;
  }
}
