/** Elements of a set of references, in the order in which they came, once each. */
class Elements {
  readonly column: Column;
  readonly uuids: string[];
  /** The same uuids, once there are many; most sets have an element or two. */
  #known: Set<string> | undefined;

  constructor(column: Column, first: string) {
    this.column = column;
    this.uuids = [first];
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

/** A column in the text of a row. */
export interface Column {
  /** What stands before its value: the column's name, which needs no escapes (RFC 7047 section 3.1, `<id>`). */
  readonly label: string;
}

/**
 * The insert of one row. What is written is made as JSON text at once: of a new network that is all there is to be sent.
 */
export class Insert {
  readonly table: string;
  readonly uuid: string;
  /** Members of the row's JSON text. */
  readonly #members: string;
  /** Sets that rows join one by one. */
  #sets: Elements[] | undefined;

  /**
   * @param members As in an object of JSON, with commas between them. Of a column that is written twice the last value counts, as
   *   in any JSON.
   */
  constructor(table: string, uuid: string, members: string) {
    this.table = table;
    this.uuid = uuid;
    this.#members = members;
  }

  /** Adds an element to a set of references; one that is in it already stays the only one. */
  add(column: Column, uuid: string): void {
    if (this.#sets === undefined) {
      this.#sets = [new Elements(column, uuid)];
      return;
    }
    for (const set of this.#sets) {
      if (set.column === column) {
        set.add(uuid);
        return;
      }
    }
    this.#sets.push(new Elements(column, uuid));
  }

  /** The members of the row as JSON text; `referenceText` writes a reference to a row. */
  membersText(referenceText: (uuid: string) => string): string {
    let members = this.#members;
    for (const { column, uuids } of this.#sets ?? []) {
      const member = column.label + setText(uuids, referenceText);
      members = members === "" ? member : `${members},${member}`;
    }
    return members;
  }
}

/** One element goes without the set around it (RFC 7047 section 5.1, `<value>`). */
function setText(uuids: readonly string[], referenceText: (uuid: string) => string): string {
  const only = uuids[0];
  if (only !== undefined && uuids.length === 1) return referenceText(only);
  return `["set",[${uuids.map(referenceText).join(",")}]]`;
}
