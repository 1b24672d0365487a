import * as v from "valibot";
import { ROUTE_ADVERTISEMENTS } from "../objects/annotations.ts";
import { check, map, optional } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { readJson } from "./node-numbers.ts";

const MetadataSchema = map({
  metadata: map({ annotations: optional(map({ [ROUTE_ADVERTISEMENTS]: optional(v.string()) })) }),
});

const NamesSchema = v.array(v.string());

/**
 * Refuses a primary network that is made known to the outside, by the definition of it that says so. Upstream hides less of its
 * traffic (go-controller/pkg/ovn/gateway.go): with the NATs of other networks its peers would not see who asks.
 */
export function refuseAdvertised(object: KubernetesObject, problems: Problems): void {
  const text = check(MetadataSchema, object.part, problems)?.metadata.annotations?.[ROUTE_ADVERTISEMENTS];
  const part = readJson(object, ROUTE_ADVERTISEMENTS, text, problems);
  const names = part && check(NamesSchema, part, problems);
  if (part && names !== undefined && names.length > 0)
    problems.add(part, [], "is not supported yet: a primary network must not be advertised");
}
