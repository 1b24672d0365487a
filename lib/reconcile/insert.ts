/** Elements of a set of references. */
interface Elements {
  readonly column: Column;
  /** In the order in which they came, once each. */
  readonly uuids: string[];
  /** The same uuids, once there are many; most sets have an element or two. */
  known: Set<string> | undefined;
}

function addElement(set: Elements, uuid: string): void {
  const { uuids } = set;
  if (uuids.length < FEW) {
    if (!uuids.includes(uuid)) uuids.push(uuid);
    return;
  }
  set.known ??= new Set(uuids);
  const { size } = set.known;
  if (set.known.add(uuid).size > size) uuids.push(uuid);
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
export interface Insert {
  readonly table: string;
  readonly uuid: string;
  /**
   * Members of the row's JSON text, with commas between them. Of a column that is written twice the last value counts, as in any
   * JSON.
   */
  readonly members: string;
  /** Sets that rows join one by one, see {@link addToSet}. Absent: none did. */
  sets: Elements[] | undefined;
}

/** Adds an element to a set of references; one that is in it already stays the only one. */
export function addToSet(insert: Insert, column: Column, uuid: string): void {
  const { sets } = insert;
  if (sets === undefined) {
    insert.sets = [{ column, uuids: [uuid], known: undefined }];
    return;
  }
  const set = sets.find((each) => each.column === column);
  if (set === undefined) sets.push({ column, uuids: [uuid], known: undefined });
  else addElement(set, uuid);
}

/** The members of the row as JSON text; `referenceText` writes a reference to a row. */
export function membersText(insert: Insert, referenceText: (uuid: string) => string): string {
  let { members } = insert;
  for (const { column, uuids } of insert.sets ?? []) {
    const member = column.label + setText(uuids, referenceText);
    members = members === "" ? member : `${members},${member}`;
  }
  return members;
}

/** One element goes without the set around it (RFC 7047 section 5.1, `<value>`). */
function setText(uuids: readonly string[], referenceText: (uuid: string) => string): string {
  const only = uuids[0];
  if (only !== undefined && uuids.length === 1) return referenceText(only);
  return `["set",[${uuids.map(referenceText).join(",")}]]`;
}
