import type { Database } from "../../database/index.ts";
import { checkObject } from "../../jsonrpc/index.ts";
import type { NorthboundTables } from "../../schemas/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import type { AttachmentInput, IpamClaimInput, NodeInput, TopologyOptions } from "./inputs.ts";
import type { PolicyRequest } from "./policy-input.ts";
import type { ServiceInput } from "./service-input.ts";
import { checkMode } from "./zones.ts";

/** A northbound database. */
export type Northbound = Database<NorthboundTables>;

/** {@link TopologyOptions} of which each may be left out. */
type GivenOptions = { readonly [K in keyof TopologyOptions]?: TopologyOptions[K] | undefined };

/** How rows are to look, and what to do about rows that look otherwise. */
export interface PlanOptions extends GivenOptions {
  /**
   * Change networks that were written with another profile, instead of refusing to touch them. Ports keep their uuids.
   * @default false
   */
  readonly migrate?: boolean | undefined;
}

/** Whose rows OVN-Kubernetes' today's central mode would be, with its default MTU. */
export const defaultTopologyOptions: TopologyOptions = Object.freeze({
  profile: "ovn-kubernetes",
  mode: "central",
  gatewayMode: "shared",
  clusterMtu: 1400,
});

const choices = {
  profile: ["ovn-kubernetes", "ovn-kubernetes-2023"],
  mode: ["central", "interconnect"],
  gatewayMode: ["shared", "local"],
} as const;

/** The options with the defaults in the places of those that were not given. Throws `SpecError` naming a wrong one. */
export function completeOptions(options: PlanOptions): TopologyOptions {
  checkObject("the options of a plan", options);
  for (const name of ["profile", "mode", "gatewayMode"] as const) {
    const value: string | undefined = options[name];
    if (value !== undefined && !choices[name].some((choice) => choice === value)) {
      throw fault(name, value, `must be one of ${choices[name].join(", ")}`);
    }
  }
  const mtu = options.clusterMtu;
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 68 && mtu <= 65_535)) {
    throw fault("clusterMtu", mtu, "must be a whole number from 68 to 65535");
  }
  const complete: TopologyOptions = {
    profile: options.profile ?? defaultTopologyOptions.profile,
    mode: options.mode ?? defaultTopologyOptions.mode,
    gatewayMode: options.gatewayMode ?? defaultTopologyOptions.gatewayMode,
    clusterMtu: options.clusterMtu ?? defaultTopologyOptions.clusterMtu,
    ...(options.zone !== undefined && { zone: options.zone }),
  };
  checkMode(complete);
  return complete;
}

/** One network with everything that is to be on it. */
export interface NetworkRequest {
  readonly spec: NetworkSpec;
  readonly nodes: readonly NodeInput[];
  readonly attachments: readonly AttachmentInput[];
  /** All IPAMClaims of the network: nobody else gets their addresses. Default: none but those of `attachments`. */
  readonly claims?: readonly IpamClaimInput[] | undefined;
  /** All policies of the network. Absent: policies are nobody's concern, and those that are there stay as they are. */
  readonly policies?: PolicyRequest | undefined;
  /** All services of the network, which must be primary; `nodes` must be all nodes then, since each has load balancers of its own. Absent: services are nobody's concern, and those that are there stay as they are. */
  readonly services?: readonly ServiceInput[] | undefined;
}

/** What {@link planTopology} is asked for. */
export interface TopologyRequest extends PlanOptions {
  readonly networks: readonly NetworkRequest[];
  /** Remove nodes and pods of these networks, and where policies or services are asked for also those, that the request lacks. Rows of others stay, and what they hang on. @default false */
  readonly prune?: boolean | undefined;
  /**
   * Make one row of several that another tool left: switches or routers of one name, rows with the same owner ids, a port in two
   * switches. Without it several rows of one name are an `AmbiguousRowError`, unless one of them was made by this library.
   * @default false
   */
  readonly merge?: boolean | undefined;
  /** Remove whole networks that the request lacks, if this library made all their switches and routers. @default false */
  readonly pruneNetworks?: boolean | undefined;
}
