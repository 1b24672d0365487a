import { type KnownKeys, unknownKey } from "../jsonrpc/index.ts";
import { checkShape, each, maybe, oneOf, type Shape, type ShapeOf } from "./input-shape.ts";
import type { AttachmentInput, DefaultPortInput, IpamClaimInput, NodeInput, PodRecord } from "./inputs.ts";
import type { PodAttachment } from "./network.ts";
import type { PodOverview } from "./network-overview.ts";
import { checkedName } from "./spec.ts";

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

function keysOf(shape: Shape): KnownKeys {
  return Object.fromEntries(Object.keys(shape).map((key) => [key, true as const]));
}

const NODE_KEYS = keysOf(WRITTEN_NODE);
const POD_KEYS = keysOf(WHOLE_POD);
const LISTED_KEYS = keysOf(LISTED_POD);
const RECORD_KEYS: KnownKeys = { ips: true, mac: true, tunnelId: true };

/**
 * Throws `SpecError` for a node with a key that nobody reads, or a value that is not of its type. `place` tells where it stands if
 * it has no name.
 */
export function checkNodeShape(place: () => string, node: NodeInput): void {
  if (unknownKey(node, NODE_KEYS) === undefined && isUsualNode(node)) return;
  checkShape(() => (typeof node.name === "string" ? `nodes[${node.name}]` : place()), node, WRITTEN_NODE);
}

/** The same for a pod that is to have a port, in either form. */
export function checkPodShape(place: () => string, pod: AttachmentInput | PodAttachment): void {
  const isListed = "portUuid" in pod;
  if (unknownKey(pod, isListed ? LISTED_KEYS : POD_KEYS) === undefined && isUsualPod(pod)) return;
  const { namespace, name, source } = pod;
  const isNamed = typeof namespace === "string" && typeof name === "string";
  const shape = isListed ? LISTED_POD : WHOLE_POD;
  checkShape(() => (isNamed ? `pods[${namespace}/${name}]` : place()), pod, shape, source);
  if (isNamed) return;
  checkedName("pods.namespace", namespace, source);
  checkedName("pods.name", name, source);
}

// Of nodes and pods there are very many, and nearly all are like these: looking at them by their shapes takes several times as long.

function isUsualNode(node: NodeInput): boolean {
  const { name, chassisId, zone, subnets, id } = node;
  return (
    typeof name === "string" &&
    isText(chassisId) &&
    isText(zone) &&
    (id === undefined || typeof id === "number") &&
    (subnets === undefined || isMapOf(subnets, isTexts)) &&
    node.gateway === undefined &&
    node.gatewayMtuSupport === undefined &&
    node.transitAddresses === undefined &&
    node.hostAddresses === undefined &&
    node.masqueradeSubnets === undefined &&
    node.networkIds === undefined
  );
}

function isUsualPod(pod: AttachmentInput | PodAttachment): boolean {
  const { namespace, name, uid, mac, ips, labels, recorded, source } = pod;
  return (
    typeof namespace === "string" &&
    typeof name === "string" &&
    isText(uid) &&
    isText(mac) &&
    isText(source) &&
    (ips === undefined || isTexts(ips)) &&
    (labels === undefined || isMapOf(labels, isText)) &&
    (recorded === undefined || isRecord(recorded)) &&
    pod.ports === undefined &&
    pod.vm === undefined &&
    pod.defaultPort === undefined &&
    pod.claim === undefined
  );
}

function isRecord(recorded: PodRecord): boolean {
  if (typeof recorded !== "object" || recorded === null) return false;
  const { ips, mac, tunnelId } = recorded;
  const isNumber = tunnelId === undefined || typeof tunnelId === "number";
  return isTexts(ips) && isText(mac) && isNumber && unknownKey(recorded, RECORD_KEYS) === undefined;
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
