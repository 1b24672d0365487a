import { constantRows, type DesiredRow } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { loadBalancerGroupNames } from "../naming/names.ts";
import type { Profile } from "../request/inputs.ts";
import type { StandingRows } from "./built-network.ts";
import { claimedRow } from "./network-context.ts";
import { sharedRows } from "./shared-rows.ts";

/** What every plan of a network has, whatever nodes and pods there are: what all networks share, and its own groups. */
export function standingRows(spec: NetworkSpec, profile: Profile): StandingRows {
  const { topology } = spec;
  if (topology === "localnet") return none;
  // In 2023 there were no groups, and only a router had what networks share. Today's controller makes it for all of them.
  if (profile === "ovn-kubernetes-2023") return topology === "layer3" ? [sharedRows(profile)] : none;
  const known =
    standingOf.get(spec) ?? Object.freeze([sharedRows(profile), constantRows(groupRows(spec.name))]);
  standingOf.set(spec, known);
  return known;
}

const none: StandingRows = [];

/** Of today's profile. A controller plans the same networks again and again. */
const standingOf = new WeakMap<NetworkSpec, StandingRows>();

/** The network's Load_Balancer_Group rows. */
function groupRows(network: string): DesiredRow[] {
  const names = loadBalancerGroupNames(network);
  return [names.cluster, names.switches, names.routers].map((name) => ({
    ...claimedRow("Load_Balancer_Group", name),
    kind: "load balancer group",
    network,
  }));
}
