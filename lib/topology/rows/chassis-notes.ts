import type { NodeInput } from "../request/inputs.ts";

/** Notes of one kind that are told one by one; of more than these one says it all. */
const FEW = 3;

const PATTERN = /^node (.*) has no chassis id; its name is used instead$/s;

/** The note on a node whose name stands in for its chassis id. */
export function chassisNote(node: string): string {
  return `node ${node} has no chassis id; its name is used instead`;
}

/**
 * Replaces the notes on chassis ids by one when they are more than three: a cluster has many nodes, and all of them lack
 * theirs when one does.
 */
export function foldChassisNotes(notes: readonly string[]): string[] {
  if (notes.length <= FEW) return [...notes];
  const nodes = notes.flatMap((note) => PATTERN.exec(note)?.[1] ?? []);
  if (nodes.length <= FEW) return [...notes];
  const first = notes.findIndex((note) => PATTERN.test(note));
  const names = nodes.slice(0, FEW).join(", ");
  const folded = `${nodes.length} nodes have no chassis id; their names are used instead (${names}, ...)`;
  return notes.flatMap((note, index) => (index === first ? folded : PATTERN.test(note) ? [] : note));
}

/**
 * Notes on nodes with one chassis id, as machines that were copied from another have, or one that came back under another name:
 * OVN takes them for one chassis, and packets for one of them go to the other.
 */
export function sharedChassisNotes(nodes: readonly NodeInput[]): readonly string[] {
  const first = new Map<string, string>();
  const shared = new Map<string, string[]>();
  for (const { name, chassisId = "" } of nodes) {
    const id = chassisId === "" ? name : chassisId;
    const owner = first.get(id);
    if (owner === undefined) first.set(id, name);
    else shared.set(id, [...(shared.get(id) ?? [owner]), name]);
  }
  return [...shared].map(([id, names]) => {
    const more = names.length > FEW ? ", ..." : "";
    return `${names.length} nodes have the chassis id ${id} (${names.slice(0, FEW).join(", ")}${more}): OVN takes them for one`;
  });
}
