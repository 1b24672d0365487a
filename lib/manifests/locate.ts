import { NameCollisionError, namePrefix, ProfileMismatchError, podPortName } from "../topology/index.ts";
import { checkSet } from "./network-requests.ts";
import { reasonOf } from "./networks/topology-reason.ts";
import { ManifestError, type ManifestPosition } from "./objects/errors.ts";
import type { ManifestSet } from "./objects/manifest-set.ts";
import { formatField } from "./text/field-path.ts";

/**
 * Turns an error of the topology layer into one that says where in the manifests its cause stands.
 *
 * The error's `path` names a pod (`pods[default/web]...`), a policy (`policies[default/web]...`), a service (`services[default/web]...`), a node
 * (`nodes[work001]...`) or a field of the network that
 * was built; `network` is that network's name, if the error does not tell it. Returns `undefined` for errors that are not about the manifests. Throws `UsageError` for
 * what is no set of manifests.
 */
export function locate(error: unknown, set: ManifestSet, network?: string): ManifestError | undefined {
  checkSet(set);
  if (error instanceof NameCollisionError) return locateCollision(error, set);
  if (error instanceof ProfileMismatchError) return locateMismatch(error, set);
  if (!(error instanceof Error) || !("path" in error) || typeof error.path !== "string") return undefined;
  const source = "source" in error ? error.source : undefined;
  const about = "value" in error ? error.value : undefined;
  const built = "network" in error && typeof error.network === "string" ? error.network : network;
  const position =
    positionOfPod(error.path, about, source, set, network) ??
    positionOfPolicy(error.path, source, set) ??
    positionOfService(error.path, set) ??
    positionOfNode(error.path, set) ??
    positionOfClaim(error.path, set) ??
    positionOfNetwork(error.path, set, built);
  if (position === undefined) return undefined;
  const reason = reasonOf(error.message, error.path, about);
  // Where the object as a whole is the place, nothing else says which of its fields is meant.
  const lost = isWhole(position) ? fieldWithin(error, error.path) : "";
  return new ManifestError(position, lost === "" ? reason : `${lost} ${reason}`, about, { cause: error });
}

/** A name that a row of somebody else, or of another network, has already: the pod or network of ours that wants it. */
function locateCollision(error: NameCollisionError, set: ManifestSet): ManifestError | undefined {
  const { objectName, message } = error;
  const attachment = set.pods
    .flatMap(({ attachments }) => attachments)
    .find(({ input }) => podPortName(input.nad, input.namespace, input.name) === objectName);
  if (attachment !== undefined)
    return new ManifestError(attachment.source, message, attachment.input.nad, { cause: error });
  // The prefix of one network may begin with that of another; the longer one is meant.
  const [network] = set.networks
    .filter(({ spec }) => spec.name === objectName || objectName.includes(namePrefix(spec.name)))
    .toSorted((a, b) => b.spec.name.length - a.spec.name.length);
  return network && new ManifestError(network.namePosition, message, network.spec.name, { cause: error });
}

/** A network that was written otherwise than asked for; that is said on the command line, not in the manifests. */
function locateMismatch(error: ProfileMismatchError, set: ManifestSet): ManifestError | undefined {
  const { network: name, message } = error;
  const network = set.networks.find(({ spec }) => spec.name === name);
  return network && new ManifestError(network.namePosition, message, undefined, { cause: error });
}

function positionOfPod(
  path: string,
  value: unknown,
  source: unknown,
  set: ManifestSet,
  network: string | undefined,
): ManifestPosition | undefined {
  const key = /^pods\[([^\]]*)\]/.exec(path)?.[1];
  const pod = set.pods.find(({ namespace, name }) => `${namespace}/${name}` === key);
  const attachments = pod?.attachments ?? [];
  const attachment =
    attachments.find(({ input }) => input.source === source) ??
    attachments.find((each) => each.network === network) ??
    attachments[0];
  // What is missing in a record is looked for there.
  const [, member] = /\]\.recorded\.(\w+)$/.exec(path) ?? [];
  if (member !== undefined) return positionInRecord(member, attachment?.recordSource) ?? attachment?.source;
  const { recorded, ips = [] } = attachment?.input ?? {};
  const isRecorded = (recorded?.ips ?? []).some((ip) => isAddress(ip, value));
  // An address that is both asked for and recorded is looked for where it was asked for.
  return isRecorded && !ips.some((ip) => isAddress(ip, value))
    ? attachment?.recordSource
    : attachment?.source;
}

/** The members of a record beside its addresses, as the annotation calls them. */
const RECORDED: ReadonlyMap<string, string> = new Map([
  ["mac", "mac_address"],
  ["tunnelId", "tunnel_id"],
]);

/** Of a record the place of its addresses is known; upstream writes all of it on one line. */
function positionInRecord(
  member: string,
  addresses: ManifestPosition | undefined,
): ManifestPosition | undefined {
  const written = RECORDED.get(member);
  return addresses === undefined || written === undefined
    ? addresses
    : { ...addresses, field: addresses.field.replace(/\w+$/, written) };
}

function isAddress(text: string, value: unknown): boolean {
  return text === value || text.split("/")[0] === value;
}

function positionOfPolicy(path: string, source: unknown, set: ManifestSet): ManifestPosition | undefined {
  const [, key, field = ""] = /^policies\[([^\]]*)\]\.?(.*)$/.exec(path) ?? [];
  const found = set.policies.filter(({ input }) => `${input.namespace}/${input.name}` === key);
  // Two kinds of policies may have one name.
  const policy = found.find(({ input }) => input.source === source) ?? found[0];
  return field === "" ? policy?.source : policy?.position(field);
}

function positionOfClaim(path: string, set: ManifestSet): ManifestPosition | undefined {
  const key = /^claims\[([^\]]*)\]/.exec(path)?.[1];
  return set.claims.find(({ input }) => `${input.namespace}/${input.name}` === key)?.source;
}

function positionOfService(path: string, set: ManifestSet): ManifestPosition | undefined {
  const [, key, field = ""] = /^services\[([^\]]*)\]\.?(.*)$/.exec(path) ?? [];
  const service = set.services.find(({ input }) => `${input.namespace}/${input.name}` === key);
  return field === "" ? service?.source : service?.position(field);
}

function positionOfNode(path: string, set: ManifestSet): ManifestPosition | undefined {
  const [, name, field = "", key] = /^nodes\[([^\]]*)\](?:\.(\w+)(?:\[(.*)\])?)?/.exec(path) ?? [];
  const node = set.nodes.find((each) => each.name === name);
  const fields: Readonly<Record<string, ManifestPosition>> = node?.fields ?? {};
  const position = Object.hasOwn(fields, field) ? fields[field] : node?.source;
  // Of a map upstream writes all on one line.
  return position && key !== undefined
    ? { ...position, field: formatField([key], position.field) }
    : position;
}

/** What is said of a network elsewhere than in its configuration: in annotations, and by there being nodes. */
const OUTSIDE: ReadonlySet<string> = new Set(["networkId", "tunnelKeys", "nodes"]);

/** The topology layer calls the fields of a network as its configuration does. */
function positionOfNetwork(
  path: string,
  set: ManifestSet,
  network: string | undefined,
): ManifestPosition | undefined {
  if (path.includes("[")) return undefined;
  const { source, given } = set.networks.find(({ spec }) => spec.name === network) ?? {};
  if (path === "networkId" || path === "tunnelKeys") {
    const position = given?.[path];
    if (position !== undefined) return position;
  }
  return source && { ...source, field: OUTSIDE.has(path) ? "" : `${source.field}.${path}` };
}

/** Whether a position is that of an object, also of one in a list. */
function isWhole({ field }: ManifestPosition): boolean {
  return /^(?:\.?items\[\d+\])*$/.test(field);
}

/** The field that a message begins with, as it is called within its object; empty when the message names none. */
function fieldWithin({ message }: Error, path: string): string {
  return message.startsWith(`${path} `) ? path.replace(/^\w+\[[^\]]*\]\.?/, "") : "";
}
