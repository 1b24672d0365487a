/** Rows stand for their uuids wherever a reference may be given: alone or in a set. */
export function withReferences(value: unknown): unknown {
  return Array.isArray(value) ? value.map(reference) : reference(value);
}

/** The same for the values of a map, whose keys may be any text, `_uuid` among them. */
export function withReferencesIn<M>(map: M): M | { readonly [key: string]: unknown } {
  if (map === null || typeof map !== "object" || Array.isArray(map)) return map;
  // Nearly all maps hold text, and are as they have to be.
  if (!Object.values(map).some((value) => typeof value === "object")) return map;
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, reference(value)]));
}

function reference(value: unknown): unknown {
  return value !== null && typeof value === "object" && "_uuid" in value ? value._uuid : value;
}
