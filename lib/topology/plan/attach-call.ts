import { whenSynced } from "../../database/index.ts";
import { UsageError } from "../../jsonrpc/index.ts";
import { podSwitchName } from "../assemble/build-network.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { podPortName } from "../naming/names.ts";
import type { Northbound } from "../request/request.ts";
import { checkPortHere } from "../request/zones.ts";
import { chassisNote } from "../rows/chassis-notes.ts";
import type { Applied, ApplyOptions } from "./apply.ts";
import { attachSite } from "./attach-site.ts";
import { type AttachmentOptions, draftAttachments, type PodOnNode } from "./draft-attachment.ts";
import type { PlannedAttachment } from "./draft-network.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import { JointCall } from "./joint-call.ts";
import type { Reservation } from "./reservation.ts";

/** The port that a pod was given. */
export interface AttachedPort extends PlannedAttachment {
  /** What people should know although it is no error, as `notes` of a plan: of ports that have the MAC that the pod asked for. */
  readonly notes: readonly string[];
}

/** One call of `attach` that is under way. */
export class AttachCall extends JointCall<AttachedPort> {
  readonly pod: PodOnNode;
  readonly #name: string;
  readonly #options: AttachmentOptions;

  /**
   * Throws `UsageError` for a `timeout` and a `wait` that are none.
   *
   * @param applyOptions Those of the options that are about applying.
   */
  constructor(
    nb: Northbound,
    spec: NetworkSpec,
    pod: PodOnNode,
    options: AttachmentOptions & ApplyOptions,
    applyOptions: ApplyOptions,
  ) {
    super(nb, spec, options, applyOptions);
    const { nad, namespace, name } = pod.attachment;
    this.pod = pod;
    this.#name = podPortName(nad, namespace, name);
    this.#options = options;
    if ((pod.node.chassisId ?? "") === "") this.notes = [chassisNote(pod.node.name)];
  }

  get place(): string {
    return podSwitchName(this.spec, this.pod.node.name);
  }

  /** All that is said of its node. */
  get said(): readonly [string, string] {
    const { node } = this.pod;
    return [node.name, JSON.stringify(node)];
  }

  /** Whether all that are attached to its switch are in each other's way: of two addresses only the first is claimed by the port. */
  get isContested(): boolean {
    return this.spec.subnets.length > 1;
  }

  /** The switch that they are in each other's way on, if there is one. At once, when it can. Throws as {@link draftAttachments} does. */
  contested(): ExclusiveRow | undefined | Promise<ExclusiveRow | undefined> {
    const { nb, deadline, signal } = this;
    return whenSynced(nb, () => this.#switch(), { deadline, signal });
  }

  #switch(): ExclusiveRow | undefined {
    const { view } = this.nb;
    checkPortHere(this.spec, this.pod.attachment, this.pod.node, this.#options);
    const { switchName: name } = attachSite(view, this.spec, this.pod.attachment);
    const [row, ...others] = view.find("Logical_Switch", { name });
    return row === undefined || others.length > 0
      ? undefined
      : { table: "Logical_Switch", uuid: row._uuid, name };
  }

  protected draft(others: readonly this[], reservation: Reservation): DraftPlan {
    const party = new Set(others.map((each) => each.reservation));
    const pods: readonly [PodOnNode, ...PodOnNode[]] = [this.pod, ...others.map(({ pod }) => pod)];
    return draftAttachments(this.nb, this.spec, pods, this.#options, reservation, party);
  }

  protected outcomeIn({ attachments }: Applied, notes: readonly string[]): AttachedPort {
    const { namespace, name } = this.pod.attachment;
    const planned = attachments.find(({ portName }) => portName === this.#name);
    if (planned === undefined) throw new UsageError(`pod ${namespace}/${name} was not planned`);
    return { ...planned, notes };
  }
}
