import type { AttachmentInput, IpamClaimInput, NodeInput } from "./inputs.ts";
import type { PlanOptions } from "./request.ts";

/** One pod on a network, as `Network.attach` takes it. */
export interface PodAttachment extends Omit<AttachmentInput, "nad" | "node"> {
  /** The node the pod runs on: its name, or with its chassis id. */
  readonly node: string | NodeInput;
  /** NAD key. Default: the network's first NAD. */
  readonly nad?: string | undefined;
}

/** What a plan of one network is made from. */
export interface NetworkPlanInput extends PlanOptions {
  readonly nodes?: readonly NodeInput[] | undefined;
  readonly pods?: readonly PodAttachment[] | undefined;
  /** IPAMClaims of the network that none of `pods` may have: nobody else gets their addresses. Default: none. */
  readonly claims?: readonly IpamClaimInput[] | undefined;
  /** Remove nodes and pods of this network that are not named here. @default false */
  readonly prune?: boolean | undefined;
  /** Make one row of several that another tool left, see `TopologyRequest.merge`. @default false */
  readonly merge?: boolean | undefined;
}
