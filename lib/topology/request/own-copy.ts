/**
 * What a caller gave, as it is now: what the caller does with the object later is not meant. Lists and plain objects are copied; what
 * else there is, as functions that tell where a field was written, cannot be changed or is not looked at. A field that is `undefined` is
 * left out, which means the same: laid over what the database tells, it would hide that.
 */
export function ownCopy<T>(given: T): T {
  return copyOf(given) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, copyOf(each)]])),
  );
}
