import {
  encodeValue,
  findColumn,
  findTable,
  insertOp,
  type Operation,
  randomUuid,
  type WireRow,
} from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import type {
  AttachmentInput,
  NetworkInput,
  NodeInput,
  TopologyName,
  TopologyOptions,
} from "../../lib/topology/index.ts";

/** Rows by table as the files of test/golden have them: references as names, `in` for what has no name. */
export type GoldenTables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** A file of test/golden: networks as they are asked for, with the rows that the reference says they have. */
export interface Golden<More = unknown> {
  readonly options: TopologyOptions;
  readonly nodes: readonly NodeInput[];
  readonly networks: readonly ({
    readonly topology: TopologyName;
    readonly input: NetworkInput;
    readonly attachments: readonly AttachmentInput[];
    readonly rows: GoldenTables;
  } & More)[];
}

/** The files that are no more than that: what they need beside nodes and pods is in the rows. */
export const goldenFiles: readonly string[] = [
  "article-2023.json",
  "today-central.json",
  "primary-shared.json",
  "primary-local.json",
  "primary-local-dual.json",
  "primary-local-ipv6.json",
  "zones.json",
  "dhcp.json",
];

interface Draft {
  readonly table: string;
  readonly name: string;
  readonly uuid: string;
  readonly columns: Record<string, unknown>;
}

/**
 * The rows of a golden file as another tool writes them: all uuids are random.
 *
 * @param existing Uuid of a row that is in the database already.
 */
export function goldenInserts(
  tables: GoldenTables,
  existing: (table: string, name: string) => string | undefined = () => undefined,
): readonly Operation[] {
  const drafts: Draft[] = [];
  const holders: (readonly [holder: string, column: string, uuid: string])[] = [];
  for (const [table, rows] of Object.entries(tables)) {
    for (const { in: place, ...columns } of rows) {
      const name = nameOf(columns);
      // Rows that are in no set of another may be listed under several networks.
      if (
        place === undefined &&
        drafts.some((draft) => draft.table === table && draft.name === name && name !== "")
      )
        continue;
      const uuid = randomUuid();
      drafts.push({ table, name, uuid, columns: { ...columns } });
      const [holder = "", column = ""] = typeof place === "string" ? place.split(" ") : [];
      if (column !== "") holders.push([holder, column, uuid]);
    }
  }
  for (const [holder, column, uuid] of holders) {
    const parent = drafts.find(
      ({ table, name }) => name === holder && findColumn(northbound, table, column) !== undefined,
    );
    if (parent === undefined) throw new Error(`no row ${holder} with ${column}`);
    const { columns } = parent;
    columns[column] = [...(Array.isArray(columns[column]) ? columns[column] : []), uuid];
  }
  const uuidOf = (table: string, name: string): string => {
    if (drafts.some((draft) => draft.uuid === name)) return name;
    const found = drafts.find((draft) => draft.table === table && draft.name === name)?.uuid;
    const uuid = found ?? existing(table, name);
    if (uuid === undefined) throw new Error(`no row ${table} ${name}`);
    return uuid;
  };
  return drafts.map(({ table, uuid, columns }) => insertOp(table, wireRow(table, columns, uuidOf), { uuid }));
}

function wireRow(
  table: string,
  columns: Readonly<Record<string, unknown>>,
  uuidOf: (table: string, name: string) => string,
): WireRow {
  if (findTable(northbound, table) === undefined) throw new Error(`no table ${table}`);
  return Object.fromEntries(
    Object.entries(columns).flatMap(([column, value]) => {
      const schema = findColumn(northbound, table, column);
      if (schema === undefined && column === "name") return []; // what a row without a name is called is for people
      if (schema === undefined) throw new Error(`no column ${table}.${column}`);
      const { refTable } = schema.key;
      const resolved =
        refTable === undefined
          ? value
          : Array.isArray(value)
            ? value.map((name) => uuidOf(refTable, String(name)))
            : uuidOf(refTable, String(value));
      const wire = encodeValue({ table, column }, schema, resolved, () => {
        throw new Error("all references are uuids");
      });
      return [[column, wire] as const];
    }),
  );
}

function nameOf({ name, external_ids: ids }: Readonly<Record<string, unknown>>): string {
  if (typeof name === "string") return name;
  const id: unknown = Object.getOwnPropertyDescriptor(Object(ids), "k8s.ovn.org/id")?.value;
  return typeof id === "string" ? id : "";
}
