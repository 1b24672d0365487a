/** Something about rows of several tables; uuids are unique within a table only. */
export class RowMap<T> {
  readonly #tables = new Map<string, Map<string, T>>();

  get(table: string, uuid: string): T | undefined {
    return this.#tables.get(table)?.get(uuid);
  }

  set(table: string, uuid: string, value: T): void {
    const rows = this.#tables.get(table);
    if (rows === undefined) this.#tables.set(table, new Map([[uuid, value]]));
    else rows.set(uuid, value);
  }
}
