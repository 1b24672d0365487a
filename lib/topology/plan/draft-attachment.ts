import type { ReadView } from "../../database/index.ts";
import type { DesiredRow } from "../../reconcile/index.ts";
import { buildParts } from "../assemble/build-network.ts";
import { SpecError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { vmKey } from "../dhcp/dhcp-ids.ts";
import { observeDhcpOf } from "../dhcp/observe-dhcp.ts";
import { buildIsolation } from "../isolation/build-isolation.ts";
import { observeIsolation } from "../isolation/observe-isolation.ts";
import { logicalSwitchUuid } from "../naming/ids.ts";
import { podPortName } from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { observeSite } from "../observe/observe-site.ts";
import { buildPolicies } from "../policies/build-policies.ts";
import { observePolicies } from "../policies/observe-policies.ts";
import type {
  AttachmentInput,
  IpamClaimInput,
  NodeInput,
  Observed,
  TopologyOptions,
} from "../request/inputs.ts";
import type { Northbound, PlanOptions } from "../request/request.ts";
import { checkPortHere, splitNodes } from "../request/zones.ts";
import type { NetworkParts } from "../rows/built-network.ts";
import type { NetworkRowKind } from "../rows/network-row-kind.ts";
import { type AttachSite, attachSite, optionsAt } from "./attach-site.ts";
import { besidesOthers, claimsOf } from "./besides-others.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { finishDraft } from "./draft-plan.ts";
import type { Reservation } from "./reservation.ts";

/** The options of a plan, and IPAMClaims whose addresses others have. */
export interface AttachmentOptions extends PlanOptions {
  readonly claims?: readonly IpamClaimInput[] | undefined;
}

/** A pod that is to be attached, and its node. */
export interface PodOnNode {
  readonly node: NodeInput;
  readonly attachment: AttachmentInput;
}

type Pods = readonly [PodOnNode, ...PodOnNode[]];

/**
 * Plans the ports of pods on a network that is there, and nothing else: their switches are taken as they are, whatever was
 * decided for them (gateway mode, MTU) when they were made. What they take is reserved.
 *
 * @param pods Of several on one node all say the same of it.
 * @param party The reservations of these pods; what others have reserved is passed over.
 */
export function draftAttachments(
  nb: Northbound,
  spec: NetworkSpec,
  pods: Pods,
  options: AttachmentOptions,
  reservation: Reservation,
  party?: ReadonlySet<Reservation>,
): DraftPlan {
  const { view } = nb;
  const isTaken = reservation.others(party);
  for (const { attachment, node } of pods) checkPortHere(spec, attachment, node, options);
  const [first, ...others] = bySwitch(spec, pods).map((each) =>
    draftPorts(view, spec, each, options, isTaken),
  );
  if (first === undefined) throw new Error("there are no pods");
  const parts = [first, ...others];
  const { complete } = first;
  if (others.some((each) => each.complete.profile !== complete.profile))
    throw new Error(`switches of network "${spec.name}" were written with different profiles`);
  const claims = claimsOf(parts.map(({ built }) => built.rows));
  reservation.reserve(claims);
  const attachments = parts.flatMap(({ built }) => built.attachments);
  const policies = buildPolicies(spec, attachments, undefined, observePolicies(view, spec.name), complete);
  const asked = {
    spec,
    nodes: splitNodes(
      parts.flatMap(({ nodes }) => nodes),
      complete,
    ).local,
    attachments: pods.map(({ attachment }) => attachment),
  };
  const isolation = buildIsolation([asked], observeIsolation(view), false);
  const rows = [...parts.flatMap((part) => part.rows), ...policies.rows, ...isolation.rows];
  const notes = new Set(parts.flatMap(({ built }) => built.notes));
  return finishDraft(nb, rows, [], {
    notes: [...notes, ...policies.notes, ...isolation.notes],
    kept: [],
    absent: [],
    ports: [{ network: spec.name, attachments }],
    nodes: [],
    claims,
  });
}

/** The pods of each switch. */
function bySwitch(spec: NetworkSpec, pods: Pods): readonly Pods[] {
  if (pods.length === 1 || spec.topology !== "layer3") return [pods];
  const groups = new Map<string, [PodOnNode, ...PodOnNode[]]>();
  for (const pod of pods) {
    const group = groups.get(pod.node.name);
    if (group === undefined) groups.set(pod.node.name, [pod]);
    else group.push(pod);
  }
  return [...groups.values()];
}

/** The ports on one switch. */
interface PortsDraft {
  readonly nodes: readonly NodeInput[];
  readonly complete: TopologyOptions;
  readonly built: NetworkParts;
  readonly rows: readonly DesiredRow[];
}

function draftPorts(
  view: ReadView,
  spec: NetworkSpec,
  pods: Pods,
  options: AttachmentOptions,
  isTaken: ((claim: string) => boolean) | undefined,
): PortsDraft {
  const attachments = pods.map(({ attachment }) => attachment);
  const site = attachSite(view, spec, pods[0].attachment);
  const complete = optionsAt(view, spec, site, options);
  const nodes = nodesOf(view, spec, site, pods);
  const { switchName } = site;
  const observed: Observed = {
    ...observeSite(view, spec, switchName, attachments.flatMap(portNames)),
    ...(spec.dhcp && {
      dhcp: observeDhcpOf(view, spec.name, [
        spec.name,
        ...attachments.flatMap(({ vm, namespace }) => (vm ? [vmKey(namespace, vm.name)] : [])),
      ]),
    }),
  };
  const built = besidesOthers(observed, isTaken, (from) =>
    buildParts(spec, from, nodes, attachments, complete, {
      gateways: false,
      portsOnly: true,
      claims: options.claims ?? [],
    }),
  );
  checkPlaces(spec, observed, built);
  const kind: NetworkRowKind = "switch as found";
  const switchRow: DesiredRow = {
    key: rowKey("Logical_Switch", switchName),
    kind,
    name: switchName,
    network: spec.name,
    // Of several with its name it is the one that was made with this uuid, if any was.
    uuid: logicalSwitchUuid(switchName),
  };
  return {
    nodes,
    complete,
    built,
    rows: built.attachments.length > 0 ? [switchRow, ...built.rows] : built.rows,
  };
}

/** That the nodes have the subnets that are said to be theirs. */
function checkPlaces(spec: NetworkSpec, observed: Observed, built: NetworkParts): void {
  const known = new Set(observed.nodes.flatMap(({ subnets }) => subnets));
  for (const { name, subnets } of built.nodes) {
    for (const subnet of subnets) {
      if (known.has(subnet)) continue;
      throw new SpecError(
        `node ${name} does not have the subnet ${subnet} in network "${spec.name}": apply a plan with it first`,
        { path: `nodes[${name}].subnets`, value: subnet },
      );
    }
  }
}

/** What the callers say of the pods' nodes counts more than what the database tells. */
function nodesOf(
  view: ReadView,
  spec: NetworkSpec,
  site: AttachSite,
  [first, ...others]: Pods,
): readonly NodeInput[] {
  const nodes = [{ ...site.node, ...first.node }];
  if (others.length === 0) return nodes;
  const names = new Set([first.node.name]);
  for (const { node, attachment } of others) {
    if (names.has(node.name)) continue;
    names.add(node.name);
    nodes.push({ ...attachSite(view, spec, attachment).node, ...node });
  }
  return nodes;
}

/** The port of a pod, and that of the other pod of its virtual machine. */
function portNames({ nad, namespace, name, vm }: AttachmentInput): readonly string[] {
  const portName = podPortName(nad, namespace, name);
  return vm?.peer ? [portName, podPortName(nad, namespace, vm.peer)] : [portName];
}
