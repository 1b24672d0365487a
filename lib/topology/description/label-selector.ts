import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";
import { order } from "../naming/order.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** One requirement on a label (Kubernetes, `LabelSelectorRequirement`). */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** For `In` and `NotIn`; empty or absent for the others. */
  readonly values?: readonly string[] | undefined;
}

/** Which objects are meant, by their labels (Kubernetes, `LabelSelector`). An empty one means all of them. */
export interface LabelSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly LabelRequirement[] | undefined;
}

/**
 * Whether an object with these labels is meant: every label and every requirement must fit. Throws `UsageError` for what is no
 * selector, which would mean everybody, or nobody.
 */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  checkSelector(selector);
  if (typeof labels !== "object" || labels === null)
    throw new UsageError(`labels are an object, and not ${sketch(labels)}`);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every((requirement) => fits(requirement, labelOf(labels, requirement.key)))
  );
}

/** The keys of labels that a selector asks about. */
export function selectorKeys({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}

/**
 * A selector as upstream writes it into the ids of address sets, from which their names are hashed
 * (go-controller/pkg/ovn/addresssetmanager). It does not depend on the order in which labels, requirements and values
 * were written. Throws `UsageError` for what is no selector.
 */
export function selectorText(selector: LabelSelector): string {
  checkSelector(selector);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const labels = Object.entries(matchLabels)
    .toSorted(([a], [b]) => order(a, b))
    .map(([key, value]) => `${key}: ${value},`);
  const requirements = matchExpressions
    .map(
      ({ key, operator, values = [] }) =>
        `LSR{Key:${key},Operator:${operator},Values:[${values.toSorted(order).join(" ")}],}`,
    )
    .toSorted(order);
  const parts = [
    ...(labels.length > 0 ? [`ML:{${labels.join("")}},`] : []),
    ...(requirements.length > 0 ? [`ME:{${requirements.join(",")}},`] : []),
  ];
  return `LS{${parts.join("")}}`;
}

/** What plain JavaScript may give. Of each requirement only what it asks is looked at. */
function checkSelector(selector: LabelSelector): void {
  if (typeof selector !== "object" || selector === null || Array.isArray(selector))
    throw new UsageError(`a label selector is an object, and not ${sketch(selector)}`);
  const { matchLabels, matchExpressions } = selector;
  if (matchLabels !== undefined && (typeof matchLabels !== "object" || matchLabels === null))
    throw new UsageError(`matchLabels is an object, and not ${sketch(matchLabels)}`);
  if (matchExpressions === undefined) return;
  if (!Array.isArray(matchExpressions))
    throw new UsageError(`matchExpressions is a list, and not ${sketch(matchExpressions)}`);
  for (const [index, requirement] of matchExpressions.entries())
    if (typeof requirement?.key !== "string" || !OPERATORS.has(requirement.operator))
      throw new UsageError(
        `matchExpressions[${index}] has a key and one of the operators ${[...OPERATORS].join(", ")}: ${sketch(requirement)}`,
      );
}

const OPERATORS: ReadonlySet<LabelRequirement["operator"]> = new Set([
  "In",
  "NotIn",
  "Exists",
  "DoesNotExist",
]);

function fits({ operator, values = [] }: LabelRequirement, label: string | undefined): boolean {
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
