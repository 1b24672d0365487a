/** The way from the root of a document to a field: keys of maps and indexes of lists. */
export type FieldPath = readonly (string | number)[];

/**
 * `["items", 0, "metadata", "annotations", "a/b"]` as people write it: `items[0].metadata.annotations["a/b"]`.
 *
 * @param within The field from which the path goes on, written so already.
 */
export function formatField(path: FieldPath, within = ""): string {
  let text = within;
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** What stands at the path; `undefined` when the path leads nowhere. Inherited properties are not seen. */
export function valueAt(root: unknown, path: FieldPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}
