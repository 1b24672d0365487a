import * as v from "valibot";
import type { LabelRequirement, LabelSelector } from "../../topology/index.ts";
import { map, mapOf, nameString, withoutNulls } from "./check.ts";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

const RequirementSchema: v.GenericSchema<unknown, LabelRequirement> = v.pipe(
  map({
    key: nameString(),
    operator: v.picklist(OPERATORS, `must be one of ${OPERATORS.join(", ")}`),
    values: v.optional(v.array(v.string())),
  }),
  v.check(
    ({ operator, values = [] }) => !operator.endsWith("In") || values.length > 0,
    "must have values, as its operator compares with them",
  ),
  v.check(
    ({ operator, values = [] }) => operator.endsWith("In") || values.length === 0,
    "must have no values, as its operator only asks whether the label is there",
  ),
);

/** A label selector as the Kubernetes API takes it. */
export const LabelSelectorSchema: v.GenericSchema<unknown, LabelSelector> = withoutNulls(
  map({
    matchLabels: v.optional(mapOf(v.string())),
    matchExpressions: v.optional(v.array(RequirementSchema)),
  }),
);
