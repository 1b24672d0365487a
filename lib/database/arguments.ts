/** Rows stand for their uuids wherever a reference may be given: alone or in a set. */
export function withReferences(value: unknown): unknown {
  if (!Array.isArray(value)) return reference(value);
  // Nearly all sets hold text, and are as they have to be.
  for (let index = 0; index < value.length; index++) if (isObject(value[index])) return value.map(reference);
  return value;
}

/** The same for the values of a map, whose keys may be any text, `_uuid` among them. */
export function withReferencesIn<M>(map: M): M | { readonly [key: string]: unknown } {
  if (!isObject(map) || Array.isArray(map)) return map;
  const values = map as { readonly [key: string]: unknown };
  for (const key of Object.keys(values)) {
    if (!isObject(values[key])) continue;
    return Object.fromEntries(Object.entries(values).map(([each, value]) => [each, reference(value)]));
  }
  return map;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function reference(value: unknown): unknown {
  return isObject(value) && "_uuid" in value ? value._uuid : value;
}
