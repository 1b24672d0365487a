import type { AnyRow } from "../../database/index.ts";
import { unnamedLabel } from "../naming/row-label.ts";
import { text } from "./observe.ts";

/**
 * A row that goes, or is in the way, for people: as the plan called it that inserted it; else what `ovn-nbctl` lists it by; its
 * uuid where nothing else is known.
 */
export function labelOf(table: string, row: AnyRow): string {
  const id = table === "ACL" ? text(row, "external_ids", "k8s.ovn.org/id") : "";
  return id || text(row, "name") || unnamedLabel(table, row) || row._uuid;
}
