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
  /** The members of the row's JSON text. */
  #members = "";
  /** Sets that rows join one by one. */
  #sets: Elements[] | undefined;

  constructor(table: string, uuid: string) {
    this.table = table;
    this.uuid = uuid;
  }

  /** Writes a value, given as JSON text. Of a column that is written twice the last value counts, as in any JSON. */
  put(column: string, text: string): void {
    this.#members += this.#members === "" ? `"${column}":${text}` : `,"${column}":${text}`;
  }

  /** Adds an element to a set of references; one that is in it already stays the only one. */
  add(column: string, uuid: string): void {
    this.#sets ??= [];
    let set = this.#sets.find((each) => each.column === column);
    if (set === undefined) {
      set = new Elements(column);
      this.#sets.push(set);
    }
    set.add(uuid);
  }

  /** The row as JSON text; `referenceText` writes a reference to a row. */
  rowText(referenceText: (uuid: string) => string): string {
    if (this.#sets !== undefined) {
      for (const { column, uuids } of this.#sets) this.put(column, setText(uuids, referenceText));
      // Written now; whoever asks again gets the same.
      this.#sets = undefined;
    }
    return `{${this.#members}}`;
  }
}

/** One element goes without the set around it (RFC 7047 section 5.1, `<value>`). */
function setText(uuids: readonly string[], referenceText: (uuid: string) => string): string {
  const only = uuids[0];
  if (only !== undefined && uuids.length === 1) return referenceText(only);
  return `["set",[${uuids.map(referenceText).join(",")}]]`;
}
