import type { Atom } from "../ovsdb/index.ts";

/** Widest line of generated code, as the formatter of this project has it. */
export const lineWidth: number = 110;

/** What {@link printLiteral} prints. */
export type Data = Atom | undefined | readonly Data[] | { readonly [key: string]: Data };

/** An atom as TypeScript source. */
export function literal(atom: Atom): string {
  if (typeof atom === "string") return quote(atom);
  return typeof atom === "bigint" ? `${atom}n` : String(atom).replace("e+", "e");
}

/**
 * Data as TypeScript source, formatted as Biome formats it: on one line where that fits, else one member per line.
 *
 * Members whose value is undefined are left out.
 * @param indent columns the first line is indented by.
 * @param used columns that stand before and after the value on its line.
 */
export function printLiteral(data: Data, indent: number, used: number): string {
  if (data === undefined) return "undefined";
  if (typeof data !== "object") return literal(data);
  const flat = oneLine(data);
  if (!mustBreak(data) && indent + used + flat.length <= lineWidth) return flat;
  const inner = indent + 2;
  const pad = " ".repeat(inner);
  const [open, close] = isList(data) ? "[]" : "{}";
  const lines = isList(data)
    ? listLines(data, inner)
    : membersOf(data).map(([key, value]) => `${key}: ${printLiteral(value, inner, key.length + 3)},`);
  return `${open}\n${lines.map((line) => `${pad}${line}\n`).join("")}${" ".repeat(indent)}${close}`;
}

function oneLine(data: Data): string {
  if (data === undefined) return "undefined";
  if (typeof data !== "object") return literal(data);
  if (isList(data)) return `[${data.map(oneLine).join(", ")}]`;
  const members = membersOf(data);
  if (members.length === 0) return "{}";
  return `{ ${members.map(([key, value]) => `${key}: ${oneLine(value)}`).join(", ")} }`;
}

function membersOf(data: { readonly [key: string]: Data }): [string, Data][] {
  return Object.entries(data).filter(([, value]) => value !== undefined);
}

function isList(data: object): data is readonly Data[] {
  return Array.isArray(data);
}

// The formatter never puts several lists of several elements on one line.
function mustBreak(data: object): boolean {
  return (
    isList(data) &&
    data.length > 1 &&
    data.every((each) => typeof each === "object" && isList(each) && each.length > 1)
  );
}

/** Numbers fill lines; everything else stands one to a line. */
function listLines(list: readonly Data[], indent: number): string[] {
  if (!list.every((each) => typeof each === "number")) {
    return list.map((each) => `${printLiteral(each, indent, 1)},`);
  }
  const lines: string[] = [];
  let line = "";
  for (const text of list.map((each) => `${each},`)) {
    if (line !== "" && indent + line.length + 1 + text.length > lineWidth) {
      lines.push(line);
      line = text;
    } else {
      line = line === "" ? text : `${line} ${text}`;
    }
  }
  return [...lines, line];
}

// JSON's strings are TypeScript's; the formatter prefers quotes that need the fewest escapes.
function quote(text: string): string {
  const json = JSON.stringify(text);
  const doubles = text.split('"').length - 1;
  const singles = text.split("'").length - 1;
  if (doubles <= singles) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
