import { checkObject, UsageError } from "../../jsonrpc/index.ts";
import { checkFlags, checkKeys, type KeysOf } from "../description/known-keys.ts";
import type { DeletionRequest } from "./deletion-request.ts";
import type { NetworkPlanInput } from "./network-plan-input.ts";
import type { NetworkRequest, PlanOptions, TopologyRequest } from "./request.ts";

/** How rows are to look. */
export const PLAN_OPTIONS: KeysOf<PlanOptions> = {
  profile: true,
  mode: true,
  zone: true,
  gatewayMode: true,
  clusterMtu: true,
  migrate: true,
};

const PLAN: KeysOf<NetworkPlanInput> = {
  nodes: true,
  pods: true,
  claims: true,
  prune: true,
  merge: true,
  ...PLAN_OPTIONS,
};

const REQUEST: KeysOf<TopologyRequest> = {
  networks: true,
  prune: true,
  merge: true,
  pruneNetworks: true,
  ...PLAN_OPTIONS,
};

const NETWORK_REQUEST: KeysOf<NetworkRequest> = {
  spec: true,
  nodes: true,
  attachments: true,
  claims: true,
  policies: true,
  services: true,
};

const DELETION: KeysOf<DeletionRequest> = {
  networks: true,
  pods: true,
  nodes: true,
  policies: true,
  services: true,
  force: true,
};

/** Throws `SpecError` for a key of what a plan of one network is made from that nobody reads. */
export function checkPlanKeys(input: NetworkPlanInput): void {
  checkObject("what a plan is made from", input);
  checkKeys("", input, PLAN);
  checkFlags(input, ["prune", "merge", "migrate"]);
}

/** The same for a request of several networks. */
export function checkRequestKeys(request: TopologyRequest): void {
  checkObject("the request", request);
  // What manifests hold looks like a request: both have networks.
  if ("skipped" in request)
    throw new UsageError(
      "the request is what readManifests gave: plan { networks: networkRequests(manifests) }",
    );
  checkKeys("", request, REQUEST);
  checkFlags(request, ["prune", "merge", "migrate", "pruneNetworks"]);
}

/** The same for one of them. */
export function checkNetworkRequestKeys(path: string, request: NetworkRequest): void {
  // What layer2 and its like return has a `spec`, too, and plans by itself.
  if ("plan" in request)
    throw new UsageError(
      `${path} is a network: give { spec: network.spec, nodes, attachments }, or plan it by itself, network.plan(nb, { nodes, pods })`,
    );
  checkKeys(path, request, NETWORK_REQUEST);
}

/** The same for a request to remove something. */
export function checkDeletionKeys(request: DeletionRequest): void {
  checkObject("the request", request);
  checkKeys("", request, DELETION);
  checkFlags(request, ["force"]);
}
