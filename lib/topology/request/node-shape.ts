import { type KnownKeys, unknownKey } from "../../jsonrpc/index.ts";
import { checkShape, each, maybe, oneOf, type Shape, type ShapeOf } from "../description/input-shape.ts";
import { checkedName } from "../description/spec.ts";
import type { LeavingNode } from "./deletion-request.ts";
import type { AttachmentInput, DefaultPortInput, IpamClaimInput, NodeInput } from "./inputs.ts";
import type { PodAttachment } from "./network-plan-input.ts";
import type { PodOverview } from "./pod-overview.ts";

const NODE: ShapeOf<NodeInput> = {
  name: "text",
  chassisId: maybe("text"),
  subnets: maybe(each(["text"])),
  gatewayMtuSupport: maybe("true or false"),
  zone: maybe("text"),
  transitAddresses: maybe(["text"]),
  id: maybe("number"),
  gateway: maybe({
    mode: oneOf("shared", "local"),
    bridge: "text",
    mac: "text",
    ips: ["text"],
    nextHops: ["text"],
    nodePort: maybe("true or false"),
    vlan: maybe("number"),
  }),
  hostAddresses: maybe(["text"]),
  masqueradeSubnets: maybe(["text"]),
  networkIds: maybe(each("number")),
};

/** Nodes of manifests also say where they were written. */
const WRITTEN_NODE: Shape = { ...NODE, source: maybe("any"), fields: maybe("any") };

const CLAIM: ShapeOf<IpamClaimInput> = {
  namespace: "text",
  name: "text",
  ips: ["text"],
  source: maybe("text"),
};

const DEFAULT_PORT: ShapeOf<Omit<DefaultPortInput, "openPorts">> = { ips: ["text"], mac: maybe("text") };

/** Its `node` is a name, or a node. */
const POD: ShapeOf<Omit<AttachmentInput, "node" | "nad" | "defaultPort">> = {
  // Both are looked at below: paths are made of them.
  namespace: "any",
  name: "any",
  uid: maybe("text"),
  mac: maybe("text"),
  ips: maybe(["text"]),
  recorded: maybe({ ips: ["text"], mac: maybe("text"), tunnelId: maybe("number") }),
  labels: maybe(each("text")),
  ports: maybe([{ name: "text", protocol: oneOf("TCP", "UDP", "SCTP"), port: "number" }]),
  vm: maybe({ name: "text", peer: maybe("text"), active: maybe("true or false") }),
  claim: maybe(CLAIM),
  source: maybe("text"),
};

/** What `listNetworks` tells of a pod beside that. */
const LISTED: ShapeOf<Omit<PodOverview, keyof AttachmentInput>> = {
  chassis: "any",
  port: "any",
  portUuid: "any",
  switch: "any",
};

const WHOLE_POD: Shape = {
  ...POD,
  node: "any",
  nad: maybe("any"),
  defaultPort: maybe({
    ...DEFAULT_PORT,
    openPorts: maybe([{ protocol: oneOf("icmp", "tcp", "udp", "sctp"), port: maybe("number") }]),
  }),
};
const LISTED_POD: Shape = { ...WHOLE_POD, ...LISTED };

/** Of a pod whose ports shall go only its name is read: whoever has it as it was attached, or listed, gives it as it is. */
const LEAVING_POD: Shape = { ...withAnything(WHOLE_POD), network: maybe("any") };
const LISTED_LEAVING_POD: Shape = { ...withAnything(LISTED_POD), network: maybe("any") };

/** So it is with a node that leaves, as it was planned or listed. */
const LEAVING_NODE: Shape = {
  ...withAnything(WRITTEN_NODE),
  ...withAnything({ chassis: "any", switch: "any", pods: "any", isRemote: "any" }),
  name: "text",
  network: maybe("text"),
  chassisId: maybe("text"),
};

function withAnything(shape: Shape): Shape {
  return Object.fromEntries(Object.keys(shape).map((key) => [key, maybe("any")]));
}

/**
 * Throws `SpecError` for a node with a key that nobody reads, or a value that is not of its type. `place` tells where it stands if
 * it has no name.
 */
export function checkNodeShape(place: () => string, node: NodeInput): void {
  if (isUsualNode(node)) return;
  checkShape(() => (typeof node.name === "string" ? `nodes[${node.name}]` : place()), node, WRITTEN_NODE);
}

/** The same for a pod that is to have a port, in either form. */
export function checkPodShape(place: () => string, pod: AttachmentInput | PodAttachment): void {
  if (isUsualPod(pod)) return;
  const { namespace, name, source } = pod;
  checkShape(() => podPath(place, pod), pod, "portUuid" in pod ? LISTED_POD : WHOLE_POD, source);
  checkedName(`${place()}.namespace`, namespace, source);
  checkedName(`${place()}.name`, name, source);
}

/** The same for one whose ports shall go; of its values only those are looked at that are read, and that elsewhere. */
export function checkLeavingPodShape(place: string, pod: Named): void {
  const shape = "portUuid" in pod ? LISTED_LEAVING_POD : LEAVING_POD;
  checkShape(() => podPath(() => place, pod), pod, shape);
}

/** Throws `SpecError` for what is no node that leaves; of its values only those are looked at that are read. */
export function checkLeavingNode(place: string, node: LeavingNode): void {
  checkShape(place, node, LEAVING_NODE);
  checkedName(`${place}.name`, node.name);
  if (node.network !== undefined) checkedName(`nodes[${node.name}].network`, node.network);
}

type Named = Pick<AttachmentInput, "namespace" | "name">;

function podPath(place: () => string, { namespace, name }: Named): string {
  return typeof namespace === "string" && typeof name === "string" ? `pods[${namespace}/${name}]` : place();
}

// Of nodes and pods there are very many, and nearly all have no more than this: to go through it by a shape takes several times as
// long. Whatever has another key is.

const USUAL_NODE: KnownKeys = { name: true, chassisId: true, zone: true, subnets: true, id: true };
const USUAL_POD: KnownKeys = {
  ...{ namespace: true, name: true, node: true, nad: true },
  ...{ uid: true, mac: true, ips: true, labels: true, source: true },
};

function isUsualNode(node: NodeInput): boolean {
  const { name, chassisId, zone, subnets, id } = node;
  return (
    unknownKey(node, USUAL_NODE) === undefined &&
    typeof name === "string" &&
    isText(chassisId) &&
    isText(zone) &&
    (id === undefined || typeof id === "number") &&
    (subnets === undefined || isMapOf(subnets, isTexts))
  );
}

function isUsualPod(pod: AttachmentInput | PodAttachment): boolean {
  const { namespace, name, uid, mac, ips, labels, source } = pod;
  return (
    unknownKey(pod, USUAL_POD) === undefined &&
    isFilled(namespace) &&
    isFilled(name) &&
    isText(uid) &&
    isText(mac) &&
    isText(source) &&
    (ips === undefined || isTexts(ips)) &&
    (labels === undefined || isMapOf(labels, isText))
  );
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** Or nothing. */
function isText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isTexts(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const entry of value) if (typeof entry !== "string") return false;
  return true;
}

function isMapOf(value: object, isValue: (value: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const key in value)
    if (value[key as never] === undefined || !isValue(value[key as never])) return false;
  return true;
}

/** The same for a claim. */
export function checkClaimShape(path: string, claim: IpamClaimInput): void {
  checkShape(path, claim, CLAIM, claim.source);
}
