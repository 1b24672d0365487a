import { naturalOrder } from "../naming/label-text.ts";
import type { FoldedPart } from "./graph-fold.ts";
import type { Wire } from "./graph-part.ts";
import { neighboursIn } from "./graph-wires.ts";

/**
 * How far each part is from the outside. Physical networks are the outside; where there is none, the router with most
 * neighbours is next to it, or the switch with most where there is no router either.
 */
export function columnsOf(parts: readonly FoldedPart[], wires: readonly Wire[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const neighbours = neighboursIn(wires);
  const degree = (key: string): number => neighbours.get(key)?.size ?? 0;
  const spread = (starts: readonly string[], column: number): void => {
    let front = starts;
    for (let at = column; front.length > 0; at += 1) {
      for (const key of front) columns.set(key, at);
      front = [...new Set(front.flatMap((key) => [...(neighbours.get(key) ?? [])]))].filter(
        (key) => !columns.has(key),
      );
    }
  };
  const outside = parts.filter(({ kind }) => kind === "physical").map(({ key }) => key);
  spread(outside, 0);
  const first = outside.length > 0 ? 1 : 0;
  const ranks = ["router", "gateway", "switch"];
  const starts = parts
    .filter(({ kind }) => ranks.includes(kind))
    .toSorted(
      (a, b) =>
        Number(a.kind === "switch") - Number(b.kind === "switch") ||
        degree(b.key) - degree(a.key) ||
        naturalOrder(a.name || a.title, b.name || b.title),
    );
  for (const { key } of starts) if (!columns.has(key)) spread([key], first);
  // What is connected with nothing stands at the end of its network.
  const last = new Map<string, number>();
  for (const { key, network = "" } of parts)
    last.set(network, Math.max(last.get(network) ?? first, columns.get(key) ?? first));
  for (const { key, network = "" } of parts)
    if (!columns.has(key)) columns.set(key, last.get(network) ?? first);
  return columns;
}
