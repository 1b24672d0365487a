import type { Change } from "./desired.ts";

/**
 * The changes of a plan that were made although its reply was lost: those that a plan made later does not ask for again. A
 * change of the same kind of the same row that is asked for again was not made, or was undone by somebody.
 */
export function changesLeft(lost: readonly Change[], later: readonly Change[]): readonly Change[] {
  const asked = new Map<string, Change>();
  for (const change of later) asked.set(keyOf(change), change);
  return lost.flatMap((change): Change[] => {
    const again = asked.get(keyOf(change));
    if (again === undefined) return [change];
    if (change.action !== "update") return [];
    const columns = Object.fromEntries(
      Object.entries(change.columns).filter(([column]) => !Object.hasOwn(again.columns, column)),
    );
    return Object.keys(columns).length === 0 ? [] : [{ ...change, columns }];
  });
}

function keyOf({ action, table, kind, name, parent }: Change): string {
  return JSON.stringify([action, table, kind, name, parent?.name]);
}
