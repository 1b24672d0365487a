import { UsageError } from "../../jsonrpc/index.ts";
import { checkSpec } from "../description/check-spec.ts";
import { checkedName } from "../description/spec.ts";
import { fault } from "../description/spec-field.ts";
import { checkPodNad, checkPodPlace } from "./check-pod.ts";
import type { IpamClaimInput, NodeInput } from "./inputs.ts";
import { checkClaimShape, checkNodeShape, checkPodShape } from "./node-shape.ts";
import { checkPolicyShapes } from "./policy-shape.ts";
import type { Northbound, TopologyRequest } from "./request.ts";
import { checkNetworkRequestKeys, checkRequestKeys } from "./request-keys.ts";
import { checkServiceShapes } from "./service-shape.ts";

/**
 * Throws `SpecError` for what is no request, as plain JavaScript may give; it names the list that is none, the entry that
 * is no object, the key that nobody reads. What the entries hold is looked at where rows are made of it.
 */
export function checkRequest(request: TopologyRequest): void {
  checkRequestKeys(request);
  const names = new Map<string, string>();
  for (const [index, network] of checkedObjects("networks", request.networks).entries()) {
    const path = `networks[${index}]`;
    const { spec, nodes, attachments, claims = [], policies, services } = network;
    checkNetworkRequestKeys(path, network);
    checkSpec(`${path}.spec`, spec);
    // Of another topology its rows would have other names, and both would be one network in the database.
    const earlier = names.get(spec.name);
    if (earlier !== undefined) throw fault(`${path}.spec.name`, spec.name, `is that of ${earlier}, too`);
    names.set(spec.name, path);
    checkNodes(`${path}.nodes`, nodes);
    for (const [place, pod] of checkedObjects(`${path}.attachments`, attachments).entries()) {
      checkPodShape(() => `${path}.attachments[${place}]`, pod);
      checkPodPlace(pod);
      checkPodNad(spec, pod);
    }
    checkClaims(`${path}.claims`, claims);
    if (policies !== undefined) checkPolicyShapes(`${path}.policies`, policies);
    if (services !== undefined)
      checkServiceShapes(`${path}.services`, checkedList(`${path}.services`, services));
  }
}

/** Throws `UsageError` for what is no database, as a promise of one is none; it may be another class's that does the same. */
export function checkNorthbound(nb: Northbound): void {
  if (typeof nb === "object" && nb !== null && typeof nb.view === "object") return;
  throw new UsageError("nb must be a northbound database, as connectNorthbound resolves with");
}

/** Throws `SpecError` for nodes of one network that are none. */
export function checkNodes(path: string, nodes: readonly NodeInput[]): void {
  for (const [index, node] of checkedObjects(path, nodes, NO_NODE).entries())
    checkNodeShape(() => `${path}[${index}]`, node);
}

/** The same for one of them. */
export function checkNode(path: string, node: NodeInput): void {
  checkObject(path, node, NO_NODE);
  checkNodeShape(() => path, node);
  checkedName(`${path}.name`, node.name);
}

const NO_NODE = "must be an object with a `name`";

/** The same for its claims. */
export function checkClaims(path: string, claims: readonly IpamClaimInput[]): void {
  for (const [index, claim] of checkedObjects(path, claims).entries()) {
    checkClaimShape(`${path}[${index}]`, claim);
  }
}

function checkedObjects<T>(path: string, list: readonly T[], problem = "must be an object"): readonly T[] {
  for (const [index, entry] of checkedList(path, list).entries())
    checkObject(`${path}[${index}]`, entry, problem);
  return list;
}

/** Throws `SpecError` for what is no list: the letters of a name would be taken for names. */
export function checkedList<T>(path: string, list: readonly T[]): readonly T[] {
  if (!Array.isArray(list)) throw fault(path, list, "must be a list");
  return list;
}

function checkObject(path: string, value: unknown, problem: string): void {
  if (typeof value !== "object" || value === null) throw fault(path, value, problem);
}
