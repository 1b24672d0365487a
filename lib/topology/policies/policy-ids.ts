import { checkObject, UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";
import type { Family } from "../description/address.ts";
import { selectorText } from "../description/label-selector.ts";
import { checkedText } from "../naming/check-text.ts";
import { controllerOf, type OwnerIds, ownerIds } from "../naming/owner-ids.ts";
import type { PolicyPeer, PolicyType } from "../request/policy-input.ts";

// Ids of the rows that policies are made of, with upstream's order of keys
// (go-controller/pkg/libovsdb/ops/db_object_types.go).

/** `k8s.ovn.org/owner-type` of what belongs to one policy. */
export const POLICY_TYPE = "NetworkPolicy";
/** `k8s.ovn.org/owner-type` of what all policies of a namespace share. */
export const NAMESPACE_TYPE = "NetpolNamespace";
/** `k8s.ovn.org/owner-type` of the address set of a peer. */
export const SELECTOR_TYPE = "PodSelector";

/** What the name of a policy's group and ACLs says. Names of namespaces hold no colon. */
export function policyKey(namespace: string, name: string): string {
  return `${checkedText("a namespace", namespace)}:${checkedText("a policy", name)}`;
}

/** The Port_Group of the pods that a namespace's policies close in one direction. */
export function denyGroupIds(network: string, namespace: string, type: PolicyType): OwnerIds {
  return ownerIds(controllerOf(network), NAMESPACE_TYPE, [
    ["name", checkedText("a namespace", namespace)],
    ["direction", checkedType(type)],
  ]);
}

function checkedType(type: PolicyType): PolicyType {
  if (type === "Ingress" || type === "Egress") return type;
  throw new UsageError(`the direction of a policy is Ingress or Egress, and not ${sketch(type)}`);
}

/** An ACL of that group. */
export function denyAclIds(
  network: string,
  namespace: string,
  type: PolicyType,
  which: "defaultDeny" | "arpAllow",
): OwnerIds {
  return ownerIds(controllerOf(network), NAMESPACE_TYPE, [
    ["name", namespace],
    ["direction", type],
    ["type", which],
  ]);
}

/** The Port_Group of the pods that a policy is about. */
export function policyGroupIds(network: string, namespace: string, name: string): OwnerIds {
  return ownerIds(controllerOf(network), POLICY_TYPE, [["name", policyKey(namespace, name)]]);
}

/** Which ACL of a rule: that for ranges of addresses, or that for pods. */
export const BLOCKS_INDEX = -2;
/** See {@link BLOCKS_INDEX}. */
export const PODS_INDEX = -1;

/** An ACL of a policy. */
export function policyAclIds(
  network: string,
  policy: { readonly namespace: string; readonly name: string },
  rule: {
    readonly type: PolicyType;
    readonly index: number;
    readonly protocol: string;
    readonly block: number;
  },
): OwnerIds {
  return ownerIds(controllerOf(network), POLICY_TYPE, [
    ["name", policyKey(policy.namespace, policy.name)],
    ["direction", rule.type],
    ["gress-index", String(rule.index)],
    ["port-policy-protocol", rule.protocol],
    ["ip-block-index", String(rule.block)],
  ]);
}

/** The Address_Set of the pods that a peer of a policy in this namespace means. Equal peers share it. */
export function peerSetIds(network: string, namespace: string, peer: PolicyPeer, family: Family): OwnerIds {
  checkObject("the peer of a policy", peer);
  if (family !== 4 && family !== 6) throw new UsageError(`a family is 4 or 6, and not ${sketch(family)}`);
  const { podSelector, namespaceSelector } = peer;
  const where =
    namespaceSelector === undefined ? checkedText("a namespace", namespace) : selectorText(namespaceSelector);
  // Upstream keeps what only names namespaces apart from what names all pods of them.
  const isNamespaces = namespaceSelector !== undefined && podSelector === undefined;
  const name = `${where}_${selectorText(podSelector ?? {})}${isNamespaces ? "_LNM" : ""}`;
  return ownerIds(controllerOf(network), SELECTOR_TYPE, [
    ["name", name],
    ["ip-family", `v${family}`],
  ]);
}
