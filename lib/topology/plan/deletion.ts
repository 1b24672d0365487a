import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { checkShape, oneOf, type ShapeOf } from "../description/input-shape.ts";
import { fault } from "../description/spec-field.ts";
import { idleDhcp } from "../dhcp/dhcp-removal.ts";
import { addressClaim } from "../naming/ids.ts";
import { podPortName } from "../naming/names.ts";
import { ForeignRowsError } from "../observe/foreign-rows.ts";
import { networkOf, stringMap, text, texts } from "../observe/observe.ts";
import { isPodPort } from "../observe/pod-of-port.ts";
import { idleDefaultPorts } from "../removal/isolation-removal.ts";
import { removePolicies, withdrawAddresses } from "../removal/policy-removal.ts";
import { type Removals, removeNetwork, removePort } from "../removal/removal.ts";
import { networksOfNodes, removeNodes, type ToldChassis } from "../removal/remove-nodes.ts";
import { checkLeavingPod } from "../request/check-pod.ts";
import { checkedList, checkNorthbound } from "../request/check-request.ts";
import type { DeletionRequest, PolicyName, ServiceName } from "../request/deletion-request.ts";
import { checkLeavingNode } from "../request/node-shape.ts";
import type { Northbound } from "../request/request.ts";
import { checkDeletionKeys } from "../request/request-keys.ts";
import { DEFAULT_COPP } from "../rows/shared-rows.ts";
import { removeServices } from "../services/service-removal.ts";
import type { Planner } from "./apply.ts";
import { DraftOfRows, type DraftPlan } from "./draft-of-rows.ts";
import { plan } from "./draft-plan.ts";
import { Plan } from "./plan.ts";
import { podTest } from "./pod-order.ts";

/**
 * Plans the removal of networks, of ports of pods, of nodes, of policies and of services. The addresses of ports that go leave the
 * address sets of their network in the same transaction. What is not there is named in `absent`. Copp, Meter and Meter_Band
 * rows stay: they serve others too.
 *
 * Throws `ForeignRowsError` when rows of others would go along and `force` is not set, `SpecError` for what names no
 * network or pod.
 */
export function planDeletion(nb: Northbound, request: DeletionRequest): Plan {
  const planner = deletionPlanner(nb, request);
  const ofNodes = networksOfNodes(nb.view, request.nodes ?? []);
  // Which pods a node has is seen when the plan is made.
  const isAbout = podTest(() => request.pods, new Set(ofNodes));
  return new Plan(nb, planner, [...new Set([...request.networks, ...ofNodes])], isAbout);
}

const POLICY_NAME: ShapeOf<PolicyName> = {
  namespace: "text",
  name: "text",
  role: oneOf("primary", "secondary"),
};
const SERVICE_NAME: ShapeOf<ServiceName> = { namespace: "text", name: "text" };

/** Makes plans of a removal. */
export function deletionPlanner(nb: Northbound, request: DeletionRequest): Planner {
  checkNorthbound(nb);
  checkDeletionKeys(request);
  for (const [index, name] of checkedList("networks", request.networks).entries())
    if (typeof name !== "string" || name === "")
      throw fault(`networks[${index}]`, name, "must be the name of a network");
  for (const [index, pod] of checkedList("pods", request.pods).entries()) {
    checkLeavingPod(`pods[${index}]`, pod);
    if (pod.nad === undefined) throw fault(`pods[${pod.namespace}/${pod.name}].nad`, pod.nad, "is needed");
  }
  for (const [index, node] of checkedList("nodes", request.nodes ?? []).entries())
    checkLeavingNode(`nodes[${index}]`, node);
  checkedList("policies", request.policies ?? []);
  for (const [index, policy] of (request.policies ?? []).entries())
    checkShape(`policies[${index}]`, policy, POLICY_NAME);
  checkedList("services", request.services ?? []);
  for (const [index, service] of (request.services ?? []).entries())
    checkShape(`services[${index}]`, service, SERVICE_NAME);
  const networks = [...new Set(request.networks)];
  const memory: Memory = { told: new Map(), first: undefined };
  return (only) => draftDeletion(nb, { ...request, networks }, memory, only);
}

/** A plan of the removal of ports of pods, which were checked. */
export function draftDetachments(nb: Northbound, pods: DeletionRequest["pods"]): DraftPlan {
  return draftDeletion(nb, { networks: [], pods }, { told: new Map(), first: undefined });
}

/** What is told of a pod that has no port; more may follow. */
export function absentPod({ namespace, name, nad }: DeletionRequest["pods"][number]): string {
  return `pod ${namespace}/${name} on ${nad}`;
}

/** What was found when the whole was planned; the parts, one after the other, do not look at the whole database again. */
interface Memory {
  readonly told: ToldChassis;
  /** The network with which goes what is of none. */
  first: string | undefined;
}

function draftDeletion(
  nb: Northbound,
  request: DeletionRequest,
  memory: Memory,
  only?: ReadonlySet<string>,
): DraftPlan {
  const { view } = nb;
  const { nodes: leavingNodes = [] } = request;
  if (only === undefined) memory.first = request.networks[0] ?? networksOfNodes(view, leavingNodes)[0];
  // Pods, policies and services go with the first group of networks, when there are several.
  const isFirst = only === undefined || only.has(memory.first ?? "");
  const parts = request.networks
    .filter((network) => isFirst || only.has(network))
    .map((network) => ({ network, ...removeNetwork(view, network) }));
  const going = new Set(request.networks);
  const policies = removePolicies(view, isFirst ? (request.policies ?? []) : [], going);
  const nodes = removeNodes(view, leavingNodes, { going, only, isFirst, told: memory.told });
  const foreign = [...parts.flatMap((part) => part.foreign), ...policies.foreign, ...nodes.foreign];
  if (foreign.length > 0 && request.force !== true) throw new ForeignRowsError(foreign);
  const chosen = parts.filter(({ network }) => only === undefined || only.has(network));
  const services = removeServices(view, isFirst ? (request.services ?? []) : [], going);
  const removals: Removal[] = [
    ...chosen.flatMap((part) => part.removals),
    ...policies.removals,
    ...services.removals,
    ...nodes.removals,
  ];
  const absent = [
    ...chosen.filter((part) => part.removals.length === 0).map(({ network }) => `network "${network}"`),
    ...policies.absent,
    ...services.absent,
    ...nodes.absent,
  ];
  const taken = new Set([...parts, nodes].flatMap((part) => part.removals.map(({ uuid }) => uuid)));
  const leaving = leavingPorts(view, nodes.removals);
  for (const pod of isFirst ? request.pods : []) {
    const port = findPodPort(view, pod);
    const later = port === undefined ? undefined : laterPod(port, pod.uid);
    const isOurs = port !== undefined && later === undefined;
    const gone = isOurs ? removePort(view, networkOf(port), port, (pod.uid ?? "") !== "") : [];
    if (gone.length === 0) {
      const why = later === undefined ? "" : `: its port is that of a pod with another uid (${later})`;
      absent.push(`${absentPod(pod)}${why}`);
    }
    const own = gone.filter(({ uuid, parent }) => !taken.has(uuid) && !taken.has(parent?.uuid ?? ""));
    removals.push(...own);
    for (const { network = "", name } of own)
      leaving.set(network, (leaving.get(network) ?? new Set()).add(name));
  }
  removals.push(...idleDhcp(view, removals));
  removals.push(...idleDefaultPorts(view, removals, new Set(), request.networks.length > 0, []));
  const goingRows = new Set(removals.map(({ uuid }) => uuid));
  const rows = [
    ...policies.rows,
    ...[...leaving].flatMap(([network, names]) => withdrawAddresses(view, network, names, goingRows)),
  ];
  const planned = plan(nb, rows, removals);
  return new DraftOfRows(planned, {
    omitted: planned.omitted,
    notes: sharedRowsStay(view, chosen) ? ["Copp and Meter rows stay: they serve others too"] : [],
    kept: [...chosen.flatMap((part) => part.kept), ...policies.kept],
    absent,
    attachments: [],
    nodes: [],
    claims: [],
    exclusive: [],
    together: undefined,
  });
}

/** Names of the ports of pods that go, by network. */
function leavingPorts(view: ReadView, removals: readonly Removal[]): Map<string, Set<string>> {
  const leaving = new Map<string, Set<string>>();
  for (const { table, uuid, name, network = "" } of removals) {
    const port = table === "Logical_Switch_Port" ? view.byUuid(table, uuid) : undefined;
    if (port === undefined || !isPodPort(port)) continue;
    leaving.set(network, (leaving.get(network) ?? new Set()).add(name));
  }
  return leaving;
}

/** Whether whole networks take a user of rows away that nobody else may be left to use, as whoever looks for remains sees. */
function sharedRowsStay(view: ReadView, networks: readonly Pick<Removals, "removals">[]): boolean {
  return (
    networks.some(({ removals }) => removals.some(({ table }) => table === "Logical_Router")) &&
    view.supports("Copp") &&
    view.find("Copp", { name: DEFAULT_COPP }).length > 0
  );
}

/**
 * The port of a pod, if it is one that belongs to a network: a port of another tool may have the name. One that lost its
 * marks belongs to the network of its switch.
 */
export function findPodPort(view: ReadView, pod: DeletionRequest["pods"][number]): AnyRow | undefined {
  const [port] = view.find("Logical_Switch_Port", { name: podPortName(pod.nad, pod.namespace, pod.name) });
  if (port === undefined) return undefined;
  const homes = view.referrers(port._uuid, "Logical_Switch", "ports").map(networkOf);
  if (!looksLikeOurs(port, homes)) return undefined;
  const network = networkOf(port) || homes[0] || "";
  return network !== "" && (pod.network === undefined || pod.network === network) ? port : undefined;
}

/**
 * The uid of the pod that has the port, where that is not the pod with this one: pods of a StatefulSet follow each other under one
 * name, and what is told of the end of the first may come after the beginning of the second.
 */
function laterPod(port: AnyRow, uid = ""): string | undefined {
  const owner = text(port, "options", "iface-id-ver");
  return uid === "" || owner === "" || owner === uid ? undefined : owner;
}

/** Whether anything is left of what marks a pod's port; one that somebody made by hand has nothing of it. */
function looksLikeOurs(port: AnyRow, networks: readonly string[]): boolean {
  const ids = stringMap(port, "external_ids");
  const marks = ["k8s.ovn.org/network", "k8s.ovn.org/nad", "k8s.ovn.org/topology", "pod", "namespace"];
  if (marks.some((mark) => ids[mark] !== undefined) || text(port, "options", "iface-id-ver") !== "")
    return true;
  // Nobody else gives a row the uuid that claims its address.
  const words = [...texts(port, "addresses"), ...texts(port, "port_security")].flatMap((set) =>
    set.split(" "),
  );
  return networks.some((network) => words.some((word) => addressClaim(network, word) === port._uuid));
}
