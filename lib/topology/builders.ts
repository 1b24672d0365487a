import { checkObject, UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import { type BuildScope, buildNetwork as networkOf } from "./assemble/build-network.ts";
import { checkCollisions as checkNames, type Named } from "./assemble/collisions.ts";
import {
  checkBuilt,
  checkNetworkRows,
  checkObserved,
  checkObservedIsolation,
  checkObservedPolicies,
  checkObservedServices,
  checkPods,
  checkRows,
  checkScope,
} from "./check-builders.ts";
import { checkSpec } from "./description/check-spec.ts";
import { checkFlags } from "./description/known-keys.ts";
import type { NetworkSpec } from "./description/network-spec.ts";
import { fault } from "./description/spec-field.ts";
import {
  type BuiltIsolation,
  type IsolatedNetwork,
  buildIsolation as isolationOf,
} from "./isolation/build-isolation.ts";
import type { ObservedIsolation } from "./isolation/observed-isolation.ts";
import {
  type NetworkRows,
  type RecognisedNetwork,
  recogniseNetwork as recognised,
} from "./observe/profile.ts";
import {
  type BuiltPolicies,
  type PolicyScope,
  buildPolicies as policiesOf,
} from "./policies/build-policies.ts";
import type { ObservedPolicies } from "./policies/observed-policies.ts";
import { checkClaims, checkedList, checkNodes } from "./request/check-request.ts";
import type { AttachmentInput, NodeInput, Observed, TopologyOptions } from "./request/inputs.ts";
import { type PolicyProblem, policyProblems as problemsOf } from "./request/policy-check.ts";
import type { PolicyInput, PolicyRequest } from "./request/policy-input.ts";
import { checkPolicyShape, checkPolicyShapes } from "./request/policy-shape.ts";
import { completeOptions } from "./request/request.ts";
import type { ServiceInput } from "./request/service-input.ts";
import { checkServiceShapes } from "./request/service-shape.ts";
import type { BuiltAttachment, BuiltNetwork, NetworkParts } from "./rows/built-network.ts";
import {
  type BuiltServices,
  type ServiceScope,
  buildServices as servicesOf,
  withBalancers as withThem,
} from "./services/build-services.ts";
import type { ObservedServices } from "./services/observe-services.ts";

// The builders for those who call them themselves: what is no input is told by its place before anything is made of it.

/**
 * Makes the rows of one network, as OVN-Kubernetes makes them (reference: go-controller/pkg/ovn). A pure function: what was
 * allocated before comes in by `observed`, and inputs may come in any order.
 *
 * @throws SpecError for inputs that make no sense, AddressError for addresses and subnets that cannot be had,
 *   NameCollisionError when two inputs get one name.
 */
export function buildNetwork(
  spec: NetworkSpec,
  observed: Observed,
  nodes: readonly NodeInput[],
  attachments: readonly AttachmentInput[],
  options: TopologyOptions,
  scope: BuildScope = { gateways: true },
): BuiltNetwork {
  checkSpec("spec", spec);
  checkObserved(observed);
  checkNodes("nodes", nodes);
  checkPods("attachments", attachments);
  checkScope(scope, ["gateways"]);
  if (scope.claims !== undefined) checkClaims("scope.claims", scope.claims);
  return networkOf(spec, observed, nodes, attachments, completeOptions(options), scope);
}

/**
 * Makes the rows of a network's policies, as OVN-Kubernetes makes them (reference: go-controller/pkg/ovn,
 * base_network_controller_policy.go). A pure function of the policies, the network's attachments as they were built, and of
 * what is in the database.
 *
 * Ports that are in the database and not among the attachments keep their places in groups and sets: of their pods' labels
 * nothing is known. Without a request (`undefined`) that is true of all; then addresses that change or go are changed or
 * go in the sets, no more.
 *
 * @throws SpecError naming the policy and its field: what Kubernetes would refuse, peers that are pods on a network without
 *   subnets, names of ports that do not mean one number, namespaces whose labels are needed and not described.
 */
export function buildPolicies(
  spec: NetworkSpec,
  attachments: readonly BuiltAttachment[],
  request: PolicyRequest | undefined,
  observed: ObservedPolicies,
  scope: PolicyScope,
): BuiltPolicies {
  checkSpec("spec", spec);
  checkBuilt(attachments);
  if (request !== undefined) checkPolicyShapes("request", request);
  checkObservedPolicies(observed);
  checkScope(scope, ["prune"]);
  completeOptions({ profile: scope.profile });
  if (scope.leaving !== undefined && typeof scope.leaving?.has !== "function")
    throw fault("scope.leaving", scope.leaving, "must be a Set of names");
  return policiesOf(spec, attachments, request, observed, scope);
}

/**
 * Makes the load balancers of a primary network's services, as OVN-Kubernetes makes them (reference:
 * go-controller/pkg/ovn/controller/services). A pure function of the services, the nodes, the network's attachments as they
 * were built, and of what is in the database.
 *
 * Load balancers that a service of the request does not need any more are removed. Services that the request lacks stay, or
 * go with `prune` if this library made them. Without a request (`undefined`) all stays as it is.
 *
 * @throws SpecError naming the service and its field, or when the network is not primary.
 */
export function buildServices(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  attachments: readonly BuiltAttachment[],
  request: readonly ServiceInput[] | undefined,
  observed: ObservedServices,
  scope: ServiceScope = {},
): BuiltServices {
  checkSpec("spec", spec);
  checkNodes("nodes", nodes);
  checkBuilt(attachments);
  if (request !== undefined) checkServiceShapes("request", checkedList("request", request));
  checkObservedServices(observed);
  checkScope(scope, ["prune", "groups"]);
  return servicesOf(spec, nodes, attachments, request, observed, scope);
}

/** The rows of a network with the load balancers that belong in them. */
export function withBalancers(
  parts: Pick<NetworkParts, "standing" | "rows">,
  input: BuiltServices,
): Pick<NetworkParts, "standing" | "rows"> {
  checkObject("a network", parts);
  checkRows("rows", parts.rows);
  for (const [index, rows] of checkedList("standing", parts.standing).entries())
    checkRows(`standing[${index}]`, rows);
  if (typeof input?.holders?.get !== "function")
    throw new UsageError(`services are what buildServices gives, and not ${sketch(input)}`);
  return withThem(parts, input);
}

/**
 * Makes the ports that pods of primary networks have on the cluster's own network, and what closes them to all but the node
 * (go-controller/pkg/ovn/udn_isolation.go). A pure function. Addresses come from upstream's annotation, nothing is given out.
 *
 * Addresses of other nodes stay in the ACLs, unless `exact`.
 *
 * @throws SpecError for a pod of a secondary network, AddressError for what is no address, NameCollisionError.
 */
export function buildIsolation(
  networks: readonly IsolatedNetwork[],
  observed: ObservedIsolation,
  exact: boolean,
): BuiltIsolation {
  for (const [index, network] of checkedList("networks", networks).entries()) {
    const path = `networks[${index}]`;
    checkObject(path, network);
    checkSpec(`${path}.spec`, network.spec);
    checkNodes(`${path}.nodes`, network.nodes);
    checkPods(`${path}.attachments`, network.attachments);
  }
  checkObservedIsolation(observed);
  checkFlags({ exact }, ["exact"]);
  return isolationOf(networks, observed, exact);
}

/**
 * Checks that no two rows have the same table and name, within a network or across networks that are applied together.
 *
 * `-` and `/` become `.` in names, so networks `a-b` and `a.b` would write over each other. Rows that networks share
 * (Copp, meters) do not count.
 *
 * @throws NameCollisionError naming both.
 */
export function checkCollisions(builts: readonly Named[]): void {
  for (const [index, built] of checkedList("networks", builts).entries()) {
    checkObject(`networks[${index}]`, built);
    checkRows(`networks[${index}].rows`, built.rows);
    checkRows(`networks[${index}].attachments`, built.attachments);
  }
  checkNames(builts);
}

/** Everything that Kubernetes itself would refuse in a policy, with its fields. Throws `SpecError` for what is no policy. */
export function policyProblems(policy: PolicyInput): readonly PolicyProblem[] {
  checkPolicyShape("policy", policy);
  return problemsOf(policy);
}

/**
 * Recognises with which profile and mode a network was written.
 *
 * Every mark, there or missing, is one vote, and the majority counts: a single key that somebody changed or removed is
 * drift to be repaired, not another profile.
 *
 * @throws SpecError for what is no such data, as rows of the database are none.
 */
export function recogniseNetwork(network: string, rows: NetworkRows): RecognisedNetwork {
  checkNetworkRows(rows);
  return recognised(network, rows);
}
