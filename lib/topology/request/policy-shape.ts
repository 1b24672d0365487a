import { checkShape, each, maybe, oneOf, type ShapeOf } from "../description/input-shape.ts";
import type { LabelSelector } from "../description/label-selector.ts";
import { pathOf } from "./policy-check.ts";
import {
  LOG_SEVERITIES,
  type NamespaceInput,
  type PolicyInput,
  type PolicyPeer,
  type PolicyPort,
  type PolicyRequest,
} from "./policy-input.ts";

const SELECTOR: ShapeOf<LabelSelector> = {
  matchLabels: maybe(each("text")),
  matchExpressions: maybe([
    { key: "text", operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"), values: maybe(["text"]) },
  ]),
};

const PEER: ShapeOf<PolicyPeer> = {
  podSelector: maybe(SELECTOR),
  namespaceSelector: maybe(SELECTOR),
  ipBlock: maybe({ cidr: "text", except: maybe(["text"]) }),
};

const PORT: ShapeOf<PolicyPort> = {
  protocol: maybe(oneOf("TCP", "UDP", "SCTP")),
  // A number or a name.
  port: maybe("any"),
  endPort: maybe("number"),
};

const POLICY: ShapeOf<PolicyInput> = {
  namespace: "text",
  name: "text",
  podSelector: SELECTOR,
  policyTypes: [oneOf("Ingress", "Egress")],
  ingress: maybe([{ from: maybe([PEER]), ports: maybe([PORT]) }]),
  egress: maybe([{ to: maybe([PEER]), ports: maybe([PORT]) }]),
  stateless: maybe("true or false"),
  source: maybe("text"),
};

const NAMESPACE: ShapeOf<NamespaceInput> = {
  name: "text",
  labels: maybe(each("text")),
  logging: maybe({ allow: maybe(oneOf(...LOG_SEVERITIES)), deny: maybe(oneOf(...LOG_SEVERITIES)) }),
};

/** What the policies are is looked at one by one: their faults begin with their names. */
const REQUEST = { policies: ["any"], namespaces: maybe([NAMESPACE]) } as const;

/**
 * Throws `SpecError` for policies of another shape: a misspelt `from` would let everybody in, a misspelt `ingress` nobody.
 * `path` is where they stand.
 */
export function checkPolicyShapes(path: string, request: PolicyRequest): void {
  checkShape(path, request, REQUEST);
  for (const [index, policy] of request.policies.entries())
    checkPolicyShape(`${path}.policies[${index}]`, policy);
}

/** The same for one policy. `place` is where it stands if it has no name. */
export function checkPolicyShape(place: string, policy: PolicyInput): void {
  const isNamed = typeof policy?.namespace === "string" && typeof policy.name === "string";
  checkShape(isNamed ? pathOf(policy) : place, policy, POLICY, policy?.source);
}
