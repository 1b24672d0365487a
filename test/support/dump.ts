import type { Sandbox } from "../../lib/testing/index.ts";
import { GRANT_MARK } from "../../lib/topology/plan/grant-marks.ts";

/** A row as ovsdb-client shows it: references as names, sets sorted, empty columns left out, no uuids. */
export type DumpedRow = { readonly [column: string]: unknown };

/** A whole database, as a tool that is not ours reads it. */
export interface Dump {
  /** Rows by table, sorted by name; tables without rows are left out. */
  readonly tables: Readonly<Record<string, readonly DumpedRow[]>>;
  /** Name (or `table/uuid`) by uuid. */
  readonly names: ReadonlyMap<string, string>;
  /** Uuid by `table/name`. */
  readonly uuids: ReadonlyMap<string, string>;
}

type Cell = readonly [type: "set" | "map" | "uuid", content: unknown] | string | number | boolean;

/** Reads the northbound database with `ovsdb-client dump`. Counters of NB_Global are of no interest and left out. */
export async function dumpNorthbound(sandbox: Sandbox): Promise<Dump> {
  const { remote } = sandbox.northbound;
  const text = await sandbox.run("ovsdb-client", ["-f", "json", "dump", remote, "OVN_Northbound"]);
  const raw = text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { caption: string; headings: string[]; data: Cell[][] })
    .map(({ caption, headings, data }) => ({
      table: caption.replace(/ table$/, ""),
      rows: data.map((cells) =>
        Object.fromEntries(cells.map((cell, index) => [headings[index] ?? "", cell])),
      ),
    }))
    .filter(({ table, rows }) => rows.length > 0 && table !== "NB_Global");
  const names = new Map<string, string>();
  const uuids = new Map<string, string>();
  for (const { table, rows } of raw) {
    for (const row of rows) {
      const uuid = String((row["_uuid"] as readonly unknown[])[1]);
      const name =
        typeof row["name"] === "string" && row["name"] !== "" ? row["name"] : labelOf(table, row, uuid);
      names.set(uuid, name);
      uuids.set(`${table}/${name}`, uuid);
    }
  }
  const tables = Object.fromEntries(
    raw.map(({ table, rows }) => [
      table,
      rows
        .map((row) => readable(row, names))
        .toSorted((a, b) => (String(a["name"]) < String(b["name"]) ? -1 : 1)),
    ]),
  );
  return { tables, names, uuids };
}

function labelOf(table: string, row: { readonly [column: string]: unknown }, uuid: string): string {
  return table === "Meter_Band" ? `${String(row["action"])} ${String(row["rate"])}` : `${table}/${uuid}`;
}

function readable(
  row: { readonly [column: string]: Cell | undefined },
  names: ReadonlyMap<string, string>,
): DumpedRow {
  const entries = Object.entries(row)
    .filter(([column]) => !["_uuid", "_version", "up"].includes(column))
    .map(([column, cell]) => [column, plain(cell, names)] as const)
    .filter(([, value]) => !isEmpty(value));
  const uuid = String((row["_uuid"] as readonly unknown[])[1]);
  return { name: names.get(uuid), ...Object.fromEntries(entries) };
}

function plain(cell: Cell | undefined, names: ReadonlyMap<string, string>): unknown {
  if (!Array.isArray(cell)) return cell;
  const [type, content] = cell;
  if (type === "uuid") return names.get(String(content)) ?? content;
  if (type === "set") return (content as Cell[]).map((element) => plain(element, names)).sort();
  // That it is marked says that something was given out, and not what there is.
  const pairs = (content as [Cell, Cell][]).filter(([key]) => key !== GRANT_MARK);
  return Object.fromEntries(pairs.map(([key, value]) => [plain(key, names), plain(value, names)]));
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === undefined || value === 0) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
