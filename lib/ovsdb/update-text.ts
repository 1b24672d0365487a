import type { FrameText } from "../jsonrpc/index.ts";
import type { RowUpdate } from "./monitor.ts";
import { isUuid } from "./narrow.ts";

/**
 * Between a name and the object that it names, unless that is empty. No string holds it, as quotes in strings are escaped; but
 * the string `:{`, or the end of one that ends in `":{`, is the same text with its closing quote. What is before that is no name
 * of a row or table, and the message is parsed as a whole.
 */
const MARKER = '":{"';
/** Characters of a uuid. */
const UUID = 36;
const quote = 0x22;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Reads the `<table-updates2>` of an update2 or update3 notification (ovsdb-server(7) 4.1.14 and 4.1.15) without parsing
 * the message: it begins at `from` and is the last of the params. What it says of rows stays text, and is parsed when they are read.
 *
 * Columns hold no objects. So from the brace with which those of a row begin, the next marker is behind the uuid of the
 * next row or the name of the next table, and nothing in between is looked at: what is wrong in there shows when the row is
 * read. Where else the text is not as ovsdb-server writes it, the answer is undefined: such a message has to be parsed as
 * a whole.
 */
export function readUpdateText(message: FrameText, from: number): RowUpdate[] | undefined {
  const { text, bytes } = message;
  if (bytes[from] !== openBrace) return undefined;
  const updates: RowUpdate[] = [];
  let at = from;
  do {
    // Behind the brace of all tables, or behind the comma between two of them.
    let marker = text.indexOf(MARKER, at + 2);
    if (marker === -1 || bytes[at + 1] !== quote) return undefined;
    const table = text.slice(at + 2, marker);
    if (table.includes('"')) return undefined;
    at = marker + 2;
    marker = text.indexOf(MARKER, at);
    do {
      // Behind the brace of all rows, or behind the comma between two of them.
      const uuid = text.slice(at + 2, marker);
      if (uuid.length !== UUID || bytes[at + 1] !== quote) return undefined;
      const kind = kindAt(text, marker + MARKER.length);
      // Of a row that is there, who looks for it finds out whether it is one.
      if (kind === undefined || (kind === "insert" ? !isUuid(uuid) : uuid.includes('"'))) return undefined;
      const columns = marker + MARKER.length + kind.length + 2;
      marker = text.indexOf(MARKER, columns);
      if (kind === "delete") {
        if (!text.startsWith("null}", columns)) return undefined;
        updates.push({ table, uuid, kind, columns: null });
        at = columns + 5;
      } else {
        const end = marker === -1 ? text.length - 5 : endBefore(message, marker);
        if (bytes[end - 1] !== closeBrace || bytes[end] !== closeBrace) return undefined;
        // A piece of the text would keep all of it in memory; of a row that is there the uuid is known.
        const named = kind === "insert" ? message.copy(at + 2, at + 2 + uuid.length) : uuid;
        updates.push({ table, uuid: named, kind, columns: null, text: message.copy(columns, end) });
        at = end + 1;
      }
    } while (bytes[at] === comma);
    if (bytes[at] !== closeBrace) return undefined;
    at++;
  } while (bytes[at] === comma);
  return text.startsWith("}]}", at) && text.length === at + 3 ? updates : undefined;
}

function kindAt(text: string, at: number): "modify" | "insert" | "delete" | undefined {
  if (text.startsWith('modify":{', at)) return "modify";
  if (text.startsWith('insert":{', at)) return "insert";
  return text.startsWith('delete":', at) ? "delete" : undefined;
}

/** Where the columns end that come before the name at this marker. */
function endBefore({ text, bytes }: FrameText, marker: number): number {
  // `}},"UUID":{"`, with the braces of the columns and of what they are wrapped in; before a table one brace more.
  const name = text.lastIndexOf('"', marker - 1);
  return bytes[name - 4] === closeBrace ? name - 3 : name - 2;
}
