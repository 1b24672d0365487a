import type { WholeMap } from "./desired.ts";

/** Whether a value is that of a map column as a whole. */
export function isWholeMap(value: unknown): value is WholeMap {
  return typeof value === "object" && value !== null && "map" in value && typeof value.map === "object";
}
