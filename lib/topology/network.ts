import { DEFAULT_APPLY_TIMEOUT, deadlineOf } from "../database/index.ts";
import { checkBooleans, checkOptions } from "../jsonrpc/index.ts";
import { checkSpec } from "./description/check-spec.ts";
import { SpecError } from "./description/errors.ts";
import { checkFlags } from "./description/known-keys.ts";
import type { NetworkInput, NetworkSpec, TopologyName } from "./description/network-spec.ts";
import { checkedName, parseNetwork } from "./description/spec.ts";
import { fault } from "./description/spec-field.ts";
import { APPLY_OPTIONS, type Applied, type ApplyOptions, applyPlan, type Planner } from "./plan/apply.ts";
import { AttachCall, type AttachedPort } from "./plan/attach-call.ts";
import { attachPod } from "./plan/attach-party.ts";
import { deletionPlanner } from "./plan/deletion.ts";
import { DetachCall } from "./plan/detach-call.ts";
import { type AddedNode, NodeCall } from "./plan/node-call.ts";
import { networkPlace, nodeInOrder, nodePlace } from "./plan/node-order.ts";
import { type Plan, planChecked } from "./plan/plan.ts";
import { inOrder, planInOrder, podTest } from "./plan/pod-order.ts";
import { remembered } from "./plan/remembered.ts";
import { TurnMates } from "./plan/turn-mates.ts";
import type { Place } from "./plan/work-after.ts";
import { checkedPod, checkLeavingPod, checkPodNad } from "./request/check-pod.ts";
import { checkClaims, checkedList, checkNode, checkNodes, checkNorthbound } from "./request/check-request.ts";
import type { AttachmentInput, IpamClaimInput, NodeInput } from "./request/inputs.ts";
import type { NetworkPlanInput, PodAttachment } from "./request/network-plan-input.ts";
import { checkLeavingNode, checkNodeShape, checkPodShape } from "./request/node-shape.ts";
import { ownCopy } from "./request/own-copy.ts";
import type { Northbound, PlanOptions } from "./request/request.ts";
import { checkPlanKeys, PLAN_OPTIONS } from "./request/request-keys.ts";

/**
 * How a pod is attached. There is no `merge`: the work of `attach` does not grow with the network, and that of merging two
 * switches does. Where several rows are an `AmbiguousRowError`, apply a plan with `merge` first.
 */
export interface AttachOptions extends PlanOptions, ApplyOptions {
  /** IPAMClaims of the network: the pod gets none of their addresses but those of its own. Default: none. */
  readonly claims?: readonly IpamClaimInput[] | undefined;
}

const ATTACH_OPTIONS: Readonly<Record<keyof AttachOptions, true>> = {
  ...PLAN_OPTIONS,
  ...APPLY_OPTIONS,
  claims: true,
};

/** How a node is added. */
export interface AddOptions extends PlanOptions, ApplyOptions {}

const ADD_OPTIONS: Readonly<Record<keyof AddOptions, true>> = {
  ...PLAN_OPTIONS,
  ...APPLY_OPTIONS,
};

const DELETE_OPTIONS: Readonly<Record<keyof ApplyOptions | "force", true>> = {
  ...APPLY_OPTIONS,
  force: true,
};

const addedNodes: TurnMates<NodeCall, AddedNode> = new TurnMates();
const detachedPods: TurnMates<DetachCall, Applied> = new TurnMates();

/**
 * One network: its description, checked; and what can be done with it in a northbound database.
 *
 * It remembers nothing of the database. Made by {@link layer3}, {@link layer2} and {@link localnet}.
 */
export class Network {
  /** The description, checked. */
  readonly spec: NetworkSpec;

  /** Throws `SpecError` for what is no checked description. */
  constructor(spec: NetworkSpec) {
    checkSpec("spec", spec);
    this.spec = spec;
  }

  /**
   * What would have to change for the network to be there with these nodes and pods. Adds and repairs; removes only with
   * `prune`. Throws as {@link planTopology} does.
   */
  plan(nb: Northbound, input: NetworkPlanInput = {}): Plan {
    checkNorthbound(nb);
    checkPlanKeys(input);
    const { nodes = [], pods = [], prune = false, claims = [], ...options } = input;
    checkNodes("nodes", nodes);
    // Not as it is: `map` passes over holes.
    const attachments = [...checkedList("pods", pods)].map((pod, index) =>
      this.#attachment(pod, `pods[${index}]`),
    );
    checkClaims("claims", claims);
    return planChecked(nb, {
      ...options,
      prune,
      networks: [{ spec: this.spec, nodes, attachments, claims }],
    });
  }

  /**
   * Makes a node part of the network: what applying a plan with it alone does, with the network's own rows where they are not
   * there. Calls for several nodes that are begun in one turn of the event loop go together in one transaction where they may:
   * those for one network with the same options and the same signal, without `wait` and `dryRun`, whose nodes have chassis ids. Each has
   * its own outcome. Calls about one node are carried out in their order.
   *
   * Throws as {@link plan} and {@link Plan.apply} do.
   *
   * @param node its name, or all that is said of it.
   */
  async addNode(nb: Northbound, node: string | NodeInput, options: AddOptions = {}): Promise<AddedNode> {
    checkOptions(options, ADD_OPTIONS);
    checkFlags(options, ["migrate"]);
    checkNorthbound(nb);
    const given = typeof node === "string" ? { name: node } : node;
    checkNode("node", given);
    // What the caller does with these objects after the call is not meant.
    const input = ownCopy(given);
    const own = { ...options };
    const apply = applyOptionsOf(own);
    const call = new NodeCall(nb, this.spec, input, own, apply);
    const { deadline } = call;
    return await nodeInOrder(nb, this.spec.name, input.name, { ...apply, deadline }, () =>
      addedNodes.take(call),
    );
  }

  /**
   * Gives a pod its port, and an address if the network has subnets. A port that is there already is repaired; nothing
   * else of the network is touched, so this costs the same however large the network is. Without a profile in the
   * options the network's own is used.
   *
   * Throws `SpecError` when the network, or on layer3 the node, is not in the database; and as {@link Plan.apply} does.
   */
  async attach(nb: Northbound, pod: PodAttachment, options: AttachOptions = {}): Promise<AttachedPort> {
    checkOptions(options, ATTACH_OPTIONS);
    checkFlags(options, ["migrate"]);
    checkNorthbound(nb);
    // What the caller does with these objects after the call is not meant.
    const own = { ...options };
    const { claims, ...others } = own;
    const apply = applyOptionsOf(others);
    const attachment = ownCopy(this.#attachment(pod, "pod"));
    if (claims !== undefined) checkClaims("claims", claims);
    const node: NodeInput = typeof pod.node === "string" ? { name: pod.node } : ownCopy(pod.node);
    const call = new AttachCall(nb, this.spec, { node, attachment }, own, apply);
    const { deadline } = call;
    const { namespace, name } = attachment;
    const about = { network: this.spec.name, namespace, name };
    return inOrder(nb, about, { ...apply, deadline }, () => attachPod(call));
  }

  /**
   * Takes away a pod's port, or all of them when no NAD key is given and it has several: those of the NADs that the network
   * was described with, and their repetitions (`namespace/name/1` and so on). Absent ones are no error. With its `uid` the
   * port of a later pod of the same name, which has another one in `options:iface-id-ver`, stays: the end of a pod may be
   * told after the beginning of the next. Calls for several pods that are begun in one turn of the event loop go together in one
   * transaction, as those of {@link addNode} do; each is told its own part. Throws `SpecError` for what names no pod, and as
   * {@link Plan.apply} does.
   */
  async detach(
    nb: Northbound,
    pod: {
      readonly namespace: string;
      readonly name: string;
      readonly nad?: string | undefined;
      readonly uid?: string | undefined;
    },
    options: ApplyOptions = {},
  ): Promise<Applied> {
    checkOptions(options, APPLY_OPTIONS);
    checkNorthbound(nb);
    checkLeavingPod("pod", pod);
    const { namespace, name, nad, uid } = pod;
    // Nothing would be looked for, and the port stay without a word.
    if (nad === undefined && this.spec.nads.length === 0) throw nadNeeded(pod);
    // What the caller does with this object after the call is not meant.
    const own = { ...options };
    const call = new DetachCall(nb, this.spec, { namespace, name, nad, uid }, own);
    const { deadline } = call;
    const about = { network: this.spec.name, namespace, name };
    return inOrder(nb, about, { ...own, deadline }, () => detachedPods.take(call));
  }

  /**
   * Removes the network with all its ports. Throws `ForeignRowsError` when rows of others hang on it, unless `force`.
   * A network that is not there is no error. Throws as {@link Plan.apply} does, too.
   *
   * Waits for what was begun before on `nb` with pods and nodes of the network, and they wait for it.
   */
  async delete(
    nb: Northbound,
    options: ApplyOptions & { readonly force?: boolean | undefined } = {},
  ): Promise<Applied> {
    checkOptions(options, DELETE_OPTIONS);
    checkBooleans(options, ["force"]);
    checkNorthbound(nb);
    const { force = false, ...rest } = options;
    const networks = [this.spec.name];
    const planner = remembered(nb, deletionPlanner(nb, { networks, pods: [], force }));
    return this.#applyInOrder(nb, planner, networkPlace(nb, this.spec.name), rest);
  }

  /**
   * Takes a node out of the network, with the ports of its pods: what a plan with `prune` that lacks it would take, at the cost of
   * this node. On layer2 and localnet, give its chassis id with it as when the pods were attached: by that they are known to be there,
   * where no rows of other networks tell it. Throws `ForeignRowsError` when rows of others hang there, unless `force`. A node that is
   * not there is no error. Throws as {@link Plan.apply} does, too.
   *
   * Waits for what was begun before on `nb` with pods of the network, or with the node, and they wait for it.
   */
  async removeNode(
    nb: Northbound,
    node: string | NodeInput,
    options: ApplyOptions & { readonly force?: boolean | undefined } = {},
  ): Promise<Applied> {
    checkOptions(options, DELETE_OPTIONS);
    checkBooleans(options, ["force"]);
    checkNorthbound(nb);
    const { force = false, ...rest } = options;
    const given = typeof node === "string" ? { name: node } : node;
    checkLeavingNode("node", given);
    const nodes = [{ ...given, network: this.spec.name }];
    const planner = remembered(nb, deletionPlanner(nb, { networks: [], pods: [], nodes, force }));
    return this.#applyInOrder(nb, planner, nodePlace(nb, this.spec.name, given.name), rest);
  }

  /** Applies a plan that may take ports of any pods of the network: in its place among what is done with them. */
  #applyInOrder(nb: Northbound, planner: Planner, place: Place, options: ApplyOptions): Promise<Applied> {
    const networks = [this.spec.name];
    const deadline = deadlineOf(options, DEFAULT_APPLY_TIMEOUT);
    const isAbout = podTest(() => [], new Set(networks));
    const work = (): Promise<Applied> => applyPlan(nb, planner, networks, options, deadline);
    return planInOrder(nb, isAbout, { ...options, deadline }, work, place);
  }

  /** `path` is where the pod stands in what was given. */
  #attachment(pod: PodAttachment, path: string): AttachmentInput {
    checkPodShape(() => path, checkedPod(path, pod));
    const { node, nad = this.spec.nads[0], ...rest } = pod;
    if (nad === undefined) throw nadNeeded(pod);
    if (typeof nad !== "string") throw fault(`pods[${pod.namespace}/${pod.name}].nad`, nad, "must be a text");
    const name: unknown = typeof node === "string" ? node : node?.name;
    const attachment = {
      ...rest,
      nad,
      node: checkedName(`pods[${pod.namespace}/${pod.name}].node`, name),
    };
    if (typeof node === "object") checkNodeShape(() => `${path}.node`, node);
    checkPodNad(this.spec, attachment);
    return attachment;
  }
}

/** Those of the options that are about applying. */
function applyOptionsOf(options: PlanOptions & ApplyOptions): ApplyOptions {
  const { profile, mode, zone, gatewayMode, clusterMtu, migrate, ...applyOptions } = options;
  return applyOptions;
}

function nadNeeded({ namespace, name }: Pick<PodAttachment, "namespace" | "name">): SpecError {
  const path = `pods[${namespace}/${name}].nad`;
  const message = `${path} is needed: the network was described without a NAD`;
  return new SpecError(message, { path, value: undefined });
}

/**
 * A routed network: a router, and for every node a switch with a subnet of its own. `subnets` are
 * `CIDR/length-for-each-node` (default 24, IPv6 64). Throws `SpecError` naming the field, `UsageError` for what is no object.
 */
export function layer3(input: NetworkInput): Network {
  return network("layer3", input);
}

/** A switched network over all nodes. Without `subnets` ports get only a MAC. Throws `SpecError` naming the field, `UsageError` for what is no object. */
export function layer2(input: NetworkInput): Network {
  return network("layer2", input);
}

/** A switched network joined to a physical one, perhaps in a VLAN. Throws `SpecError` naming the field, `UsageError` for what is no object. */
export function localnet(input: NetworkInput): Network {
  return network("localnet", input);
}

function network(topology: TopologyName, input: NetworkInput): Network {
  return new Network(parseNetwork(topology, input));
}
