import * as v from "valibot";
import { similar } from "../../jsonrpc/index.ts";
import { type NetworkInput, PRIMARY_FIELDS, type TopologyName } from "../../topology/index.ts";
import { NETWORK_ID, TUNNEL_KEYS } from "../objects/annotations.ts";
import { check, cleanString, map, nameString, optional } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { keysOf, tellUnknownKeys } from "../objects/unknown-keys.ts";
import { describeValue } from "../text/describe-value.ts";
import type { FieldPath } from "../text/field-path.ts";
import { JsonTextError } from "../text/json-text.ts";
import { LIST_KEYS, PLUGIN_KEYS } from "./cni-keys.ts";
import type { NetworkDescription } from "./network-description.ts";
import { readJson } from "./node-numbers.ts";

/** The CNI type whose networks live in the northbound database. */
const OUR_CNI_TYPE = "ovn-k8s-cni-overlay";

/** Names that OVN-Kubernetes keeps for the cluster's own network. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(["default", "ovn-kubernetes"]);

const CONFIG: FieldPath = ["spec", "config"];

/** What a NetworkAttachmentDefinition turned out to be. */
export type NetconfReading =
  | { readonly state: "ours"; readonly description: NetworkDescription }
  | { readonly state: "foreign"; readonly reason: string }
  | { readonly state: "faulty" };

const AttachmentDefinitionSchema = map({
  metadata: map({
    annotations: optional(map({ [NETWORK_ID]: optional(v.string()), [TUNNEL_KEYS]: optional(v.string()) })),
  }),
  spec: optional(map({ config: optional(v.string()) })),
});

const NETCONF_ENTRIES = {
  topology: v.picklist(["layer3", "layer2", "localnet"], "must be layer3, layer2 or localnet"),
  role: optional(v.string()),
  netAttachDefName: v.string(),
  subnets: optional(cleanString()),
  excludeSubnets: optional(cleanString()),
  // Between which numbers, the builders say.
  mtu: optional(v.number()),
  vlanID: optional(v.number()),
  physicalNetworkName: optional(cleanString()),
  allowPersistentIPs: optional(v.boolean()),
  joinSubnet: optional(cleanString()),
  transitSubnet: optional(cleanString()),
  reservedSubnets: optional(cleanString()),
  infrastructureSubnets: optional(cleanString()),
  defaultGatewayIPs: optional(cleanString()),
  transport: optional(v.string()),
  outboundSNAT: optional(v.string()),
  evpn: optional(v.unknown()),
  uplink: optional(v.unknown()),
  ipam: optional(map({ type: optional(v.string()) })),
};

const NetconfSchema = map(NETCONF_ENTRIES);

const KNOWN_KEYS: ReadonlySet<string> = new Set([...Object.keys(NETCONF_ENTRIES), ...PLUGIN_KEYS]);
const KNOWN_LIST_KEYS: ReadonlySet<string> = new Set(LIST_KEYS);

type CheckedNetconf = v.InferOutput<typeof NetconfSchema>;

/** Fields that upstream reads for other topologies only, and lets stand on these. */
const IGNORED: Readonly<Record<TopologyName, readonly (keyof CheckedNetconf)[]>> = {
  layer3: ["excludeSubnets", "vlanID", "physicalNetworkName"],
  layer2: ["vlanID", "physicalNetworkName"],
  localnet: [],
};

/** Reads `spec.config` of a NetworkAttachmentDefinition; tells ours from those of other CNI plugins. */
export function readNetconf(object: KubernetesObject, problems: Problems): NetconfReading {
  const definition = check(AttachmentDefinitionSchema, object.part, problems);
  if (definition === undefined) return { state: "faulty" };
  const text = definition.spec?.config ?? "";
  if (text === "") return withoutConfig(object, problems);
  if (isOfOthers(text) && !isJson(object.part, text))
    return { state: "foreign", reason: "its configuration is no JSON, and has another CNI type" };
  const root = problems.json(object.part, CONFIG, text);
  if (root === undefined) return { state: "faulty" };
  const part = findPlugin(root, problems);
  if (part === undefined) return { state: "faulty" };
  const type = part.get(["type"]);
  if (typeof type !== "string") {
    problems.add(part, ["type"], type === undefined ? "is missing" : "must be a string");
    return { state: "faulty" };
  }
  if (type !== OUR_CNI_TYPE && similar(type, [OUR_CNI_TYPE]) !== undefined) {
    // No other plugin has such a name. Passed over, its network would be missing.
    problems.add(part, ["type"], `is not known; did you mean ${OUR_CNI_TYPE}?`);
    return { state: "faulty" };
  }
  if (type !== OUR_CNI_TYPE) return { state: "foreign", reason: `its CNI type is ${describeValue(type)}` };
  if (!isSinglePlugin(root, problems)) return { state: "faulty" };
  const topology = part.get(["topology"]);
  const misspelt = topology === undefined ? misspeltTopology(part) : undefined;
  if (misspelt !== undefined) {
    problems.add(part, [misspelt], "is not known; did you mean topology?");
    return { state: "faulty" };
  }
  if (topology === undefined || topology === null || topology === "")
    return { state: "foreign", reason: "it has no topology: it stands for the cluster's default network" };
  if (part !== root) tellUnknownKeys(object, root, KNOWN_LIST_KEYS, problems);
  tellUnknownKeys(object, part, KNOWN_KEYS, problems);
  if (refuseOtherCase(part, problems)) return { state: "faulty" };
  const annotations = definition.metadata.annotations ?? {};
  const networkId = readNetworkId(object, annotations[NETWORK_ID], problems);
  // Other networks share no router, and their switch's key follows from their number.
  const hasKeys = part.get(["topology"]) === "layer2" && part.get(["role"]) === "primary";
  const tunnelKeys = hasKeys ? readTunnelKeys(object, annotations[TUNNEL_KEYS], problems) : undefined;
  const given = { ...(networkId !== undefined && { networkId }), ...(tunnelKeys && { tunnelKeys }) };
  const description = readOurs(object, root, part, given, problems);
  return description === undefined ? { state: "faulty" } : { state: "ours", description };
}

/** Where it is in a file on each node, for which Multus looks when there is none here; or where the key is misspelt. */
function withoutConfig({ part }: KubernetesObject, problems: Problems): NetconfReading {
  const misspelt = keysOf(part.at(["spec"])).find(
    (key) => key !== "config" && similar(key, ["config"]) !== undefined,
  );
  if (misspelt === undefined) return { state: "foreign", reason: "its configuration is not in spec.config" };
  problems.add(part, ["spec", misspelt], "is not known; did you mean config?");
  return { state: "faulty" };
}

/** Whether a configuration, as far as can be seen in what may be no JSON, is that of another plugin. */
function isOfOthers(text: string): boolean {
  return /"type"\s*:\s*"/.test(text) && !text.includes("ovn");
}

/** A fault in what is of other plugins is no reason to refuse ours. */
function isJson(part: Part, text: string): boolean {
  try {
    part.json(CONFIG, text);
    return true;
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return false;
  }
}

/** Go's reader of JSON, and so OVN-Kubernetes, takes `vlanId` for `vlanID`: passed over, the network would be another one. */
function refuseOtherCase(part: Part, problems: Problems): boolean {
  const cased = new Map(Object.keys(NETCONF_ENTRIES).map((key) => [key.toLowerCase(), key]));
  const others = keysOf(part).filter((key) => (cased.get(key.toLowerCase()) ?? key) !== key);
  for (const key of others)
    problems.add(
      part,
      [key],
      `must be written ${cased.get(key.toLowerCase())}: OVN-Kubernetes reads it as that`,
    );
  return others.length > 0;
}

/** Without its topology a network would be passed over as the cluster's own, and its pods with it. */
function misspeltTopology(part: Part): string | undefined {
  return keysOf(part).find((key) => !KNOWN_KEYS.has(key) && similar(key, ["topology"]) !== undefined);
}

/** The plugin that makes the interface: the first of a list (CNI 1.0, section 1), else the configuration itself. */
function findPlugin(root: Part, problems: Problems): Part | undefined {
  const plugins = root.get(["plugins"]);
  const part = plugins === undefined ? root : root.at(["plugins", 0]);
  if (plugins !== undefined && !Array.isArray(plugins)) {
    problems.add(root, ["plugins"], "must be a list");
    return undefined;
  }
  if (Array.isArray(plugins) && plugins.length === 0) {
    problems.add(root, ["plugins"], "must not be empty");
    return undefined;
  }
  if (typeof part.value !== "object" || part.value === null || Array.isArray(part.value)) {
    problems.add(part, [], "must be a map");
    return undefined;
  }
  return part;
}

function isSinglePlugin(root: Part, problems: Problems): boolean {
  const plugins = root.get(["plugins"]);
  if (!Array.isArray(plugins)) return true;
  if (root.get(["type"]) !== undefined) {
    problems.add(
      root,
      ["type"],
      "must not stand beside plugins: a configuration is a list or a single plugin",
    );
    return false;
  }
  if (plugins.length > 1) {
    problems.add(root, ["plugins"], `must hold one plugin: ${OUR_CNI_TYPE} cannot be chained with others`);
    return false;
  }
  return true;
}

/** `part` is the configuration, in a list the one plugin; the name stands beside `plugins` then, in `root`. */
function readOurs(
  object: KubernetesObject,
  root: Part,
  part: Part,
  given: Pick<NetworkInput, "networkId" | "tunnelKeys">,
  problems: Problems,
): NetworkDescription | undefined {
  const name = readName(root, problems);
  const netconf = check(NetconfSchema, part, problems);
  if (netconf === undefined) return undefined;
  const rejections = rejectionsOf(netconf, object);
  for (const [field, reason] of rejections) problems.add(part, field, reason);
  if (name === undefined || rejections.length > 0) return undefined;
  const { topology } = netconf;
  for (const field of IGNORED[topology]) {
    if (isEmpty(netconf[field])) continue;
    const position = part.position([field]);
    problems.ignore(object, position, `${position.field} is not used on a ${topology} network`);
  }
  const at = (field: string): readonly [Part, FieldPath] =>
    field === "name" ? [root, ["name"]] : [part, field === "" ? [] : [fieldOf(field)]];
  return {
    topology,
    input: { ...inputOf(name, object, netconf), ...given },
    label: object.key,
    source: part.position(),
    position: (field) => {
      const [holder, path] = at(field);
      return holder.position(path);
    },
    written: (field) => {
      const [holder, path] = at(field);
      return holder.get(path);
    },
  };
}

/** What upstream gave the network; nothing, or a number below 1, before it did. */
function readNetworkId(
  object: KubernetesObject,
  text: string | null | undefined,
  problems: Problems,
): number | undefined {
  if (text == null || text === "" || text === "-1") return undefined;
  const id = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (id >= 1 && id <= 4095) return id;
  problems.add(object.part, ["metadata", "annotations", NETWORK_ID], "must be a whole number from 1 to 4095");
  return undefined;
}

const KeysSchema = v.strictTuple(
  [tunnelKey(), tunnelKey()],
  "must be a list of two numbers: the keys of switch and router",
);

/** Keys of datapaths have 24 bits (ovn-sb(5)). */
function tunnelKey(): v.GenericSchema<unknown, number> {
  const problem = "must be a whole number from 1 to 16777215";
  return v.pipe(
    v.number(problem),
    v.integer(problem),
    v.minValue(1, problem),
    v.maxValue(2 ** 24 - 1, problem),
  );
}

/** What upstream gave to the network's switch and router; nothing before it did. */
function readTunnelKeys(
  object: KubernetesObject,
  text: string | null | undefined,
  problems: Problems,
): readonly number[] | undefined {
  const keys = readJson(object, TUNNEL_KEYS, text, problems);
  return keys && check(KeysSchema, keys, problems);
}

/** The topology layer calls the fields as the configuration does, but for this one. */
function fieldOf(field: string): string {
  return field === "nad" ? "netAttachDefName" : field;
}

function readName(root: Part, problems: Problems): string | undefined {
  const checked = check(map({ name: nameString() }), root, problems);
  if (checked === undefined) return undefined;
  if (!RESERVED_NAMES.has(checked.name)) return checked.name;
  problems.add(root, ["name"], "is the name of the cluster's own network");
  return undefined;
}

/** Absent, null, empty, zero and false all mean "not set", as they do in Go. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** The rules of upstream's parser, and what this library cannot do yet. */
function rejectionsOf(
  netconf: CheckedNetconf,
  object: KubernetesObject,
): readonly (readonly [FieldPath, string])[] {
  const { topology, role } = netconf;
  const found: [FieldPath, string][] = [];
  const refuse = (field: keyof CheckedNetconf, when: boolean, reason: string): void => {
    if (when && !isEmpty(netconf[field])) found.push([[field], reason]);
  };
  if (netconf.netAttachDefName !== object.key)
    found.push([["netAttachDefName"], `must be ${describeValue(object.key)}, as the object is called`]);
  refuse("role", topology === "localnet" && role !== "secondary", "must be secondary on a localnet network");
  if (topology !== "localnet") {
    refuse("role", role !== "primary" && role !== "secondary", "must be primary or secondary");
  }
  refuse("allowPersistentIPs", topology === "layer3", "is not possible on a layer3 network");
  refuse("joinSubnet", topology === "localnet", "is not possible on a localnet network");
  for (const field of ["reservedSubnets", "infrastructureSubnets", "defaultGatewayIPs"] as const) {
    refuse(field, topology !== "layer2", "is only possible on a layer2 network");
    refuse(field, topology === "layer2" && role !== "primary", "is only possible on a primary network");
  }
  refuse("transport", true, "is not supported yet: only the default transport is");
  refuse("outboundSNAT", isEmpty(netconf.transport), "is only possible with the transport no-overlay");
  refuse("evpn", true, "is not supported yet");
  refuse("uplink", role !== "primary", "is only possible on a primary network");
  refuse("uplink", role === "primary", "is not supported yet");
  if (!isEmpty(netconf.ipam?.type))
    found.push([["ipam", "type"], "must not be set: the addresses of a network are given in subnets"]);
  return found;
}

const PLAIN = [
  "subnets",
  "excludeSubnets",
  "mtu",
  "vlanID",
  "physicalNetworkName",
  "allowPersistentIPs",
] as const;

function inputOf(name: string, object: KubernetesObject, netconf: CheckedNetconf): NetworkInput {
  const ignored: readonly string[] = IGNORED[netconf.topology];
  const isPrimary = netconf.role === "primary";
  const given = [...PLAIN, ...(isPrimary ? PRIMARY_FIELDS : (["joinSubnet"] as const))]
    .filter((field) => !ignored.includes(field) && !isEmpty(netconf[field]))
    .map((field) => [field, netconf[field]]);
  return {
    name,
    nad: object.key,
    role: isPrimary ? "primary" : "secondary",
    ...Object.fromEntries(given),
  };
}
