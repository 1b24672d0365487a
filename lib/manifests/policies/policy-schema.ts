import * as v from "valibot";
import { similar } from "../../jsonrpc/index.ts";
import type {
  EgressRule,
  IngressRule,
  LabelSelector,
  PolicyPeer,
  PolicyPort,
  PolicyType,
} from "../../topology/index.ts";
import { cleanString, map, withoutNulls } from "../objects/check.ts";
import { LabelSelectorSchema } from "../objects/label-selector.ts";
import type { Keys } from "../objects/misspelt-fields.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { keysOf } from "../objects/unknown-keys.ts";

/** `spec` of a NetworkPolicy or MultiNetworkPolicy; both have the same fields. */
export interface PolicySpec {
  readonly podSelector: LabelSelector;
  readonly policyTypes?: readonly PolicyType[] | undefined;
  readonly ingress?: readonly IngressRule[] | undefined;
  readonly egress?: readonly EgressRule[] | undefined;
}

const PortSchema: v.GenericSchema<unknown, PolicyPort> = map({
  protocol: v.optional(v.picklist(["TCP", "UDP", "SCTP"] as const, "must be one of TCP, UDP, SCTP")),
  port: v.optional(
    v.custom<number | string>(
      (value) => typeof value === "number" || typeof value === "string",
      "must be a number or the name of a port",
    ),
  ),
  endPort: v.optional(v.number()),
});

const PeerSchema: v.GenericSchema<unknown, PolicyPeer> = map({
  podSelector: v.optional(LabelSelectorSchema),
  namespaceSelector: v.optional(LabelSelectorSchema),
  ipBlock: v.optional(map({ cidr: cleanString(), except: v.optional(v.array(cleanString())) })),
});

const ports = v.optional(v.array(PortSchema));
const peers = v.optional(v.array(PeerSchema));

const ENTRIES = {
  podSelector: LabelSelectorSchema,
  policyTypes: v.optional(v.array(v.picklist(["Ingress", "Egress"] as const, "must be Ingress or Egress"))),
  ingress: v.optional(v.array(map({ from: peers, ports }))),
  egress: v.optional(v.array(map({ to: peers, ports }))),
};

/**
 * The specification, checked field by field; what fields mean together is for `policyProblems`.
 *
 * Kubernetes takes a NetworkPolicy without podSelector as one of all pods; the definition of MultiNetworkPolicy wants one.
 */
export const POLICY_SCHEMAS: Readonly<
  Record<"NetworkPolicy" | "MultiNetworkPolicy", v.GenericSchema<unknown, PolicySpec>>
> = {
  NetworkPolicy: withoutNulls(map({ ...ENTRIES, podSelector: v.optional(LabelSelectorSchema, {}) })),
  MultiNetworkPolicy: withoutNulls(map(ENTRIES)),
};

const selector: Keys = {
  matchLabels: undefined,
  matchExpressions: { key: undefined, operator: undefined, values: undefined },
};
const peer: Keys = {
  podSelector: selector,
  namespaceSelector: selector,
  ipBlock: { cidr: undefined, except: undefined },
};
const port: Keys = { protocol: undefined, port: undefined, endPort: undefined };
const POLICY_KEYS: Keys = {
  podSelector: selector,
  policyTypes: undefined,
  ingress: { from: peer, ports: port },
  egress: { to: peer, ports: port },
};

/** Refuses keys that nobody reads: a rule without what was meant to narrow it would allow more. */
export function refuseUnknownKeys(part: Part, problems: Problems, keys: Keys = POLICY_KEYS): void {
  if (Array.isArray(part.value)) {
    for (const index of part.value.keys()) refuseUnknownKeys(part.at([index]), problems, keys);
    return;
  }
  for (const key of keysOf(part)) {
    if (!Object.hasOwn(keys, key)) {
      const meant = similar(key, new Set(Object.keys(keys)));
      problems.add(part, [key], `is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`);
      continue;
    }
    const inner = keys[key];
    if (inner !== undefined) refuseUnknownKeys(part.at([key]), problems, inner);
  }
}
