import type { DesiredRow } from "../reconcile/index.ts";
import { buildIsolation } from "./build-isolation.ts";
import { buildParts, podSwitchName } from "./build-network.ts";
import { buildPolicies } from "./build-policies.ts";
import type { NetworkParts } from "./built-network.ts";
import { vmKey } from "./dhcp-ids.ts";
import { type DraftPlan, finishDraft } from "./draft-plan.ts";
import { AddressError, NameCollisionError, SpecError } from "./errors.ts";
import type { AttachmentInput, IpamClaimInput, NodeInput, Observed } from "./inputs.ts";
import { podPortName } from "./names.ts";
import type { NetworkRowKind } from "./network-row-kind.ts";
import type { NetworkSpec } from "./network-spec.ts";
import { fixedSwitchNames, networkOf, observeSite } from "./observe.ts";
import { observeDhcpOf } from "./observe-dhcp.ts";
import { observeIsolation } from "./observe-isolation.ts";
import { observePolicies } from "./observe-policies.ts";
import { checkProfile, recognise } from "./profile-check.ts";
import { completeOptions, type Northbound, type PlanOptions } from "./request.ts";
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
  const switchName = podSwitchName(spec, node.name);
  // The other nodes' switches would say the same, and asking them takes as long as there are nodes.
  const switches = [...new Set([...fixedSwitchNames(spec.name), switchName])]
    .flatMap((name) => view.find("Logical_Switch", { name }))
    .filter((row) => ["", spec.name].includes(networkOf(row)));
  const profile = options.profile ?? recognise(view, spec.name, switches).profile;
  const complete = completeOptions(profile === undefined ? options : { ...options, profile });
  checkProfile(view, spec, complete, false, switches);
  const portName = podPortName(attachment.nad, attachment.namespace, attachment.name);
  for (const row of view.find("Logical_Switch", { name: switchName })) {
    const theirs = networkOf(row);
    if (theirs !== "" && theirs !== spec.name) {
      throw new NameCollisionError("Logical_Switch", switchName, [
        `the switch of network "${spec.name}"`,
        `the existing row of network "${theirs}"`,
      ]);
    }
  }
  const { vm, namespace } = attachment;
  const observed: Observed = {
    ...observeSite(view, spec, { switchName, portName }),
    ...(spec.dhcp && {
      dhcp: observeDhcpOf(view, spec.name, [spec.name, ...(vm ? [vmKey(namespace, vm.name)] : [])]),
    }),
  };
  const build = (from: Observed): NetworkParts =>
    buildParts(spec, from, [node], [attachment], complete, {
      gateways: false,
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
  const rows = built.rows.flatMap((row): DesiredRow[] => {
    if (row.kind === "pod port" || row.kind === "dhcp options") return [row];
    return row.name === switchName && row.key.startsWith("Logical_Switch/")
      ? [{ key: row.key, kind, name: row.name, network: spec.name }]
      : [];
  });
  const policies = buildPolicies(
    spec,
    built.attachments,
    undefined,
    observePolicies(view, spec.name),
    complete,
  );
  const isolation = buildIsolation(
    [{ spec, nodes: [node], attachments: [attachment] }],
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
