import * as v from "valibot";
import { cidrProblem, type NodeInput } from "../../topology/index.ts";
import { readJson } from "../networks/node-numbers.ts";
import { TRANSIT_ADDRESSES, ZONE_NAME } from "../objects/annotations.ts";
import { check, map, nameString, optional, withoutNulls } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { isCidr } from "../text/address-text.ts";

/** What only zones need of a node. */
export type ZoneFields = Pick<NodeInput, "zone" | "transitAddresses">;

const address = v.optional(
  v.pipe(
    v.string(),
    v.check(isCidr, ({ input }) => cidrProblem(input)),
  ),
);

const AddressesSchema = withoutNulls(map({ ipv4: address, ipv6: address }));

const AnnotationsSchema = map({
  metadata: map({
    annotations: optional(
      map({ [ZONE_NAME]: optional(nameString()), [TRANSIT_ADDRESSES]: optional(v.string()) }),
    ),
  }),
});

/** Reads where upstream put a node. What is wrong in it is a problem; what is absent is not. */
export function readZoneFields(object: KubernetesObject, problems: Problems): ZoneFields {
  const annotations = check(AnnotationsSchema, object.part, problems)?.metadata.annotations ?? {};
  const zone = annotations[ZONE_NAME];
  const part = readJson(object, TRANSIT_ADDRESSES, annotations[TRANSIT_ADDRESSES], problems);
  const addresses = part && check(AddressesSchema, part, problems);
  return {
    ...(zone != null && { zone }),
    ...(addresses !== undefined && {
      transitAddresses: [addresses.ipv4, addresses.ipv6].flatMap((each) => each ?? []),
    }),
  };
}
