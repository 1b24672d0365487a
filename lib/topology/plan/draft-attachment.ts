import type { DesiredRow } from "../../reconcile/index.ts";
import { buildParts } from "../assemble/build-network.ts";
import { AddressError, SpecError } from "../description/errors.ts";
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
import type { AttachmentInput, IpamClaimInput, NodeInput, Observed } from "../request/inputs.ts";
import type { Northbound, PlanOptions } from "../request/request.ts";
import type { NetworkParts } from "../rows/built-network.ts";
import type { NetworkRowKind } from "../rows/network-row-kind.ts";
import { attachSite, optionsAt } from "./attach-site.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { finishDraft } from "./draft-plan.ts";
import type { Reservation } from "./reservation.ts";

/** The options of a plan, and IPAMClaims whose addresses others have. */
export interface AttachmentOptions extends PlanOptions {
  readonly claims?: readonly IpamClaimInput[];
}

/**
 * Plans the port of one pod on a network that is there, and nothing else: the switch is taken as it is, whatever was
 * decided for it (gateway mode, MTU) when it was made. What it takes is reserved.
 */
export function draftAttachment(
  nb: Northbound,
  spec: NetworkSpec,
  node: NodeInput,
  attachment: AttachmentInput,
  options: AttachmentOptions,
  reservation: Reservation,
): DraftPlan {
  const { view } = nb;
  const site = attachSite(view, spec, attachment);
  const complete = optionsAt(view, spec, site, options);
  // What the caller says of the node counts more than what the database tells.
  const nodes = [{ ...site.node, ...node }];
  const { switchName } = site;
  const { vm, namespace, nad } = attachment;
  const portName = podPortName(nad, namespace, attachment.name);
  const names = vm?.peer ? [portName, podPortName(nad, namespace, vm.peer)] : [portName];
  const observed: Observed = {
    ...observeSite(view, spec, switchName, names),
    ...(spec.dhcp && {
      dhcp: observeDhcpOf(view, spec.name, [spec.name, ...(vm ? [vmKey(namespace, vm.name)] : [])]),
    }),
  };
  const build = (from: Observed): NetworkParts =>
    buildParts(spec, from, nodes, [attachment], complete, {
      gateways: false,
      portsOnly: true,
      claims: options.claims ?? [],
    });
  const built = besidesOthers(observed, reservation, build);
  const known = new Set(observed.nodes.flatMap(({ subnets }) => subnets));
  for (const subnet of built.nodes.flatMap(({ subnets }) => subnets)) {
    if (!known.has(subnet)) {
      throw new SpecError(
        `node ${node.name} does not have the subnet ${subnet} in network "${spec.name}": apply a plan with it first`,
        { path: `nodes[${node.name}].subnets`, value: subnet },
      );
    }
  }
  reservation.reserve(built.rows.flatMap(({ kind, uuid }) => (kind === "pod port" ? (uuid ?? []) : [])));
  const kind: NetworkRowKind = "switch as found";
  const switchRow: DesiredRow = {
    key: rowKey("Logical_Switch", switchName),
    kind,
    name: switchName,
    network: spec.name,
    // Of several with its name it is the one that was made with this uuid, if any was.
    uuid: logicalSwitchUuid(switchName),
  };
  const rows = built.attachments.length > 0 ? [switchRow, ...built.rows] : built.rows;
  const policies = buildPolicies(
    spec,
    built.attachments,
    undefined,
    observePolicies(view, spec.name),
    complete,
  );
  const isolation = buildIsolation(
    [{ spec, nodes, attachments: [attachment] }],
    observeIsolation(view),
    false,
  );
  return finishDraft(nb, [...rows, ...policies.rows, ...isolation.rows], [], {
    notes: [...built.notes, ...policies.notes, ...isolation.notes],
    kept: [],
    absent: [],
    attachments: built.attachments.map((each) => ({ ...each, network: spec.name })),
  });
}

/** Builds without what others are about to take, unless there is nothing else left. */
function besidesOthers(
  observed: Observed,
  reservation: Reservation,
  build: (observed: Observed) => NetworkParts,
): NetworkParts {
  try {
    return build({
      ...observed,
      claims: (uuid) => observed.claims(uuid) || reservation.isTaken(uuid),
    });
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return build(observed);
  }
}
