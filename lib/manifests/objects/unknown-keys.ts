import { meantWord } from "../../jsonrpc/index.ts";
import type { KubernetesObject } from "./object.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/** Says of each key that nobody reads that it is not used, and which key was probably meant, or where it belongs. */
export function tellUnknownKeys(
  object: KubernetesObject,
  part: Part,
  known: ReadonlySet<string>,
  problems: Problems,
  placeOf: (key: string) => string | undefined = () => undefined,
): void {
  for (const key of keysOf(part)) {
    if (known.has(key)) continue;
    const place = placeOf(key);
    const meant = meantWord(key, [...known]);
    const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
    const hint = place === undefined ? guess : `; it belongs in ${place}`;
    const position = part.position([key]);
    problems.ignore(object, position, `${position.field} is not known and not used${hint}`);
  }
}

/** The keys of a part that is a map. */
export function keysOf({ value }: Part): readonly string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
