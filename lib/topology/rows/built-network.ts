import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import type { AttachmentInput } from "../request/inputs.ts";

/** An attachment with everything that was decided for it. */
export interface BuiltAttachment {
  /** What was asked for. */
  readonly input: AttachmentInput;
  /** Name of the Logical_Switch_Port. */
  readonly portName: string;
  /** `mac ip ip6`, as in `addresses`. */
  readonly addresses: string;
  readonly mac: string;
  /** With prefix length, in the order of the subnets. */
  readonly ips: readonly string[];
  /** Only a guard on the switch in the transaction keeps others from the same address. */
  readonly exclusive: boolean;
  /** And the switch would not change by it, as the port is there: the transaction has to mark it. */
  readonly unseen: boolean;
  /** Key of the row of its switch; empty for a pod without a port here. */
  readonly switchKey: string;
  /** The pod runs in another zone. */
  readonly isRemote: boolean;
}

/** A node of a layer3 network with the subnets that were decided for it. */
export interface BuiltNode {
  readonly name: string;
  readonly subnets: readonly string[];
  /** Not all of them were the node's before. */
  readonly isNew: boolean;
  /** Only a guard on the router in the transaction keeps others from the same subnets. */
  readonly exclusive: boolean;
  /** And others who give out subnets would not see it: the transaction has to mark the router. */
  readonly unseen: boolean;
}

/** Lists of rows that are the same in plan after plan, see `standing` in reconcile's `PlanOptions`. */
export type StandingRows = readonly (readonly DesiredRow[])[];

/** A network as rows, of which those that every plan of it has are apart. */
export interface NetworkParts extends BuiltNetwork {
  /** They come before `rows`. */
  readonly standing: StandingRows;
}

/** A network as rows. */
export interface BuiltNetwork {
  readonly rows: readonly DesiredRow[];
  /** Rows of the other profile that have no place any more. */
  readonly removals: readonly Removal[];
  /** Layer3 only, by name. */
  readonly nodes: readonly BuiltNode[];
  /** In order of namespace, pod and NAD key: those that have a port in this database. */
  readonly attachments: readonly BuiltAttachment[];
  /** Those of other zones that have none here. */
  readonly elsewhere: readonly BuiltAttachment[];
  /** What the user should know though it is no error. */
  readonly notes: readonly string[];
}
