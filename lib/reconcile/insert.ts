/** Elements of a set of references, in the order in which they came, once each. */
class Elements {
  readonly column: string;
  readonly uuids: string[] = [];
  /** The same uuids, once there are many; most sets have an element or two. */
  #known: Set<string> | undefined;

  constructor(column: string) {
    this.column = column;
  }

  add(uuid: string): void {
    if (this.#has(uuid)) return;
    this.uuids.push(uuid);
    this.#known?.add(uuid);
  }

  #has(uuid: string): boolean {
    if (this.uuids.length < FEW) return this.uuids.includes(uuid);
    this.#known ??= new Set(this.uuids);
    return this.#known.has(uuid);
  }
}

/** So many uuids are compared one by one. */
const FEW = 8;

/**
 * The insert of one row. What is written is made as JSON text at once: of a new network that is all there is to be sent.
 *
 * Names of tables and columns need no escapes in it (RFC 7047 section 3.1, `<id>`).
 */
export class Insert {
  readonly table: string;
  readonly uuid: string;
  /** Texts of the values by column. */
  readonly #columns: Record<string, string>;
  /** Sets that rows join one by one. */
  readonly #sets: Elements[] = [];

  constructor(table: string, uuid: string, columns: Record<string, string>) {
    this.table = table;
    this.uuid = uuid;
    this.#columns = columns;
  }

  /** Adds an element to a set of references; one that is in it already stays the only one. */
  add(column: string, uuid: string): void {
    for (const set of this.#sets) {
      if (set.column !== column) continue;
      set.add(uuid);
      return;
    }
    const set = new Elements(column);
    set.add(uuid);
    this.#sets.push(set);
  }

  /** The row as JSON text; `referenceText` writes a reference to a row. */
  rowText(referenceText: (uuid: string) => string): string {
    for (const { column, uuids } of this.#sets) this.#columns[column] = setText(uuids, referenceText);
    let text = "";
    for (const column in this.#columns)
      text += `${text === "" ? "" : ","}"${column}":${this.#columns[column]}`;
    return `{${text}}`;
  }
}

/** One element goes without the set around it (RFC 7047 section 5.1, `<value>`). */
function setText(uuids: readonly string[], referenceText: (uuid: string) => string): string {
  const [only] = uuids;
  if (only !== undefined && uuids.length === 1) return referenceText(only);
  return `["set",[${uuids.map(referenceText).join(",")}]]`;
}
