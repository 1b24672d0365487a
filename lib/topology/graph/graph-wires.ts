import type { Wire } from "./graph-part.ts";

/** With what each part is connected, each once. */
export function neighboursIn(wires: readonly Pick<Wire, "ends">[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const note = (key: string, other: string): void => {
    found.set(key, (found.get(key) ?? new Set()).add(other));
  };
  for (const { ends } of wires) {
    note(ends[0], ends[1]);
    note(ends[1], ends[0]);
  }
  return found;
}
