import type { NetworkSpec } from "../description/network-spec.ts";
import type { NodeInput } from "../request/inputs.ts";
import type { Northbound, PlanOptions } from "../request/request.ts";
import type { Applied, ApplyOptions } from "./apply.ts";
import { type DraftPlan, toReserve } from "./draft-of-rows.ts";
import { draftTopology } from "./draft-plan.ts";
import { JointCall } from "./joint-call.ts";
import type { Reservation } from "./reservation.ts";

/** What a node was given on a network. */
export interface AddedNode {
  readonly name: string;
  /** Its subnets, `address/length`, on layer3; else, and for a node of another zone, none. */
  readonly subnets: readonly string[];
  /** What people should know although it is no error, as `notes` of a plan. */
  readonly notes: readonly string[];
}

/** One call of `addNode` that is under way. */
export class NodeCall extends JointCall<AddedNode> {
  readonly #node: NodeInput;
  readonly #options: PlanOptions;

  /**
   * Throws `UsageError` for a `timeout` and a `wait` that are none.
   *
   * @param applyOptions Those of the options that are about applying.
   */
  constructor(
    nb: Northbound,
    spec: NetworkSpec,
    node: NodeInput,
    options: PlanOptions & ApplyOptions,
    applyOptions: ApplyOptions,
  ) {
    super(nb, spec, options, applyOptions);
    this.#node = node;
    this.#options = options;
  }

  readonly place = "";

  /** Calls about one node are never under way at once. */
  get said(): readonly [string, string] {
    return [this.#node.name, ""];
  }

  /** There is a note on a node without chassis id, and notes are told to those whom they are about. */
  override get mayBeTogether(): boolean {
    return (this.#node.chassisId ?? "") !== "" && super.mayBeTogether;
  }

  protected draft(others: readonly this[], reservation: Reservation): DraftPlan {
    const nodes = [this.#node, ...others.map((each) => each.#node)];
    const party = new Set(others.map((each) => each.reservation));
    const request = { ...this.#options, networks: [{ spec: this.spec, nodes, attachments: [] }] };
    const plan = draftTopology(this.nb, request, {
      isTaken: reservation.others(party),
      isPart: true,
    });
    reservation.reserve(toReserve(plan));
    return plan;
  }

  protected outcomeIn({ nodes }: Applied, notes: readonly string[]): AddedNode {
    const { name } = this.#node;
    return { name, subnets: nodes.find((node) => node.name === name)?.subnets ?? [], notes };
  }
}
