import * as v from "valibot";
import { map, nameString, withoutNulls } from "./check.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** One requirement on a label (Kubernetes, `LabelSelectorRequirement`). */
interface Requirement {
  readonly key: string;
  readonly operator: (typeof OPERATORS)[number];
  readonly values?: readonly string[] | undefined;
}

/** Which objects are meant, by their labels (Kubernetes, `LabelSelector`). An empty one means all of them. */
export interface LabelSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly Requirement[] | undefined;
}

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

const RequirementSchema: v.GenericSchema<unknown, Requirement> = v.pipe(
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
    matchLabels: v.optional(v.record(v.string(), v.string())),
    matchExpressions: v.optional(v.array(RequirementSchema)),
  }),
);

/** Whether an object with these labels is meant: every label and every requirement must fit. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every((requirement) => fits(requirement, labelOf(labels, requirement.key)))
  );
}

function fits({ operator, values = [] }: Requirement, label: string | undefined): boolean {
  switch (operator) {
    case "In":
      return label !== undefined && values.includes(label);
    case "NotIn":
      // An object without the label fits, too (apimachinery's labels.Requirement).
      return label === undefined || !values.includes(label);
    case "Exists":
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
  }
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
