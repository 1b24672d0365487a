import { type Alias, type Document, isAlias, isCollection, isMap, isPair, isScalar, type Node } from "yaml";
import { describeValue } from "./describe-value.ts";

/** What is wrong with how the nodes of a document stand to each other, and where. */
export interface StructureFault {
  readonly error: string;
  readonly offset: number;
  /** It is a key that its map has already. */
  readonly isKey?: true;
}

/** Anchors and aliases: more than people write. For each alias the library looks at all before it. */
const MOST_NAMED = 10_000;

type Anchored = NonNullable<ReturnType<Alias["resolve"]>>;

/**
 * Goes through a document once, for what the library finds in a time that grows with the square of the document's size, or not at
 * all: keys that are there twice, aliases of nothing, and aliases within what they stand for, for which there is no JSON.
 *
 * Aliases know afterwards what they stand for.
 */
export function structureFault(document: Document.Parsed): StructureFault | undefined {
  const anchors = new Map<string, Anchored>();
  const around = new Set<unknown>();
  let count = 0;

  const visitAlias = (alias: Alias): StructureFault | undefined => {
    const { source } = alias;
    const offset = offsetOf(alias);
    if (count > MOST_NAMED) return { error: `it has more than ${MOST_NAMED} anchors and aliases`, offset };
    const target = anchors.get(source);
    if (target === undefined)
      return {
        error: `Unresolved alias (the anchor must be set before the alias): ${source}`,
        offset,
      };
    if (around.has(target)) return { error: `anchor ${source} contains itself`, offset };
    const counted = alias.resolve.bind(alias);
    alias.resolve = (within, context) => (context === undefined ? target : counted(within, context));
    return undefined;
  };

  const visitNode = (node: unknown): StructureFault | undefined => {
    if (isPair(node)) return visitNode(node.key) ?? visitNode(node.value);
    const isNamed = isAlias(node) || ((isCollection(node) || isScalar(node)) && node.anchor !== undefined);
    if (isNamed) count += 1;
    if (isAlias(node)) return visitAlias(node);
    if (isNamed && node.anchor !== undefined) anchors.set(node.anchor, node as Anchored);
    if (!isCollection(node)) return undefined;
    const { items } = node;
    const keys = isMap(node) ? new Set<string>() : undefined;
    around.add(node);
    for (const item of items) {
      const fault = (keys && repeatedKey(item, keys, anchors)) ?? visitNode(item);
      if (fault !== undefined) return fault;
    }
    around.delete(node);
    return undefined;
  };

  return visitNode(document.contents);
}

/** Keys are compared as those of the JSON that a map becomes, where `1` and `"1"` are one. */
function repeatedKey(
  item: unknown,
  keys: Set<string>,
  anchors: ReadonlyMap<string, Anchored>,
): StructureFault | undefined {
  if (!isPair(item)) return undefined;
  const node = isAlias(item.key) ? anchors.get(item.key.source) : item.key;
  if (!isScalar(node)) return undefined;
  const { value } = node;
  // Of merge keys, which are symbols, there may be several.
  if (typeof value === "symbol") return undefined;
  const key = String(value ?? "");
  if (keys.has(key))
    return { error: `the key ${describeValue(key)} is there twice`, offset: offsetOf(item.key), isKey: true };
  keys.add(key);
  return undefined;
}

function offsetOf(node: unknown): number {
  return (node as Partial<Node>).range?.[0] ?? 0;
}
