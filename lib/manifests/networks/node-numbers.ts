import * as v from "valibot";
import type { NodeInput } from "../../topology/index.ts";
import { NETWORK_IDS, NODE_ID } from "../objects/annotations.ts";
import { check, map, mapOf, optional } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";

/** Numbers of a node and of networks, which primary networks and zones need. */
export type NumberFields = Pick<NodeInput, "id" | "networkIds">;

/** A number as annotations hold it. */
export function decimal(lowest: number, highest: number): v.GenericSchema<unknown, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, "must be a number in decimal"),
    v.transform(Number),
    v.check(
      (value) => value >= lowest && value <= highest,
      `must be a whole number from ${lowest} to ${highest}`,
    ),
  );
}

const IdsSchema = mapOf(decimal(0, 4095));

const AnnotationsSchema = map({
  metadata: map({
    annotations: optional(
      map({ [NODE_ID]: optional(decimal(0, 2 ** 16)), [NETWORK_IDS]: optional(v.string()) }),
    ),
  }),
});

/** Reads the numbers that upstream gave. What is wrong in them is a problem; what is absent is not. */
export function readNumberFields(object: KubernetesObject, problems: Problems): NumberFields {
  const annotations = check(AnnotationsSchema, object.part, problems)?.metadata.annotations ?? {};
  const id = annotations[NODE_ID];
  const ids = readJson(object, NETWORK_IDS, annotations[NETWORK_IDS], problems);
  const networkIds = ids && check(IdsSchema, ids, problems);
  return { ...(id != null && { id }), ...(networkIds !== undefined && { networkIds }) };
}

/** The JSON in an annotation; undefined when there is none, or it is faulty. */
export function readJson(
  object: KubernetesObject,
  annotation: string,
  text: string | null | undefined,
  problems: Problems,
): Part | undefined {
  if (text == null || text === "") return undefined;
  return problems.json(object.part, ["metadata", "annotations", annotation], text);
}
