import type { DatabaseSchema } from "../ovsdb/index.ts";

/** What one table is called in generated code. */
export interface TableNames {
  /** Without folder and ending: `logical-switch`. */
  readonly file: string;
  /** Beginning of its interfaces' names: `LogicalSwitch`. */
  readonly type: string;
  /** Its schema: `logicalSwitch`. */
  readonly constant: string;
}

/** What a database is called in generated code. */
export interface DatabaseNames {
  /** The interface that lists its tables: `NorthboundTables`. */
  readonly type: string;
  /** Its model: `northbound`. */
  readonly constant: string;
}

/** Names a database: `OVN_Northbound` becomes `northbound`, `Open_vSwitch` `openvswitch`. */
export function databaseNames(schema: DatabaseSchema): DatabaseNames {
  const short = schema.name.replace(/^OVN_/, "").replaceAll("_", "").toLowerCase();
  const constant = reservedConstants.has(short) || !/^[a-z]/.test(short) ? `${short}Model` : short;
  return { type: `${upperFirst(short)}Tables`, constant };
}

/**
 * Names every table, no two alike in any of the three ways, also on file systems that do not tell case apart.
 *
 * A name follows from the table's own and, where that collides, from the order of the tables.
 */
export function tableNames(schema: DatabaseSchema, tables: readonly string[]): Map<string, TableNames> {
  const taken = new Set(["file index", `constant ${databaseNames(schema).constant}`]);
  const names = new Map<string, TableNames>();
  for (const table of tables) {
    for (let attempt = 0; ; attempt += 1) {
      const ending = attempt === 0 ? [] : [attempt === 1 ? "table" : `${attempt}`];
      const words = [...wordsOf(table), ...ending];
      const made = named(words);
      const keys = [`file ${made.file}`, `type ${made.type}`, `constant ${made.constant}`];
      if (keys.some((key) => taken.has(key))) continue;
      for (const key of keys) taken.add(key);
      names.set(table, made);
      break;
    }
  }
  return names;
}

/** `external_ids` becomes `ExternalIds`; capitals stay. */
export function pascal(name: string): string {
  return wordsOf(name).map(upperFirst).join("");
}

function named(words: readonly string[]): TableNames {
  const [first = "", ...rest] = words;
  const constant = first.toLowerCase() + rest.map(upperFirst).join("");
  return {
    file: words.join("-").toLowerCase(),
    type: words.map(upperFirst).join(""),
    constant: reservedConstants.has(constant) ? `${constant}Table` : constant,
  };
}

// Underscores alone part words: inside, capitals are spelling (`QoS`, `NetFlow`, `SSL`).
function wordsOf(name: string): string[] {
  return name.split("_").filter((word) => word !== "");
}

function upperFirst(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Names that a module cannot give to a constant (ECMA-262 section 12.7.2, strict mode). */
const reservedConstants: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);
